// What is on this phone? What waits to be sent, and what was not taken, each with its reason.

import { html } from "../../vendor/ui.js";
import { useApp } from "./state.js";
import { drop } from "./store.js";
import { sync } from "./sync.js";
import { count, say, words } from "./words.js";

/** @param {{close: () => void}} props */
export function Sheet({ close }) {
  const { waiting, photos, troubles } = useApp();
  const nothing = !waiting.length && !photos;
  const named = ({ kind, label }) => say(words.lastTap, { what: words.undone[kind] ?? words.undo, where: label });
  return html`<h2 id="sheet">${words.sheetTitle}</h2>
    <p class="note">${words.sheetLead}</p>
    ${nothing && html`<p>${words.sheetNothing}</p>`}
    <ul class="kept">
      ${waiting.map((one) => html`<li key=${one.id}>${named(one)}</li>`)}
      ${photos > 0 && html`<li>${count(words.sheetPhotos, photos)}</li>`}
    </ul>
    ${troubles.length > 0 &&
    html`<h2>${words.troubles}</h2><p class="note">${words.troublesLead}</p>
      <ul class="kept">
        ${troubles.map(
          (one) => html`<li key=${one.seq}><strong>${named(one)}</strong> <span class="note">${why(one)}</span></li>`,
        )}
      </ul>
      <button type="button" class="second" onClick=${() => drop("troubles", troubles.map((one) => one.seq))}>
        ${words.gotIt}</button>`}
    ${!nothing && html`<button type="button" onClick=${sync}>${words.sendNow}</button>`}
    <button type="button" class="plain" onClick=${close}>${words.close}</button>`;
}

/** @param {{code: string, reason?: string, detail: string}} trouble */
function why({ code, reason, detail }) {
  return words.trouble[reason] ?? words.trouble[code] ?? words.general[code] ?? detail;
}
