// When does the driver want to work? The next shifts, a new one with its breaks, and one taken back.

import { html, useRef, useState } from "../../vendor/ui.js";
import { call } from "./api.js";
import { now } from "./clock.js";
import { Doing } from "./parts.js";
import { useApp } from "./state.js";
import { keep } from "./store.js";
import { day, duration, time, words } from "./words.js";

// Not in words.js: the shell carries that one, and these are read once a day.
const said = {
  plan: "Plan a shift",
  lead: "Offers come while you are on duty. A planned shift tells the desk to count on you, and a text comes an hour before.",
  date: "Day",
  from: "From",
  to: "To",
  nextDay: "Ends the day after.",
  addBreak: "Add a break",
  break: (n) => `Break ${n}`,
  earliest: "Begins after",
  latest: "Begins before",
  lasts: "Lasts",
  without: "Leave this break out",
  save: "Plan it",
  close: "Close",
  cancel: "Take back",
  sure: "Take this shift back?",
  yes: "Yes, take it back",
  no: "Keep it",
  none: "No shift is planned.",
  rest: (text, from, to) => `${text} of rest, to begin between ${from} and ${to}`,
  refused: {
    shift_overlaps: "You have a shift at that time already.",
    shift_in_the_past: "That time is over.",
    shift_too_far_ahead: "That is too far ahead; try again nearer to the day.",
    shift_day_limit: "That would be more hours than one day may have.",
    shift_week_limit: "That would be more hours than one week may have.",
    shift_has_begun: "This shift has begun. Go off duty instead.",
  },
};
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
      : html`<p class="note">${said.none}</p>`}
    <button type="button" class="second" onClick=${open}>${said.plan}</button>
    <dialog ref=${dialog} aria-labelledby="new-shift">
      <${NewShift} key=${turn} close=${() => dialog.current.close()} />
    </dialog>
  </section>`;
}

function Planned({ shift }) {
  const [asked, ask] = useState(false);
  const takeBack = () => change("DELETE", `v1/driver/shifts/${shift.id}`);
  return html`<li>
    ${words.shift(day(shift.start_at), time(shift.start_at), time(shift.end_at))}
    ${shift.breaks.map(
      (one) => html`<span class="note">${said.rest(duration(one.duration_s), time(one.earliest_at), time(one.latest_at))}</span>`,
    )}
    ${asked
      ? html`<p role="status">${said.sure}</p>
          <div class="pair">
            <${Doing} class="second" act=${takeBack}>${said.yes}<//>
            <button type="button" class="plain" onClick=${() => ask(false)}>${said.no}</button>
          </div>`
      : html`<button type="button" class="plain" aria-label=${`${said.cancel}: ${day(shift.start_at)}`}
          onClick=${() => ask(true)}>${said.cancel}</button>`}
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
  return html`<h2 id="new-shift">${said.plan}</h2>
    <p class="note">${said.lead}</p>
    <label>${said.date}<input type="date" required min=${today} value=${form.date} onInput=${write("date")} /></label>
    <div class="pair">
      <label>${said.from}<input type="time" required value=${form.from} onInput=${write("from")} /></label>
      <label>${said.to}<input type="time" required value=${form.to} onInput=${write("to")} /></label>
    </div>
    ${form.to <= form.from && html`<p class="note" role="status">${said.nextDay}</p>`}
    ${breaks.map(
      (one, index) => html`<${Break} key=${index} n=${index + 1} of=${one} change=${(more) => rewrite(index, more)}
        drop=${() => setBreaks(breaks.filter((_, at) => at !== index))} />`,
    )}
    ${breaks.length < MOST_BREAKS &&
    html`<button type="button" class="plain" onClick=${() => setBreaks([...breaks, { earliest: "12:00", latest: "13:00", minutes: 30 }])}>
      ${said.addBreak}</button>`}
    <${Doing} class="big" act=${save}>${said.save}<//>
    <button type="button" class="plain" onClick=${close}>${said.close}</button>`;
}

function Break({ n, of, change, drop }) {
  return html`<fieldset class="card"><legend>${said.break(n)}</legend>
    <div class="pair">
      <label>${said.earliest}<input type="time" value=${of.earliest} onInput=${({ target }) => change({ earliest: target.value })} /></label>
      <label>${said.latest}<input type="time" value=${of.latest} onInput=${({ target }) => change({ latest: target.value })} /></label>
    </div>
    <label>${said.lasts}<select onChange=${({ target }) => change({ minutes: Number(target.value) })}>
      ${MINUTES.map((one) => html`<option value=${one} selected=${one === of.minutes}>${duration(one * 60)}</option>`)}
    </select></label>
    <button type="button" class="plain" onClick=${drop}>${said.without}</button>
  </fieldset>`;
}

/** Do it, and show the shifts as they are then; or say why not. */
async function change(method, path, body) {
  try {
    await call(method, path, body);
  } catch (error) {
    // Gone already is as good as taken back.
    if (!(method === "DELETE" && error.status === 404)) {
      if (said.refused[error.reason]) return said.refused[error.reason];
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
