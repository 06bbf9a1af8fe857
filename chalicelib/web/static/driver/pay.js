// What has the driver earned? Days, routes and the lines that each is made of; and the next shifts.

import { html, useEffect, useState } from "../../vendor/ui.js";
import { loadEarnings } from "./actions.js";
import { Shifts } from "./shifts.js";
import { useApp } from "./state.js";
import { day, duration, money, say, time, words } from "./words.js";

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
    ${of.routes.map(
      (route) => html`<details key=${route.statement_id}>
        <summary>${say(words.routeUntil, { time: time(route.ended_at) })}
          <strong>${money(route.pay.total_minor, route.pay.currency)}</strong></summary>
        <dl class="lines">
          ${route.pay.lines.map(
            (line) => html`<div><dt>${words.payLines[line.kind] ?? line.kind}</dt>
              <dd>${money(line.amount_minor, route.pay.currency)}</dd></div>`,
          )}
        </dl>
      </details>`,
    )}
  </section>`;
}

/** @param {{amount_minor: number, currency: string}[]} totals */
function sums(totals) {
  return totals.map((one) => money(one.amount_minor, one.currency)).join(" + ") || "–";
}
