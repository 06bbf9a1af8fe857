// What is known of the one that is chosen, and what can be done with it?

import { html, useEffect, useState } from "../../vendor/ui.js";
import { get, post } from "./api.js";
import { canMove, findStop, isOpen, lateStops, refresh, routeOf, standing, time } from "./board.js";
import { say } from "./done.js";
import { Explained } from "./explained.js";
import { select, set, state, useDesk } from "./state.js";
import { brandName, clock, driverName, kilometres, KIND, REASON, routeName, span, STANDING, STATUS, stopName } from "./words.js";

export function Drawer() {
  const selected = useDesk(() => state.selected);
  useDesk(() => state.routes);
  useDesk(() => state.waiting);
  const Body = selected && { stop: OfStop, route: OfRoute, driver: OfDriver, delivery: OfWaiting }[selected.kind];
  if (!Body) return null;
  return html`<section class="drawer" aria-label="Chosen">
    <button type="button" class="plain close" onClick=${() => select(null)}>Close</button>
    <${Body} key=${selected.id} id=${selected.id} />
  </section>`;
}

function OfStop({ id }) {
  const found = findStop(id);
  if (!found) return html`<p class="quiet">It is on no route any more.</p>`;
  const { route, stop } = found;
  const how = standing(stop);
  return html`<h2>${stopName(stop)}</h2>
    <dl class="facts">
      <div><dt>${KIND[stop.kind]}</dt><dd>${STATUS[stop.status]}</dd></div>
      <div><dt>${stop.arrived_at ? "Reached" : "Expected"}</dt><dd>${clock(time(stop))}</dd></div>
      ${stop.window && html`<div><dt>Promised</dt><dd>${span(stop.window)}</dd></div>`}
      ${stop.kind === "dropoff" && html`<div><dt>Stands</dt><dd><span class="mark ${how}" aria-hidden="true"></span> ${STANDING[how][0]}${stop.late_percent === null ? "" : `, ${stop.late_percent} % to be late`}</dd></div>`}
      ${stop.failure && html`<div><dt>Why not</dt><dd>${REASON(stop.failure)}</dd></div>`}
      <div><dt>Route</dt><dd><button type="button" class="plain" onClick=${() => select({ kind: "route", id: route.id })}>${routeName(route)}</button></dd></div>
    </dl>
    ${canMove(stop, route) && html`<p class="buttons"><button type="button" class="go" onClick=${() => set({ moving: { stop, route } })}>Move to…</button></p>`}
    ${stop.kind === "dropoff" && stop.deliveries.map((delivery, index) => html`<${Delivery} key=${delivery} id=${delivery} merchant=${stop.merchants[index]} />`)}
    ${stop.kind !== "dropoff" && html`<p class="quiet">${stop.deliveries.length} parcels</p>`}`;
}

function OfWaiting({ id }) {
  const one = state.waiting.get(id);
  if (!one) return html`<p class="quiet">It does not wait any more.</p>`;
  return html`<h2>${brandName(one.merchant_id)}</h2>
    <dl class="facts">
      <div><dt>Promised</dt><dd>${span(one.window)}</dd></div>
      <div><dt>Waits</dt><dd>${one.until ? `by choice, until ${clock(one.until)}` : REASON(one.reason)}</dd></div>
      <div><dt>From</dt><dd>${one.pickup_name}</dd></div>
      <div><dt>Load</dt><dd>${(one.weight_g / 1000).toFixed(1)} kg, ${Math.round(one.volume_ml / 1000)} l</dd></div>
      ${one.attempts > 0 && html`<div><dt>Tried</dt><dd>${one.attempts === 1 ? "once" : `${one.attempts} times`}</dd></div>`}
    </dl>
    <p class="buttons"><button type="button" class="go" onClick=${() => set({ moving: { delivery: one } })}>Move to…</button></p>
    <${Delivery} id=${id} merchant=${one.merchant_id} />`;
}

/** The recipient is asked for when the stop is opened, not before. */
function Delivery({ id, merchant }) {
  const [told, show] = useState(/** @type {any} */ (null));
  const [why, explain] = useState(/** @type {any} */ (null));
  const [problem, fail] = useState(/** @type {any} */ (null));
  useEffect(() => {
    let here = true;
    get(`/ops/deliveries/${id}`, { merchant_id: merchant }).then((one) => here && show(one), (no) => here && fail(no));
    return () => void (here = false);
  }, [id]);
  const ask = () => get(`/v1/deliveries/${id}/explain`, { merchant_id: merchant }).then(explain, fail);
  const to = told?.dropoff;
  return html`<section class="delivery" aria-label=${told ? `Order ${told.order_name}` : "Order"}>
    ${problem && html`<p class="said" role="alert">${problem.detail}</p>`}
    ${told && html`<h3>${told.order_name} <span class="quiet">${brandName(merchant)}, ${REASON(told.status)}</span></h3>
      <address>${to.name}<br />${[to.address.line1, to.address.line2].filter(Boolean).join(", ")}<br />${to.address.postal_code} ${to.address.city}</address>
      ${to.phone_number && html`<p><a href=${`tel:${to.phone_number}`}>${to.phone_number}</a></p>`}
      ${to.notes && html`<p class="quiet">“${to.notes}”</p>`}
      ${told.attempts.map((one) => html`<p class="quiet">Attempt ${one.number} at ${clock(one.at)}: ${REASON(one.reason)}</p>`)}`}
    ${why ? html`<${Explained} of=${why} />` : html`<p class="buttons"><button type="button" onClick=${ask}>Why here?</button></p>`}
  </section>`;
}

function OfRoute({ id }) {
  const route = state.routes.get(id);
  if (!route) return html`<p class="quiet">There is no such route any more.</p>`;
  return html`<h2>${routeName(route)}</h2>
    <dl class="facts">
      <div><dt>Route</dt><dd>${STATUS[route.status]}</dd></div>
      <div><dt>Stops</dt><dd>${route.over} of ${route.stops.length} over, ${lateStops(route).length} late</dd></div>
      <div><dt>Time</dt><dd>${span([route.starts_at, route.ends_at])}</dd></div>
      <div><dt>Way</dt><dd>${kilometres(route.distance_m).replace("+", "")}</dd></div>
      <div><dt>Load</dt><dd>${Math.round(route.load_weight_g / 1000)} kg, ${REASON(route.vehicle_kind)}</dd></div>
      ${route.offered_to.length > 0 && html`<div><dt>Asked now</dt><dd>${route.offered_to.map(driverName).join(", ")}</dd></div>`}
      <div><dt>Asked</dt><dd>${route.asked === 1 ? "once" : `${route.asked} times`}</dd></div>
      ${route.alerted_at && html`<div><dt>Nobody took it</dt><dd>since ${clock(route.alerted_at)}</dd></div>`}
    </dl>
    ${isOpen(route) && route.driver_id && html`<${Hands} key=${route.id} route=${route} />`}
    <${Offers} route=${route} />`;
}

/** Taken from its driver before the pickup, or given to another one after it. */
function Hands({ route }) {
  const [to, choose] = useState("");
  const [insist, explain] = useState("");
  const [problem, fail] = useState(/** @type {any} */ (null));
  const [near, place] = useState(/** @type {Map<string, any>} */ (new Map()));
  useEffect(() => {
    let here = true;
    const take = (told) => here && place(new Map(told.drivers.map((one) => [one.id, one])));
    get(`/v1/routes/${route.id}/nearby-drivers`).then(take, () => {});
    return () => void (here = false);
  }, [route.id, route.version]);
  const away = (one) => near.get(one.id)?.distance_m ?? Infinity;
  const free = [...state.drivers.values()]
    .filter((one) => one.on_duty && !one.route_id && one.id !== route.driver_id)
    .sort((one, other) => (away(one) === away(other) ? 0 : away(one) - away(other)));
  const distance = (one) => (near.has(one.id) ? `, ${kilometres(away(one)).replace("+", "")} away` : "");
  const act = (what, text) => async () => {
    fail(null);
    await what().then(() => (say(text), refresh()), fail);
  };
  const release = act(() => post(`/v1/routes/${route.id}/release`), `${routeName(route)} is offered again.`);
  const why = problem?.code === "driver_unsuitable" && insist.trim() ? { insist: insist.trim() } : {};
  const give = act(() => post(`/v1/routes/${route.id}/hand-over`, { driver_id: to, ...why }), `The route is ${driverName(to)}'s now.`);
  return html`<div class="hands">
    ${problem && html`<p class="said" role="alert">${problem.detail}${problem.told.bar ? ` (${REASON(problem.told.bar)})` : ""}</p>`}
    ${route.status === "assigned" && html`<p class="buttons"><button type="button" onClick=${release}>Take it from ${driverName(route.driver_id)}</button></p>`}
    <label class="field">Hand over to <select value=${to} onChange=${(event) => choose(event.target.value)}>
      <option value="">${free.length ? "choose a driver" : "nobody is free"}</option>
      ${free.map((one) => html`<option key=${one.id} value=${one.id}>${driverName(one.id)}${distance(one)}</option>`)}
    </select></label>
    ${problem?.code === "driver_unsuitable" && html`<label class="field">Why all the same <input value=${insist} maxlength="120" onInput=${(event) => explain(event.target.value)} /></label>`}
    <p class="buttons"><button type="button" disabled=${!to} onClick=${give}>Hand over</button></p>
  </div>`;
}

/** Who was asked, and what they said: told with the explanation of one of its deliveries. */
function Offers({ route }) {
  const [told, show] = useState(/** @type {any} */ (null));
  const stop = route.stops.find((one) => one.kind === "dropoff" && one.deliveries.length);
  if (!stop || !route.asked) return null;
  const ask = () => get(`/v1/deliveries/${stop.deliveries[0]}/explain`, { merchant_id: stop.merchants[0] }).then((one) => show(one.desk?.asked ?? []));
  if (!told) return html`<p class="buttons"><button type="button" onClick=${ask}>Who was asked?</button></p>`;
  return html`<h3>Asked</h3><ul class="rows">${told.map((one) => html`<li>${clock(one.made_at)} ${driverName(one.driver_id)}: ${REASON(one.status)}</li>`)}</ul>`;
}

function OfDriver({ id }) {
  const driver = useDesk(() => state.drivers.get(id));
  const route = routeOf({ kind: "driver", id });
  if (!driver) return html`<p class="quiet">Nobody by this name is on duty.</p>`;
  return html`<h2>${driverName(id)}</h2>
    <dl class="facts">
      <div><dt>Duty</dt><dd>${driver.on_duty ? `on duty${driver.shift_ends_at ? ` until ${clock(driver.shift_ends_at)}` : ""}` : "off duty"}</dd></div>
      <div><dt>Vehicle</dt><dd>${REASON(driver.vehicle_kind)}</dd></div>
      <div><dt>Route</dt><dd>${route ? html`<button type="button" class="plain" onClick=${() => select({ kind: "route", id: route.id })}>${routeName(route)}</button>` : "none"}</dd></div>
    </dl>`;
}
