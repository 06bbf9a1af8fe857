// What if the session has ended? A dialog to sign in again beside this window; nothing here is lost.

import { html, useEffect, useRef, useState } from "../../vendor/ui.js";
import { isSignedIn, signedInAgain, url } from "./api.js";
import { state, useDesk } from "./state.js";

export function Session() {
  const out = useDesk(() => state.signedOut);
  const dialog = useRef(null);
  const [still, setStill] = useState(false);
  const look = async () => {
    if (await isSignedIn()) signedInAgain();
    else setStill(true);
  };
  useEffect(() => {
    if (!out) return void dialog.current?.close();
    setStill(false);
    if (!dialog.current.open) dialog.current.showModal();
    // Whoever comes back from signing in need not press anything.
    const back = () => !document.hidden && isSignedIn().then((yes) => yes && signedInAgain());
    addEventListener("focus", back);
    return () => removeEventListener("focus", back);
  }, [out]);
  const where = url("/ops/sign-in").href;
  return html`<dialog ref=${dialog} aria-labelledby="session-title" onCancel=${(event) => event.preventDefault()}>
    <h2 id="session-title">Your session has ended</h2>
    <p>Sign in again in a new tab, then come back: what you were doing goes on here.</p>
    ${still && html`<p class="said" role="alert">You are not signed in yet.</p>`}
    <p class="buttons"><a class="button go" href=${where} target="_blank" rel="noopener">Sign in</a>
      <button type="button" onClick=${look}>I have signed in</button></p>
  </dialog>`;
}
