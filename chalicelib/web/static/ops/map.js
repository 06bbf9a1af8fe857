// Where is everything? Leaflet for moving about, and canvases of our own: streets below, the day above.
// Nobody else is asked for anything. The list says the same in words.

import * as leaflet from "../../vendor/leaflet.js";
import { loadStyle } from "../map/style.js";
import { canMove, isOpen, isShown, positions, routeOf } from "./board.js";
import { palette, point, sheet } from "./canvases.js";
import { lift, setGround, swallow } from "./drag.js";
import { drawDay, drawDrivers, drawnNow, otherPlaces } from "./drawing.js";
import { select, state, subscribe } from "./state.js";
import { streetsUnder } from "./streets.js";
import { driverName, routeName } from "./words.js";

const NEAR_PX = 14;
/** What is carried need not be dropped that exactly. */
const TARGET_PX = 26;

/** @param {HTMLElement} box */
export async function open(box) {
  await loadStyle();
  const map = leaflet.map(box, { attributionControl: false, zoomSnap: 0.5, minZoom: 9, maxZoom: 18, zoomAnimation: false });
  leaflet.control.scale({ imperial: false }).addTo(map);
  const colours = palette();
  let drawn = /** @type {ReturnType<typeof drawnNow> | null} */ (null);
  const paint = (pen, near) => ((drawn = drawnNow()), drawDay(pen, map, colours(), near));
  const day = sheet(map, "day", 450, paint, () => otherPlaces(drawn));
  let aimed = "";
  const crew = sheet(map, "crew", 460, (pen) => drawDrivers(pen, map, colours(), aimed));
  // Whose streets they are stands on the map, as their licence asks.
  const credit = Object.assign(document.createElement("p"), { className: "credit" });
  box.parentElement?.append(credit);
  const arrived = (text) => ((credit.textContent = text), streets.draw());
  const streets = sheet(map, "streets", 200, streetsUnder(map, colours, arrived));
  let hub = "";
  let seen = /** @type {any[]} */ ([]);
  const look = () => {
    if (!state.hub || !state.loaded) return;
    if (hub !== state.hub.id) {
      hub = state.hub.id;
      fit(map);
    }
    const now = [state.selected, state.looks, state.waiting, state.filters, state.moved, state.drivers];
    const other = (from, to) => now.slice(from, to).some((one, index) => one !== seen[from + index]);
    if (other(0, 1)) bringIn(map);
    if (other(0, 4)) day.soon();
    if (other(0, 1) || other(4, 6)) crew.soon();
    seen = now;
  };
  const stop = subscribe(look);
  look();
  box.addEventListener("pointerdown", (event) => press(map, event), true);
  box.addEventListener("click", swallow, true);
  map.on("click", (event) => choose(map, event.containerPoint));
  setGround({
    at: (clientX, clientY, what) => targetAt(map, map.mouseEventToContainerPoint({ clientX, clientY }), what),
    show: (aim) => ((aimed = aim?.id ?? ""), crew.soon()),
    still: (is) => (is ? map.dragging.disable() : map.dragging.enable()),
  });
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const redraw = () => (streets.draw(), day.draw(), crew.draw());
  dark.addEventListener("change", redraw);
  const watcher = new ResizeObserver(() => map.invalidateSize({ pan: false }));
  watcher.observe(box);
  return {
    map,
    fit: () => fit(map),
    close() {
      stop();
      setGround(null);
      watcher.disconnect();
      dark.removeEventListener("change", redraw);
      map.remove();
    },
  };
}

function fit(map) {
  const stops = [...state.routes.values()].flatMap((route) => route.stops);
  const all = [...stops, ...state.waiting.values(), ...positions.values(), state.hub].map(point);
  map.fitBounds(leaflet.latLngBounds(all).pad(0.08), { animate: false, maxZoom: 15 });
}

function bringIn(map) {
  const { selected } = state;
  const route = routeOf(selected);
  const stop = selected?.kind === "stop" && route?.stops.find((one) => one.id === selected.id);
  const place = stop || state.waiting.get(selected?.id ?? "") || positions.get(selected?.id ?? "");
  if (place && !map.getBounds().contains(point(place))) map.panTo(point(place), { animate: false });
}

/** What was meant by a press on the map: the nearest thing under it, drivers before stops. */
function choose(map, pressed) {
  const found = nearest(map, pressed, NEAR_PX, { withOver: true });
  if (found) select(found.what);
}

/** @typedef {{kind: "stop" | "driver" | "delivery", id: string}} Thing */

/**
 * The nearest thing of those that are shown; `without` what cannot be a target.
 * @returns {{what: Thing, stop?: any, route?: any, one?: any} | null}
 */
function nearest(map, pressed, reach, { withOver = false, without = "" } = {}) {
  let best = /** @type {any} */ (null), least = reach;
  const add = (one, favour, told) => {
    const away = map.latLngToContainerPoint(point(one)).distanceTo(pressed) - favour;
    if (away < least) [least, best] = [away, told];
  };
  for (const one of positions.values()) add(one, 4, { what: { kind: "driver", id: one.driver_id } });
  if (!without) for (const one of state.waiting.values()) add(one, 1, { what: { kind: "delivery", id: one.id }, one });
  for (const route of state.routes.values()) {
    if (!isShown(route) || route.status === "cancelled" || route.id === without) continue;
    if (!withOver && !isOpen(route)) continue;
    for (const stop of route.stops) add(stop, isOpen(route) ? 2 : 0, { what: { kind: "stop", id: stop.id }, stop, route });
  }
  return best;
}

/**
 * What is pressed may be meant to be carried. A mouse lifts what is chosen, and the stops of the chosen
 * route, at once; all else, and everything under a finger, has to be held: mostly the map is meant.
 */
function press(map, event) {
  if (event.button !== 0 || event.target.closest(".leaflet-control")) return;
  const found = nearest(map, map.mouseEventToContainerPoint(event), NEAR_PX);
  const what = found?.one ? { delivery: found.one } : found?.stop && canMove(found.stop, found.route) && { stop: found.stop, route: found.route };
  if (!what) return;
  const isChosen = found?.what.id === state.selected?.id || (found?.route && found.route === routeOf(state.selected));
  lift(event, what, event.pointerType !== "mouse" || !isChosen, () => event.pointerType !== "mouse" || select(found?.what ?? null));
}

/** Whose route is meant where something is dropped: of a driver, or of a stop that is on it. */
function targetAt(map, place, { route: from }) {
  const found = nearest(map, place, TARGET_PX, { without: from?.id ?? "waits" });
  const route = found?.route ?? (found && found.what.kind === "driver" ? routeOf(found.what) : null);
  if (route && isOpen(route)) return { id: route.id, name: routeName(route) };
  return found?.what.kind === "driver" ? { id: "", name: `${driverName(found.what.id)} has no route` } : null;
}
