// Where can parcels be collected? Pickup points with their compartments, opened, changed and closed.

import { html, useState } from "../../vendor/ui.js";
import { del, post, put } from "./api.js";
import { Do, plain, Said, useAnswer, useDeeds, useHub } from "./doing.js";

const SIZES = ["small", "medium", "large"];
const USUAL = { small: [5000, 12000], medium: [10000, 40000], large: [25000, 120000] };

function Points() {
  const hub = useHub();
  const near = hub && { lat: hub.latitude, lng: hub.longitude, limit: 50 };
  const { data, problem, again } = useAnswer(hub && "/v1/pickup-points", near ?? {});
  const [open, show] = useState(/** @type {any} */ (null));
  const deeds = useDeeds(() => { again(); show(null); });
  if (!data) return html`<${Said} problem=${problem} loading />`;
  if (open) return html`<${Said} problem=${deeds.problem} /><${Form} one=${open} hub=${hub} deeds=${deeds} leave=${() => show(null)} />`;
  return html`<${Said} problem=${deeds.problem ?? problem} done=${deeds.done} />
    ${!data.pickup_points.length && html`<p class="quiet">There is none near this hub.</p>`}
    <ul class="rows">${data.pickup_points.map((one) => html`<li key=${one.id}><h3>${one.name}</h3>
      <p>${plain(one.kind)}, ${one.line1}, ${one.city}; ${one.active ? "open to parcels" : "takes none"}</p>
      <p class="quiet">${one.compartments.map((c) => `${c.count} ${c.size}`).join(", ")}${one.distance_m != null && `; ${(one.distance_m / 1000).toFixed(1)} km from the hub`}</p>
      <div class="choices"><button type="button" onClick=${() => show(one)}>Edit</button>
      <${Do} asks label=${`Close ${one.name}`} act=${() => deeds.run(() => del(`/v1/pickup-points/${one.id}`), "Closed.")}>Close for good<//></div></li>`)}</ul>
    <button type="button" class="go" onClick=${() => show({})}>Open a new point</button>`;
}

function Form({ one, hub, deeds, leave }) {
  const has = Object.fromEntries((one.compartments ?? []).map((c) => [c.size, c]));
  const save = (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    const text = (name) => String(form.get(name) ?? "").trim();
    const { id, open_now, distance_m, ...kept } = one;
    const compartments = SIZES.filter((size) => Number(form.get(size)) > 0 || has[size]).map((size) => ({
      size, max_weight_g: has[size]?.max_weight_g ?? USUAL[size][0], max_volume_ml: has[size]?.max_volume_ml ?? USUAL[size][1], count: Number(form.get(size)),
    }));
    const body = {
      timezone: hub.timezone, ...kept, compartments,
      ...Object.fromEntries(["name", "kind", "line1", "city", "postal_code", "country"].map((name) => [name, text(name)])),
      latitude: Number(text("latitude")), longitude: Number(text("longitude")),
      keeps_days: Number(text("keeps_days")), active: form.get("active") === "on",
    };
    deeds.run(() => (id ? put(`/v1/pickup-points/${id}`, body) : post("/v1/pickup-points", body)), `${body.name} is written down.`);
  };
  const field = (name, label, more = {}) => html`<label>${label} <input name=${name} defaultValue=${one[name] ?? ""} required ...${more} /></label>`;
  return html`<form class="stack" onSubmit=${save}>
    ${field("name", "Name", { maxlength: 120 })}
    <label>Kind <select name="kind">${["locker", "counter"].map((kind) => html`<option key=${kind} selected=${one.kind === kind}>${kind}</option>`)}</select></label>
    ${field("line1", "Street")} ${field("city", "City")} ${field("postal_code", "Postal code", { required: false })}
    ${field("country", "Country", { pattern: "[A-Z]{2}", defaultValue: one.country ?? hub.country ?? "" })}
    ${field("latitude", "Latitude", { type: "number", step: "any", defaultValue: one.latitude ?? hub.latitude })}
    ${field("longitude", "Longitude", { type: "number", step: "any", defaultValue: one.longitude ?? hub.longitude })}
    <fieldset><legend>Compartments</legend>${SIZES.map((size) => html`<label key=${size}>${size} <input type="number" name=${size} min="0" max="10000" defaultValue=${has[size]?.count ?? 0} /></label>`)}</fieldset>
    ${field("keeps_days", "Keeps a parcel, days", { type: "number", min: 1, max: 30, defaultValue: one.keeps_days ?? 7 })}
    <label><input type="checkbox" name="active" defaultChecked=${one.active ?? true} /> takes parcels</label>
    <div class="choices"><button class="go">Save the point</button><button type="button" onClick=${leave}>Leave it</button></div></form>`;
}

export default { id: "points", title: "Pickup points", Panel: Points };
