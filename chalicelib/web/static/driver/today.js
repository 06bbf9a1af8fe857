// What comes next? The next stop, big; the way back from a slip; all the others below.

import { html, useEffect, useState } from "../../vendor/ui.js";
import { retake, tapStop, undo, UNDO_WITHIN_MS } from "./actions.js";
import { now } from "./clock.js";
import { Icon, later } from "./parts.js";
import { small } from "./photo.js";
import { isOpen, mayBeFirst, nextStop } from "./route.js";
import { useApp } from "./state.js";
import { StopCard } from "./stop.js";
import { isNews } from "./told.js";
import { count, say, time, words } from "./words.js";

const OffDuty = later(() => import("./duty.js"), "OffDuty");
const Offer = later(() => import("./duty.js"), "Offer");
const Waiting = later(() => import("./duty.js"), "Waiting");

export function Today() {
  return html`<${Retakes} /><${Present} />`;
}

/** A picture that showed nothing: worth another one while the door is near. */
function Retakes() {
  const { retakes } = useApp();
  const take = async (wanted, event) => {
    const [file] = event.target.files;
    if (file) await retake(wanted, await small(file));
  };
  return retakes
    .filter((one) => one.kind === "photo")
    .map(
      (one) => html`<section class="card retake" key=${one.proof_id} role="status">
        <p>${say(words.retake, { address: one.address })}</p>
        <label class="button second"><${Icon} of="photo" />${words.photoAgain}
          <input type="file" accept="image/*" capture="environment" class="hidden"
            onChange=${(event) => take(one, event)} />
        </label>
      </section>`,
    );
}

function Present() {
  const { route, duty, offer } = useApp();
  if (route) return html`<${OnRoute} />`;
  if (offer && duty) return html`<${Offer} /><${Undo} />`;
  return html`${duty ? html`<${Waiting} />` : html`<${OffDuty} />`}<${Undo} />`;
}

function OnRoute() {
  const { route } = useApp();
  const next = nextStop(route);
  const left = route.stops.filter(isOpen).length;
  return html`${next
      ? html`<${StopCard} key=${next.id} stop=${next} route=${route} />`
      : html`<section class="now done"><h1>${words.finished}</h1><p class="lead">${words.openRoute}</p></section>`}
    <${Undo} />
    <section aria-labelledby="route">
      <h2 id="route">${words.route}: ${left > 0 ? count(words.left, left) : words.nothingLeft}</h2>
      <ol class="stops">
        ${route.stops.map((stop) => html`<${Line} key=${stop.id} stop=${stop} route=${route} next=${stop === next} />`)}
      </ol>
    </section>`;
}

function Line({ stop, route, next }) {
  const who = stop.name && stop.kind === "dropoff" ? stop.name : words.kinds[stop.kind];
  const status = isOpen(stop) ? say(words.planned, { time: time(stop.planned_arrival_at) }) : words.statuses[stop.status];
  return html`<li class=${stop.status} aria-current=${next ? "step" : undefined}>
    <span class="place"><bdi>${stop.address}</bdi></span>
    <span class="note"><bdi>${who}</bdi> · ${status}${isOpen(stop) && isNews(stop) && html` · <strong>${words.told.changed}</strong>`}</span>
    ${mayBeFirst(route, stop) && html`<${First} stop=${stop} />`}
  </li>`;
}

/** Another one first: the reason is the tap. */
function First({ stop }) {
  const choose = ({ target }) => tapStop("first", stop, { why: target.value });
  return html`<select class="first" aria-label=${say(words.lastTap, { what: words.first, where: stop.address })} onChange=${choose}>
    <option value="" disabled selected>${words.first}</option>
    ${Object.entries(words.whyFirst).map(([why, text]) => html`<option key=${why} value=${why}>${text}</option>`)}
  </select>`;
}

/** Five minutes to take the last tap back. */
function Undo() {
  const { lastTap } = useApp();
  const [, tick] = useState(0);
  const old = !lastTap || now().getTime() - Date.parse(lastTap.at) > UNDO_WITHIN_MS;
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 10_000);
    return () => clearInterval(timer);
  }, []);
  if (old) return null;
  return html`<div class="undo">
    <span role="status">${say(words.lastTap, { what: words.undone[lastTap.kind], where: lastTap.label })}</span>
    <button type="button" class="second" onClick=${undo}>${words.undo}</button>
  </div>`;
}
