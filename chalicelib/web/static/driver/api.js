// How does the phone speak with the server? One call at a time, with tokens that renew themselves.

import { learn } from "./clock.js";
import { keep, recall } from "./store.js";

/** The server understood and said no. */
export class Refused extends Error {
  /** @param {number} status @param {{code?: string, detail?: string, reason?: string, document?: string, retry?: boolean}} problem */
  constructor(status, problem) {
    super(problem.detail ?? problem.code ?? String(status));
    this.status = status;
    this.code = problem.code ?? "unknown";
    this.reason = problem.reason;
    this.document = problem.document;
    this.retry = problem.retry ?? status >= 500;
  }
}

/** No answer: no signal, or too slow a one. */
export class NoSignal extends Error {}

/** Nobody is signed in any more. */
export class SignedOut extends Error {}

const PATIENCE_MS = 20_000;

/** An address below the stage's root, wherever that is. @param {string} path */
export function url(path) {
  return new URL(path, document.baseURI).href;
}

/**
 * @param {string} method @param {string} path @param {unknown} [body] @param {string} [token]
 * @returns {Promise<any>}
 */
async function send(method, path, body, token) {
  const asked_ms = Date.now();
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (token) headers.Authorization = `Bearer ${token}`;
  let response, answer;
  try {
    response = await fetch(url(path), {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    answer = await response.json().catch(() => ({}));
  } catch {
    throw new NoSignal();
  }
  if (!response.ok) throw new Refused(response.status, answer);
  if (answer.now) learn(answer.now, asked_ms);
  return answer;
}

/** Call a route that needs no token. @param {string} path @param {unknown} body */
export function knock(path, body) {
  return send("POST", path, body);
}

/**
 * Call a route as the driver; an old token is renewed once.
 * @param {string} method @param {string} path @param {unknown} [body]
 * @returns {Promise<any>}
 */
export async function call(method, path, body) {
  const tokens = await recall("tokens");
  if (!tokens) throw new SignedOut();
  try {
    return await send(method, path, body, tokens.access_token);
  } catch (error) {
    if (!(error instanceof Refused && error.status === 401)) throw error;
    return send(method, path, body, await renew(tokens.access_token));
  }
}

/**
 * A refresh token is good for one use, so only one tab at a time may use it: whoever comes second
 * finds that the first has brought new ones.
 * @param {string} old
 * @returns {Promise<string>}
 */
function renew(old) {
  return navigator.locks.request("lastmile-tokens", async () => {
    const tokens = await recall("tokens");
    if (!tokens) throw new SignedOut();
    if (tokens.access_token !== old) return tokens.access_token;
    try {
      const { refresh_token } = tokens;
      const fresh = await knock("v1/driver/tokens/refresh", { refresh_token });
      await keep("tokens", fresh);
      return fresh.access_token;
    } catch (error) {
      if (!(error instanceof Refused && error.status === 401)) throw error;
      await keep("tokens", undefined);
      throw new SignedOut();
    }
  });
}

/** Who is signed in, as the token says. @param {{access_token: string}} tokens */
export function driverOf(tokens) {
  const claims = tokens.access_token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
  return JSON.parse(atob(claims)).sub;
}
