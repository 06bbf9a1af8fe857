// What would have come of it? Simulations that the desk asked for, how far they are, their reports.

import { html, useEffect, useRef, useState } from "../../vendor/ui.js";
import { get, post, url } from "./api.js";
import { Ask, inWords } from "./choices.js";
import { clock, Do, plain, Said, useDeeds, useHub } from "./doing.js";
import { state } from "./state.js";

/** Asked again so often while one is played [ms]. */
const EVERY_MS = 2000;
/** So many of the list at once; the server keeps each for 30 days. */
const PAGE = 5;
const HEADS = [
  ["on_time_rate", "on time", (value, sign) => `${sign(value * 100, 1)} %`],
  ["distance_per_delivery_m", "km a parcel", (value, sign) => sign(value / 1000, 2)],
  ["cost_per_delivery_minor", "cost a parcel", (value, sign) => sign(value / 100, 2)],
];
const isOver = (one) => ["done", "cancelled", "failed"].includes(one.state);

/** What the desk asked for, newest first, as far as it was read: ids begin with their time. */
function useList() {
  const [known, know] = useState(/** @type {Map<string, any>} */ (new Map()));
  const [end, reach] = useState(/** @type {string | null | undefined} */ (undefined));
  const [problem, fail] = useState(/** @type {any} */ (null));
  const take = (some) => know((before) => new Map([...before, ...some.map((one) => /** @type {[string, any]} */ ([one.id, one]))]));
  const read = async (cursor) => {
    try {
      const page = await get("/v1/simulations", { limit: PAGE, cursor });
      take(page.simulations);
      reach(page.next_cursor);
      fail(null);
    } catch (no) {
      fail(no);
    }
  };
  useEffect(() => void read(undefined), []);
  const listed = [...known.values()].filter((one) => !one.isGone).sort((one, other) => (one.id < other.id ? 1 : -1));
  return { listed, problem, loading: end === undefined, older: end ? () => read(end) : null, take };
}

function WhatIf() {
  const hub = useHub();
  const list = useList();
  const [busy, rest] = useState(false);
  const deeds = useDeeds();
  const top = useRef(/** @type {HTMLElement | null} */ (null));
  const send = async (body) => {
    rest(true);
    const made = await deeds.run(() => post("/v1/simulations", body), "It is being played.");
    if (made) list.take([made]);
    rest(false);
    // The form is long; how far it is stands above it.
    top.current?.scrollIntoView({ block: "end" });
  };
  return html`<div ref=${top}><${Said} problem=${deeds.problem ?? list.problem} done=${deeds.done} loading=${list.loading} /></div>
    ${list.listed.length > 0 && html`<ol class="rows" aria-label="Asked for">${list.listed.map((one) => html`<${Simulation} key=${one.id} told=${one} hub=${hub} forget=${() => list.take([{ ...one, isGone: true }])} />`)}</ol>`}
    ${list.older && html`<div class="choices"><${Do} act=${list.older}>Show older ones<//></div>`}
    <h3>Ask for a day again</h3>
    <${Ask} key=${hub.id} send=${send} busy=${busy} />`;
}

/** `told`: a line of the list, or the whole of what was asked for just now. */
function Simulation({ told, hub, forget }) {
  const { id } = told;
  const [whole, show] = useState(/** @type {any} */ (null));
  const [open, look] = useState(!isOver(told));
  const [problem, fail] = useState(/** @type {any} */ (null));
  const [turn, next] = useState(0);
  useEffect(() => {
    if (!open) return;
    let here = true, timer = 0;
    const later = () => (timer = setTimeout(() => next((n) => n + 1), EVERY_MS));
    get(`/v1/simulations/${id}`).then(
      (found) => {
        if (!here) return;
        fail(null);
        show(found);
        if (!isOver(found)) later();
      },
      (no) => {
        if (!here) return;
        // What has gone is not asked for any more.
        if (no.status === 404) return forget();
        fail(no);
        later();
      },
    );
    return () => {
      here = false;
      clearTimeout(timer);
    };
  }, [id, open, turn]);
  const one = whole ?? told;
  const day = one.day ?? `A made-up day of ${one.generated.parcels} parcels`;
  const elsewhere = one.hub_id && one.hub_id !== hub.id && state.hubs.find((other) => other.id === one.hub_id)?.name;
  return html`<li class="thing" aria-label=${`Simulation of ${day}`}>
    <h3>${day}${elsewhere && ` at ${elsewhere}`} <span class="quiet">asked ${clock(one.asked_at, hub, true)} by ${one.by}</span></h3>
    <p class="quiet">${one.scenarios.slice(1).map((it) => (it.name === inWords(it.choices) ? it.name : `${it.name} (${inWords(it.choices)})`)).join("; ")}</p>
    <p role="status">${said(one, whole?.runs.done)}</p>
    ${problem && html`<p class="said">${problem.detail}</p>`}
    ${whole && !isOver(whole) && html`<progress aria-label="Runs played" max=${whole.runs.of * 100} value=${whole.runs.done * 100 + whole.runs.share_percent}></progress>`}
    ${open && whole?.runs.done > 0 && html`<${Table} of=${whole} />`}
    <div class="choices">
      ${isOver(one) && html`<button type="button" aria-expanded=${open} onClick=${() => look(!open)}>Figures<span class="hidden"> of ${day}</span></button>`}
      ${one.state === "done" && html`<a class="button go" href=${url(`/v1/simulations/${id}/report`).href} target="_blank" rel="noopener">Open the report</a>`}
      ${!isOver(one) && html`<${Do} asks act=${() => post(`/v1/simulations/${id}/cancel`).then(show, fail)}>Play no more of it<//>`}
    </div></li>`;
}

/** How it stands; `done` is known of what was looked at. */
function said({ state: how, failure, runs }, done) {
  const of = runs.of ?? runs;
  if (how === "queued") return "It waits to be played.";
  if (how === "playing") return done === undefined ? "It is being played." : `${done} of ${of} runs are played.`;
  if (how === "done") return `All ${of} runs are played.`;
  if (how === "failed") return `It failed: ${plain(failure)}.`;
  return done === undefined ? "Taken back." : `Taken back after ${done} of ${of} runs.`;
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
