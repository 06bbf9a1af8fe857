// What is to be done at this stop? Get there, arrive, and then load, hand over or bring back.

import { html, useState } from "../../vendor/ui.js";
import { tapStop } from "./actions.js";
import { Handover } from "./handover.js";
import { Loading } from "./loading.js";
import { Icon, later, Navigate } from "./parts.js";
import { numberOf, unread } from "./route.js";
import { useApp } from "./state.js";
import { Told } from "./told.js";
import { count, say, time, words } from "./words.js";

const Messages = later(() => import("./messages.js"), "Messages");
const Trouble = later(() => import("./trouble.js"), "Trouble");

/** @param {{stop: import("./route.js").Stop, route: import("./route.js").Route}} props */
export function StopCard({ stop, route }) {
  const [cannot, setCannot] = useState(false);
  const [talks, setTalks] = useState(false);
  const [line, ...rest] = stop.address.split(", ");
  const number = say(words.stopOf, { n: numberOf(route, stop), all: route.stops.length });
  const due = stop.status === "arrived" ? words.statuses.arrived : time(stop.planned_arrival_at);
  return html`<section class="stop card ${stop.status}" aria-labelledby="stop">
    <p class="eyebrow">${words.kinds[stop.kind]} · ${number} · ${due}</p>
    <h1 id="stop"><bdi>${line}</bdi></h1>
    ${rest.length > 0 && html`<p class="town"><bdi>${rest.join(", ")}</bdi></p>`}
    <p class="who">${stop.name && html`<strong><bdi>${stop.name}</bdi></strong> `}${count(words.parcels, stop.deliveries.length)}</p>
    ${stop.notes && html`<p class="notes"><span class="note">${words.notes}: </span><bdi>${stop.notes}</bdi></p>`}
    <${Told} stop=${stop} />
    <div class="tools">
      <${Navigate} stop=${stop} />
      ${stop.phone_number &&
      html`<a class="tool" href="tel:${stop.phone_number}"><${Icon} of="call" />${words.call}</a>`}
      ${(stop.can_write || stop.messages?.length > 0) &&
      html`<${MessagesTool} stop=${stop} open=${talks} toggle=${() => setTalks(!talks)} />`}
    </div>
    ${talks && html`<${Messages} stop=${stop} />`}
    ${cannot
      ? html`<${Trouble} stop=${stop} back=${() => setCannot(false)} />`
      : html`<${Work} stop=${stop} route=${route} />
          ${stop.kind === "dropoff" &&
          html`<button type="button" class="plain" onClick=${() => setCannot(true)}>${words.cannot}</button>`}`}
  </section>`;
}

function Work({ stop, route }) {
  if (stop.status !== "arrived") {
    const arrive = () => tapStop("arrive", stop);
    return html`<button type="button" class="big" onClick=${arrive}>${words.arrived}</button>`;
  }
  if (stop.kind === "dropoff") return html`<${Handover} stop=${stop} route=${route} />`;
  if (stop.kind === "pickup") return html`<${Loading} stop=${stop} route=${route} />`;
  const back = () => tapStop("complete", stop);
  return html`<button type="button" class="big" onClick=${back}>${words.broughtBack}</button>`;
}

/** @param {{stop: import("./route.js").Stop, open: boolean, toggle: () => void}} props */
function MessagesTool({ stop, open, toggle }) {
  const news = unread(stop, useApp().readUntil);
  return html`<button type="button" class="tool" aria-expanded=${open} onClick=${toggle}>
    <${Icon} of="text" />${words.messages}${news > 0 &&
    html`<span class="count">${news}<span class="hidden"> ${words.unread}</span></span>`}
  </button>`;
}
