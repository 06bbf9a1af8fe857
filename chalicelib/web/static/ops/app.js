// What does a dispatcher see? The frame of the console: the hub, its day, and the side.

import { html, render } from "../../vendor/ui.js";
import { get } from "./api.js";
import { PanelButtons, Side } from "./side.js";
import { set, state, useDesk } from "./state.js";

function App() {
  const hub = useDesk(() => state.hub);
  return html`<a class="skip" href="#day">Skip to the day</a>
    <header class="bar">
      <h1>Lastmile desk</h1>
      <${Hubs} />
      <${PanelButtons} />
    </header>
    <main id="day" class="day" tabindex="-1">${hub ? html`<h2>${hub.name}</h2>` : html`<${NoHub} />`}</main>
    <${Side} />`;
}

function Hubs() {
  const hubs = useDesk(() => state.hubs);
  const hub = useDesk(() => state.hub);
  return html`<label>Hub
    <select value=${hub?.id} onChange=${(event) => open(event.target.value)}>
      ${hubs.map((one) => html`<option key=${one.id} value=${one.id}>${one.name}</option>`)}
    </select></label>`;
}

function NoHub() {
  const loaded = useDesk(() => state.loaded);
  return html`<p class="quiet">${loaded ? "There is no hub yet." : "Loading ..."}</p>`;
}

function open(hubId) {
  const hub = state.hubs.find((one) => one.id === hubId) ?? state.hubs[0] ?? null;
  set({ hub, selected: null });
  if (hub) history.replaceState(null, "", `#${hub.id}`);
}

async function begin() {
  const place = /** @type {HTMLElement} */ (document.getElementById("desk"));
  place.replaceChildren();
  render(html`<${App} />`, place);
  const { hubs } = await get("/v1/hubs");
  set({ hubs, loaded: true });
  open(location.hash.slice(1));
  document.documentElement.dataset.ready = "yes";
}

begin();
