// What stands at the side? The panel that is open, loaded when it is first looked at.

import { html, useEffect, useState } from "../../vendor/ui.js";
import { panelsFor } from "./panels.js";
import { set, state, useDesk } from "./state.js";

/** @type {Map<string, any>} */
const loaded = new Map();

export function PanelButtons() {
  const open = useDesk(() => state.panel);
  const me = useDesk(() => state.me);
  return html`<nav class="panels" aria-label="Panels">
    ${panelsFor(me?.role).map(
      (one) => html`<button type="button" key=${one.id} aria-expanded=${open === one.id} aria-controls="side"
        onClick=${() => set({ panel: open === one.id ? null : one.id })}>${one.title}</button>`,
    )}
  </nav>`;
}

export function Side() {
  const open = useDesk(() => state.panel);
  const me = useDesk(() => state.me);
  const [, again] = useState(0);
  const [failed, fail] = useState(false);
  const told = panelsFor(me?.role).find((one) => one.id === open);
  useEffect(() => {
    if (!told || loaded.has(told.id)) return;
    fail(false);
    told
      .load()
      .then((module) => loaded.set(told.id, module.default))
      .then(() => again((turn) => turn + 1))
      .catch(() => fail(true));
  }, [told?.id]);
  if (!told) return html`<aside id="side" hidden aria-label="Panel"></aside>`;
  const close = () => set({ panel: null });
  const Panel = loaded.get(told.id)?.Panel;
  return html`<aside id="side" class="side" aria-labelledby="side-title">
    <header><h2 id="side-title">${told.title}</h2>
      <button type="button" class="plain" onClick=${close}>Close</button></header>
    ${failed && html`<p class="said" role="alert">This panel could not be loaded. Close it and try again.</p>`}
    ${Panel ? html`<${Panel} key=${told.id} close=${close} />` : !failed && html`<p class="quiet">Loading ...</p>`}
  </aside>`;
}
