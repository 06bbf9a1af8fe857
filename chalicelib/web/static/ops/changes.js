// Who changed what by hand today? The hub's journal; what still can be taken back has a button.

import { html, useEffect, useState } from "../../vendor/ui.js";
import { get } from "./api.js";
import { undoable } from "./done.js";
import { state, useDesk } from "./state.js";
import { clock, REASON, routeName } from "./words.js";

function Changes() {
  const hub = useDesk(() => state.hub);
  const said = useDesk(() => state.said);
  const [changes, show] = useState(/** @type {any} */ (null));
  const [problem, fail] = useState(/** @type {any} */ (null));
  useEffect(() => {
    get(`/v1/hubs/${hub.id}/changes`, { limit: 50 }).then((page) => show(page.changes), fail);
  }, [hub, said]);
  if (problem) return html`<p class="said" role="alert">${problem.detail}</p>`;
  if (!changes) return html`<p class="quiet">Loading ...</p>`;
  if (!changes.length) return html`<p class="quiet">Nothing was changed by hand yet.</p>`;
  return html`<ul class="rows">${changes.map((one) => html`<${Change} key=${one.id} of=${one} />`)}</ul>`;
}

function Change({ of }) {
  const known = of.routes.map((id) => state.routes.get(id)).filter(Boolean).map(routeName);
  const number = of.deliveries.length;
  return html`<li><p><strong>${clock(of.at)} ${of.by}</strong>: ${REASON(of.kind)}${number ? `, ${number} ${number === 1 ? "delivery" : "deliveries"}` : ""}${of.forced ? " (forced)" : ""}</p>
    ${known.length > 0 && html`<p class="quiet">${known.join("; ")}</p>`}
    ${of.reason && html`<p class="quiet">“${of.reason}”</p>`}
    ${of.undone_by ? html`<p class="quiet">taken back</p>` : !of.undoes && html`<button type="button" onClick=${undoable(of.id)}>Undo</button>`}
  </li>`;
}

export default { id: "changes", title: "Changes", Panel: Changes };
