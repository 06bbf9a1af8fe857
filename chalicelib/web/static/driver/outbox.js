// How does a tap reach the server? It is kept first and sent when it can be, in order, once.

import { call, NoSignal, Refused } from "./api.js";
import { now } from "./clock.js";
import { alarm } from "./feel.js";
import { withTap } from "./route.js";
import { addTap, all, drop, keep, recall, replace, revise, settle } from "./store.js";
import { newsOf, withNews } from "./told.js";

/** @import { Tap, Stop } from "./route.js" */

const AT_ONCE = 50;

/**
 * Keep a tap. Its time is the finger's, by the server's clock, whenever it is sent.
 * @param {Tap["kind"]} kind @param {Stop} stop @param {object} [body]
 * @param {{kind: string, blob: Blob}[]} [images]
 */
export async function tap(kind, stop, body = {}, images = []) {
  const at = now().toISOString();
  const { id: stop_id, address: label } = stop;
  const driver = await recall("driver");
  const one = { id: crypto.randomUUID(), kind, stop_id, at, body: { ...body, at }, images, label, driver };
  const lastTap = kind === "undo" ? null : { kind, stop_id, label, at };
  // What was said cannot be taken back, so the tap before it still can.
  const undoable = ["message", "first"].includes(kind) ? {} : { lastTap };
  const loaded = kind === "complete" && stop.kind === "pickup" ? { scanned: [] } : {};
  await addTap(one, { ...undoable, ...loaded });
}

/**
 * Send all that waits, oldest first; of several tabs only one does it.
 * @returns {Promise<boolean>} whether nothing waits any more
 */
export function flush() {
  return navigator.locks.request("lastmile-outbox", async () => {
    const driver = await recall("driver");
    const mine = (await all("outbox")).filter((one) => one.driver === driver);
    for (let from = 0; from < mine.length; from += AT_ONCE) {
      const sent = await sendSome(mine.slice(from, from + AT_ONCE));
      if (!sent) return false;
    }
    await sendPhotos();
    return true;
  });
}

/** @param {Tap[]} taps @returns {Promise<boolean>} */
async function sendSome(taps) {
  for (const one of taps) await announce(one);
  const events = taps.map(({ id, kind, stop_id, body }) => ({ id, kind, stop_id, body }));
  const { results } = await call("POST", "v1/driver/events", { events });
  for (const result of results) {
    if (result.problem?.retry) return false;
    await heard(taps[result.index], result.problem);
  }
  return true;
}

/** @param {Tap} tap @param {{code: string, reason?: string, detail: string} | undefined} problem */
async function heard(tap, problem) {
  const seq = /** @type {number} */ (tap.seq);
  if (problem) {
    const { kind, label, at } = tap;
    const trouble = { kind, label, at, code: problem.code, reason: problem.reason, detail: problem.detail };
    return settle(seq, { trouble });
  }
  const photos = (tap.images ?? []).map((image) => ({ ...image, stop_id: tap.stop_id }));
  return settle(seq, { route: (route) => route && withTap(route, tap), photos });
}

/**
 * Room for the pictures of a tap. Their ids are kept at once: a repeat names the same ones.
 * @param {Tap} tap
 */
async function announce(tap) {
  for (const image of tap.images ?? []) {
    if (image.proof_id) continue;
    try {
      const { proof_id } = await call("POST", `v1/stops/${tap.stop_id}/proofs`, form(image));
      image.proof_id = proof_id;
      tap.body.proofs = [...(tap.body.proofs ?? []), { kind: image.kind, proof_id }];
      await replace("outbox", tap);
    } catch (error) {
      // The tap itself will say what is wrong with the stop.
      if (!(error instanceof Refused) || error.retry) throw error;
    }
  }
}

/** @param {{kind: string, blob: Blob, proof_id?: string}} image */
function form({ kind, blob, proof_id }) {
  const again = proof_id ? { proof_id } : {};
  return { kind, content_type: blob.type, size_bytes: blob.size, ...again };
}

/** Pictures follow their taps; each gets a fresh form, because forms are good for five minutes. */
async function sendPhotos() {
  for (const photo of await all("photos")) {
    try {
      const { upload } = await call("POST", `v1/stops/${photo.stop_id}/proofs`, form(photo));
      await post(upload, photo.blob);
    } catch (error) {
      if (!(error instanceof Refused) || error.retry) throw error;
      // It will never be taken; the tap counts without it.
    }
    await drop("photos", [photo.seq]);
  }
}

/** @param {{url: string, fields: Record<string, string>}} form @param {Blob} blob */
async function post({ url, fields }, blob) {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  data.append("file", blob);
  const sent = await fetch(url, { method: "POST", body: data }).catch(() => {
    throw new NoSignal();
  });
  if (!sent.ok) throw new Refused(sent.status, { code: "photo_refused" });
}

/** Ask how the route stands. Only after a flush, or the answer would lack what was tapped. */
export async function refresh() {
  return navigator.locks.request("lastmile-outbox", async () => {
    if ((await all("outbox")).length > 0) return;
    const { route, on_duty, shift_ends_at, retakes } = await call("GET", "v1/driver/route");
    await revise("duty", (duty) => ({ ...duty, on_duty, shift_ends_at }));
    let isNews = false;
    await revise("route", (known) => {
      const told = route && withNews(withArrivals(route, known), known);
      isNews = told && newsOf(told) > newsOf(known);
      return told;
    });
    if (isNews) alarm();
    await keep("retakes", retakes ?? []);
  });
}

/** The server does not say when we arrived; the phone knows. */
function withArrivals(route, known) {
  const at = new Map(known?.stops.map((stop) => [stop.id, stop.arrived_at]) ?? []);
  const stops = route.stops.map((stop) => ({ ...stop, arrived_at: at.get(stop.id) }));
  return { ...route, stops };
}
