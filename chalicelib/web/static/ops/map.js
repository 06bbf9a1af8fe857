// Where is everything? Leaflet for moving about, and canvases of our own: streets below, the day above.
// Nobody else is asked for anything. The list says the same in words.

import * as leaflet from "../../vendor/leaflet.js";
import { loadStyle } from "../map/style.js";
import { canMove, isOpen, isOver, isShown, positions, routeOf, shownRoutes, standing } from "./board.js";
import { lift, setGround, swallow } from "./drag.js";
import { select, state, subscribe } from "./state.js";
import { streetsUnder } from "./streets.js";
import { driverName, routeName } from "./words.js";

const NEAR_PX = 14;
/** What is carried need not be dropped that exactly. */
const TARGET_PX = 26;
/** So many ways can be told apart; of more only the chosen one is drawn. */
const FEW = 30;

/** @param {HTMLElement} box */
export async function open(box) {
  await loadStyle();
  const map = leaflet.map(box, { attributionControl: false, zoomSnap: 0.5, minZoom: 9, maxZoom: 18, zoomAnimation: false });
  leaflet.control.scale({ imperial: false }).addTo(map);
  const colours = palette();
  const day = sheet(map, "day", 450, (pen) => drawDay(pen, map, colours()));
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

/** A canvas of the window's size that is drawn anew whenever the map has moved. */
function sheet(map, name, level, paint) {
  const pane = map.createPane(name);
  pane.style.zIndex = String(level);
  pane.style.pointerEvents = "none";
  const canvas = document.createElement("canvas");
  pane.append(canvas);
  let frame = 0;
  const draw = () => {
    frame = 0;
    const { x, y } = map.getSize();
    const ratio = window.devicePixelRatio || 1;
    if (!x || !y) return;
    if (canvas.width !== Math.round(x * ratio) || canvas.height !== Math.round(y * ratio)) {
      canvas.width = Math.round(x * ratio);
      canvas.height = Math.round(y * ratio);
      canvas.style.width = `${x}px`;
      canvas.style.height = `${y}px`;
    }
    const corner = map.containerPointToLayerPoint([0, 0]);
    canvas.style.transform = `translate(${corner.x}px, ${corner.y}px)`;
    const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, x, y);
    paint(pen);
  };
  const soon = () => (frame ||= requestAnimationFrame(draw));
  map.on("moveend zoomend resize", draw);
  map.on("move", soon);
  return { draw, soon };
}

/** The page's colours, read again when the day turns dark. */
function palette() {
  let known = /** @type {any} */ (null);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", () => (known = null));
  return () => {
    if (known) return known;
    const style = getComputedStyle(document.documentElement);
    const names = ["card", "ink", "quiet", "mark", "late", "soon", "over", "warn", "road", "main-road", "line"];
    known = Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
    known.pictures = new Map();
    return known;
  };
}

const point = (one) => /** @type {[number, number]} */ ([one.latitude, one.longitude]);

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

function drawDay(pen, map, colour) {
  const chosen = routeOf(state.selected);
  const { x: left, y: top } = map.getPixelBounds().min;
  const size = 256 * 2 ** map.getZoom();
  // Stops know their place in the world: Leaflet's own way to the screen is too long for thousands.
  const at = (one) => (one.world ? { x: one.world.x * size - left, y: one.world.y * size - top } : map.latLngToContainerPoint(point(one)));
  const few = shownRoutes().filter(isOpen).length <= FEW;
  for (const route of shownRoutes()) {
    if (route === chosen || route.status === "cancelled") continue;
    if (few && isOpen(route)) drawWay(pen, route, at, colour, false);
    for (const stop of route.stops) drawStop(pen, at(stop), stop, colour, 4);
  }
  for (const one of state.waiting.values()) drawWaiting(pen, at(one), colour, one.id === state.selected?.id);
  if (chosen) {
    drawWay(pen, chosen, at, colour, true);
    for (const stop of chosen.stops) drawStop(pen, at(stop), stop, colour, stop.id === state.selected?.id ? 10 : 7);
  }
  drawHub(pen, at(state.hub), colour);
}

/** Drivers have a sheet of their own: they move all the time, stops do not. */
function drawDrivers(pen, map, colour, aimed) {
  const chosen = routeOf(state.selected);
  const target = state.routes.get(aimed);
  const at = (one) => map.latLngToContainerPoint(point(one));
  if (target) drawWay(pen, target, at, colour, true);
  for (const one of positions.values()) {
    drawDriver(pen, at(one), colour, state.drivers.get(one.driver_id), chosen?.driver_id === one.driver_id);
    if (target?.driver_id === one.driver_id) drawRing(pen, at(one), colour);
  }
}

/** Whom a stop would go to. */
function drawRing(pen, { x, y }, colour) {
  pen.beginPath();
  pen.arc(x, y, 17, 0, 2 * Math.PI);
  pen.strokeStyle = colour.warn;
  pen.lineWidth = 4;
  pen.stroke();
}

function drawWay(pen, route, at, colour, isChosen) {
  pen.beginPath();
  for (const [index, stop] of route.stops.entries()) {
    const { x, y } = at(stop);
    if (index) pen.lineTo(x, y);
    else pen.moveTo(x, y);
  }
  pen.strokeStyle = isChosen ? colour.mark : colour.over;
  pen.globalAlpha = isChosen ? 0.9 : 0.3;
  pen.lineWidth = isChosen ? 3 : 1.5;
  pen.stroke();
  pen.globalAlpha = 1;
}

/** Round in time, a triangle late, a diamond between; hollow when it is over. */
function drawStop(pen, { x, y }, stop, colour, size) {
  const picture = pictureOf(standing(stop), isOver(stop), stop.kind, colour, size);
  const half = picture.width / picture.ratio / 2;
  pen.drawImage(picture, Math.round(x - half), Math.round(y - half), 2 * half, 2 * half);
}

/** Each look is drawn once: thousands of small pictures are faster than thousands of shapes. */
function pictureOf(how, over, kind, colour, size) {
  const name = `${how} ${over} ${kind === "dropoff"} ${size} ${window.devicePixelRatio}`;
  const known = colour.pictures.get(name);
  if (known) return known;
  const ratio = window.devicePixelRatio || 1;
  const half = Math.ceil(size * 1.4 + 2);
  const canvas = Object.assign(document.createElement("canvas"), { width: 2 * half * ratio, height: 2 * half * ratio, ratio });
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  pen.setTransform(ratio, 0, 0, ratio, half * ratio, half * ratio);
  pen.beginPath();
  if (how === "late" || how === "failed") shape(pen, 0, 0, size * 1.35, 3, -Math.PI / 2);
  else if (how === "risk") shape(pen, 0, 0, size * 1.25, 4, 0);
  else if (kind !== "dropoff") pen.rect(-size * 0.85, -size * 0.85, size * 1.7, size * 1.7);
  else pen.arc(0, 0, size, 0, 2 * Math.PI);
  const { fill, stroke } = lookOf(how, over, colour);
  Object.assign(pen, { fillStyle: fill, strokeStyle: stroke, lineWidth: 1.5 });
  pen.fill();
  pen.stroke();
  colour.pictures.set(name, canvas);
  return canvas;
}

function lookOf(how, over, colour) {
  if (over) return { fill: colour.card, stroke: how === "late" || how === "failed" ? colour.late : colour.over };
  return { fill: { late: colour.late, risk: colour.soon }[how] ?? colour.mark, stroke: colour.card };
}

function shape(pen, x, y, size, corners, turn) {
  for (let corner = 0; corner < corners; corner++) {
    const angle = turn + (corner / corners) * 2 * Math.PI;
    pen[corner ? "lineTo" : "moveTo"](x + size * Math.cos(angle), y + size * Math.sin(angle));
  }
  pen.closePath();
}

function drawWaiting(pen, { x, y }, colour, isChosen) {
  const size = isChosen ? 9 : 5;
  pen.beginPath();
  pen.arc(x, y, size, 0, 2 * Math.PI);
  pen.strokeStyle = colour.warn;
  pen.lineWidth = isChosen ? 4 : 2.5;
  pen.fillStyle = colour.card;
  pen.fill();
  pen.stroke();
}

function drawHub(pen, { x, y }, colour) {
  pen.fillStyle = colour.ink;
  pen.fillRect(x - 6, y - 6, 12, 12);
  pen.fillStyle = colour.card;
  pen.fillRect(x - 2.5, y - 2.5, 5, 5);
}

function drawDriver(pen, { x, y }, colour, driver, isChosen) {
  pen.beginPath();
  pen.arc(x, y, isChosen ? 12 : 9, 0, 2 * Math.PI);
  pen.fillStyle = isChosen ? colour.mark : colour.ink;
  pen.strokeStyle = colour.card;
  pen.lineWidth = 2;
  pen.fill();
  pen.stroke();
  pen.fillStyle = colour.card;
  pen.font = "700 10px ui-sans-serif, system-ui, sans-serif";
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText((driver?.name || "?").slice(0, 1).toUpperCase(), x, y + 0.5);
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
