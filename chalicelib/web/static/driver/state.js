// What does the app show right now? One object, made from what the phone remembers.

import { useEffect, useState } from "../../vendor/ui.js";
import { now } from "./clock.js";
import { withTaps } from "./route.js";
import { all, recall } from "./store.js";

/**
 * @typedef {import("./route.js").Route} Route
 * @typedef {{loaded: boolean, signedIn: boolean, duty: any, offer: any, route: Route | null,
 *   waiting: any[], photos: number, troubles: any[], lastTap: any, scanned: string[],
 *   earnings: any, profile: any, shifts: any[], readUntil: Record<string, string>, retakes: any[],
 *   signal: boolean, tab: string}} State
 */

/** @type {State} */
let state = {
  loaded: false,
  signedIn: false,
  duty: null,
  offer: null,
  route: null,
  waiting: [],
  photos: 0,
  troubles: [],
  lastTap: null,
  scanned: [],
  earnings: null,
  profile: null,
  shifts: [],
  readUntil: {},
  retakes: [],
  signal: navigator.onLine,
  tab: "today",
};

/** @type {Set<(state: State) => void>} */
const watchers = new Set();

/** @param {Partial<State>} change */
export function set(change) {
  state = { ...state, ...change };
  watchers.forEach((watcher) => watcher(state));
}

export function current() {
  return state;
}

/** The state, for a view that is drawn again when it changes. */
export function useApp() {
  const [shown, show] = useState(state);
  useEffect(() => {
    watchers.add(show);
    show(state);
    return () => watchers.delete(show);
  }, []);
  return shown;
}

let reading = 0;

/** Read everything anew. */
export async function load() {
  const turn = ++reading;
  const names = ["tokens", "driver", "duty", "offer", "route", "lastTap", "scanned"];
  const more = ["earnings", "profile", "shifts", "retakes", "readUntil"];
  const [tokens, driver, duty, offer, route, lastTap, scanned] = await Promise.all(
    names.map(recall),
  );
  const [earnings, profile, shifts, retakes, readUntil] = await Promise.all(more.map(recall));
  const [outbox, photos, troubles] = await Promise.all(["outbox", "photos", "troubles"].map(all));
  if (turn !== reading) return;
  const waiting = outbox.filter((one) => one.driver === driver);
  set({
    loaded: true,
    signedIn: Boolean(tokens),
    duty: atWork(duty) ? duty : null,
    offer: offer ?? null,
    route: withTaps(route ?? null, waiting),
    waiting,
    photos: photos.length + waiting.reduce((sum, one) => sum + (one.images?.length ?? 0), 0),
    troubles,
    lastTap: lastTap ?? null,
    scanned: scanned ?? [],
    retakes: (retakes ?? []).filter((one) => !photos.some((kept) => kept.proof_id === one.proof_id)),
    earnings: earnings ?? null,
    profile: profile ?? null,
    readUntil: readUntil ?? {},
    shifts: (shifts ?? []).filter((one) => Date.parse(one.start_at) > now().getTime()),
  });
}

/** A shift ends by itself. */
function atWork(duty) {
  return duty?.on_duty && !(Date.parse(duty.shift_ends_at) <= now().getTime());
}
