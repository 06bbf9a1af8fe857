// What did the recipient tell us, and is it news? A change after the route was taken stands out
// until the driver says that it was read.

import { html } from "../../vendor/ui.js";
import { revise } from "./store.js";
import { words } from "./words.js";

/** @import { Instructions, Route, Stop } from "./route.js" */

/**
 * The route as the server tells it, with a mark on what changed since this phone saw it last.
 * @param {Route} route @param {Route | undefined} known @returns {Route}
 */
export function withNews(route, known) {
  if (known?.id !== route.id) return route;
  const before = new Map(known.stops.flatMap((stop) => stop.deliveries).map((one) => [one.id, one]));
  const stops = route.stops.map((stop) => {
    const deliveries = stop.deliveries.map((one) => {
      const old = before.get(one.id);
      const fresh = old && old.instructions?.changed_at !== one.instructions?.changed_at;
      return { ...one, news: Boolean(fresh || old?.news) };
    });
    return { ...stop, deliveries };
  });
  return { ...route, stops };
}

/** Whether the recipient said something new. @param {Stop} stop */
export function isNews(stop) {
  return stop.deliveries.some((one) => one.news);
}

/** When something new was last said, as text that compares. @param {Route | undefined} route */
export function newsOf(route) {
  const news = route?.stops.flatMap((stop) => stop.deliveries).filter((one) => one.news) ?? [];
  return news.map((one) => one.instructions?.changed_at ?? "").reduce((a, b) => (a > b ? a : b), "");
}

/** @param {Stop} stop */
function read(stop) {
  const seen = (one) => ({ ...one, deliveries: one.deliveries.map((each) => ({ ...each, news: false })) });
  return revise("route", (route) => route && { ...route, stops: route.stops.map((one) => (one.id === stop.id ? seen(one) : one)) });
}

/** @param {Instructions} said */
function lines(said) {
  const beside = said.neighbour && [said.neighbour.name, said.neighbour.house].filter(Boolean).join(", ");
  return [
    [words.told.gate_code, said.gate_code],
    [words.told.note, said.note],
    [words.told.safe_place, said.safe_place],
    [words.told.neighbour, beside],
    [words.told.if_missed, said.if_missed && words.ifMissed[said.if_missed]],
  ].filter(([, text]) => text);
}

/** @param {{stop: Stop}} props */
export function Told({ stop }) {
  const said = stop.deliveries.map((one) => one.instructions).filter(Boolean);
  // Several parcels of one door often say the same.
  const rows = new Map(said.flatMap(lines).map((line) => [line.join(":"), line]));
  const news = isNews(stop);
  if (rows.size === 0 && !news) return null;
  return html`<section class="notes ${news ? "news" : ""}" aria-label=${words.told.title}>
    <p class="mark" role="status">${news && words.told.changed}</p>
    ${rows.size === 0 && html`<p>${words.told.nothing}</p>`}
    ${[...rows.values()].map(([name, text]) => html`<p><span class="note">${name}: </span><bdi>${text}</bdi></p>`)}
    ${news && html`<button type="button" class="second" onClick=${() => read(stop)}>${words.gotIt}</button>`}
  </section>`;
}
