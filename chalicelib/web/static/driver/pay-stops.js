// Which stop of a route brought what? Asked for when a route is first opened; the phone keeps it.

import { html, useEffect, useState } from "../../vendor/ui.js";
import { call, NoSignal } from "./api.js";
import { refusal } from "./parts.js";
import { current, set, useApp } from "./state.js";
import { keep, recall } from "./store.js";
import { sync } from "./sync.js";
import { distance, duration, money, say, time, words } from "./words.js";

const MOST_PAGES = 5;
const AGAIN_MS = 3_000;

/** @type {Promise<Record<string, any>> | undefined} */
let fetching;

/** A route of the day; until it is known what its stops brought, the lines of its pay. */
export function PaidRoute({ of }) {
  const { signal } = useApp();
  const [open, setOpen] = useState(false);
  const [paid, setPaid] = useState(null);
  const [said, setSaid] = useState("");
  const { currency, lines, total_minor } = of.pay;
  const show = (found) => {
    setPaid(found);
    setSaid("");
  };
  const explain = (error) => {
    if (!(error instanceof NoSignal)) return setSaid(refusal(error));
    setSaid(words.byStop.later);
    // It is asked again when a call comes through, whether or not the phone noticed that none did.
    set({ signal: false });
    setTimeout(sync, AGAIN_MS);
  };
  useEffect(() => {
    if (open && !paid) statementOf(of.statement_id).then(show, explain);
  }, [open, signal]);
  return html`<details onToggle=${({ target }) => setOpen(target.open)}>
    <summary><span>${say(words.routeUntil, { time: time(of.ended_at) })}</span><strong>${money(total_minor, currency)}</strong></summary>
    <p class="note" role="status">${said}</p>
    ${paid?.stops.length > 0 &&
    html`<ol class="brought">${paid.stops.map((stop) => html`<${Brought} key=${stop.stop_id} stop=${stop} currency=${currency} />`)}</ol>`}
    <dl class="lines">
      ${(paid?.route_lines ?? lines).map((line) => html`<${Line} name=${words.payLines[line.kind] ?? line.kind} sum=${money(line.amount_minor, currency)} />`)}
      <${Line} whole name=${words.byStop.total} sum=${money(total_minor, currency)} />
    </dl>
    ${paid?.floor_minor > 0 && html`<p class="note">${words.byStop.floor}</p>`}
  </details>`;
}

function Brought({ stop, currency }) {
  const { payLines } = words;
  const parts = [
    [words.byStop.fee, "", stop.fee_minor],
    [payLines.distance, stop.distance_m && distance(stop.distance_m), stop.distance_minor],
    [payLines.time, stop.duration_s && duration(stop.duration_s), stop.time_minor],
    [payLines.waiting, stop.waiting_min && duration(60 * stop.waiting_min), stop.waiting_minor],
    [payLines.tips, "", stop.tips_minor],
  ];
  return html`<li>
    <h3><span>${words.kinds[stop.kind]} <span class="note">· ${words.statuses[stop.end]}</span></span>
      <strong>${money(stop.amount_minor, currency)}</strong></h3>
    <dl class="lines">
      ${parts
        .filter(([, much, minor]) => much || minor)
        .map(([name, much, minor]) => html`<${Line} name=${name} much=${much} sum=${money(minor, currency)} />`)}
    </dl>
  </li>`;
}

function Line({ name, much, sum, whole }) {
  return html`<div class=${whole ? "whole" : ""}><dt>${name}${much ? html` · <bdi>${much}</bdi>` : ""}</dt><dd>${sum}</dd></div>`;
}

/**
 * What the stops of a route brought: kept, or asked for; two routes that are opened ask once. A
 * correction has an id of its own, so what is kept stays right.
 * @param {string} id
 */
async function statementOf(id) {
  const kept = (await recall("statements")) ?? {};
  if (kept[id]) return kept[id];
  fetching ??= fetchFor(id, kept).finally(() => (fetching = undefined));
  const found = await fetching;
  return found[id] ?? null;
}

/** The newest first, until the one that is wanted; kept are those of the days that are shown. */
async function fetchFor(id, kept) {
  const found = { ...kept };
  let cursor = "";
  for (let page = 0; page < MOST_PAGES && cursor !== null && !found[id]; page++) {
    const after = cursor && `&cursor=${encodeURIComponent(cursor)}`;
    const { statements, next_cursor } = await call("GET", `v1/driver/statements?limit=50${after}`);
    for (const one of statements) found[one.id] = one;
    cursor = next_cursor;
  }
  const shown = current().earnings.days.flatMap(({ routes }) => routes.map((one) => one.statement_id));
  await keep("statements", Object.fromEntries(shown.filter((one) => found[one]).map((one) => [one, found[one]])));
  return found;
}
