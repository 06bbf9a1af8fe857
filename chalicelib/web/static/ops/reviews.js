// What has to be looked at? Doubtful addresses, and proofs of delivery that do not hold.

import { html, useState } from "../../vendor/ui.js";
import { post } from "./api.js";
import { clock, Do, plain, Said, useAnswer, useDeeds, useHub } from "./doing.js";

function Reviews() {
  const hub = useHub();
  const query = { hub_id: hub?.id, limit: 50 };
  const addresses = useAnswer(hub && "/v1/address-reviews", query);
  const proofs = useAnswer(hub && "/v1/proof-reviews", query);
  const deeds = useDeeds(() => { addresses.again(); proofs.again(); });
  const doubtful = addresses.data?.address_reviews, held = proofs.data?.proof_reviews;
  return html`<${Said} problem=${deeds.problem ?? addresses.problem ?? proofs.problem} done=${deeds.done} loading=${!doubtful || !held} />
    <h3>Addresses</h3>
    ${doubtful && !doubtful.length && html`<p class="quiet">None is doubtful.</p>`}
    <ul class="rows">${doubtful?.map((one) => html`<${Address} key=${one.delivery_id} one=${one} hub=${hub} deeds=${deeds} />`)}</ul>
    <h3>Proofs of delivery</h3>
    ${held && !held.length && html`<p class="quiet">All of them hold.</p>`}
    <ul class="rows">${held?.map((one) => html`<${Proof} key=${one.id} one=${one} hub=${hub} deeds=${deeds} />`)}</ul>`;
}

function Address({ one, hub, deeds }) {
  const [open, show] = useState(false);
  return html`<li><h4>Order ${one.order_name} <span class=${one.overdue ? "late" : "quiet"}>by ${clock(one.due_at, hub, true)}</span></h4>
    <p>${plain(one.reason)}</p>
    <button type="button" aria-expanded=${open} onClick=${() => show(!open)}>Decide where it is</button>
    ${open && html`<${Decide} one=${one} deeds=${deeds} />`}</li>`;
}

function Decide({ one, deeds }) {
  const path = `/v1/deliveries/${one.delivery_id}/address`;
  const { data, problem } = useAnswer(path, { merchant_id: one.merchant_id });
  if (!data) return html`<${Said} problem=${problem} loading />`;
  const say = (decision, more, words) => deeds.run(() => post(path, { decision, merchant_id: one.merchant_id, ...more }), words);
  const answered = data.review?.proposed;
  const place = (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    say("place", { latitude: Number(form.get("latitude")), longitude: Number(form.get("longitude")) }, "Placed.");
  };
  return html`<div class="choices">
      ${answered?.latitude != null && html`<${Do} kind="go" act=${() => say("place", { latitude: answered.latitude, longitude: answered.longitude }, "The answer counts.")}>
        Take what was answered, ${answered.distance_m} m from what we found<//>`}
      ${data.review?.candidates.filter((c) => c.is_door).map((c) => html`<${Do} key=${c.number} act=${() => say("accept", { candidate: c.number }, "Taken.")}>${c.label}<//>`)}
      <${Do} asks act=${() => say("refuse", {}, "Refused: the delivery has ended.")}>Nobody can find it: end the delivery<//>
    </div>
    <form class="asked" onSubmit=${place}>
      <label>Latitude <input name="latitude" required inputmode="decimal" pattern="-?[0-9]+([.][0-9]+)?" defaultValue=${data.latitude} size="9" /></label>
      <label>Longitude <input name="longitude" required inputmode="decimal" pattern="-?[0-9]+([.][0-9]+)?" defaultValue=${data.longitude} size="9" /></label>
      <button>Put it there</button></form>`;
}

function Proof({ one, hub, deeds }) {
  const judge = (verb, words) => deeds.run(() => post(`/v1/proof-reviews/${one.id}/${verb}`), words);
  return html`<li><h4>Delivered ${clock(one.tapped_at, hub, true)}</h4>
    <p>${one.reasons.map(plain).join(", ")}${one.away_m != null && `; the phone was ${one.away_m} m from the door`}</p>
    ${one.pictures.map((shot) => html`<figure key=${shot.id}>
      ${shot.url ? html`<a href=${shot.url} target="_blank" rel="noreferrer"><img class="shot" src=${shot.url} alt=${`${plain(shot.kind)} of this delivery`} /></a>` : html`<p class="quiet">The ${plain(shot.kind)} has not arrived.</p>`}
      <figcaption>${plain(shot.fault ?? shot.status)}${shot.away_m != null && `, taken ${shot.away_m} m from the door`}</figcaption></figure>`)}
    <div class="choices"><${Do} kind="go" act=${() => judge("accept", "It counts.")}>Let it count<//>
      <${Do} asks act=${() => judge("reject", "It does not count.")}>It does not count<//></div></li>`;
}

export default { id: "reviews", title: "Reviews", Panel: Reviews };
