// What does the console show? One object, and one selection that map, Gantt and list share.

import { useEffect, useState } from "../../vendor/ui.js";

/**
 * @typedef {{kind: "stop" | "route" | "driver" | "delivery", id: string} | null} Selection
 */

/** Read it anywhere; change it by `set` and `select` only. */
export const state = {
  /** The hubs of the network, and the one that is looked at. */
  hubs: /** @type {any[]} */ ([]),
  hub: /** @type {any} */ (null),
  /** The day's routes, drivers and waiting deliveries by id: see board.js. */
  routes: /** @type {Map<string, any>} */ (new Map()),
  drivers: /** @type {Map<string, any>} */ (new Map()),
  waiting: /** @type {Map<string, any>} */ (new Map()),
  merchants: /** @type {Map<string, string>} */ (new Map()),
  /** The server's clock less ours [ms]: its business time may be another than ours. */
  clock_ms: 0,
  /** Who looks, and as what: `{ id, name, role }`; null until it is known. */
  me: /** @type {any} */ (null),
  loaded: false,
  /** Until something is shown; `empty` where there is no hub. */
  cold: /** @type {boolean | "empty"} */ (true),
  isWhole: true,
  /** Counts changes of drivers' positions: board.js has them. */
  moved: 0,
  /** Counts changes that can be seen on a map. */
  looks: 0,
  selected: /** @type {Selection} */ (null),
  filters: { late: false, unassigned: false, driver: "", brand: "" },
  /** The side panel that is open: see panels.js. */
  panel: /** @type {string | null} */ (null),
  /** What is being moved, and where to: see move.js. */
  moving: /** @type {any} */ (null),
  /** What was done last, for those who see and those who hear; `undo` takes it back. */
  said: /** @type {{text: string, undo?: () => void} | null} */ (null),
  /** Which of list, map and timeline a narrow window shows. */
  view: "list",
  /** Whether the last question was answered; whether the session has ended. */
  connected: true,
  signedOut: false,
};

/** @type {Set<() => void>} */
const watchers = new Set();

/** @param {Partial<typeof state>} change */
export function set(change) {
  Object.assign(state, change);
  watchers.forEach((watcher) => watcher());
}

/** @param {Selection} what */
export function select(what) {
  if (what?.id !== state.selected?.id || what?.kind !== state.selected?.kind) set({ selected: what });
}

/** @param {() => void} watcher @returns {() => void} to stop it */
export function subscribe(watcher) {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

/**
 * A part of the state, for a view that is drawn again when that part is another.
 * @template T @param {() => T} pick @returns {T}
 */
export function useDesk(pick) {
  const [shown, show] = useState(pick);
  useEffect(() => {
    const look = () => show(pick);
    look();
    return subscribe(look);
  }, []);
  return shown;
}

/** What time it is where it counts. */
export function now() {
  return new Date(Date.now() + state.clock_ms);
}
