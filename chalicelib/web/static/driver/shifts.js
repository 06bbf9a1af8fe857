// When does the driver want to work? The next shifts, a new one with its breaks, and one taken back.

import { html, useRef, useState } from "../../vendor/ui.js";
import { call } from "./api.js";
import { now } from "./clock.js";
import { shiftOf } from "./duty.js";
import { Doing } from "./parts.js";
import { useApp } from "./state.js";
import { keep } from "./store.js";
import { day, duration, say, time, words } from "./words.js";

const MOST_BREAKS = 4;
const MINUTES = [15, 30, 45, 60];

export function Shifts() {
  const { shifts } = useApp();
  const dialog = useRef(null);
  const [turn, again] = useState(0);
  const open = () => {
    again(turn + 1);
    dialog.current.showModal();
  };
  return html`<section aria-labelledby="shifts">
    <h2 id="shifts">${words.shifts}</h2>
    ${shifts.length > 0
      ? html`<ul class="kept card">${shifts.map((one) => html`<${Planned} key=${one.id} shift=${one} />`)}</ul>`
      : html`<p class="note">${words.plan.none}</p>`}
    <button type="button" class="second" onClick=${open}>${words.plan.title}</button>
    <dialog ref=${dialog} aria-labelledby="new-shift">
      <${NewShift} key=${turn} close=${() => dialog.current.close()} />
    </dialog>
  </section>`;
}

function Planned({ shift }) {
  const [asked, ask] = useState(false);
  const takeBack = () => change("DELETE", `v1/driver/shifts/${shift.id}`);
  return html`<li>
    ${shiftOf(shift)}
    ${shift.breaks.map(
      (one) => html`<span class="note">${say(words.plan.rest, { time: duration(one.duration_s), from: time(one.earliest_at), to: time(one.latest_at) })}</span>`,
    )}
    ${asked
      ? html`<p role="status">${words.plan.sure}</p>
          <div class="pair">
            <${Doing} class="second" act=${takeBack}>${words.plan.yes}<//>
            <button type="button" class="plain" onClick=${() => ask(false)}>${words.plan.no}</button>
          </div>`
      : html`<button type="button" class="plain" aria-label=${say(words.lastTap, { what: words.plan.cancel, where: day(shift.start_at) })}
          onClick=${() => ask(true)}>${words.plan.cancel}</button>`}
  </li>`;
}

function NewShift({ close }) {
  const today = onCalendar(now());
  const [form, set] = useState({ date: onCalendar(new Date(now().getTime() + 86_400_000)), from: "09:00", to: "17:00" });
  const [breaks, setBreaks] = useState([]);
  const write = (name) => ({ target }) => set({ ...form, [name]: target.value });
  const save = async () => {
    const refusal = await change("POST", "v1/driver/shifts", bodyOf(form, breaks));
    if (!refusal) close();
    return refusal;
  };
  const rewrite = (index, more) => setBreaks(breaks.map((one, at) => (at === index ? { ...one, ...more } : one)));
  return html`<h2 id="new-shift">${words.plan.title}</h2>
    <p class="note">${words.plan.lead}</p>
    <label>${words.plan.date}<input type="date" required min=${today} value=${form.date} onInput=${write("date")} /></label>
    <div class="pair">
      <label>${words.plan.from}<input type="time" required value=${form.from} onInput=${write("from")} /></label>
      <label>${words.plan.to}<input type="time" required value=${form.to} onInput=${write("to")} /></label>
    </div>
    ${form.to <= form.from && html`<p class="note" role="status">${words.plan.nextDay}</p>`}
    ${breaks.map(
      (one, index) => html`<${Break} key=${index} n=${index + 1} of=${one} change=${(more) => rewrite(index, more)}
        drop=${() => setBreaks(breaks.filter((_, at) => at !== index))} />`,
    )}
    ${breaks.length < MOST_BREAKS &&
    html`<button type="button" class="plain" onClick=${() => setBreaks([...breaks, { earliest: "12:00", latest: "13:00", minutes: 30 }])}>
      ${words.plan.addBreak}</button>`}
    <${Doing} class="big" act=${save}>${words.plan.save}<//>
    <button type="button" class="plain" onClick=${close}>${words.close}</button>`;
}

function Break({ n, of, change, drop }) {
  return html`<fieldset class="card"><legend>${say(words.plan.break, { n })}</legend>
    <div class="pair">
      <label>${words.plan.earliest}<input type="time" value=${of.earliest} onInput=${({ target }) => change({ earliest: target.value })} /></label>
      <label>${words.plan.latest}<input type="time" value=${of.latest} onInput=${({ target }) => change({ latest: target.value })} /></label>
    </div>
    <label>${words.plan.lasts}<select onChange=${({ target }) => change({ minutes: Number(target.value) })}>
      ${MINUTES.map((one) => html`<option value=${one} selected=${one === of.minutes}>${duration(one * 60)}</option>`)}
    </select></label>
    <button type="button" class="plain" onClick=${drop}>${words.plan.without}</button>
  </fieldset>`;
}

/** Do it, and show the shifts as they are then; or say why not. */
async function change(method, path, body) {
  try {
    await call(method, path, body);
  } catch (error) {
    // Gone already is as good as taken back.
    if (!(method === "DELETE" && error.status === 404)) {
      throw error;
    }
  }
  await keep("shifts", (await call("GET", "v1/driver/shifts")).shifts);
  return "";
}

/** What the server takes: instants. A time before the shift's start belongs to the day after. */
function bodyOf({ date, from, to }, breaks) {
  const at = (clock) => {
    const start = new Date(`${date}T${from}`);
    const found = new Date(`${date}T${clock}`);
    if (found < start || (clock === to && to <= from)) found.setDate(found.getDate() + 1);
    return found.toISOString();
  };
  const rests = breaks.map((one) => ({
    earliest_at: at(one.earliest),
    latest_at: at(one.latest),
    duration_s: one.minutes * 60,
  }));
  rests.sort((a, b) => (a.earliest_at < b.earliest_at ? -1 : 1));
  return { start_at: new Date(`${date}T${from}`).toISOString(), end_at: at(to), breaks: rests };
}

/** A day as a date field has it, by the phone's own calendar. @param {Date} at */
function onCalendar(at) {
  const two = (n) => String(n).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}
