// How does the app open without a signal? The worker keeps its files, and answers with them first.
// `KEPT` stands above: the version, the shell, what is loaded later, and the words by language.

const root = new URL("..", self.location.href);
const page = new URL("d", root).pathname;
const files = new URL("s/", root).pathname;
const shelf = `driver-${KEPT.version}`;
const spoken = KEPT.words[new URLSearchParams(self.location.search).get("language")] ?? KEPT.words.en;

/** @param {string[]} paths */
function addresses(paths) {
  return paths.map((path) => new URL(path, root).href);
}

self.addEventListener("install", (event) => {
  const keep = async () => {
    const cache = await caches.open(shelf);
    await cache.addAll(addresses([...KEPT.shell, spoken]));
    await self.skipWaiting();
  };
  event.waitUntil(keep());
});

self.addEventListener("activate", (event) => {
  const tidy = async () => {
    // The version before is kept for a tab that still runs it.
    const old = (await caches.keys()).filter((name) => name.startsWith("driver-") && name !== shelf);
    await Promise.all(old.slice(0, -1).map((name) => caches.delete(name)));
    await self.clients.claim();
    const cache = await caches.open(shelf);
    // The map, the reader of codes and what few stops need: each is kept whatever becomes of the others.
    await Promise.allSettled(addresses(KEPT.later).map((address) => cache.add(address)));
  };
  event.waitUntil(tidy());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== root.origin) return;
  // The scope "/d" begins other addresses too: only the page and the files are ours.
  if (pathname === page || pathname.startsWith(files)) event.respondWith(answer(request, pathname));
});

async function answer(request, pathname) {
  const kept = await caches.open(shelf).then((cache) => cache.match(request, { ignoreSearch: true }));
  const found = kept ?? (pathname === page ? undefined : await caches.match(request));
  return found ?? fetch(request);
}
