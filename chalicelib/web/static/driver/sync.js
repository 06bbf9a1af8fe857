// When does the phone speak with the server? After each tap, when the signal is back, and in turns.

import { call, NoSignal, Refused, SignedOut } from "./api.js";
import { windUp } from "./clock.js";
import { alarm } from "./feel.js";
import { flush, refresh } from "./outbox.js";
import * as pings from "./pings.js";
import { current, load, set } from "./state.js";
import { keep, onChange, recall } from "./store.js";
import { language, LANGUAGES } from "./words.js";

const WITHOUT_ROUTE_MS = 5_000;
// What a recipient chooses two stops ahead is on the screen within 15 s.
const UNDER_WAY_MS = 10_000;
const HIDDEN_MS = 30_000;
const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 60_000;

let retry_ms = FIRST_RETRY_MS;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
/** @type {Promise<void> | undefined} */
let busy;
let again = false;
/** Whose profile was asked for since the start. @type {string | undefined} */
let asked;
/** A link may ask for a livelier look: the demo plays three hours a minute. */
const every_ms = 1_000 * Number(new URLSearchParams(location.hash.slice(1)).get("every") ?? 0);

/** Begin: show what is known, then ask. */
export async function start() {
  await windUp();
  await load();
  onChange(load);
  // Background sync is there in some browsers only: every sign of life counts.
  addEventListener("online", () => sync());
  addEventListener("offline", () => set({ signal: false }));
  document.addEventListener("visibilitychange", () => document.hidden || sync());
  navigator.storage?.persist?.();
  if (current().duty?.here) pings.start();
  sync();
}

/** Send and ask now; a call while one is running runs once more after it. */
export function sync() {
  clearTimeout(timer);
  if (busy) {
    again = true;
    return busy;
  }
  busy = round().finally(() => {
    busy = undefined;
    if (again) {
      again = false;
      sync();
    } else {
      plan();
    }
  });
  return busy;
}

async function round() {
  if (!(await recall("tokens"))) return;
  try {
    const sent = await flush();
    if (!sent) throw new NoSignal();
    if (current().duty || current().route || every_ms || asked !== (await recall("driver"))) await refresh();
    await askOnce();
    await tellLanguage();
    await askOffers();
    if (current().route) import("./streets.js").then(({ fetchStreets }) => fetchStreets()).catch(() => {});
    await pings.sendPings();
    retry_ms = FIRST_RETRY_MS;
    // The signal may have gone with the last answer; its return is told by an event.
    set({ signal: navigator.onLine });
  } catch (error) {
    if (error instanceof SignedOut) {
      await load();
    } else if (error instanceof NoSignal || (error instanceof Refused && error.retry)) {
      retry_ms = Math.min(LONGEST_RETRY_MS, retry_ms * 2);
      set({ signal: !(error instanceof NoSignal) && navigator.onLine });
    } else {
      throw error;
    }
  }
}

/** What changes rarely is asked for when the app starts, and for each who signs in. */
async function askOnce() {
  const driver = await recall("driver");
  if (asked === driver) return;
  await keep("profile", await call("GET", "v1/driver/profile"));
  await keep("shifts", (await call("GET", "v1/driver/shifts")).shifts);
  asked = driver;
}

/** Texts come in the language of the app. */
async function tellLanguage() {
  const { profile } = current();
  if (!profile || profile.language === language || !(language in LANGUAGES)) return;
  await keep("profile", await call("PUT", "v1/driver/language", { language }));
}

async function askOffers() {
  if (!current().duty || current().route) return;
  const { offers } = await call("GET", "v1/driver/offers");
  const offer = offers[0] ?? null;
  if (offer && offer.id !== current().offer?.id) alarm();
  if (offer?.id !== current().offer?.id) await keep("offer", offer);
}

function plan() {
  const { duty, route, waiting, photos, signal } = current();
  clearTimeout(timer);
  if (!signal || waiting.length || photos) timer = setTimeout(sync, retry_ms);
  else if (every_ms) timer = setTimeout(sync, every_ms);
  else if (duty && document.hidden) timer = setTimeout(sync, HIDDEN_MS);
  else if (duty) timer = setTimeout(sync, route ? UNDER_WAY_MS : WITHOUT_ROUTE_MS);
}
