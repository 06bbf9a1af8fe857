// Who opens the app without a signal? The worker, which keeps its files, and those of one language.

import { url } from "./api.js";

/** The language stands in the worker's address, so that a new version brings it along. @param {string} language */
export async function keepApp(language) {
  const options = /** @type {const} */ ({ scope: url("d"), updateViaCache: "none" });
  await navigator.serviceWorker?.register(url(`d/sw.js?language=${language}`), options).catch(() => {});
}
