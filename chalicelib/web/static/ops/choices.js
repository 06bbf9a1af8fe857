// What would we do otherwise? The form of a simulation: a day, scenarios with their choices, seeds.
// What is left empty is as it was on the day; the API's form says the same limits.

import { html, useState } from "../../vendor/ui.js";
import { now, state } from "./state.js";

const MOST_RUNS = 60, MOST_SCENARIOS = 12, MOST_SEEDS = 10;

/** `unit`: so many of the API's in one of ours. */
const NUMBERS = [
  { id: "drivers", label: "Drivers more; − for fewer", min: -200, max: 200 },
  { id: "e_bikes", label: "Drivers on e-bikes", min: 0, max: 500 },
  { id: "window_s", label: "Windows longer; − shorter, min", min: -480, max: 480, unit: 60 },
  { id: "travel_percent", label: "Travel times, % of what they were", min: 25, max: 400 },
  { id: "shut_door_permille", label: "Visits that find nobody, of 1,000", min: 0, max: 1000 },
];
const LOCKERS = [
  { id: "more_lockers", label: "More lockers", min: 0, max: 200 },
  { id: "locker_percent", label: "Who choose one, %", min: 0, max: 100 },
  { id: "locker_walk_m", label: "Within a walk of, m", min: 50, max: 5000 },
];
const WAVES = [
  { id: "tick_s", label: "A wave every, min", min: 5, max: 1440, step: 5, unit: 60 },
  { id: "horizon_s", label: "Looks ahead, min", min: 5, max: 1440, unit: 60 },
  { id: "prize_percent", label: "Prize of going now, %", min: 0, max: 100000 },
  { id: "decay_percent_per_h", label: "It fades an hour, %", min: 0, max: 1000 },
  { id: "full_percent", label: "A van is full at, %", min: 1, max: 100 },
];
/** A made-up day, as the API has it. */
const RECIPE = [
  { id: "parcels", label: "Parcels", min: 1, max: 2000, usual: 120 },
  { id: "drivers", label: "Drivers", min: 1, max: 200, usual: 8 },
  { id: "bikes", label: "of them on bikes", min: 0, max: 200, usual: 0 },
  { id: "brands", label: "Brands", min: 1, max: 50, usual: 6 },
  { id: "disc_m", label: "So far around, km", min: 0.5, max: 30, step: 0.5, unit: 1000, usual: 6 },
  { id: "promise_h", label: "Promised within, h", min: 1, max: 12, usual: 4 },
  { id: "seed", label: "Drawn by seed", min: 1, max: 1000000, usual: 1 },
];

/** @param {{send: (body: any) => Promise<any>, busy: boolean}} props */
export function Ask({ send, busy }) {
  const [kind, choose] = useState("recorded");
  const [others, write] = useState([1]);
  const [seeds, draw] = useState(3);
  const runs = (others.length + 1) * seeds;
  const submit = (event) => {
    event.preventDefault();
    send(asked(new FormData(event.currentTarget), kind, others, seeds));
  };
  return html`<form class="stack what-if" onSubmit=${submit}>
    <fieldset><legend>Which day?</legend>
      ${[["recorded", "One that was driven"], ["generated", "A made-up one"]].map(([id, words]) => html`<label key=${id}>
        <input type="radio" name="kind" value=${id} checked=${kind === id} onChange=${() => choose(id)} /> ${words}</label>`)}
      ${kind === "recorded" ? html`<label class="line-of">Day <input type="date" name="day" required defaultValue=${yesterday()} max=${localDay(now())} /></label>` : RECIPE.map((one) => html`<${Figure} key=${one.id} one=${one} name=${one.id} required />`)}
    </fieldset>
    <p class="quiet">It is played as it was, and once more for each scenario below. What is left empty stays as it was.</p>
    ${others.map((key, place) => html`<${Scenario} key=${key} name=${`s${key}`} number=${place + 1} away=${others.length > 1 && (() => write(others.filter((one) => one !== key)))} />`)}
    <div class="choices"><button type="button" disabled=${others.length + 2 > MOST_SCENARIOS} onClick=${() => write([...others, Math.max(...others) + 1])}>Add a scenario</button></div>
    <label>Seeds <input type="number" min="1" max=${MOST_SEEDS} required value=${seeds} onInput=${(event) => draw(Math.max(1, Number(event.target.value)))} /></label>
    <label>Plans <select name="engine"><option value="native">by the search, as every day</option><option value="construct">by the fall-back, without the search</option></select></label>
    <p class=${runs > MOST_RUNS ? "late" : "quiet"} role="status">${runs} runs${runs > MOST_RUNS ? `; at most ${MOST_RUNS} can be asked for` : ""}.</p>
    <div class="choices"><button class="go" disabled=${busy || runs > MOST_RUNS}>Play it</button></div></form>`;
}

function Figure({ one, name, required = false }) {
  return html`<label class="line-of">${one.label} <input type="number" name=${name} min=${one.min} max=${one.max} step=${one.step ?? 1}
    required=${required} defaultValue=${one.usual ?? ""} placeholder=${required ? null : "as it was"} /></label>`;
}

function Scenario({ name, number, away }) {
  const brands = [...state.merchants].sort(([, one], [, other]) => one.localeCompare(other));
  const some = (list) => list.map((one) => html`<${Figure} key=${one.id} one=${one} name=${`${name}.${one.id}`} />`);
  return html`<fieldset><legend>Scenario ${number}</legend>
    <label class="line-of">Called <input name=${`${name}.name`} maxlength="120" placeholder="by its choices" /></label>
    ${some(NUMBERS)}
    <details><summary>Lockers</summary>
      <label><input type="checkbox" name=${`${name}.lockers`} defaultChecked /> There are pickup points</label>${some(LOCKERS)}</details>
    <details><summary>Waves</summary>
      <label class="line-of">Holds back what may wait <select name=${`${name}.holds_back`}><option value="">as it was</option><option value="yes">yes</option><option value="no">no</option></select></label>
      ${some(WAVES)}</details>
    <details><summary>Pooling</summary><p class="quiet">Brands that drive for themselves alone:</p>
      ${brands.length ? brands.slice(0, 60).map(([id, brand]) => html`<label key=${id}><input type="checkbox" name=${`${name}.own_fleet`} value=${id} /> ${brand}</label>`) : html`<p class="quiet">No brand has parcels on the board today.</p>`}</details>
    ${away && html`<button type="button" onClick=${away}>Take scenario ${number} away</button>`}
  </fieldset>`;
}

const localDay = (at) => at.toLocaleDateString("en-CA", { timeZone: state.hub.timezone });
const yesterday = () => localDay(new Date(now().getTime() - 86400000));

/** The form as the API wants it. */
function asked(form, kind, others, seeds) {
  const told = others.map((key) => scenarioOf(form, `s${key}`));
  const scenarios = [{ name: "as it was" }, ...told].map((one, place, all) => {
    // Tables tell them apart by name.
    const twin = all.findIndex((other) => other.name === one.name) < place;
    return twin ? { ...one, name: `${one.name} (${place})`.slice(-120) } : one;
  });
  const more = { scenarios, engine: form.get("engine"), seeds: Array.from({ length: seeds }, (_, place) => place + 1) };
  if (kind === "recorded") return { hub_id: state.hub.id, day: form.get("day"), ...more };
  const { latitude, longitude } = state.hub;
  return { generated: { ...figures(form, RECIPE, ""), latitude, longitude }, ...more };
}

function scenarioOf(form, name) {
  const choices = figures(form, [...NUMBERS, ...LOCKERS, ...WAVES], `${name}.`);
  const holds = form.get(`${name}.holds_back`), alone = form.getAll(`${name}.own_fleet`);
  if (holds) choices.holds_back = holds === "yes";
  if (!form.get(`${name}.lockers`)) choices.lockers = false;
  if (alone.length) choices.own_fleet = alone;
  return { name: String(form.get(`${name}.name`)).trim() || inWords(choices), choices };
}

function figures(form, list, before) {
  const filled = list.filter((one) => form.get(before + one.id));
  return Object.fromEntries(filled.map((one) => [one.id, Math.round(Number(form.get(before + one.id)) * (one.unit ?? 1))]));
}

/** "drivers +2, travel 120 %": what a scenario is called that nobody named. */
export function inWords(choices) {
  const parts = Object.entries(choices).map(([id, value]) => {
    if (Array.isArray(value)) return `${value.length} own ${value.length === 1 ? "fleet" : "fleets"}`;
    if (typeof value === "boolean") return `${value ? "" : "no "}${{ lockers: "pickup points", holds_back: "holding back" }[id] ?? id}`;
    const signed = (id === "drivers" || id === "window_s") && value > 0 ? "+" : "";
    const [, what, unit] = /^(.*?)(?:_(percent|percent_per_h|permille|s|m))?$/.exec(id) ?? [];
    const number = unit === "s" ? `${value / 60} min` : `${value}${{ percent: " %", percent_per_h: " %/h", permille: " ‰", m: " m" }[unit] ?? ""}`;
    return `${what.replaceAll("_", " ")} ${signed}${number}`;
  });
  return (parts.join(", ") || "the same again").slice(0, 120);
}
