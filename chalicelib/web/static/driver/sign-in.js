// Who drives? A phone number, then the code from the text.

import { html, useEffect, useRef, useState } from "../../vendor/ui.js";
import { sendCode, signIn } from "./actions.js";
import { Languages } from "./languages.js";
import { refusal } from "./parts.js";
import { useApp } from "./state.js";
import { count, say, words } from "./words.js";

export function SignIn() {
  const { waiting } = useApp();
  const [phone, setPhone] = useState(fromLink("phone"));
  const [asked, setAsked] = useState(Boolean(fromLink("code")));
  const [said, setSaid] = useState("");

  /** @param {() => Promise<unknown>} act */
  const attempt = async (act) => {
    setSaid("");
    try {
      await act();
    } catch (error) {
      setSaid(refusal(error));
    }
  };
  const ask = () => attempt(async () => void (await sendCode(phone), setAsked(true)));
  return html`<main id="main" class="page sign-in">
    <h1>${words.signIn}</h1>
    ${waiting.length > 0 && html`<p class="note">${count(words.kept, waiting.length)}</p>`}
    ${said && html`<p class="said" role="alert">${said}</p>`}
    ${asked
      ? html`<${Code} phone=${phone} attempt=${attempt} ask=${ask} back=${() => setAsked(false)} />`
      : html`<form class="card" onSubmit=${(event) => (event.preventDefault(), ask())}>
          <p class="note">${words.signInLead}</p>
          <label for="phone">${words.phone}</label>
          <input id="phone" type="tel" dir="ltr" inputmode="tel" autocomplete="tel" required value=${phone}
            aria-describedby="phone-hint" onInput=${(event) => setPhone(event.target.value)} />
          <p id="phone-hint" class="note">${say(words.phoneHint, { example: "+49 171 39200 01" })}</p>
          <button>${words.sendCode}</button>
        </form>`}
    <${Languages} />
  </main>`;
}

function Code({ phone, attempt, ask, back }) {
  const field = useRef(null);
  useEffect(() => field.current?.focus(), []);
  const send = () => attempt(() => signIn(phone, field.current.value));
  // The code is complete with its sixth digit, typed or filled in by the phone.
  const typed = (event) => /^\d{6}$/.test(event.target.value) && send();
  return html`<form class="card" onSubmit=${(event) => (event.preventDefault(), send())}>
    <p class="note">${say(words.codeLead, { phone })}</p>
    <label for="code">${words.code}</label>
    <input id="code" ref=${field} class="digits" inputmode="numeric" autocomplete="one-time-code"
      pattern="[0-9]{6}" maxlength="6" required defaultValue=${fromLink("code")} onInput=${typed} />
    <button>${words.signIn}</button>
    <button type="button" class="second" onClick=${ask}>${words.again}</button>
    <button type="button" class="plain" onClick=${back}>${words.otherPhone}</button>
  </form>`;
}

/** A link may bring the number and the code along, never the tap: `d#phone=+49...&code=...`. */
function fromLink(name) {
  return new URLSearchParams(location.hash.slice(1).replaceAll("+", "%2B")).get(name) ?? "";
}
