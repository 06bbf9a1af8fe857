// What has the driver earned?

import { html, useEffect, useState } from "../../vendor/ui.js";
import { loadEarnings } from "./actions.js";
import { useApp } from "./state.js";
import { words } from "./words.js";

export function Pay() {
  const { earnings } = useApp();
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    loadEarnings().then((known) => setFailed(!known));
  }, []);
  return html`<h1>${words.payTitle}</h1>
    <p class="note">${earnings ? words.payLead : failed ? words.payOff : words.payNothing}</p>`;
}
