// What do the desk's panels share? Questions that can be asked again, and buttons that ask first.

import { html, useEffect, useState } from "../../vendor/ui.js";
import { get } from "./api.js";
import { state, useDesk } from "./state.js";

/**
 * What a path answers: asked for at once, after `again()`, and every `every_ms` while the page is seen.
 * @param {string | null} path @param {Record<string, any>} [query] @param {number} [every_ms]
 */
export function useAnswer(path, query = {}, every_ms = 0) {
  const [turn, next] = useState(0);
  const [told, tell] = useState(/** @type {{path?: string, data: any, problem: any}} */ ({ data: null, problem: null }));
  const key = path + JSON.stringify(query);
  useEffect(() => {
    if (!path) return;
    let counts = true;
    get(path, query).then(
      (data) => counts && tell({ path: key, data, problem: null }),
      (problem) => counts && tell((before) => ({ ...before, problem })),
    );
    return () => { counts = false; };
  }, [key, turn]);
  useEffect(() => {
    if (!every_ms) return;
    const timer = setInterval(() => document.hidden || next((n) => n + 1), every_ms);
    return () => clearInterval(timer);
  }, [every_ms]);
  const again = () => next((n) => n + 1);
  return { data: told.path === key ? told.data : null, problem: told.problem, again };
}

/** A panel's first lines: what went wrong, what was done, or that it is loading. */
export function Said({ problem, done, loading }) {
  const fields = (problem?.told?.fields ?? []).map((one) => `${plain(one.field)}: ${one.error}`);
  return html`
    ${problem && html`<p class="said" role="alert">${problem.detail ?? String(problem)}${fields.length > 0 && ` (${fields.join("; ")})`}</p>`}
    <p class="outcome" role="status">${done || ""}</p>
    ${loading && !problem && html`<p class="quiet">Loading ...</p>`}`;
}

/**
 * A button. With `asks` the first press turns it into the question, and the second does it.
 * `act` may return a promise; while it runs the button rests.
 */
export function Do({ act, asks = false, kind = "", label = null, children }) {
  const [asking, ask] = useState(false);
  const [busy, rest] = useState(false);
  const press = async () => {
    if (asks && !asking) return ask(true);
    ask(false);
    rest(true);
    try {
      await act();
    } finally {
      rest(false);
    }
  };
  return html`<button type="button" class=${asking ? "warn" : kind} disabled=${busy} aria-label=${asking ? null : label}
    onClick=${press} onBlur=${() => ask(false)}>${asking ? html`Sure? ${children}` : children}</button>`;
}

/** What runs a deed and says how it went: `[said, run, problem]`. */
export function useDeeds(after) {
  const [done, say] = useState("");
  const [problem, fail] = useState(/** @type {any} */ (null));
  const run = async (deed, words) => {
    fail(null);
    say("");
    try {
      const told = await deed();
      say(typeof words === "function" ? words(told) : words);
      after?.(told);
      return told;
    } catch (error) {
      fail(error);
      return null;
    }
  };
  return { done, problem, run };
}

export const useHub = () => useDesk(() => state.hub);

/** A time of day where the hub is; with the day if it is another. */
export function clock(at, hub, withDay = false) {
  if (!at) return "";
  const day = withDay ? /** @type {const} */ ({ weekday: "short", day: "numeric", month: "short" }) : {};
  return new Date(at).toLocaleString("en-GB", { ...day, hour: "2-digit", minute: "2-digit", timeZone: hub?.timezone });
}

/** "in 12 min", "3 h ago". */
export function until(minutes) {
  const far = Math.abs(minutes);
  const words = far < 100 ? `${far} min` : far < 2880 ? `${Math.round(far / 60)} h` : `${Math.round(far / 1440)} days`;
  return minutes < 0 ? `${words} ago` : `in ${words}`;
}

/** A code in words. */
export const plain = (code) => String(code ?? "").replaceAll("_", " ");
export const title = (code) => plain(code).replace(/^./, (first) => first.toUpperCase());
