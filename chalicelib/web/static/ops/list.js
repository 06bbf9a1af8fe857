// What is there to do? Everything on the map and the timeline, as a list for eyes, ears and keys.

import { html, useEffect, useRef, useState } from "../../vendor/ui.js";
import { canMove, lateStops, routeOf, shownRoutes, standing, time } from "./board.js";
import { draggable, keepStill } from "./drag.js";
import { select, state, useDesk } from "./state.js";
import { brandName, clock, KIND, REASON, routeName, span, STANDING, STATUS, stopName } from "./words.js";

const FIRST = 100;

export function List() {
  // Rows hear of their own changes; the list is made anew only when it is another list.
  const ids = useDesk(() => shownRoutes().map((one) => one.id).join(" "));
  const filters = useDesk(() => state.filters);
  const box = useRef(null);
  useShown(box);
  const shown = ids ? ids.split(" ") : [];
  return html`<section class="list" ref=${box} aria-label="Routes and deliveries" onKeyDown=${move} onTouchMove=${keepStill}>
    ${!filters.late && !filters.driver && html`<${Waiting} brand=${filters.brand} />`}
    <h2>Routes <span class="quiet">${shown.length}</span></h2>
    ${shown.length === 0 && html`<p class="quiet">No route ${state.routes.size ? "passes the filters." : "yet today."}</p>`}
    <ul class="routes">${shown.map((id) => html`<${Route} key=${id} id=${id} />`)}</ul>
  </section>`;
}

function Waiting({ brand }) {
  const waiting = useDesk(() => state.waiting);
  const [all, showAll] = useState(false);
  const shown = [...waiting.values()].filter((one) => !brand || one.merchant_id === brand);
  shown.sort((one, other) => Date.parse(one.window[1]) - Date.parse(other.window[1]));
  return html`<h2>On no route <span class="quiet">${shown.length}</span></h2>
    ${shown.length === 0 && html`<p class="quiet">Nothing waits.</p>`}
    <ul class="stops">${(all ? shown : shown.slice(0, FIRST)).map((one) => html`<${Waits} key=${one.id} id=${one.id} />`)}</ul>
    ${!all && shown.length > FIRST && html`<button type="button" onClick=${() => showAll(true)}>Show all ${shown.length}</button>`}`;
}

function Waits({ id }) {
  const one = useDesk(() => state.waiting.get(id));
  const chosen = useDesk(() => state.selected?.id === id);
  if (!one) return null;
  return html`<li><button type="button" class="row stop" data-id=${id} aria-current=${chosen ? "true" : undefined}
      onClick=${() => select({ kind: "delivery", id })} ...${draggable({ delivery: one })}>
    <span class="mark ${Date.parse(one.window[1]) < Date.now() + state.clock_ms ? "late" : "fine"}" aria-hidden="true"></span>
    <span class="what">${brandName(one.merchant_id)}<span class="quiet">${one.until ? `waits until ${clock(one.until)}` : REASON(one.reason)}</span></span>
    <span class="when">${span(one.window)}</span>
  </button></li>`;
}

function Route({ id }) {
  const route = useDesk(() => state.routes.get(id));
  const chosen = useDesk(() => state.selected?.id === id);
  const within = useDesk(() => routeOf(state.selected)?.id === id);
  const onlyLate = useDesk(() => state.filters.late);
  const brand = useDesk(() => state.filters.brand);
  const [opened, open] = useState(false);
  if (!route) return null;
  const expanded = opened || onlyLate || within;
  const late = lateStops(route).length;
  let stops = expanded ? route.stops : [];
  if (onlyLate) stops = lateStops(route);
  if (brand) stops = stops.filter((stop) => stop.merchants.includes(brand));
  return html`<li data-route=${id}>
    <div class="head">
      <button type="button" class="row" data-id=${id} aria-current=${chosen ? "true" : undefined} onClick=${() => select({ kind: "route", id })}>
        <span class="what">${routeName(route)}<span class="quiet">${STATUS[route.status]}, ${route.over} of ${route.stops.length} stops</span></span>
        ${late > 0 && html`<span class="lates"><span class="mark late" aria-hidden="true"></span>${late} late</span>`}
      </button>
      <button type="button" class="fold plain" aria-expanded=${expanded} aria-label=${`Stops of ${routeName(route)}`}
        disabled=${onlyLate || within} onClick=${() => open(!opened)}>${expanded ? "▾" : "▸"}</button>
    </div>
    ${expanded && html`<ul class="stops">${stops.map((stop) => html`<${Stop} key=${stop.id} route=${route} stop=${stop} />`)}</ul>`}
  </li>`;
}

function Stop({ route, stop }) {
  const chosen = useDesk(() => state.selected?.id === stop.id);
  const how = standing(stop);
  const parcels = stop.deliveries.length > 1 ? ` (${stop.deliveries.length})` : "";
  return html`<li><button type="button" class="row stop" data-id=${stop.id} aria-current=${chosen ? "true" : undefined}
      onClick=${() => select({ kind: "stop", id: stop.id })} ...${canMove(stop, route) ? draggable({ stop, route }) : {}}>
    <span class="mark ${how} ${stop.kind}" aria-hidden="true"></span>
    <span class="what">${stopName(stop)}${parcels}<span class="quiet">${stop.kind === "dropoff" ? STANDING[how][0] : KIND[stop.kind].toLowerCase()}${stop.window ? `, promised ${span(stop.window)}` : ""}</span></span>
    <span class="when">${clock(time(stop))}</span>
  </button></li>`;
}

/** Arrow keys go from row to row. */
function move(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || !event.target.matches(".row")) return;
  const rows = [...event.currentTarget.querySelectorAll(".row")];
  rows[rows.indexOf(event.target) + step]?.focus();
  event.preventDefault();
}

/** What was chosen elsewhere is brought into sight here. */
function useShown(box) {
  const selected = useDesk(() => state.selected);
  useEffect(() => {
    if (!selected) return undefined;
    const frame = requestAnimationFrame(() => {
      const row = box.current?.querySelector(`[data-id="${CSS.escape(selected.id)}"]`);
      if (row && document.activeElement !== row) row.scrollIntoView({ block: "nearest" });
    });
    return () => cancelAnimationFrame(frame);
  }, [selected]);
}
