// How are things called, and how are times and numbers written? English, in the hub's own time.

import { state } from "./state.js";

let format = { zone: "", clock: /** @type {any} */ (null) };

/** @param {string | number | Date} at */
export function clock(at) {
  const zone = state.hub?.timezone ?? "UTC";
  if (format.zone !== zone) {
    const options = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone };
    format = { zone, clock: new Intl.DateTimeFormat("en-GB", /** @type {any} */ (options)) };
  }
  return format.clock.format(new Date(at));
}

export const span = ([start, end]) => `${clock(start)}–${clock(end)}`;

export const driverName = (id) => (id ? state.drivers.get(id)?.name || `driver ${id.slice(-4)}` : "no driver");

export const brandName = (id) => state.merchants.get(id) ?? `shop ${id.slice(-4)}`;

export function routeName(route) {
  const who = route.driver_id ? driverName(route.driver_id) : "no driver yet";
  return `${who} · ${clock(route.starts_at)}`;
}

export const STATUS = {
  planned: "waits for a driver",
  offered: "on offer",
  assigned: "assigned",
  under_way: "under way",
  completed: "completed",
  cancelled: "cancelled",
  pending: "ahead",
  arrived: "driver is there",
  done: "done",
  failed: "nobody took it",
  skipped: "skipped",
};

/** How a stop stands: a word, and a mark that is no colour. */
export const STANDING = {
  fine: ["in time", "●"],
  risk: ["may be late", "◆"],
  late: ["late", "▲"],
  over: ["over", "○"],
  failed: ["failed", "✕"],
};

export const KIND = { pickup: "Pickup", dropoff: "Door", return: "Return" };

export function stopName(stop) {
  if (stop.place_name) return stop.place_name;
  const brands = [...new Set(stop.merchants)].map(brandName);
  return `${KIND[stop.kind]} for ${brands.join(", ")}`;
}

export const REASON = (reason) => (reason ? reason.replaceAll("_", " ") : "the next wave takes it");

export function signed(value, unit, digits = 0) {
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return `±0 ${unit}`.trim();
  return `${value > 0 ? "+" : "−"}${text} ${unit}`.trim();
}

export const minutes = (seconds) => signed(seconds / 60, "min");
export const kilometres = (metres) => signed(metres / 1000, "km", 1);
/** Points are thousandths of a minor unit of the network's currency. */
export const cost = (points) => signed(points / 100000, "", 2);

export const late = (seconds) => (seconds === null ? "on no route" : seconds > 0 ? `${Math.ceil(seconds / 60)} min late` : "in time");
