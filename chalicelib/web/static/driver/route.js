// How does the route stand? What the server said last, with the taps on top that it has not heard.

/**
 * @typedef {{id: string, order_name?: string, requirements?: Requirements,
 *   instructions?: Instructions | null, news?: boolean}} Parcel
 * @typedef {{gate_code: string, note: string, safe_place: string, if_missed: string | null,
 *   neighbour: {name: string, house: string} | null, changed_at: string}} Instructions
 * @typedef {{action?: string, pin?: boolean, signature?: boolean, photo?: boolean,
 *   barcode?: boolean, geofence_m?: number | null, id_min_age?: number | null,
 *   cash_on_delivery?: {amount_minor: number, currency: string} | null}} Requirements
 * @typedef {{id: string, kind: "pickup" | "dropoff" | "return", status: string, address: string,
 *   position: {latitude: number, longitude: number}, deliveries: Parcel[], name?: string,
 *   phone_number?: string | null, notes?: string, planned_arrival_at: string,
 *   arrived_at?: string, can_write?: boolean, messages?: Message[]}} Stop
 * @typedef {{side: "recipient" | "driver" | "desk", text: string, canned?: string | null,
 *   at: string, waits?: boolean}} Message
 * @typedef {{id: string, status: string, distance_m: number, duration_s: number,
 *   stops: Stop[]}} Route
 * @typedef {{seq?: number, id: string, kind: "arrive" | "complete" | "fail" | "undo" | "message" | "first",
 *   stop_id: string, at: string, body: any, driver: string, label: string,
 *   images?: {kind: string, blob: Blob, proof_id?: string}[]}} Tap
 */

const OPEN = new Set(["pending", "arrived"]);

/** @param {Stop} stop */
export function isOpen(stop) {
  return OPEN.has(stop.status);
}

/** The first stop that is not over. @param {Route} route */
export function nextStop(route) {
  return route.stops.find(isOpen);
}

/**
 * @param {Route | null} route @param {Tap[]} taps
 * @returns {Route | null}
 */
export function withTaps(route, taps) {
  return taps.reduce((before, tap) => before && withTap(before, tap), route);
}

/** @param {Route} route @param {Tap} tap @returns {Route} */
export function withTap(route, tap) {
  if (tap.kind === "first") return withFirst(route, tap);
  const stops = route.stops.map((stop) => (stop.id === tap.stop_id ? tapped(stop, tap) : stop));
  return { ...route, stops };
}

/** The stop before all that the driver is not at. @param {Route} route @param {Tap} tap @returns {Route} */
function withFirst(route, { stop_id }) {
  const stop = route.stops.find(({ id }) => id === stop_id);
  const rest = route.stops.filter((one) => one !== stop);
  const at = rest.findIndex(({ status }) => status === "pending");
  if (stop?.status !== "pending" || at < 0) return route;
  return { ...route, stops: rest.toSpliced(at, 0, stop) };
}

/** Whether a stop may be done before the others that are left. @param {Route} route @param {Stop} stop */
export function mayBeFirst(route, stop) {
  const left = route.stops.filter(({ status }) => status === "pending");
  if (stop === left[0] || !left.includes(stop) || stop.kind === "return") return false;
  const mine = new Set(stop.deliveries.map(({ id }) => id));
  return !left.some((one) => one !== stop && one.kind === "pickup" && one.deliveries.some(({ id }) => mine.has(id)));
}

/** @param {Stop} stop @param {Tap} tap @returns {Stop} */
function tapped(stop, tap) {
  if (tap.kind === "undo") {
    const back = stop.status !== "arrived" && stop.arrived_at ? "arrived" : "pending";
    return { ...stop, status: back, arrived_at: back === "arrived" ? stop.arrived_at : undefined };
  }
  if (tap.kind === "message") return written(stop, tap);
  if (!isOpen(stop)) return stop;
  if (tap.kind === "arrive") return { ...stop, status: "arrived", arrived_at: tap.at };
  return { ...stop, status: tap.kind === "complete" ? "done" : "failed" };
}

/** @param {Stop} stop @param {Tap} tap @returns {Stop} */
function written(stop, { at, body }) {
  const { text = "", canned = null } = body;
  return { ...stop, messages: [...(stop.messages ?? []), { side: "driver", text, canned, at, waits: true }] };
}

/**
 * How many messages of others the driver has not seen.
 * @param {Stop} stop @param {Record<string, string>} readUntil
 */
export function unread(stop, readUntil) {
  const until = readUntil[stop.id] ?? "";
  return (stop.messages ?? []).filter((one) => one.side !== "driver" && one.at > until).length;
}

/**
 * The stop that a parcel belongs to, by what is printed on it.
 * @param {Route} route @param {string} code
 * @returns {{stop: Stop, parcel: Parcel} | undefined}
 */
export function whereItBelongs(route, code) {
  const text = code.trim();
  for (const stop of route.stops) {
    if (stop.kind !== "dropoff") continue;
    const parcel = stop.deliveries.find(
      (one) => text.includes(one.id) || (one.order_name && text === one.order_name),
    );
    if (parcel) return { stop, parcel };
  }
  return undefined;
}

/** Which door of the day it is, counted from 1. @param {Route} route @param {Stop} stop */
export function numberOf(route, stop) {
  return route.stops.indexOf(stop) + 1;
}
