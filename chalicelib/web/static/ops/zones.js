// Where do we deliver? Areas drawn on a small map or typed as a table, and what they would cover.

import { html, useEffect, useRef, useState } from "../../vendor/ui.js";
import { del, post, put } from "./api.js";
import { Do, plain, Said, useAnswer, useDeeds, useHub } from "./doing.js";
import { areaKm2, frameOf, inside, insertAt, roundTo } from "./shapes.js";

const SIZE = 360;

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
      <p class="quiet">${one.use === "price" ? "price zone" : plain(one.use)} ${one.zone_id}, priority ${one.priority}, ${ringOf(one) ? `${areaKm2(ringOf(one)).toFixed(1)} km²` : "several parts"}</p>
      <div class="choices">${ringOf(one) ? html`<button type="button" onClick=${() => draw(one)}>Edit</button>` : html`<span class="quiet">Edit it by the API</span>`}
      <${Do} asks label=${`Erase ${one.name}`} act=${() => deeds.run(() => del(`/v1/service-areas/${one.id}`), "Erased.")}>Erase<//></div></li>`)}</ul>
    <button type="button" class="go" onClick=${() => draw(fresh(hub))}>Draw a new area</button>`;
}

/** The outer ring without its repeated end; null for what is drawn in several parts. */
const ringOf = (area) => (area.area.type === "Polygon" ? area.area.coordinates[0].slice(0, -1) : null);

/** A square around the hub to begin with. */
function fresh(hub) {
  const { latitude, longitude } = hub, half = 0.02;
  const square = [[-half, -half], [half, -half], [half, half], [-half, half]].map(([x, y]) => [roundTo(longitude + x * 1.5), roundTo(latitude + y)]);
  return { id: "", name: "", hub_id: hub.id, merchant_id: null, use: "delivery", priority: 0, promises: null, area: { type: "Polygon", coordinates: [[...square, square[0]]] } };
}

function Editor({ drawn, areas, hub, doors, deeds, leave }) {
  const [ring, shape] = useState(() => ringOf(drawn));
  const [name, call] = useState(drawn.name);
  const [at, choose] = useState(0);
  const covered = doors.filter((door) => inside(door, ring)).length;
  const move = (place, point) => shape((before) => before.map((one, n) => (n === place ? point.map(roundTo) : one)));
  const remove = (place) => { shape(ring.filter((_, n) => n !== place)); choose(Math.max(0, place - 1)); };
  const add = (place, point) => { shape([...ring.slice(0, place), point.map(roundTo), ...ring.slice(place)]); choose(place); };
  const save = () => {
    const { id, zone_id, ...kept } = drawn;
    const [, ...holes] = drawn.area.coordinates;
    const body = { ...kept, name, area: { type: "Polygon", coordinates: [[...ring, ring[0]], ...holes] } };
    // A zone's name is what it is priced by: it stays unless it is the area's own.
    const told = zone_id && zone_id !== id ? { ...body, zone: zone_id } : body;
    return deeds.run(() => (id ? put(`/v1/service-areas/${id}`, told) : post("/v1/service-areas", told)), `${name} is drawn.`);
  };
  return html`<label>Name <input value=${name} required maxlength="120" onInput=${(event) => call(event.target.value)} /></label>
    <${Sheet} ring=${ring} others=${areas.filter((one) => one.id !== drawn.id).map(ringOf).filter(Boolean)} hub=${hub} doors=${doors} at=${at} choose=${choose} move=${move} add=${add} remove=${remove} />
    <p role="status">${areaKm2(ring).toFixed(1)} km²; ${doors.length ? `${covered} of ${doors.length} of today's doors are inside` : "no doors today to compare with"}.</p>
    <p class="quiet">Drag a corner, or choose one and use the arrow keys (Shift: further; Delete: away). A press on the map adds a corner.</p>
    <table class="corners"><caption class="hidden">Corners</caption><thead><tr><th>Corner</th><th>Latitude</th><th>Longitude</th><th><span class="hidden">Away</span></th></tr></thead>
      <tbody>${ring.map(([longitude, latitude], n) => html`<tr key=${n} class=${n === at ? "chosen" : ""}>
        <th scope="row">${n + 1}</th>
        <td><input aria-label=${`Latitude of corner ${n + 1}`} type="number" step="any" min="-90" max="90" value=${latitude} onFocus=${() => choose(n)} onChange=${(event) => move(n, [longitude, Number(event.target.value)])} /></td>
        <td><input aria-label=${`Longitude of corner ${n + 1}`} type="number" step="any" min="-180" max="180" value=${longitude} onFocus=${() => choose(n)} onChange=${(event) => move(n, [Number(event.target.value), latitude])} /></td>
        <td><button type="button" disabled=${ring.length < 4} aria-label=${`Remove corner ${n + 1}`} onClick=${() => remove(n)}>×</button></td></tr>`)}</tbody></table>
    <div class="choices"><${Do} kind="go" act=${save}>Save the area<//><button type="button" onClick=${leave}>Leave it</button></div>`;
}

/** The map: other areas, today's doors, and the corners, which are buttons. */
function Sheet({ ring, others, hub, doors, at, choose, move, add, remove }) {
  const sheet = useRef(/** @type {any} */ (null));
  const fitted = () => frameOf([...ring, ...others.flat(), [hub.longitude, hub.latitude]], SIZE);
  const [frame, fit] = useState(fitted);
  const [held, hold] = useState(-1);
  const outside = ring.some((one) => frame.to(one).some((at) => at < 0 || at > SIZE));
  // The frame stays while somebody drags: a map that jumps under the hand cannot be drawn on.
  useEffect(() => { if (outside && held < 0) fit(fitted()); }, [outside, held]);
  const spot = (event) => {
    const box = sheet.current.getBoundingClientRect();
    return frame.back([((event.clientX - box.left) / box.width) * SIZE, ((event.clientY - box.top) / box.height) * SIZE]);
  };
  useEffect(() => {
    if (held < 0) return;
    const drag = (event) => move(held, spot(event));
    const drop = () => hold(-1);
    addEventListener("pointermove", drag);
    addEventListener("pointerup", drop);
    return () => { removeEventListener("pointermove", drag); removeEventListener("pointerup", drop); };
  }, [held]);
  const key = (event, n) => {
    const step = frame.degrees * (event.shiftKey ? 10 : 1);
    const by = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] }[event.key];
    if (by) move(n, [ring[n][0] + by[0], ring[n][1] + by[1]]);
    else if (event.key === "Delete" && ring.length > 3) remove(n);
    else return;
    event.preventDefault();
  };
  const points = (some) => some.map((one) => frame.to(one).join()).join(" ");
  const [hubX, hubY] = frame.to([hub.longitude, hub.latitude]);
  return html`<svg class="sheet" ref=${sheet} viewBox=${`0 0 ${SIZE} ${SIZE}`} role="group" aria-label="Map of the area"
      onClick=${(event) => event.target.dataset.corner === undefined && add(insertAt(spot(event), ring), spot(event))}>
    ${others.map((one, n) => html`<polygon key=${`o${n}`} class="other" points=${points(one)} />`)}
    <polygon class="drawn" points=${points(ring)} />
    ${doors.map((one, n) => { const [x, y] = frame.to(one); return html`<circle key=${`d${n}`} class=${inside(one, ring) ? "in" : "out"} cx=${x} cy=${y} r="2.5" />`; })}
    <rect class="hub" x=${hubX - 5} y=${hubY - 5} width="10" height="10"><title>The hub</title></rect>
    ${ring.map((one, n) => { const [x, y] = frame.to(one); return html`<circle key=${`c${n}`} data-corner=${n} class=${n === at ? "corner chosen" : "corner"} cx=${x} cy=${y} r="9"
      tabindex="0" role="button" aria-label=${`Corner ${n + 1}`} onFocus=${() => choose(n)} onKeyDown=${(event) => key(event, n)} onPointerDown=${(event) => { event.preventDefault(); choose(n); hold(n); }} />`; })}
  </svg>`;
}

export default { id: "zones", title: "Zones", Panel: Zones };
