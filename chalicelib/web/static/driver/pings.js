// Where is the driver? Fixes while on duty, thinned, kept without a signal, sent in batches.

import { call, NoSignal } from "./api.js";
import { now } from "./clock.js";
import { add, all, drop } from "./store.js";

const LEAST_M = 25;
const LEAST_MS = 10_000;
const MOST_MS = 60_000;
const AT_ONCE = 200;
/** A day without a signal; older ones tell nobody anything. */
const MOST_KEPT = 3_000;

/** @type {number | undefined} */
let watch;
/** @type {{latitude: number, longitude: number, at_ms: number} | undefined} */
let last;

/** Where the phone was lately, if it is known. */
export function here() {
  if (!last || Date.now() - last.at_ms > MOST_MS) return undefined;
  return { latitude: last.latitude, longitude: last.longitude };
}

/** One fix now; asks for leave the first time. @returns {Promise<GeolocationPosition>} */
export function ask() {
  return new Promise((resolve, reject) => {
    navigator.geolocation.getCurrentPosition(resolve, reject, {
      enableHighAccuracy: true,
      timeout: 15_000,
      maximumAge: 30_000,
    });
  });
}

export function start() {
  watch ??= navigator.geolocation?.watchPosition(heard, () => {}, { enableHighAccuracy: true });
}

export function stop() {
  if (watch !== undefined) navigator.geolocation.clearWatch(watch);
  watch = undefined;
}

/** @param {GeolocationPosition} position */
function heard({ coords }) {
  const at_ms = Date.now();
  const fix = { latitude: coords.latitude, longitude: coords.longitude, at_ms };
  if (last && at_ms - last.at_ms < LEAST_MS) return;
  if (last && at_ms - last.at_ms < MOST_MS && distance_m(last, fix) < LEAST_M) return;
  last = fix;
  const speed = coords.speed ?? 0;
  add("pings", {
    latitude: coords.latitude,
    longitude: coords.longitude,
    at: now().toISOString(),
    accuracy_m: Math.min(100_000, coords.accuracy),
    ...(speed > 0 ? { speed_mps: Math.round(speed * 10) / 10 } : {}),
  });
}

/** Send what waits. */
export async function sendPings() {
  const kept = await all("pings");
  const late = kept.slice(0, Math.max(0, kept.length - MOST_KEPT));
  const due = kept.slice(late.length, late.length + AT_ONCE);
  if (due.length === 0) return;
  const pings = due.map(({ seq, ...ping }) => ping);
  try {
    await call("POST", "v1/driver/location", { pings });
  } catch (error) {
    if (error instanceof NoSignal || error.retry !== false) throw error;
  }
  await drop("pings", [...late, ...due].map((one) => one.seq));
}

/** @param {{latitude: number, longitude: number}} a @param {typeof a} b */
export function distance_m(a, b) {
  const per_degree = 111_195;
  const north = (b.latitude - a.latitude) * per_degree;
  const narrow = Math.cos((a.latitude * Math.PI) / 180);
  const east = (b.longitude - a.longitude) * per_degree * narrow;
  return Math.hypot(north, east);
}
