// What can the driver do? Everything that a button starts.

import { call, driverOf, knock, NoSignal, Refused } from "./api.js";
import { tap } from "./outbox.js";
import * as pings from "./pings.js";
import { current } from "./state.js";
import { add, forgetAll, keep, recall, revise } from "./store.js";
import { sync } from "./sync.js";
import { language, LANGUAGES } from "./words.js";

/** @import { Stop } from "./route.js" */

const PERSONAL = ["duty", "offer", "route", "lastTap", "scanned", "earnings", "statements", "profile", "shifts", "streets", "readUntil"];
export const UNDO_WITHIN_MS = 5 * 60_000;

/** @param {string} phone_number */
export function sendCode(phone_number) {
  return knock("v1/driver/codes", { phone_number, language: language in LANGUAGES ? language : "en" });
}

/** @param {string} phone_number @param {string} code */
export async function signIn(phone_number, code) {
  const tokens = await knock("v1/driver/tokens", { phone_number, code });
  const driver = driverOf(tokens);
  if ((await recall("driver")) !== driver) {
    // Another person's route is nobody's business; taps that wait go when their driver is back.
    for (const name of PERSONAL) await keep(name, undefined);
    await keep("driver", driver);
  }
  await keep("tokens", tokens);
  sync();
}

export async function signOut() {
  pings.stop();
  await forgetAll();
}

/** Where the phone is, and the word that we are at work. @param {string} [vehicle_id] */
export async function goOnDuty(vehicle_id) {
  const { coords } = await pings.ask();
  const { latitude, longitude } = coords;
  const body = { on_duty: true, latitude, longitude, ...(vehicle_id ? { vehicle_id } : {}) };
  const duty = await call("POST", "v1/driver/duty", body);
  // Fixes come from the phone that went on duty, not from every one that is signed in.
  await keep("duty", { ...duty, here: true });
  pings.start();
  sync();
}

export async function goOffDuty() {
  const place = pings.here() ?? { latitude: 0, longitude: 0 };
  await keep("duty", await call("POST", "v1/driver/duty", { on_duty: false, ...place }));
  await keep("offer", null);
  pings.stop();
}

/** @param {"accept" | "decline"} answer @returns {Promise<boolean>} whether it was in time */
export async function answerOffer(answer) {
  const { offer } = current();
  const body = answer === "decline" ? { reason: "other" } : {};
  try {
    await call("POST", `v1/offers/${offer.id}/${answer}`, body);
  } catch (error) {
    if (error instanceof NoSignal || (error instanceof Refused && error.retry)) throw error;
    await keep("offer", null);
    return false;
  }
  await keep("offer", null);
  await sync();
  return true;
}

/**
 * A tap on a stop: kept, shown at once, sent when it can be.
 * @param {"arrive" | "complete" | "fail"} kind @param {Stop} stop @param {object} [body]
 * @param {{kind: string, blob: Blob}[]} [images]
 */
export async function tapStop(kind, stop, body = {}, images = []) {
  const place = kind === "complete" && stop.kind === "dropoff" ? pings.here() : undefined;
  await tap(kind, stop, place ? { ...body, position: place } : body, images);
  sync();
}

/**
 * A message to whoever waits at a stop: kept and sent as taps are.
 * @param {Stop} stop @param {{text?: string, canned?: string}} body
 */
export async function writeMessage(stop, body) {
  await tap("message", stop, body);
  sync();
}

/** The driver has seen what was written at a stop until then. @param {string} stop_id @param {string} at */
export async function noteRead(stop_id, at) {
  if ((current().readUntil[stop_id] ?? "") < at) await keep("readUntil", { [stop_id]: at });
}

export async function undo() {
  const { lastTap, route } = current();
  const stop = route?.stops.find((one) => one.id === lastTap.stop_id);
  await tap("undo", stop ?? { id: lastTap.stop_id, address: lastTap.label });
  sync();
}

/**
 * Another picture for one that showed nothing; it goes the way of all pictures.
 * @param {{stop_id: string, proof_id: string, kind: string}} wanted @param {Blob} blob
 */
export async function retake({ stop_id, proof_id, kind }, blob) {
  await add("photos", { stop_id, proof_id, kind, blob });
  await keep("retakes", current().retakes.filter((one) => one.proof_id !== proof_id));
  sync();
}

/** @param {string} parcel_id */
export function noteScanned(parcel_id) {
  return revise("scanned", (known) => [...new Set([...(known ?? []), parcel_id])]);
}

export async function loadEarnings() {
  try {
    await keep("earnings", await call("GET", "v1/driver/earnings"));
    return true;
  } catch (error) {
    return error instanceof NoSignal;
  }
}
