// What if it cannot be delivered? Call, text, wait, and only then: nobody is there.

import { html, useState } from "../../vendor/ui.js";
import { tapStop, writeMessage } from "./actions.js";
import { Icon, useSecondsUntil } from "./parts.js";
import { countdown, say, words } from "./words.js";

/** Drivers are believed that nobody came when they waited; five minutes are the trade's custom. */
const WAIT_MS = 5 * 60_000;
const AFTER_THE_WAIT = new Set(["customer_unavailable"]);

/** @param {{stop: import("./route.js").Stop, back: () => void}} props */
export function Trouble({ stop, back }) {
  const [reason, setReason] = useState("");
  const begun = stop.arrived_at ?? stop.planned_arrival_at;
  const until = new Date(Date.parse(begun) + WAIT_MS).toISOString();
  const seconds = useSecondsUntil(until);
  const waited = Boolean(stop.arrived_at) && seconds <= 0;
  const send = () => tapStop("fail", stop, { reason });
  const tell = () => writeMessage(stop, { canned: "at_the_door" });
  return html`<div class="trouble">
    <h2>${words.failTitle}</h2>
    ${stop.arrived_at &&
    html`<p class="note">${words.failSteps}</p>
      <ul class="steps">
        ${stop.phone_number &&
        html`<li><a class="tool" href="tel:${stop.phone_number}"><${Icon} of="call" />${words.failCall}</a></li>`}
        ${stop.can_write &&
        html`<li><button type="button" class="tool" onClick=${tell}><${Icon} of="text" />${words.failText}</button></li>`}
        <li class="wait ${waited ? "waited" : ""}">
          <span role="timer">${waited ? words.failWaited : say(words.failWait, { time: countdown(seconds) })}</span>
        </li>
      </ul>`}
    <fieldset class="reasons">
      <legend class="hidden">${words.failTitle}</legend>
      ${Object.entries(words.reasons).map(([code, text]) => {
        const early = AFTER_THE_WAIT.has(code) && !waited;
        return html`<label key=${code} class="choice">
          <input type="radio" name="reason" value=${code} disabled=${early} checked=${reason === code}
            onChange=${() => setReason(code)} />
          <span>${text}${early && html` <span class="note">(${words.waitsFirst})</span>`}</span>
        </label>`;
      })}
    </fieldset>
    <button type="button" class="big warn" disabled=${!reason} onClick=${send}>${words.failSend}</button>
    <button type="button" class="plain" onClick=${back}>${words.failBack}</button>
  </div>`;
}
