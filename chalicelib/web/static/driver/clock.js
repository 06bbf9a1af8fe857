// What time is it where it counts? The phone's clock, set right by every answer that tells the time.

import { keep, recall } from "./store.js";

let offset_ms = 0;
let doubt_ms = Infinity;

/** Read what was known before the reload. */
export async function windUp() {
  offset_ms = (await recall("offset_ms")) ?? 0;
}

/**
 * Learn from an answer: its time lies between asking and hearing.
 * @param {string} told
 * @param {number} asked_ms
 */
export function learn(told, asked_ms) {
  const heard_ms = Date.now();
  const wait_ms = heard_ms - asked_ms;
  // A phone's clock drifts little: a quick answer of before says more than a slow one of now.
  if (wait_ms < 0 || wait_ms > Math.max(2_000, doubt_ms * 2)) return;
  doubt_ms = wait_ms;
  const found = Date.parse(told) - (asked_ms + wait_ms / 2);
  const moved = Math.abs(found - offset_ms) > 250;
  offset_ms = found;
  if (moved) keep("offset_ms", Math.round(offset_ms));
}

/** Now, by the server's clock. */
export function now() {
  return new Date(Date.now() + offset_ms);
}
