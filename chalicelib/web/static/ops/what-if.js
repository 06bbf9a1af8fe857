// What would have come of it? Simulations asked for here, how far they are, and their reports.

import { html, useEffect, useRef, useState } from "../../vendor/ui.js";
import { get, post, url } from "./api.js";
import { Ask, inWords } from "./choices.js";
import { clock, Do, plain, Said, useDeeds, useHub } from "./doing.js";

/** Asked again so often while one is played [ms]. */
const EVERY_MS = 2000;
/** Nobody else keeps a list of what this desk asked for; the server keeps each for 30 days. */
const KEPT = "lastmile.simulations", MOST_KEPT = 10;
const HEADS = [
  ["on_time_rate", "on time", (value, sign) => `${sign(value * 100, 1)} %`],
  ["distance_per_delivery_m", "km a parcel", (value, sign) => sign(value / 1000, 2)],
  ["cost_per_delivery_minor", "cost a parcel", (value, sign) => sign(value / 100, 2)],
];
const isOver = (one) => ["done", "cancelled", "failed"].includes(one.state);

function kept() {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "[]").filter((id) => typeof id === "string");
  } catch {
    return [];
  }
}

function keep(ids) {
  try {
    localStorage.setItem(KEPT, JSON.stringify(ids.slice(0, MOST_KEPT)));
  } catch {
    // A browser that keeps nothing still shows what was asked for just now.
  }
  return ids.slice(0, MOST_KEPT);
}

function WhatIf() {
  const hub = useHub();
  const [ids, know] = useState(kept);
  const [busy, rest] = useState(false);
  const deeds = useDeeds();
  const top = useRef(/** @type {HTMLElement | null} */ (null));
  const send = async (body) => {
    rest(true);
    const made = await deeds.run(() => post("/v1/simulations", body), "It is being played.");
    if (made) know(keep([made.id, ...kept().filter((id) => id !== made.id)]));
    rest(false);
    // The form is long; how far it is stands above it.
    top.current?.scrollIntoView({ block: "end" });
  };
  const forget = (gone) => know(keep(kept().filter((id) => id !== gone)));
  return html`<div ref=${top}><${Said} problem=${deeds.problem} done=${deeds.done} /></div>
    ${ids.length > 0 && html`<ol class="rows" aria-label="Asked for here">${ids.map((id) => html`<${Simulation} key=${id} id=${id} hub=${hub} forget=${forget} />`)}</ol>`}
    <h3>Ask for a day again</h3>
    <${Ask} key=${hub.id} send=${send} busy=${busy} />`;
}

function Simulation({ id, hub, forget }) {
  const [one, show] = useState(/** @type {any} */ (null));
  const [problem, fail] = useState(/** @type {any} */ (null));
  const [turn, next] = useState(0);
  useEffect(() => {
    let here = true, timer = 0;
    const later = () => (timer = setTimeout(() => next((n) => n + 1), EVERY_MS));
    get(`/v1/simulations/${id}`).then(
      (told) => {
        if (!here) return;
        fail(null);
        show(told);
        if (!isOver(told)) later();
      },
      (no) => {
        if (!here) return;
        // What has gone is not asked for any more.
        if (no.status === 404) return forget(id);
        fail(no);
        later();
      },
    );
    return () => {
      here = false;
      clearTimeout(timer);
    };
  }, [id, turn]);
  if (!one) return html`<li><${Said} problem=${problem} loading /></li>`;
  const { done, of, share_percent: share } = one.runs;
  const day = one.day ?? `A made-up day of ${one.generated.parcels} parcels`;
  return html`<li class="thing" aria-label=${`Simulation of ${day}`}>
    <h3>${day} <span class="quiet">asked ${clock(one.asked_at, hub, true)}</span></h3>
    <p class="quiet">${one.scenarios.slice(1).map((it) => (it.name === inWords(it.choices) ? it.name : `${it.name} (${inWords(it.choices)})`)).join("; ")}</p>
    <p role="status">${said(one)}</p>
    ${problem && html`<p class="said">${problem.detail}</p>`}
    ${!isOver(one) && html`<progress aria-label="Runs played" max=${of * 100} value=${done * 100 + share}></progress>`}
    ${done > 0 && html`<${Table} of=${one} />`}
    <div class="choices">
      ${one.state === "done" && html`<a class="button go" href=${url(`/v1/simulations/${id}/report`).href} target="_blank" rel="noopener">Open the report</a>`}
      ${isOver(one) ? html`<button type="button" onClick=${() => forget(id)}>Take it off the list</button>` : html`<${Do} asks act=${() => post(`/v1/simulations/${id}/cancel`).then(show, fail)}>Play no more of it<//>`}
    </div></li>`;
}

function said({ state, failure, runs }) {
  if (state === "queued") return "It waits to be played.";
  if (state === "playing") return `${runs.done} of ${runs.of} runs are played.`;
  if (state === "done") return `All ${runs.of} runs are played.`;
  return state === "failed" ? `It failed: ${plain(failure)}.` : `Taken back after ${runs.done} of ${runs.of} runs.`;
}

/** The figures that are asked for first; the report has all of them, with pictures. */
function Table({ of }) {
  const plus = (value, digits) => `${value >= 0 ? "+" : "−"}${Math.abs(value).toFixed(digits)}`;
  const bare = (value, digits) => value.toFixed(digits);
  const cell = (scenario, place, [id, , write]) => {
    const list = place ? scenario.differences : scenario.figures;
    const found = list.find((one) => one.id === id);
    return found ? `${write(found.mean, place ? plus : bare)}${found.half === null ? "" : ` ± ${write(found.half, bare)}`}` : "–";
  };
  return html`<table class="told-figures"><caption class="quiet">The first as it is, the others by how they differ from it</caption>
    <thead><tr><th scope="col">Scenario</th>${HEADS.map(([id, words]) => html`<th key=${id} scope="col">${words}</th>`)}</tr></thead>
    <tbody>${of.scenarios.map((one, place) => html`<tr key=${one.name}><th scope="row">${one.name}</th>${HEADS.map((head) => html`<td key=${head[0]}>${cell(one, place, head)}</td>`)}</tr>`)}</tbody></table>`;
}

export default { id: "what-if", title: "What if", Panel: WhatIf };
