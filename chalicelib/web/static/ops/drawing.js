// How does the day look on the map? Stops, ways, what waits and the hub on one canvas; drivers on another.

import { isOpen, isOver, positions, routeOf, shownRoutes, standing } from "./board.js";
import { point } from "./canvases.js";
import { state } from "./state.js";

/** So many ways can be told apart; of more only the chosen one is drawn. */
const FEW = 30;
/** Of so many places, drawing everything is as fast. */
const MANY = 300;

/** What of the state is drawn here: to be compared with, later. */
export const drawnNow = () => ({ routes: state.routes, waiting: state.waiting, filters: state.filters, selected: state.selected });

/**
 * Where the day looks other than it was drawn: after most news, at a handful of stops.
 * @param {ReturnType<typeof drawnNow> | null} drawn
 * @returns {any[] | null} null where everything has to be drawn anew
 */
export function otherPlaces(drawn) {
  if (!drawn || drawn.selected !== state.selected || drawn.filters !== state.filters || drawn.routes.size !== state.routes.size) return null;
  const places = [];
  for (const route of state.routes.values()) {
    const before = drawn.routes.get(route.id);
    if (before?.look === route.look) continue;
    // With a filter, or another number of open routes, others may be shown.
    if (!before || before.status !== route.status || state.filters.late || before.stops.length !== route.stops.length) return null;
    for (const [index, stop] of route.stops.entries()) {
      const was = before.stops[index];
      if (was.id !== stop.id) return null;
      if (was.how !== stop.how || was.status !== stop.status) places.push(stop);
    }
  }
  for (const one of drawn.waiting.values()) if (state.waiting.get(one.id) !== one) places.push(one);
  for (const one of state.waiting.values()) if (drawn.waiting.get(one.id) !== one) places.push(one);
  return places.length > MANY ? null : places;
}

/** Only what is `near` has to be drawn. */
export function drawDay(pen, map, colour, near) {
  const chosen = routeOf(state.selected);
  const { x: left, y: top } = map.getPixelBounds().min;
  const size = 256 * 2 ** map.getZoom();
  // Stops know their place in the world: Leaflet's own way to the screen is too long for thousands.
  const at = (one) => (one.world ? { x: one.world.x * size - left, y: one.world.y * size - top } : map.latLngToContainerPoint(point(one)));
  const few = shownRoutes().filter(isOpen).length <= FEW;
  for (const route of shownRoutes()) {
    if (route === chosen || route.status === "cancelled") continue;
    if (few && isOpen(route)) drawWay(pen, route, at, colour, false);
    for (const stop of route.stops) {
      const place = at(stop);
      if (near(place)) drawStop(pen, place, stop, colour, 4);
    }
  }
  for (const one of state.waiting.values()) drawWaiting(pen, at(one), colour, one.id === state.selected?.id);
  if (chosen) {
    drawWay(pen, chosen, at, colour, true);
    for (const stop of chosen.stops) drawStop(pen, at(stop), stop, colour, stop.id === state.selected?.id ? 10 : 7);
  }
  drawHub(pen, at(state.hub), colour);
}

/** Drivers have a sheet of their own: they move all the time, stops do not. */
export function drawDrivers(pen, map, colour, aimed) {
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
function drawStop(pen, place, stop, colour, size) {
  put(pen, pictureOf(standing(stop), isOver(stop), stop.kind, colour, size), place);
}

function pictureOf(how, over, kind, colour, size) {
  const half = Math.ceil(size * 1.4 + 2);
  return stamp(colour, `${how} ${over} ${kind === "dropoff"} ${size}`, half, (pen) => {
    pen.beginPath();
    if (how === "late" || how === "failed") shape(pen, 0, 0, size * 1.35, 3, -Math.PI / 2);
    else if (how === "risk") shape(pen, 0, 0, size * 1.25, 4, 0);
    else if (kind !== "dropoff") pen.rect(-size * 0.85, -size * 0.85, size * 1.7, size * 1.7);
    else pen.arc(0, 0, size, 0, 2 * Math.PI);
    const { fill, stroke } = lookOf(how, over, colour);
    Object.assign(pen, { fillStyle: fill, strokeStyle: stroke, lineWidth: 1.5 });
    pen.fill();
    pen.stroke();
  });
}

/** Each look is drawn once: thousands of small pictures are faster than thousands of shapes. */
function stamp(colour, look, half, paint) {
  const ratio = window.devicePixelRatio || 1;
  const name = `${look} ${ratio}`;
  const known = colour.pictures.get(name);
  if (known) return known;
  const canvas = Object.assign(document.createElement("canvas"), { width: 2 * half * ratio, height: 2 * half * ratio, half });
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  pen.setTransform(ratio, 0, 0, ratio, half * ratio, half * ratio);
  paint(pen);
  colour.pictures.set(name, canvas);
  return canvas;
}

function put(pen, picture, { x, y }) {
  const { half } = picture;
  pen.drawImage(picture, Math.round(x - half), Math.round(y - half), 2 * half, 2 * half);
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

function drawDriver(pen, place, colour, driver, isChosen) {
  const initial = (driver?.name || "?").slice(0, 1).toUpperCase();
  const picture = stamp(colour, `driver ${initial} ${isChosen}`, 14, (pen) => {
    pen.beginPath();
    pen.arc(0, 0, isChosen ? 12 : 9, 0, 2 * Math.PI);
    pen.fillStyle = isChosen ? colour.mark : colour.ink;
    pen.strokeStyle = colour.card;
    pen.lineWidth = 2;
    pen.fill();
    pen.stroke();
    pen.fillStyle = colour.card;
    pen.font = "700 10px ui-sans-serif, system-ui, sans-serif";
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillText(initial, 0, 0.5);
  });
  put(pen, picture, place);
}
