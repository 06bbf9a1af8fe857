// What was given up? Each queue with how much and since when; back to work, or away with a reason.

import { html, useState } from "../../vendor/ui.js";
import { post } from "./api.js";
import { clock, Do, plain, Said, useAnswer, useDeeds, useHub } from "./doing.js";

function DeadLetters() {
  const hub = useHub();
  const { data, problem, again } = useAnswer("/v1/dead-letters");
  const [open, show] = useState("");
  const deeds = useDeeds(again);
  if (!data) return html`<${Said} problem=${problem} loading />`;
  const waiting = data.queues.filter((one) => one.depth);
  return html`<${Said} problem=${deeds.problem ?? problem} done=${deeds.done} />
    <p>${waiting.length ? "Work that failed five times. Mend the cause, then send it back: doing it twice does no harm." : "Nothing was given up."}</p>
    <ul class="rows">${data.queues.map((one) => html`<li key=${one.queue}>
      <h3>${one.queue}: ${one.depth} ${one.oldest_at && html`<span class="quiet">oldest ${clock(one.oldest_at, hub, true)}</span>`}</h3>
      ${one.depth > 0 && html`<div class="choices">
        ${one.redrivable && html`<${Do} kind="go" asks act=${() => deeds.run(
          () => post(`/v1/dead-letters/${one.queue}/redrive`),
          (told) => `${told.count} sent back, ${told.left} left.`,
        )}>Send all back<//>`}
        <button type="button" aria-expanded=${open === one.queue} onClick=${() => show(open === one.queue ? "" : one.queue)}>Look at them</button>
      </div>`}
      ${open === one.queue && one.depth > 0 && html`<${Letters} queue=${one} hub=${hub} deeds=${deeds} />`}
    </li>`)}</ul>
    <h3>What was done</h3>
    <ul class="rows">${data.deeds.map((one) => html`<li key=${one.at + one.queue}>${clock(one.at, hub, true)}: ${one.by} ${plain(one.what)} ${one.count} of ${one.queue}${one.reason && `: ${one.reason}`}</li>`)}</ul>
    ${!data.deeds.length && html`<p class="quiet">Nothing yet.</p>`}`;
}

function Letters({ queue, hub, deeds }) {
  const path = `/v1/dead-letters/${queue.queue}`;
  const { data, problem, again } = useAnswer(path, { limit: 20 });
  const [reason, say] = useState("");
  if (!data) return html`<${Said} problem=${problem} loading />`;
  const run = (deed, words) => deeds.run(deed, words).then(again);
  return html`<label>Why away <input value=${reason} maxlength="120" onInput=${(event) => say(event.target.value)} /></label>
    <ul class="rows">${data.letters.map((one) => html`<li key=${one.id}>
      <p><span class="quiet">${clock(one.sent_at, hub, true)}${one.source && `, from ${one.source}`}</span></p>
      <pre class="body" tabindex="0" aria-label="What it says">${JSON.stringify(one.body, null, 1)}</pre>
      <div class="choices">
        ${one.source && html`<${Do} act=${() => run(() => post(`${path}/redrive`, { id: one.id }), "Sent back.")}>Send back<//>`}
        ${reason.trim() && html`<${Do} asks act=${() => run(() => post(`${path}/discard`, { ids: [one.id], reason }), "Thrown away.")}>Throw away<//>`}
      </div></li>`)}</ul>`;
}

export default { id: "dead-letters", title: "Dead letters", Panel: DeadLetters };
