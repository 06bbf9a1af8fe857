// What is the hub's day, and what of it is new? Loaded whole once, then by what changed.

import { get } from "./api.js";
import { set, state } from "./state.js";

/** While somebody looks; and when nothing has changed for a minute. */
const OFTEN_MS = 5000;
const SELDOM_MS = 15000;
/** After something was done here: its news takes a moment. */
const SOON_MS = 2500;
/** Reasons and travel times grow old without a change: the whole day is read anew so often. */
const ANEW_MS = 10 * 60 * 1000;

let cursor = "";
let loadedAt = 0;
let changedAt = 0;
let timer = 0;
let turn = 0;
let soon = 0;

/** Where drivers were last seen, by id: read by the map at every frame, watched by nobody else. */
export const positions = new Map();

/** Open a hub: its whole day, and from now on what changes. */
export async function open(hub) {
  const mine = ++turn;
  clearTimeout(timer);
  set({ hub, loaded: false });
  const told = await get("/ops/board", { hub_id: hub.id });
  if (mine !== turn) return;
  takeDay(told);
  await poll(mine);
}

/** Ask now: something was done here. */
export function refresh() {
  clearTimeout(timer);
  soon = 2;
  return poll(++turn);
}

/** The whole day anew, without leaving what is looked at. */
export async function reload() {
  const mine = ++turn;
  clearTimeout(timer);
  try {
    const told = await get("/ops/board", { hub_id: state.hub.id });
    if (mine !== turn) return;
    takeDay(told);
  } catch {
    timer = later(mine, reload);
    return;
  }
  await poll(mine);
}

async function poll(mine) {
  if (mine !== turn) return;
  try {
    if (Date.now() - loadedAt > ANEW_MS) return await reload();
    const news = await get("/ops/changes", { hub_id: state.hub.id, since: cursor });
    if (mine !== turn) return;
    if (news.reload) return await reload();
    takeNews(news);
  } catch (problem) {
    if (mine !== turn) return;
    // A cursor that is not understood any more is no reason to stand still.
    if (/** @type {any} */ (problem).status === 400) return void (timer = later(mine, reload));
  }
  timer = later(mine, () => poll(mine));
}

function later(mine, what) {
  const quiet = Date.now() - changedAt > 60000;
  const pause = soon > 0 ? SOON_MS : quiet ? SELDOM_MS : OFTEN_MS;
  soon = Math.max(0, soon - 1);
  return setTimeout(() => mine === turn && !document.hidden && what(), pause);
}

addEventListener("visibilitychange", () => {
  if (!document.hidden && state.hub && cursor) refresh();
});

export function takeDay(told) {
  cursor = told.cursor;
  loadedAt = changedAt = Date.now();
  positions.clear();
  for (const one of told.positions) positions.set(one.driver_id, one);
  set({
    loaded: true,
    clock_ms: Date.parse(told.at) - Date.now(),
    isWhole: told.is_whole,
    routes: byId(told.routes.map(prepared)),
    drivers: byId(told.drivers),
    waiting: byId(told.waiting),
    merchants: new Map(Object.entries(told.merchants)),
    moved: state.moved + 1,
    looks: state.looks + 1,
  });
}

/** Every thing is whole: it takes the place of the one that we had. */
export function takeNews(news) {
  cursor = news.cursor;
  const { routes = [], expected = [], drivers = [], waiting = [], gone = [] } = news;
  const change = { clock_ms: Date.parse(news.at) - Date.now() };
  for (const one of news.positions ?? []) positions.set(one.driver_id, one);
  if (news.positions?.length) change.moved = state.moved + 1;
  if (routes.length || expected.length) {
    change.routes = new Map(state.routes);
    for (const one of routes) change.routes.set(one.id, prepared(one));
    for (const one of expected) put(change.routes, one, Date.parse(news.at));
    if ([...routes.map((one) => one.id), ...expected.map((one) => one.route_id)].some((id) => looksOther(change.routes, id))) change.looks = state.looks + 1;
  }
  if (drivers.length) {
    change.drivers = new Map(state.drivers);
    for (const one of drivers) change.drivers.set(one.id, one);
    for (const one of drivers) if (!one.on_duty) positions.delete(one.id);
  }
  if (waiting.length || gone.length || routes.length) {
    change.waiting = new Map(state.waiting);
    for (const id of gone) change.waiting.delete(id);
    for (const one of waiting) change.waiting.set(one.id, one);
    for (const one of routes) forgetPlanned(change.waiting, one, waiting);
  }
  if (news.merchants) change.merchants = new Map([...state.merchants, ...Object.entries(news.merchants)]);
  if (routes.length || waiting.length || gone.length || drivers.length) changedAt = Date.now();
  set(change);
}

/** Whether a route has to be drawn anew: most new times change nothing that can be seen on a map. */
function looksOther(routes, id) {
  const [before, after] = [state.routes.get(id), routes.get(id)];
  return before?.look !== after?.look || before?.driver_id !== after?.driver_id;
}

/** What stands on a route waits no more, unless this very answer says that it does. */
function forgetPlanned(waiting, route, told) {
  if (route.status === "cancelled" || route.status === "completed") return;
  for (const stop of route.stops) {
    if (stop.kind !== "dropoff" || isOver(stop)) continue;
    for (const id of stop.deliveries) if (!told.some((one) => one.id === id)) waiting.delete(id);
  }
}

/** New times of the stops ahead; everything else of the route is as it was. */
function put(routes, told, at) {
  const route = routes.get(told.route_id);
  if (!route) return;
  const times = new Map(told.stops.map(([id, seconds, percent]) => [id, [seconds, percent]]));
  const stops = route.stops.map((stop) => {
    const [seconds, percent] = times.get(stop.id) ?? [];
    if (seconds === undefined) return stop;
    return { ...stop, expected_at: new Date(at + seconds * 1000).toISOString(), late_percent: percent };
  });
  routes.set(route.id, prepared({ ...route, stops }));
}

const byId = (list) => new Map(list.map((one) => [one.id, one]));

const OVER = new Set(["done", "failed", "skipped"]);

export const isOver = (stop) => OVER.has(stop.status);

/** Routes that somebody can still do something about. */
export const isOpen = (route) => route.status !== "completed" && route.status !== "cancelled";

/** Whether a stop can still go another way. */
export const canMove = (stop, route) => stop.kind === "dropoff" && stop.status === "pending" && isOpen(route);

/** On which route each stop is. @type {Map<string, string>} */
const routeOfStop = new Map();

/**
 * A route with all that is asked of it again and again: two thousand stops are looked at by list,
 * timeline and map at every change, and dates are slow to read.
 */
function prepared(route) {
  const stops = route.stops.map(preparedStop);
  const late = stops.filter((stop) => !isOver(stop) && (stop.how === "late" || stop.how === "risk"));
  for (const stop of stops) routeOfStop.set(stop.id, route.id);
  const starts = Date.parse(route.starts_at);
  const ends = Math.max(Date.parse(route.ends_at), ...stops.map((stop) => stop.at_ms));
  const look = stops.map((stop) => stop.id + stop.how + stop.status).join(route.status);
  return { ...route, stops, late, starts, ends, look, over: stops.filter(isOver).length };
}

function preparedStop(stop) {
  const at_ms = Date.parse(stop.arrived_at ?? stop.done_at ?? stop.expected_at ?? stop.planned_arrival_at);
  const end = stop.window && stop.kind === "dropoff" ? Date.parse(stop.window[1]) : Infinity;
  const sin = Math.sin((stop.latitude * Math.PI) / 180);
  const world = { x: stop.longitude / 360 + 0.5, y: 0.5 - Math.atanh(sin) / (2 * Math.PI) };
  return { ...stop, at_ms, how: howItStands(stop, at_ms, end), world };
}

function howItStands(stop, at_ms, end) {
  if (stop.status === "failed") return "failed";
  if (stop.status === "skipped") return "over";
  if (isOver(stop)) return at_ms >= end ? "late" : "over";
  if (stop.late_percent === null) return at_ms + stop.service_s * 1000 > end ? "late" : "fine";
  return stop.late_percent >= 80 ? "late" : stop.late_percent >= 50 ? "risk" : "fine";
}

/** When a stop was, is or will be reached [ms]. */
export const time = (stop) => stop.at_ms;

/** How a stop stands: `over`, `failed`, `late` (it will be, or was), `risk` (more likely than not) or `fine`. */
export const standing = (stop) => stop.how;

/** The stops of a route that will be late, or may. */
export const lateStops = (route) => route.late;

/** @returns {{route: any, stop: any} | null} */
export function findStop(id) {
  const route = state.routes.get(routeOfStop.get(id) ?? "");
  const stop = route?.stops.find((one) => one.id === id);
  return stop ? { route, stop } : null;
}

/** The route that the selection is on, if it is on one. */
export function routeOf(selected) {
  if (!selected) return null;
  if (selected.kind === "route") return state.routes.get(selected.id) ?? null;
  if (selected.kind === "stop") return findStop(selected.id)?.route ?? null;
  if (selected.kind !== "driver") return null;
  const theirs = [...state.routes.values()].filter((one) => one.driver_id === selected.id);
  return theirs.find(isOpen) ?? theirs.at(-1) ?? null;
}

/** The routes that the filters let through, open ones first, by start; reckoned once for each change. */
export function shownRoutes() {
  if (shown.routes !== state.routes || shown.filters !== state.filters) {
    const found = [...state.routes.values()].filter(isShown);
    found.sort((one, other) => Number(isOpen(other)) - Number(isOpen(one)) || one.starts - other.starts);
    shown = { routes: state.routes, filters: state.filters, found };
  }
  return shown.found;
}

let shown = /** @type {{routes: any, filters: any, found: any[]}} */ ({ routes: null, filters: null, found: [] });

/** Whether the filters let a route through. */
export function isShown(route) {
  const { late, unassigned, driver, brand } = state.filters;
  if (unassigned && (route.driver_id || !isOpen(route))) return false;
  if (late && !route.late.length) return false;
  if (driver && route.driver_id !== driver) return false;
  return !brand || route.stops.some((stop) => stop.merchants.includes(brand));
}
