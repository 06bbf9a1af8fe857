/* What has changed? Asks for the little that can change, as seldom as will do: never while nobody
   looks, and not again once it is over. A new status brings the page's parts anew and is said once. */
const find = (id) => document.getElementById(id);
const live = find("live").dataset;
const url = new URL(live.live, location.href);
const still = { cache: "no-store", credentials: "omit", redirect: "error" };
let known = "", timer = 0, failures = 0, lookedAt = Date.now(), map = null;

async function look() {
  timer = 0;
  lookedAt = Date.now();
  try {
    const reply = await fetch(url, { ...still, headers: known ? { "If-None-Match": known } : {} });
    if (reply.status === 200) {
      known = reply.headers.get("etag") ?? "";
      await show(await reply.json());
    } else if (reply.status !== 304) {
      throw new Error(String(reply.status));
    }
    failures = 0;
    say("as-of", clock());
  } catch {
    failures += 1;
  }
  find("as-of").classList.toggle("late", failures > 1);
  wait();
}

function wait() {
  clearTimeout(timer);
  const seconds = Number(live.poll);
  if (!seconds || document.hidden) return;
  timer = setTimeout(look, Math.min(300, seconds * 2 ** failures) * 1000 + Math.random() * 1000);
}

function clock() {
  const told = find("as-of").textContent;
  const format = { timeZone: live.zone, hour: "numeric", minute: "2-digit" };
  const half = /[ap]m/i.test(told);
  const now = new Intl.DateTimeFormat(half ? "en-US" : "en-GB", format).format(new Date());
  return told.replace(/\d{1,2}:\d{2}( [ap]m)?/i, half ? now.toLowerCase() : now);
}

function say(id, text) {
  const place = find(id);
  if (place && place.textContent !== text) place.textContent = text;
}

async function show(news) {
  live.poll = news.poll_s ?? "";
  if (news.page !== live.page && !(await renew())) throw new Error("no page");
  live.page = news.page;
  for (const part of ["eyebrow", "day", "title", "lead", "shift"]) say(part, news[part]);
  find("shift").hidden = !news.shift;
  const near = find("near");
  if (near && news.near.join() !== [...near.children].map((one) => one.textContent).join()) {
    near.replaceChildren(...news.near.flatMap((text) => [span(text), " "]));
  }
  road(news.stops_before ?? 0);
  dot(news.dot);
}

function span(text) {
  const made = document.createElement("span");
  made.textContent = text;
  return made;
}

/* A part that somebody is writing in stays as it is. */
async function renew() {
  const reply = await fetch(location.href, still);
  const fresh = new DOMParser().parseFromString(await reply.text(), "text/html");
  const now = fresh.querySelector("[data-part]");
  if (!now) return false;
  const before = live.status;
  const after = fresh.getElementById("live")?.dataset.status ?? "over";
  for (const part of document.querySelectorAll("[data-part]")) {
    const name = part.dataset.part;
    const other = fresh.querySelector(`[data-part=${name}]`);
    const isWritten = [...part.querySelectorAll("input, textarea, select")].some((one) =>
      "checked" in one && one.type !== "text" ? one.checked !== one.defaultChecked : one.value !== one.defaultValue);
    if (!other || isWritten || part.contains(document.activeElement)) continue;
    const keepsMap = name === "map" && other.children.length && part.children.length;
    if (!keepsMap && other.innerHTML !== part.innerHTML) part.replaceChildren(...other.childNodes);
  }
  document.body.className = fresh.body.className;
  document.title = fresh.title;
  live.status = after;
  if (before !== after) say("news", `${find("eyebrow").textContent}. ${find("headline").textContent}`);
  return true;
}

function road(doors) {
  const shown = Math.min(doors, 7), gap = Math.floor(240 / (shown + 1));
  const drawn = find("road")?.querySelectorAll("circle:not(.van)") ?? [];
  if (!drawn.length || drawn.length === shown) return;
  drawn.forEach((one, index) => {
    if (index < shown) one.setAttribute("cx", 10 + gap * (index + 1));
    else one.remove();
  });
}

function dot(at) {
  const box = find("map");
  if (!box) return;
  const [x, y] = at ?? [0, 0], here = find("dot"), svg = box.querySelector("svg");
  here.setAttribute("visibility", at ? "visible" : "hidden");
  find("way").setAttribute("d", at ? `M${x} ${y}L0 0` : "");
  /* As web/svgmap.py frames it. */
  const half = Math.round(Math.min(4500, Math.max(Math.abs(x) * 0.675, Math.abs(y) * 1.05, 330)));
  const high = Math.floor((half * 2) / 3);
  svg.setAttribute("viewBox", `${Math.floor(x / 2) - half} ${Math.floor(y / 2) - high} ${2 * half} ${2 * high}`);
  const pixel = half / 180;
  here.setAttribute("transform", `translate(${x} ${y}) scale(${pixel})`);
  find("door").setAttribute("transform", `scale(${pixel})`);
  map?.move(at);
}

/* The map that can be moved comes after everything else, and not where data are dear. */
async function explore() {
  const box = find("map");
  if (!box || map) return;
  const { open } = await import(new URL(box.dataset.code, location.href).href);
  map = await open(box);
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden && Date.now() - lookedAt > Number(live.poll || 0) * 1000 && live.poll) look();
  else wait();
});
addEventListener("online", () => { failures = 0; if (live.poll) look(); });
const link = navigator.connection;
const isDear = link?.saveData || /2g/.test(link?.effectiveType ?? "");
const later = () => (isDear ? find("map")?.addEventListener("click", explore, { once: true }) : explore());
const idle = globalThis.requestIdleCallback ?? ((act) => setTimeout(act, 200));
if (document.readyState === "complete") idle(later);
else addEventListener("load", () => idle(later));
wait();
