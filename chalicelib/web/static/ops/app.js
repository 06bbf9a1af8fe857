// What does a dispatcher see? The frame of the console: the hub, the filters, the day, and the side.

import { html, render, useEffect, useRef, useState } from "../../vendor/ui.js";
import { get, url } from "./api.js";
import { isOpen, lateStops, open } from "./board.js";
import { Done } from "./done.js";
import { Drawer } from "./drawer.js";
import { Gantt } from "./gantt.js";
import { List } from "./list.js";
import { Mover } from "./move.js";
import { Session } from "./session.js";
import { PanelButtons, Side } from "./side.js";
import { set, state, useDesk } from "./state.js";
import { clock, driverName } from "./words.js";

function App() {
  const ready = useDesk(() => Boolean(state.hub && state.cold === false));
  const reached = useDesk(() => state.connected && !state.signedOut);
  // Whoever has signed in again may be somebody else.
  useEffect(() => {
    if (reached) get("/v1/me").then((me) => set({ me }), () => null);
  }, [reached]);
  return html`<a class="skip" href="#day">Skip to the day</a>
    <header class="bar"><h1>Lastmile desk</h1><${Hubs} /><${Figures} />
      <div class="account"><a class="button plain" href=${url("/ops/password").href}>Password</a>
        <form method="post" action=${url("/ops/sign-out").href}><button type="submit" class="plain">Sign out</button></form></div>
      <${PanelButtons} /></header>
    ${ready ? html`<${Filters} /><${Day} />` : html`<main id="day" class="empty" tabindex="-1"><${NoHub} /></main>`}
    ${ready && html`<${Side} />`}
    <${Done} /><${Mover} /><${Session} />`;
}

function Hubs() {
  const hubs = useDesk(() => state.hubs);
  const hub = useDesk(() => state.hub);
  return html`<label>Hub <select value=${hub?.id} onChange=${(event) => show(event.target.value)}>
    ${hubs.map((one) => html`<option key=${one.id} value=${one.id} selected=${one.id === hub?.id}>${one.name}</option>`)}
  </select></label>`;
}

/** The day in four numbers, and whether they are fresh. */
function Figures() {
  const routes = useDesk(() => state.routes);
  const waiting = useDesk(() => state.waiting);
  const connected = useDesk(() => state.connected);
  const whole = useDesk(() => state.isWhole);
  const open = [...routes.values()].filter(isOpen);
  const late = open.reduce((sum, one) => sum + lateStops(one).length, 0);
  return html`<p class="figures"><span><strong>${open.length}</strong> routes</span>
      <span class=${late ? "worse" : ""}><strong>${late}</strong> late</span>
      <span><strong>${waiting.size}</strong> waiting</span>
      <${Clock} /></p>
    ${!connected && html`<p class="said" role="alert">The server cannot be reached; what you see may be old.</p>`}
    ${!whole && html`<p class="said">This hub has more routes than the board shows.</p>`}`;
}

function Clock() {
  const ms = useDesk(() => state.clock_ms);
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((turn) => turn + 1), 10000);
    return () => clearInterval(timer);
  }, []);
  return html`<span class="quiet">${clock(Date.now() + ms)}</span>`;
}

function Filters() {
  const filters = useDesk(() => state.filters);
  const drivers = useDesk(() => state.drivers);
  const merchants = useDesk(() => state.merchants);
  const put = (change) => set({ filters: { ...state.filters, ...change } });
  const press = (name, text) => html`<button type="button" aria-pressed=${filters[name]} onClick=${() => put({ [name]: !filters[name] })}>${text}</button>`;
  const sorted = (entries) => entries.sort(([, one], [, other]) => one.localeCompare(other));
  return html`<div class="filters" role="search" aria-label="Filters">
    ${press("late", "Late")}${press("unassigned", "No driver")}
    <label>Driver <select value=${filters.driver} onChange=${(event) => put({ driver: event.target.value })}><option value="">all</option>
      ${sorted([...drivers.keys()].map((id) => [id, driverName(id)])).map(([id, name]) => html`<option key=${id} value=${id}>${name}</option>`)}</select></label>
    <label>Brand <select value=${filters.brand} onChange=${(event) => put({ brand: event.target.value })}><option value="">all</option>
      ${sorted([...merchants]).map(([id, name]) => html`<option key=${id} value=${id}>${name}</option>`)}</select></label>
    <${Views} />
  </div>`;
}

/** A narrow window shows one of the three at a time. */
function Views() {
  const view = useDesk(() => state.view);
  return html`<div class="views" role="group" aria-label="View">
    ${["list", "map", "timeline"].map((one) => html`<button type="button" key=${one} aria-pressed=${view === one} onClick=${() => set({ view: one })}>${one[0].toUpperCase() + one.slice(1)}</button>`)}
  </div>`;
}

function Day() {
  const view = useDesk(() => state.view);
  return html`<main id="day" class="day" data-view=${view} tabindex="-1">
    <${List} /><${MapBox} /><${Gantt} /><${Drawer} />
  </main>`;
}

/** The map comes after the rest: the list says the same. */
function MapBox() {
  const box = useRef(null);
  const [failed, fail] = useState(false);
  useEffect(() => {
    const opening = import("./map.js").then((map) => map.open(box.current));
    opening.then(() => (document.documentElement.dataset.map = "yes")).catch(() => fail(true));
    return () => void opening.then((map) => map.close());
  }, []);
  return html`<section class="map" aria-label="Map">
    ${failed ? html`<p class="said" role="alert">The map could not be loaded. The list has all that it shows.</p>` : html`<div ref=${box} class="canvas" role="application" aria-label="Map of the day; the list says the same"></div>`}
  </section>`;
}

function NoHub() {
  const nothing = useDesk(() => state.cold === "empty");
  return html`<p class="quiet">${nothing ? "There is no hub yet." : "Loading the day ..."}</p>`;
}

async function show(hubId) {
  const hub = state.hubs.find((one) => one.id === hubId) ?? state.hubs[0];
  if (!hub) return set({ cold: "empty" });
  history.replaceState(null, "", `#${hub.id}`);
  set({ selected: null, moving: null });
  await open(hub);
  set({ cold: false });
}

async function begin() {
  const place = /** @type {HTMLElement} */ (document.getElementById("desk"));
  place.replaceChildren();
  render(html`<${App} />`, place);
  const { hubs } = await get("/v1/hubs");
  set({ hubs });
  await show(location.hash.slice(1));
  document.documentElement.dataset.ready = "yes";
}

begin();
