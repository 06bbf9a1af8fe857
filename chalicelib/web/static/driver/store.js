// What does the phone remember? Everything in IndexedDB, so that a reload or a crash loses nothing.

/** @typedef {"outbox" | "photos" | "pings" | "troubles"} Shelf */

const NAME = "lastmile-driver";
const SHELVES = ["outbox", "photos", "pings", "troubles"];
const others = new BroadcastChannel(NAME);

/** @type {Promise<IDBDatabase> | undefined} */
let opened;

function database() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("kept");
      for (const shelf of SHELVES) {
        request.result.createObjectStore(shelf, { keyPath: "seq", autoIncrement: true });
      }
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

/**
 * Do something in one transaction; resolves once it is on the disk.
 * @template T
 * @param {string[]} names
 * @param {IDBTransactionMode} mode
 * @param {(transaction: IDBTransaction) => IDBRequest<T> | void} work
 * @returns {Promise<T>}
 */
async function within(names, mode, work) {
  const transaction = (await database()).transaction(names, mode, { durability: "strict" });
  return new Promise((resolve, reject) => {
    const request = work(transaction);
    transaction.oncomplete = () => resolve(/** @type {T} */ (request?.result));
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}

/** @param {string} key */
export function recall(key) {
  return within(["kept"], "readonly", (t) => t.objectStore("kept").get(key));
}

/** @param {string} key @param {unknown} value */
export async function keep(key, value) {
  await within(["kept"], "readwrite", (t) => t.objectStore("kept").put(value, key));
  tell();
}

/**
 * Make what is kept anew out of what is kept then, in one step: nothing is lost that another hand
 * (a thumb, an answer, another tab) keeps meanwhile.
 * @param {string} key @param {(known: any) => unknown} change
 */
export async function revise(key, change) {
  await within(["kept"], "readwrite", (t) => reviseIn(t, key, change));
  tell();
}

/** @param {IDBTransaction} t @param {string} key @param {(known: any) => unknown} change */
function reviseIn(t, key, change) {
  const kept = t.objectStore("kept");
  const asked = kept.get(key);
  asked.onsuccess = () => kept.put(change(asked.result), key);
}

/** @param {Shelf} shelf */
export function all(shelf) {
  return within([shelf], "readonly", (t) => t.objectStore(shelf).getAll());
}

/** @param {Shelf} shelf @param {object} thing */
export async function add(shelf, thing) {
  const seq = await within([shelf], "readwrite", (t) => t.objectStore(shelf).add(thing));
  tell();
  return seq;
}

/**
 * Keep a tap, and what the screen remembers of it, in one step.
 * @param {object} tap @param {Record<string, unknown>} kept
 */
export async function addTap(tap, kept) {
  await within(["outbox", "kept"], "readwrite", (t) => {
    t.objectStore("outbox").add(tap);
    for (const [key, value] of Object.entries(kept)) t.objectStore("kept").put(value, key);
  });
  tell();
}

/** @param {Shelf} shelf @param {object} thing one that has its seq */
export function replace(shelf, thing) {
  return within([shelf], "readwrite", (t) => t.objectStore(shelf).put(thing));
}

/** @param {Shelf} shelf @param {number[]} seqs */
export async function drop(shelf, seqs) {
  await within([shelf], "readwrite", (t) => {
    for (const seq of seqs) t.objectStore(shelf).delete(seq);
  });
  tell();
}

/**
 * A tap was answered: it leaves the outbox, and what follows is kept, all in one step, so that a
 * crash in between neither loses it nor plays it twice.
 * @param {number} seq
 * @param {{route?: (known: any) => unknown, photos?: object[], trouble?: object}} after
 */
export async function settle(seq, after) {
  await within(["outbox", "photos", "troubles", "kept"], "readwrite", (t) => {
    t.objectStore("outbox").delete(seq);
    for (const photo of after.photos ?? []) t.objectStore("photos").add(photo);
    if (after.trouble) t.objectStore("troubles").add(after.trouble);
    if (after.route) reviseIn(t, "route", after.route);
  });
  tell();
}

/** Forget whoever was signed in. */
export async function forgetAll() {
  await within(["kept", ...SHELVES], "readwrite", (t) => {
    for (const name of ["kept", ...SHELVES]) t.objectStore(name).clear();
  });
  tell();
}

/** @type {Set<() => void>} */
const listeners = new Set();

/** Hear of changes, also of those that another tab made. @param {() => void} listener */
export function onChange(listener) {
  listeners.add(listener);
}

others.onmessage = () => listeners.forEach((listener) => listener());

function tell() {
  others.postMessage("changed");
  listeners.forEach((listener) => listener());
}
