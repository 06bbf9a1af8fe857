// How did the day go by? A slider over it: map, Gantt and words show how things stood at an instant.
// One download; what is shown is worked out here from the times of the stops.

import { html, useEffect, useRef, useState } from "../../vendor/ui.js";
import { get } from "./api.js";
import { now, state } from "./state.js";

// A stop's row: see entry/api/replays.py.
const KIND = 0, X = 1, Y = 2, PLANNED = 3, DUE = 4, ARRIVED = 5, DONE = 6, PARCELS = 7, END = 8;
const DROPOFF = 1, FAILED = 2;
/** Seconds of the day in one step of the arrows, and in one second of play. */
const STEP_S = 60, PLAYED_S = 300;
const still = matchMedia("(prefers-reduced-motion: reduce)");

/** Where a route is at a moment, and what of it is over. */
function at(track, second) {
  let last = null;
  for (const row of track.stops) {
    if (row[ARRIVED] === null || row[ARRIVED] > second) {
      if (!last) return { x: row[X], y: row[Y], begun: false, over: false, next: row };
      const from = last[DONE] ?? last[ARRIVED];
      const way = Math.max(1, (row[ARRIVED] ?? row[PLANNED]) - from);
      const share = row[ARRIVED] === null ? 0 : Math.min(1, Math.max(0, (second - from) / way));
      return { x: last[X] + (row[X] - last[X]) * share, y: last[Y] + (row[Y] - last[Y]) * share, begun: true, over: false, next: row };
    }
    last = row;
    if (row[DONE] === null || row[DONE] > second) return { x: row[X], y: row[Y], begun: true, over: false, next: row };
  }
  return { x: last?.[X] ?? 0, y: last?.[Y] ?? 0, begun: true, over: true, next: null };
}

/** How a door stands at a moment: "done", "failed", "late" or "open". */
function door(row, second) {
  const ended = row[DONE] !== null && row[DONE] <= second;
  if (ended && row[END] === FAILED) return "failed";
  const late = row[DUE] !== null && (ended ? row[DONE] : second) >= row[DUE];
  if (late) return "late";
  return ended ? "done" : "open";
}

/** The numbers of a moment. */
export function moment(reel, second) {
  const counts = { out: 0, done: 0, failed: 0, late: 0, open: 0, doors: 0 };
  for (const track of reel.tracks) {
    if (track.begins_s > second) continue;
    const where = at(track, second);
    if (where.begun && !where.over) counts.out += 1;
    for (const row of track.stops) {
      if (row[KIND] !== DROPOFF) continue;
      counts.doors += row[PARCELS];
      const how = door(row, second);
      counts[how] += row[PARCELS];
      if (how === "late" && row[DONE] !== null && row[DONE] <= second) counts.done += row[PARCELS];
    }
  }
  return counts;
}

function clock(reel, second) {
  const when = new Date(Date.parse(reel.begins_at) + second * 1000);
  return when.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: state.hub.timezone });
}

function words(reel, second) {
  const told = moment(reel, second);
  const failed = told.failed ? `, ${told.failed} not handed over` : "";
  return `At ${clock(reel, second)}: ${told.out} out, ${told.done} delivered of ${told.doors} planned, ${told.late} late${failed}.`;
}

function localDay() {
  return now().toLocaleDateString("en-CA", { timeZone: state.hub.timezone });
}

function Replay() {
  const [day, choose] = useState(localDay);
  const [reel, show] = useState(null);
  const [failed, fail] = useState("");
  const [second, go] = useState(0);
  const [plays, play] = useState(false);
  const timer = useRef(0);
  /** What stands, stands at once. */
  const halt = () => {
    clearInterval(timer.current);
    play(false);
  };
  useEffect(() => {
    let stays = true;
    show(null);
    fail("");
    play(false);
    get("/ops/replay", { hub_id: state.hub.id, day })
      .then((told) => {
        if (!stays) return;
        show(told);
        go(told.lasts_s);
      })
      .catch((problem) => stays && fail(problem.detail));
    return () => (stays = false);
  }, [day]);
  useEffect(() => {
    if (!plays || !reel) return undefined;
    // Who wants no motion gets a picture a second.
    const every_ms = still.matches ? 1000 : 100;
    timer.current = setInterval(() => {
      go((before) => Math.min(reel.lasts_s, before + (PLAYED_S * every_ms) / 1000));
    }, every_ms);
    return () => clearInterval(timer.current);
  }, [plays, reel]);
  useEffect(() => {
    if (reel && second >= reel.lasts_s) play(false);
  }, [second]);
  const step = (by) => {
    halt();
    go((before) => Math.max(0, Math.min(reel.lasts_s, before + by)));
  };
  const start = () => {
    if (plays) return halt();
    if (second >= reel.lasts_s) go(0);
    play(true);
  };
  return html`<div class="replay">
    <label>Day <input type="date" value=${day} max=${localDay()} onChange=${(event) => event.target.value && choose(event.target.value)} /></label>
    ${failed && html`<p class="said" role="alert">${failed}</p>`}
    ${!failed && !reel && html`<p class="quiet">Loading ...</p>`}
    ${reel && !reel.tracks.length && html`<p class="quiet">No route was planned on this day.</p>`}
    ${reel && reel.tracks.length > 0 && html`
      <input type="range" class="moment" aria-label="Time of the day" aria-valuetext=${clock(reel, second)}
        min="0" max=${reel.lasts_s} step=${STEP_S} value=${second} onInput=${(event) => { halt(); go(Number(event.target.value)); }} />
      <p class="steps">
        <button type="button" onClick=${() => step(-15 * STEP_S)} aria-label="15 minutes back">−15</button>
        <button type="button" class="go" aria-pressed=${plays} onClick=${start}>${plays ? "Pause" : "Play"}</button>
        <button type="button" onClick=${() => step(15 * STEP_S)} aria-label="15 minutes on">+15</button>
        <output>${clock(reel, second)}</output>
      </p>
      <p class="told" role="status" aria-live=${plays ? "off" : "polite"}>${words(reel, second)}</p>
      <${Picture} reel=${reel} second=${second} draw=${drawMap} high=${0.75} name="Map of the hub at this moment" />
      <${Picture} reel=${reel} second=${second} draw=${drawGantt} high=${0} name="Every route's stops, with this moment across" />
      <${Twin} reel=${reel} second=${second} />`}
  </div>`;
}

/** A canvas as wide as the panel; `high` is its height over its width, 0 for a row a route. */
function Picture({ reel, second, draw, high, name }) {
  const place = useRef(null);
  useEffect(() => {
    const canvas = place.current;
    const wide = canvas.clientWidth, tall = high ? Math.round(wide * high) : 14 * reel.tracks.length + 6;
    const dense = window.devicePixelRatio || 1;
    canvas.width = wide * dense;
    canvas.height = tall * dense;
    const pen = canvas.getContext("2d");
    pen.scale(dense, dense);
    draw(pen, reel, second, wide, tall, colours(canvas));
  }, [reel, second]);
  return html`<canvas ref=${place} role="img" aria-label=${name}></canvas>`;
}

function colours(canvas) {
  const style = getComputedStyle(canvas);
  const of = (name) => style.getPropertyValue(`--${name}`).trim();
  return { ink: of("ink"), quiet: of("quiet"), line: of("line"), mark: of("mark"), warn: of("warn"), late: of("late") };
}

function drawMap(pen, reel, second, wide, tall, colour) {
  const rows = reel.tracks.flatMap((track) => track.stops);
  const left = Math.min(0, ...rows.map((row) => row[X])), right = Math.max(0, ...rows.map((row) => row[X]));
  const top = Math.min(0, ...rows.map((row) => row[Y])), bottom = Math.max(0, ...rows.map((row) => row[Y]));
  const edge = 12, scale = Math.min((wide - 2 * edge) / Math.max(1, right - left), (tall - 2 * edge) / Math.max(1, bottom - top));
  const spot = (x, y) => [edge + (x - left) * scale, edge + (y - top) * scale];
  const dot = (x, y, size, fill) => {
    pen.fillStyle = fill;
    pen.beginPath();
    pen.arc(...spot(x, y), size, 0, 7);
    pen.fill();
  };
  const [hubX, hubY] = spot(0, 0);
  pen.fillStyle = colour.ink;
  pen.fillRect(hubX - 4, hubY - 4, 8, 8);
  const fills = { done: colour.mark, failed: colour.late, late: colour.warn, open: colour.line };
  for (const track of reel.tracks) {
    if (track.begins_s > second) continue;
    for (const row of track.stops) if (row[KIND] === DROPOFF) dot(row[X], row[Y], 2.5, fills[door(row, second)]);
    const where = at(track, second);
    if (!where.begun || where.over) continue;
    if (where.next) {
      pen.strokeStyle = colour.quiet;
      pen.setLineDash([3, 3]);
      pen.beginPath();
      pen.moveTo(...spot(where.x, where.y));
      pen.lineTo(...spot(where.next[X], where.next[Y]));
      pen.stroke();
      pen.setLineDash([]);
    }
    dot(where.x, where.y, 5, colour.ink);
  }
}

function drawGantt(pen, reel, second, wide, tall, colour) {
  const x = (time) => 2 + ((wide - 4) * time) / Math.max(1, reel.lasts_s);
  reel.tracks.forEach((track, line) => {
    const y = 4 + 14 * line;
    const known = track.stops.map((row) => row[ARRIVED] ?? row[PLANNED]);
    pen.fillStyle = colour.line;
    const from = x(Math.min(...known, track.begins_s)), to = x(Math.max(...known));
    pen.fillRect(from, y + 4, Math.max(1, to - from), 2);
    for (const row of track.stops) {
      const time = row[ARRIVED] ?? row[PLANNED];
      const how = row[KIND] === DROPOFF ? door(row, second) : row[DONE] !== null && row[DONE] <= second ? "done" : "open";
      pen.fillStyle = { done: colour.mark, failed: colour.late, late: colour.warn, open: colour.quiet }[how];
      // Also told by height: what failed stands high, what is late stands low.
      const [up, high] = { done: [2, 6], failed: [0, 10], late: [3, 7], open: [4, 2] }[how];
      pen.fillRect(x(time), y + up, 2, high);
    }
  });
  pen.fillStyle = colour.ink;
  pen.fillRect(x(second) - 1, 0, 2, tall);
}

/** The same as a list: who is out, and where to. */
function Twin({ reel, second }) {
  const out = reel.tracks
    .filter((track) => track.begins_s <= second)
    .map((track) => ({ track, where: at(track, second) }))
    .filter(({ where }) => where.begun && !where.over);
  return html`<details><summary>Who is out, as a list</summary>
    <ul class="rows">${out.map(({ track, where }) => {
      const done = track.stops.filter((row) => row[DONE] !== null && row[DONE] <= second).length;
      const late = track.stops.filter((row) => row[KIND] === DROPOFF && door(row, second) === "late").length;
      const next = where.next && (where.next[ARRIVED] ?? where.next[PLANNED]);
      return html`<li key=${track.route_id}>${nameOf(track)}: ${done} of ${track.stops.length} stops${next !== null && next > second ? `, next at ${clock(reel, next)}` : ""}${late ? `, ${late} late` : ""}</li>`;
    })}</ul>
    ${!out.length && html`<p class="quiet">Nobody.</p>`}
  </details>`;
}

function nameOf(track) {
  return state.drivers.get(track.driver_id)?.name ?? (track.driver_id ? `Driver ${track.driver_id.slice(-4)}` : "Nobody yet");
}

export default { id: "replay", title: "Replay", Panel: Replay };
