// What do recipient, desk and driver write to each other? Sentences to tap, words of one's own.

import { html, useEffect, useState } from "../../vendor/ui.js";
import { noteRead, writeMessage } from "./actions.js";
import { time, words } from "./words.js";

const LONGEST = 280;

/** @param {{stop: import("./route.js").Stop}} props */
export function Messages({ stop }) {
  const [text, setText] = useState("");
  const said = stop.messages ?? [];
  // Seen is what others wrote: one's own message may wait for hours, with a later time.
  const last = said.findLast((one) => one.side !== "driver")?.at;
  useEffect(() => void (last && noteRead(stop.id, last)), [last]);
  const send = (event) => {
    event.preventDefault();
    if (text.trim()) writeMessage(stop, { text: text.trim() });
    setText("");
  };
  return html`<section class="messages" aria-label=${words.messages}>
    <ol aria-live="polite">
      ${said.map(
        (one) => html`<li key=${one.at + one.side} class=${one.side}>
          <span class="note">${words.sides[one.side]}, ${one.waits ? words.willBeSent : time(one.at)}</span>
          <bdi>${one.canned ? words.canned[one.canned] : one.text}</bdi>
        </li>`,
      )}
    </ol>
    ${said.length === 0 && html`<p class="note">${words.noMessages}</p>`}
    ${stop.can_write
      ? html`<div class="canned">
            ${Object.entries(words.canned).map(
              ([key, sentence]) =>
                html`<button type="button" class="tool" onClick=${() => writeMessage(stop, { canned: key })}>
                  ${sentence}
                </button>`,
            )}
          </div>
          <form class="pair" onSubmit=${send}>
            <label>${words.ownWords}
              <input value=${text} dir="auto" maxlength=${LONGEST} enterkeyhint="send" autocomplete="off"
                onInput=${(event) => setText(event.target.value)} /></label>
            <button>${words.send}</button>
          </form>`
      : html`<p class="note">${words.closed}</p>`}
  </section>`;
}
