// Where do we deliver? Areas in parts, with holes, drawn on a small map or typed as a table.

import { html, useState } from "../../vendor/ui.js";
import { del, post, put } from "./api.js";
import { Do, plain, Said, useAnswer, useDeeds, useHub } from "./doing.js";
import { besides, covers, geometryOf, partsOf, roomIn, roundTo, wholeKm2 } from "./shapes.js";
import { Sheet } from "./sheet.js";

function Zones() {
  const hub = useHub();
  const { data, problem, again } = useAnswer(hub && "/v1/service-areas", { hub_id: hub?.id, limit: 100 });
  const today = useAnswer(hub && "/v1/routes", { hub_id: hub?.id, limit: 100 });
  const [drawn, draw] = useState(/** @type {any} */ (null));
  const deeds = useDeeds(() => { again(); draw(null); });
  if (!data || !hub) return html`<${Said} problem=${problem} loading />`;
  const areas = data.service_areas;
  const doors = (today.data?.routes ?? []).flatMap((route) => route.stops.filter((stop) => stop.kind === "dropoff").map((stop) => [stop.position.longitude, stop.position.latitude]));
  if (drawn) return html`<${Said} problem=${deeds.problem} done=${deeds.done} /><${Editor} key=${drawn.id} drawn=${drawn} areas=${areas} hub=${hub} doors=${doors} deeds=${deeds} leave=${() => draw(null)} />`;
  return html`<${Said} problem=${deeds.problem ?? problem} done=${deeds.done} />
    ${!areas.length && html`<p>No area is drawn: everything within ${hub.radius_m / 1000} km of the hub is covered.</p>`}
    <ul class="rows">${areas.map((one) => html`<li key=${one.id}><h3>${one.name}</h3>
      <p class="quiet">${one.use === "price" ? "price zone" : plain(one.use)} ${one.zone_id}, priority ${one.priority}, ${made(partsOf(one.area))}</p>
      <div class="choices"><button type="button" onClick=${() => draw(one)}>Edit</button>
      <${Do} asks label=${`Erase ${one.name}`} act=${() => deeds.run(() => del(`/v1/service-areas/${one.id}`), "Erased.")}>Erase<//></div></li>`)}</ul>
    <button type="button" class="go" onClick=${() => draw(fresh(hub))}>Draw a new area</button>`;
}

/** "4.1 km² in 2 parts with 1 hole". */
function made(parts) {
  const holes = parts.reduce((sum, part) => sum + part.length - 1, 0);
  const words = [parts.length > 1 && `in ${parts.length} parts`, holes > 0 && `with ${holes} ${holes === 1 ? "hole" : "holes"}`];
  return [`${wholeKm2(parts).toFixed(1)} km²`, ...words].filter(Boolean).join(" ");
}

/** A square around the hub to begin with. */
function fresh(hub) {
  const { latitude, longitude } = hub, half = 0.02;
  const square = [[-half, -half], [half, -half], [half, half], [-half, half]].map(([x, y]) => [roundTo(longitude + x * 1.5), roundTo(latitude + y)]);
  return { id: "", name: "", hub_id: hub.id, merchant_id: null, use: "delivery", priority: 0, promises: null, area: geometryOf([[square]]) };
}

function Editor({ drawn, areas, hub, doors, deeds, leave }) {
  const [parts, shape] = useState(() => partsOf(drawn.area));
  const [name, call] = useState(drawn.name);
  // The ring that is drawn on, and the corner of it that is chosen.
  const [[part, number], on] = useState([0, 0]);
  const [at, choose] = useState(0);
  const ring = parts[part][number];
  const take = (next, corner = 0) => { on(next); choose(corner); };
  const redraw = (change) => shape((before) => before.map((rings, p) => rings.map((one, r) => (p === part && r === number ? change(one) : one))));
  const move = (place, point) => redraw((one) => one.map((corner, n) => (n === place ? point.map(roundTo) : corner)));
  const remove = (place) => { redraw((one) => one.filter((_, n) => n !== place)); choose(Math.max(0, place - 1)); };
  const add = (place, point) => { redraw((one) => [...one.slice(0, place), point.map(roundTo), ...one.slice(place)]); choose(place); };
  const save = () => {
    const { id, zone_id, area_m2, ...kept } = drawn;
    const body = { ...kept, name, area: geometryOf(parts) };
    // A zone's name is what it is priced by: it stays unless it is the area's own.
    const told = zone_id && zone_id !== id ? { ...body, zone: zone_id } : body;
    return deeds.run(() => (id ? put(`/v1/service-areas/${id}`, told) : post("/v1/service-areas", told)), `${name} is drawn.`);
  };
  const covered = doors.filter((door) => covers(door, parts)).length;
  const others = areas.filter((one) => one.id !== drawn.id).map((one) => partsOf(one.area));
  return html`<label>Name <input value=${name} required maxlength="120" onInput=${(event) => call(event.target.value)} /></label>
    <${Rings} parts=${parts} on=${[part, number]} take=${take} shape=${shape} />
    <${Sheet} parts=${parts} ring=${ring} others=${others} hub=${hub} doors=${doors} at=${at} choose=${choose} take=${take} move=${move} add=${add} remove=${remove} />
    <p role="status">${made(parts)}; ${doors.length ? `${covered} of ${doors.length} of today's doors are inside` : "no doors today to compare with"}.</p>
    <p class="quiet">Drag a corner, or choose one and use the arrow keys (Shift: further; Delete: away). A press on the map adds a corner, one on another outline chooses it.</p>
    <${Corners} ring=${ring} at=${at} choose=${choose} move=${move} remove=${remove} />
    <div class="choices"><${Do} kind="go" act=${save}>Save the area<//><button type="button" onClick=${leave}>Leave it</button></div>`;
}

export const ringName = (part, number) => (number ? `Hole ${number} of part ${part + 1}` : `Part ${part + 1}`);

/** Which outline is drawn on; parts and holes come and go here. */
function Rings({ parts, on: [part, number], take, shape }) {
  const [full, tell] = useState("");
  const another = () => { shape([...parts, [besides(parts)]]); take([parts.length, 0]); };
  const cut = () => {
    const hole = roomIn(parts[part]);
    tell(hole ? "" : `Part ${part + 1} has no room for another hole.`);
    if (!hole) return;
    shape(parts.map((rings, p) => (p === part ? [...rings, hole] : rings)));
    take([part, parts[part].length]);
  };
  const away = () => {
    shape(number ? parts.map((rings, p) => (p === part ? rings.filter((_, r) => r !== number) : rings)) : parts.filter((_, p) => p !== part));
    take([number ? part : Math.max(0, part - 1), 0]);
  };
  return html`<div class="choices" role="group" aria-label="Outlines">
      ${parts.flatMap((rings, p) => rings.map((_, r) => html`<button type="button" key=${`${p}.${r}`} aria-pressed=${p === part && r === number} onClick=${() => take([p, r])}>${ringName(p, r)}</button>`))}
    </div>
    <div class="choices"><button type="button" class="plain" onClick=${another}>Add a part</button>
      <button type="button" class="plain" onClick=${cut}>Cut a hole into part ${part + 1}</button>
      ${(number > 0 || parts.length > 1) && html`<${Do} key=${`${part}.${number}`} asks kind="plain" act=${away}>Remove ${ringName(part, number).toLowerCase()}<//>`}</div>
    ${full && html`<p class="said" role="alert">${full}</p>`}`;
}

function Corners({ ring, at, choose, move, remove }) {
  const field = (n, [longitude, latitude], isLatitude) => html`<input aria-label=${`${isLatitude ? "Latitude" : "Longitude"} of corner ${n + 1}`} type="number" step="any"
    min=${isLatitude ? -85 : -180} max=${isLatitude ? 85 : 180} value=${isLatitude ? latitude : longitude} onFocus=${() => choose(n)}
    onChange=${(event) => move(n, isLatitude ? [longitude, Number(event.target.value)] : [Number(event.target.value), latitude])} />`;
  return html`<table class="corners"><caption class="hidden">Corners</caption><thead><tr><th>Corner</th><th>Latitude</th><th>Longitude</th><th><span class="hidden">Away</span></th></tr></thead>
    <tbody>${ring.map((corner, n) => html`<tr key=${n} class=${n === at ? "chosen" : ""}>
      <th scope="row">${n + 1}</th><td>${field(n, corner, true)}</td><td>${field(n, corner, false)}</td>
      <td><button type="button" disabled=${ring.length < 4} aria-label=${`Remove corner ${n + 1}`} onClick=${() => remove(n)}>×</button></td></tr>`)}</tbody></table>`;
}

export default { id: "zones", title: "Zones", Panel: Zones };
