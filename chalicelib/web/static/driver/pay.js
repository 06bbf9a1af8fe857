// What has the driver earned? Days, their routes, what each stop brought; and the next shifts.

import { html, useEffect, useState } from "../../vendor/ui.js";
import { loadEarnings } from "./actions.js";
import { PaidRoute } from "./pay-stops.js";
import { Shifts } from "./shifts.js";
import { useApp } from "./state.js";
import { day, duration, money, say, words } from "./words.js";

export function Pay() {
  const { earnings } = useApp();
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    loadEarnings().then((known) => setFailed(!known));
  }, []);
  const days = (earnings?.days ?? []).filter((one) => one.routes.length > 0 || one.online_s > 0);
  return html`<h1>${words.payTitle}</h1>
    ${days.length > 0
      ? html`<section class="now done">
            <p class="eyebrow">${words.week}</p>
            <p class="sum">${sums(earnings.totals)}</p>
          </section>
          ${[...days].reverse().map((one) => html`<${Day} key=${one.day} of=${one} />`)}`
      : html`<p class="note">${failed ? words.payOff : words.payNothing}</p>`}
    <${Shifts} />`;
}

function Day({ of }) {
  const online = of.online_s > 0 ? ` · ${say(words.online, { time: duration(of.online_s) })}` : "";
  return html`<section class="card day">
    <h2>${day(of.day)}<span class="note">${online}</span><strong>${sums(of.totals)}</strong></h2>
    ${of.routes.map((route) => html`<${PaidRoute} key=${route.statement_id} of=${route} />`)}
  </section>`;
}

/** @param {{amount_minor: number, currency: string}[]} totals */
function sums(totals) {
  return totals.map((one) => money(one.amount_minor, one.currency)).join(" + ") || "–";
}
