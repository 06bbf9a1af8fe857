// What was done just now, and how is it taken back? One line that is seen and heard.

import { html } from "../../vendor/ui.js";
import { post } from "./api.js";
import { refresh } from "./board.js";
import { set, state, useDesk } from "./state.js";

/** @param {string} text @param {() => void} [undo] */
export function say(text, undo) {
  set({ said: { text, undo } });
}

/** Takes a change back, and says so. */
export function undoable(changeId) {
  if (!changeId) return undefined;
  return async () => {
    try {
      await post(`/v1/hubs/${state.hub.id}/changes/${changeId}/undo`);
      say("Taken back.");
    } catch (problem) {
      say(`It cannot be taken back: ${problem.detail}`);
    }
    refresh();
  };
}

export function Done() {
  const said = useDesk(() => state.said);
  return html`<div class="done ${said ? "" : "empty"}"><p role="status">${said?.text ?? ""}</p>
    ${said?.undo && html`<button type="button" onClick=${said.undo}>Undo</button>`}
    ${said && html`<button type="button" class="plain" onClick=${() => set({ said: null })}>Close</button>`}
  </div>`;
}
