// When does who do what? A row for each route, its stops on the time axis, late ones by colour and shape.

import { html, useEffect, useMemo, useState } from "../../vendor/ui.js";
import { canMove, isOpen, lateStops, routeOf, shownRoutes, standing, time } from "./board.js";
import { keepStill, lift, swallow } from "./drag.js";
import { now, select, state, useDesk } from "./state.js";
import { clock, routeName, STANDING, stopName } from "./words.js";

const HOUR = 3600000;

export function Gantt() {
  // Rows hear of their own changes; all is made anew only when other rows or hours are shown.
  const ids = useDesk(() => rows().map((one) => one.id).join(" "));
  const [from, to] = useDesk(() => hoursOf(rows())).split(" ").map(Number);
  const shown = ids ? ids.split(" ") : [];
  const hours = [];
  for (let at = from; at <= to; at += HOUR) hours.push(at);
  const step = Math.ceil(hours.length / 12);
  const place = (at) => `${((at - from) / (to - from)) * 100}%`;
  return html`<section class="gantt" aria-label="Timeline" tabindex=${shown.length ? undefined : 0} onPointerDown=${press} onTouchMove=${keepStill} onClickCapture=${swallow} onClick=${choose}>
    <div class="axis" aria-hidden="true"><span class="name"></span><div class="track">
      ${hours.map((at, index) => index % step === 0 && index < hours.length - 1 && html`<span class="hour" style=${{ left: place(at) }}>${clock(at)}</span>`)}
      <${Now} place=${place} from=${from} to=${to} />
    </div></div>
    ${shown.map((id) => html`<${Row} key=${id} id=${id} from=${from} to=${to} />`)}
    ${shown.length === 0 && html`<p class="quiet">No route to show.</p>`}
  </section>`;
}

const rows = () => shownRoutes().filter((one) => one.status !== "cancelled");

/** The axis goes by whole hours, so that a changed minute does not move everything. */
function hoursOf(shown) {
  const at = now().getTime();
  const first = Math.floor(Math.min(at, ...shown.map((one) => one.starts)) / HOUR) * HOUR;
  const last = Math.max(first + 4 * HOUR, ...shown.map((one) => one.ends)) + 1;
  return `${first} ${Math.ceil(last / HOUR) * HOUR}`;
}

function Now({ place, from, to }) {
  const [at, tick] = useState(now().getTime());
  useEffect(() => {
    const timer = setInterval(() => tick(now().getTime()), 15000);
    return () => clearInterval(timer);
  }, []);
  if (at < from || at > to) return null;
  return html`<i class="now" style=${{ left: place(at) }}></i>`;
}

function Row({ id, from, to }) {
  const route = useDesk(() => state.routes.get(id));
  const within = useDesk(() => routeOf(state.selected)?.id === id);
  const stopId = useDesk(() => (routeOf(state.selected)?.id === id ? state.selected?.id : ""));
  // A row is made anew only when it is another: selecting in one leaves a hundred alone.
  return useMemo(() => {
    if (!route) return null;
    const late = lateStops(route).length;
    return html`<div class="line ${within ? "chosen" : ""} ${isOpen(route) ? "" : "closed"}" data-route=${id}>
      <button type="button" class="name" aria-pressed=${within} aria-label=${label(route, late, stopId)} onKeyDown=${(event) => step(event, route)}>${routeName(route)}</button>
      <div class="track" aria-hidden="true">
        <b class="bar" style=${across(route.starts, route.ends, from, to)}></b>
        ${within && route.stops.map((stop) => stop.window && stop.kind === "dropoff" && html`<b class="window ${stop.id === stopId ? "chosen" : ""}" style=${across(...stop.window.map(Date.parse), from, to)}></b>`)}
        ${route.stops.map((stop) => html`<i key=${stop.id} data-stop=${stop.id} title=${`${clock(time(stop))} ${stopName(stop)}, ${STANDING[standing(stop)][0]}`}
          class="mark ${standing(stop)} ${stop.kind} ${stop.id === stopId ? "chosen" : ""}" style=${{ left: `${((time(stop) - from) / (to - from)) * 100}%` }}></i>`)}
      </div>
    </div>`;
  }, [route, within, stopId, from, to]);
}

function across(start, end, from, to) {
  const left = Math.max(0, (start - from) / (to - from));
  const right = Math.min(1, (end - from) / (to - from));
  return { left: `${left * 100}%`, width: `${Math.max(0, right - left) * 100}%` };
}

function label(route, late, stopId) {
  const stop = route.stops.find((one) => one.id === stopId);
  const chosen = stop ? `, chosen: ${clock(time(stop))} ${stopName(stop)}` : "";
  return `${routeName(route)}: ${route.stops.length} stops, ${late} late${chosen}. Left and right choose a stop.`;
}

/** Left and right go from stop to stop of a row, up and down from row to row. */
function step(event, route) {
  const along = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const down = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
  if (along) {
    const index = route.stops.findIndex((stop) => stop.id === state.selected?.id);
    const next = index < 0 ? (along > 0 ? 0 : route.stops.length - 1) : index + along;
    if (route.stops[next]) select({ kind: "stop", id: route.stops[next].id });
  } else if (down) {
    event.currentTarget.parentElement[down]?.querySelector("button.name")?.focus();
  } else return;
  event.preventDefault();
}

function choose(event) {
  const stop = event.target.closest("[data-stop]");
  const row = event.target.closest("[data-route]");
  if (stop) select({ kind: "stop", id: stop.dataset.stop });
  else if (row && event.target.closest("button.name")) select({ kind: "route", id: row.dataset.route });
}

function press(event) {
  const mark = event.target.closest("[data-stop]");
  const route = state.routes.get(event.target.closest("[data-route]")?.dataset.route);
  const stop = route?.stops.find((one) => one.id === mark?.dataset.stop);
  if (!stop || !canMove(stop, route) || event.button !== 0) return;
  const isMouse = event.pointerType === "mouse";
  lift(event, { stop, route }, !isMouse);
  if (isMouse) event.preventDefault();
}
