// Who works when, whose papers end, and who does not drive for whom? Drivers and their shifts.

import { html, useState } from "../../vendor/ui.js";
import { del, post, put } from "./api.js";
import { clock, Do, plain, Said, useAnswer, useDeeds, useHub } from "./doing.js";
import { now } from "./state.js";

const SOON_DAYS = 30;

function Crew() {
  const hub = useHub();
  const [day, choose] = useState(() => dayOf(now(), hub));
  const people = useAnswer(hub && "/v1/drivers", { hub_id: hub?.id, limit: 100 });
  const rota = useAnswer(hub && `/v1/hubs/${hub.id}/shifts`, { day });
  const deeds = useDeeds(() => { people.again(); rota.again(); });
  const drivers = people.data?.drivers ?? [];
  const names = new Map(drivers.map((one) => [one.id, one.name]));
  const shifts = rota.data?.shifts ?? [];
  return html`<${Said} problem=${deeds.problem ?? people.problem ?? rota.problem} done=${deeds.done} loading=${!people.data} />
    <label>Day <input type="date" value=${day} onInput=${(event) => event.target.value && choose(event.target.value)} /></label>
    <h3>Shifts</h3>
    ${rota.data && !shifts.length && html`<p class="quiet">Nobody works on this day.</p>`}
    <ul class="rows">${shifts.map((one) => html`<li key=${one.id}>${names.get(one.driver_id) ?? "Somebody"}: ${clock(one.start_at, hub)} to ${clock(one.end_at, hub)}, ${plain(one.status)}
      ${one.status === "planned" && html` <${Do} asks act=${() => deeds.run(() => del(`/v1/drivers/${one.driver_id}/shifts/${one.id}`), "Cancelled.")}
        label=${`Cancel the shift of ${names.get(one.driver_id)}`}>Cancel<//>`}</li>`)}</ul>
    <${Plan} drivers=${drivers} day=${day} hub=${hub} deeds=${deeds} />
    <h3>Drivers</h3>
    <ul class="rows">${drivers.map((one) => html`<${Driver} key=${one.id} one=${one} deeds=${deeds} />`)}</ul>`;
}

function Plan({ drivers, day, hub, deeds }) {
  const plan = (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    const [from, to] = ["from", "to"].map((name) => String(form.get(name)));
    const start_at = instant(day, from, hub.timezone);
    // A shift may end after midnight.
    const end_at = instant(to > from ? day : nextDay(day), to, hub.timezone);
    deeds.run(() => post(`/v1/drivers/${form.get("driver")}/shifts`, { start_at, end_at }), "Planned.");
  };
  return html`<form class="asked" onSubmit=${plan} aria-label="Plan a shift">
    <label>Driver <select name="driver">${drivers.filter((one) => one.active).map((one) => html`<option key=${one.id} value=${one.id}>${one.name}</option>`)}</select></label>
    <label>from <input type="time" name="from" defaultValue="09:00" required /></label>
    <label>to <input type="time" name="to" defaultValue="17:00" required /></label>
    <button disabled=${!drivers.length}>Plan the shift</button></form>`;
}

function Driver({ one, deeds }) {
  const ending = one.documents.filter((paper) => days(paper.expires_on) <= SOON_DAYS);
  const rest = (gone) => one.blocks.filter((block) => block !== gone).map(({ merchant_id, hub_id, by, why }) =>
    ({ ...(merchant_id ? { merchant_id } : { hub_id }), by, why }));
  return html`<li><details><summary>${one.name}${!one.active && " (not active)"}
      ${ending.map((paper) => html` <span class=${days(paper.expires_on) < 0 ? "late" : "soon"}>${plain(paper.kind)} ${days(paper.expires_on) < 0 ? "ended" : "ends"} ${paper.expires_on}</span>`)}</summary>
    <p><a href=${`tel:${one.phone_number}`}>${one.phone_number}</a>, ${one.vehicles.map((v) => plain(v.kind)).join(", ")}${one.skills.length > 0 && `; ${one.skills.map(plain).join(", ")}`}</p>
    <ul>${one.documents.map((paper) => html`<li key=${paper.kind}>${plain(paper.kind)} until ${paper.expires_on}${!paper.verified && ", not verified"}</li>`)}</ul>
    ${one.blocks.map((block) => html`<p key=${block.at}>Does not drive for ${block.merchant_id ? "a merchant" : "a hub"}: ${block.why} (${block.by})
      <${Do} asks act=${() => deeds.run(() => put(`/v1/drivers/${one.id}/blocks`, { blocks: rest(block) }), "Lifted.")}>Lift<//></p>`)}
    <${Block} one=${one} all=${rest(null)} deeds=${deeds} />
    <${Do} asks act=${() => deeds.run(() => post(`/v1/drivers/${one.id}/${one.active ? "deactivate" : "activate"}`), one.active ? "Not active any more." : "Active again.")}>
      ${one.active ? "Deactivate" : "Activate again"}<//>
  </details></li>`;
}

function Block({ one, all, deeds }) {
  const block = (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    const added = { merchant_id: String(form.get("merchant")).trim(), by: "desk", why: String(form.get("why")) };
    deeds.run(() => put(`/v1/drivers/${one.id}/blocks`, { blocks: [...all, added] }), "Blocked.");
  };
  return html`<form class="asked" onSubmit=${block} aria-label=${`Block for ${one.name}`}>
    <label>Not for merchant <input name="merchant" required pattern="mer_[0-9a-z]{26}" placeholder="mer_..." /></label>
    <label>because <input name="why" required maxlength="120" /></label><button>Block</button></form>`;
}

const days = (on) => Math.floor((Date.parse(`${on}T23:59:59Z`) - now().getTime()) / 86400000);
const nextDay = (day) => new Date(Date.parse(day) + 86400000).toISOString().slice(0, 10);
const dayOf = (at, hub) => new Intl.DateTimeFormat("en-CA", { timeZone: hub?.timezone }).format(at);

/** A wall-clock time of a zone as an instant: what the zone shows for a guess tells how far off it is. */
export function instant(day, time, timeZone) {
  const wanted = Date.parse(`${day}T${time}:00Z`);
  let at = wanted;
  for (let turn = 0; turn < 2; turn += 1) {
    const shown = new Date(at).toLocaleString("sv-SE", { timeZone }).replace(" ", "T");
    at += wanted - Date.parse(`${shown}Z`);
  }
  return new Date(at).toISOString();
}

export default { id: "crew", title: "Drivers", Panel: Crew };
