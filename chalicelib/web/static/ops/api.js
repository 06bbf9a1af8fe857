// How does the console speak to the server? JSON over our own API, errors as objects.

import { set, state } from "./state.js";

/** The stage's root: its path stands in front of everything on API Gateway's own address. */
const ROOT = new URL("./", document.baseURI);

/** What the server refused: a problem document. `code` is stable, `detail` is for people. */
export class Problem extends Error {
  /** @param {number} status @param {any} told */
  constructor(status, told) {
    super(told?.detail || told?.title || `the server answered ${status}`);
    this.status = status;
    this.code = told?.code ?? "unknown";
    this.detail = this.message;
    this.told = told ?? {};
  }
}

export const get = (path, query) => call("GET", path, undefined, query);
export const post = (path, body = {}) => call("POST", path, body);
export const put = (path, body = {}) => call("PUT", path, body);
export const patch = (path, body = {}) => call("PATCH", path, body);
export const del = (path) => call("DELETE", path);

/** @param {string} path "/v1/hubs"; @param {Record<string, any>} [query] */
export function url(path, query = {}) {
  const address = new URL(path.replace(/^\//, ""), ROOT);
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== "") address.searchParams.append(name, one);
    }
  }
  return address;
}

/** Who waits until somebody has signed in again. @type {(() => void)[]} */
let waiting = [];

/** Somebody has signed in again: what was asked meanwhile is asked anew. */
export function signedInAgain() {
  set({ signedOut: false });
  const told = waiting;
  waiting = [];
  told.forEach((go) => go());
}

/** Whether the session counts, without opening the dialog. */
export async function isSignedIn() {
  const answer = await fetch(url("/v1/hubs"), { credentials: "same-origin" }).catch(() => null);
  return Boolean(answer?.ok);
}

async function call(method, path, body, query) {
  for (;;) {
    const answer = await send(method, url(path, query), body);
    if (answer.status !== 401) return read(answer);
    set({ signedOut: true });
    await new Promise((go) => waiting.push(/** @type {() => void} */ (go)));
  }
}

async function send(method, address, body) {
  const headers = body === undefined ? {} : { "Content-Type": "application/json" };
  const text = body === undefined ? undefined : JSON.stringify(body);
  try {
    const answer = await fetch(address, { method, headers, body: text, credentials: "same-origin" });
    if (!state.connected) set({ connected: true });
    return answer;
  } catch {
    if (state.connected) set({ connected: false });
    throw new Problem(0, { code: "offline", detail: "the server cannot be reached" });
  }
}

async function read(answer) {
  if (answer.status === 204) return null;
  const told = await answer.json().catch(() => null);
  if (!answer.ok) throw new Problem(answer.status, told);
  return told;
}
