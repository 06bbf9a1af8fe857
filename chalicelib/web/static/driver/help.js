// What helps? Whom to call, answers to what is asked most, the language, and the way out.

import { html } from "../../vendor/ui.js";
import { signOut } from "./actions.js";
import { Languages } from "./languages.js";
import { useApp } from "./state.js";
import { words } from "./words.js";

export function Help() {
  const { waiting, photos } = useApp();
  const busy = waiting.length + photos > 0;
  return html`<h1>${words.helpTitle}</h1>
    <a class="button warn" href="tel:112">${words.sos}</a>
    <dl class="card help">
      ${Object.keys(words.helpAsked).map((one) => html`<dt>${words.helpAsked[one]}</dt><dd>${words.helpSaid[one]}</dd>`)}
    </dl>
    <${Languages} />
    <p class="note aside">${words.install}</p>
    <button type="button" class="second" disabled=${busy} onClick=${signOut}>${words.signOut}</button>
    ${busy && html`<p class="note">${words.signOutLater}</p>`}`;
}
