// Why is a delivery planned where it is, or why does it wait? The plan's own explanation, in words.

import { html } from "../../vendor/ui.js";
import { state } from "./state.js";
import { clock, cost, driverName, kilometres, late, minutes, REASON, routeName } from "./words.js";

const MOST_ELSEWHERE = 3;

export function Explained({ of }) {
  const { waits, on_route: there, desk } = of;
  return html`<div class="why"><h3>Why</h3>
    ${waits && html`<p>It waits: ${REASON(waits.reason)}${waits.from_at ? ` until ${clock(waits.from_at)}` : ""}${waits.constraint ? `; in the way is ${REASON(waits.constraint)}` : ""}.</p>
      ${waits.relaxation && html`<p>The cheapest way around: ${REASON(waits.relaxation.lever)} by ${waits.relaxation.amount}, cost ${cost(waits.relaxation.added_cost_points)}${waits.relaxation.pays ? ", and that pays" : ""}.</p>`}`}
    ${there && html`<p>${there.doors_before} doors before it, ${late(there.late_s)}.</p>`}
    ${desk?.alone && html`<p>Without it the route would cost ${cost(-desk.alone.cost.total_points)} and go ${kilometres(-desk.alone.distance_m)}.</p>`}
    ${desk?.elsewhere.length > 0 && html`<p>On other routes it would add:</p><ul class="rows">
      ${desk.elsewhere.slice(0, MOST_ELSEWHERE).map((one) => html`<li>${name(one)}: cost ${cost(one.added_cost_points)}, ${kilometres(one.added_distance_m)}, late ${minutes(one.added_late_s)}${one.new_violations.length ? `; breaks ${one.new_violations.map(REASON).join(", ")}` : ""}</li>`)}</ul>`}
    ${desk?.rules.map((one) => html`<p>A rule of ${one.by}: ${REASON(one.kind)}${one.reason ? `, “${one.reason}”` : ""}</p>`)}
    ${desk?.by_hand.map((one) => html`<p class="quiet">${clock(one.at)} ${one.by}: ${REASON(one.what)}</p>`)}
  </div>`;
}

function name(one) {
  const route = state.routes.get(one.route_id);
  return route ? routeName(route) : driverName(one.driver_id);
}
