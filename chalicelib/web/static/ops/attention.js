// What needs a person now? The most pressing first, each with what would see to it in one press.

import { html, useState } from "../../vendor/ui.js";
import { del, get, patch, post, put } from "./api.js";
import { clock, Do, plain, Said, title, until, useAnswer, useDeeds, useHub } from "./doing.js";
import { now, select, set } from "./state.js";

const SEND = { POST: post, PUT: put, PATCH: patch, DELETE: (path) => del(path) };
/** Calls that only look are opened where the desk can act on what it sees. */
const PANELS = { address_review: "reviews", proof_review: "reviews", dispute: "disputes", dead_letters: "dead-letters" };

function Attention() {
  const hub = useHub();
  const { data, problem, again } = useAnswer(hub && "/v1/attention", { hub_id: hub?.id }, 15000);
  const deeds = useDeeds(again);
  if (!data) return html`<${Said} problem=${problem} loading />`;
  return html`<${Said} problem=${deeds.problem ?? problem} done=${deeds.done} />
    <p>${data.items.length ? `${data.items.length} things need somebody, the most pressing first.` : "Nothing needs you now."}</p>
    <ol class="rows" aria-label="What needs somebody">
      ${data.items.map((one) => html`<${Thing} key=${one.id} one=${one} hub=${hub} deeds=${deeds} />`)}
    </ol>
    ${data.more.length > 0 && html`<p class="quiet">There is more of: ${data.more.map(plain).join(", ")}.</p>`}`;
}

function Thing({ one, hub, deeds }) {
  const [looked, look] = useState(/** @type {any} */ (null));
  const [preview, show] = useState(/** @type {any} */ (null));
  // What the browser kept says how it was then: the time goes on.
  const minutes = one.due_at ? Math.floor((Date.parse(one.due_at) - now().getTime()) / 60000) : 0;
  const calls = [one.action, ...one.others].filter(Boolean);
  const seen = { words: "Seen to", method: "POST", path: `/v1/hubs/${hub.id}/attention/${one.id}/settle`, body: {} };
  const settled = calls.some((call) => call.path === seen.path) ? calls : [...calls, seen];
  const press = async (call) => {
    if (call.method === "GET") {
      if (PANELS[one.kind]) return set({ panel: PANELS[one.kind] });
      return deeds.run(async () => look(await get(call.path)), "");
    }
    if (call.previews) {
      return deeds.run(async () => show({ call, effect: await SEND[call.method](call.path, call.body) }), "");
    }
    return deeds.run(() => SEND[call.method](call.path, call.body ?? {}), `Done: ${call.words.toLowerCase()}.`);
  };
  const commit = () => {
    const { call, effect } = preview;
    show(null);
    const body = { ...call.body, preview: false, if_version: effect.if_version, reason: one.why.slice(0, 300) };
    return deeds.run(() => SEND[call.method](call.path, body), `Done: ${call.words.toLowerCase()}.`);
  };
  const about = one.about.delivery_id ? { kind: "delivery", id: one.about.delivery_id } : one.about.route_id && { kind: "route", id: one.about.route_id };
  return html`<li class="thing">
    <h3>${title(one.kind)} <span class=${minutes < 0 ? "late" : minutes < 30 ? "soon" : "quiet"}>
      ${one.due_at ? html`${until(minutes)} (${clock(one.due_at, hub)})` : "now"}</span></h3>
    <p>${one.why}</p>
    <div class="choices">
      ${settled.map((call, place) => html`<${Do} key=${call.words} asks=${call.asks} kind=${place ? "" : "go"}
        act=${() => press(call)}>${call.words}<//>`)}
      ${about && html`<button type="button" class="plain" onClick=${() => select(about)}>Show on the board</button>`}
    </div>
    ${preview && html`<div class="said" role="group" aria-label="What it would change">
      <${Effect} effect=${preview.effect} />
      <${Do} kind="go" act=${commit}>Do it<//> <button type="button" onClick=${() => show(null)}>Leave it</button></div>`}
    ${looked && html`<${Facts} told=${looked} close=${() => look(null)} />`}
  </li>`;
}

/** The changed numbers of a preview, in words. */
function Effect({ effect }) {
  const delta = effect.delta ?? {};
  const parts = [
    delta.late_s !== undefined && `${Math.round(delta.late_s / 60)} min of lateness`,
    delta.distance_m !== undefined && `${(delta.distance_m / 1000).toFixed(1)} km`,
    delta.cost_points !== undefined && `${delta.cost_points} points of cost`,
  ].filter(Boolean);
  const against = (effect.violations ?? []).map((one) => plain(one.code ?? one)).join(", ");
  return html`<p>${parts.length ? `It would change ${parts.join(", ")}.` : "It can be done."} ${against && `In the way: ${against}.`}</p>`;
}

/** What a look found: its plain facts as a list. */
function Facts({ told, close }) {
  const lines = facts(told).slice(0, 14);
  return html`<div class="said"><dl class="looked">${lines.map(([name, value]) => html`<dt key=${name}>${name}</dt>
    <dd>${name === "phone number" ? html`<a href=${`tel:${value}`}>${value}</a>` : value}</dd>`)}</dl>
    <button type="button" onClick=${close}>Close</button></div>`;
}

/** @param {any} told @param {string} [before] @returns {[string, string][]} */
function facts(told, before = "") {
  return Object.entries(told).flatMap(([name, value]) => {
    const words = before + plain(name);
    if (value === null || value === "" || name === "id" || name.endsWith("_id")) return [];
    if (Array.isArray(value)) return value.slice(0, 3).flatMap((one, n) => typeof one === "object" ? facts(one, `${words} ${n + 1}: `) : [[words, String(one)]]);
    return typeof value === "object" ? facts(value, `${words}: `) : [[words, String(value)]];
  });
}

export default { id: "attention", title: "Needs you", Panel: Attention };
