// Who changed what by hand today? The hub's journal; what still can be taken back has a button.

import { html, useEffect, useState } from "../../vendor/ui.js";
import { get } from "./api.js";
import { state } from "./state.js";

function Changes() {
  const [changes, show] = useState(null);
  useEffect(() => {
    get(`/v1/hubs/${state.hub.id}/changes`, { limit: 50 }).then((page) => show(page.changes));
  }, []);
  if (!changes) return html`<p class="quiet">Loading ...</p>`;
  if (!changes.length) return html`<p class="quiet">Nothing was changed by hand yet.</p>`;
  return html`<ul class="rows">
    ${changes.map((one) => html`<li key=${one.id}>${one.by}: ${one.kind}</li>`)}
  </ul>`;
}

export default { id: "changes", title: "Changes", Panel: Changes };
