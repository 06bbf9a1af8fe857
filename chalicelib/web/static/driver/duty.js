// At work or not? The duty switch, the wait for a route, and the offer.

import { html, useState } from "../../vendor/ui.js";
import { answerOffer, goOffDuty, goOnDuty } from "./actions.js";
import { here, distance_m } from "./pings.js";
import { Doing, useSecondsUntil } from "./parts.js";
import { useApp } from "./state.js";
import { count, day, distance, duration, money, say, time, words } from "./words.js";

export function OffDuty() {
  const { profile, shifts } = useApp();
  const vehicles = profile?.vehicles ?? [];
  const [vehicle, setVehicle] = useState("");
  const chosen = vehicle || vehicles[0]?.id;
  const [next] = shifts;
  return html`<section class="now over">
      <p class="eyebrow">${profile && say(words.hello, { name: profile.name.split(" ")[0] })}</p>
      <h1>${words.offDuty}</h1>
      <p class="lead">${next ? say(words.nextShift, { shift: shiftOf(next) }) : words.offDutyLead}</p>
      <${Doing} class="big light" act=${() => goOnDuty(vehicle)}>${words.goOn}<//>
    </section>
    ${vehicles.length > 1 &&
    html`<fieldset class="card vehicles">
      <legend class="hidden">${words.vehicle}</legend>
      <p class="eyebrow" aria-hidden="true">${words.vehicle}</p>
      ${vehicles.map(
        (one) => html`<label key=${one.id} class="choice">
          <input type="radio" name="vehicle" checked=${one.id === chosen} onChange=${() => setVehicle(one.id)} />
          <span>${words.vehicles[one.kind] ?? one.kind} <bdi class="note">${one.plate}</bdi></span>
        </label>`,
      )}
    </fieldset>`}
    <p class="note aside">${words.consent}</p>`;
}

/** @param {{start_at: string, end_at: string}} shift */
export function shiftOf({ start_at, end_at }) {
  return say(words.shift, { day: day(start_at), from: time(start_at), to: time(end_at) });
}

export function Waiting() {
  const { duty, lastTap } = useApp();
  const ends = duty.shift_ends_at && say(words.shiftEnds, { time: time(duty.shift_ends_at) });
  return html`<section class="now">
      <p class="eyebrow"><span class="pulse" aria-hidden="true"></span>${ends}</p>
      <h1>${words.waiting}</h1>
      <p class="lead">${lastTap?.kind === "complete" ? `${words.finished} ` : ""}${words.waitingLead}</p>
    </section>
    ${!duty.here && html`<${Doing} act=${() => goOnDuty()}>${words.thisPhone}<//>`}
    <${Doing} class="second" act=${goOffDuty}>${words.goOff}<//>`;
}

export function Offer() {
  const { offer } = useApp();
  const seconds = useSecondsUntil(offer.expires_at);
  const late = seconds <= 0;
  const facts = [
    [words.offerTime, duration(offer.duration_s)],
    [words.offerDrive, distance(offer.distance_m)],
    [words.offerStops, offer.stops],
    [words.offerStart, distance(offer.approach_m)],
    [words.offerEnds, ending(offer.ends_near)],
  ];
  const answer = (word) => async () => ((await answerOffer(word)) ? "" : words.offerGone);
  return html`<section class="offer card" aria-labelledby="offer">
    <div class="offer-top">
      <div>
        <h1 id="offer">${words.offer}</h1>
        ${offer.pay && html`<p class="pay"><span class="note">${words.offerPay}</span>
          <strong>${money(offer.pay.total_minor, offer.pay.currency)}</strong></p>`}
      </div>
      <${Ring} seconds=${seconds} />
    </div>
    <dl class="facts">
      ${facts.filter(([, fact]) => fact).map(([name, fact]) => html`<div><dt>${name}</dt><dd>${fact}</dd></div>`)}
    </dl>
    <${Doing} class="big" act=${answer("accept")} disabled=${late}>${words.accept}<//>
    <${Doing} class="second" act=${answer("decline")} disabled=${late}>${words.decline}<//>
    <p class="note">${words.noPenalty}</p>
  </section>`;
}

/** A ring that empties; the number is what counts. */
function Ring({ seconds }) {
  const left = Math.max(0, Math.ceil(seconds));
  const share = Math.min(1, Math.max(0, seconds / 60));
  return html`<p class="ring">
    <svg viewBox="0 0 44 44" aria-hidden="true">
      <circle cx="22" cy="22" r="19" />
      <circle cx="22" cy="22" r="19" class="left" pathLength="1" stroke-dasharray=${`${share} 1`} />
    </svg>
    <span role="timer" aria-label=${left > 0 ? count(words.secondsLeft, left) : words.timeIsUp}>${left}</span>
  </p>`;
}

const WINDS = ["north", "northEast", "east", "southEast", "south", "southWest", "west", "northWest"];

/** How far and which way the end of the route lies from here. */
function ending(place) {
  const from = here();
  if (!from || !place) return undefined;
  const metres = distance_m(from, place);
  const narrow = Math.cos((from.latitude * Math.PI) / 180);
  const east = (place.longitude - from.longitude) * narrow;
  const angle = (Math.atan2(east, place.latitude - from.latitude) * 180) / Math.PI;
  const wind = WINDS[Math.round((angle + 360) / 45) % 8];
  const away = { distance: distance(metres) };
  return metres < 500 ? say(words.offerEndsHere, away) : say(words.offerEndsAway[wind], away);
}
