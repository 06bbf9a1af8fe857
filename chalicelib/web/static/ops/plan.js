// Would a new plan be better? Asked for, looked at line by line, committed, taken back.

import { html, useEffect, useState } from "../../vendor/ui.js";
import { get, post } from "./api.js";
import { reload } from "./board.js";
import { say } from "./done.js";
import { select, state, useDesk } from "./state.js";
import { cost, driverName, kilometres, late, minutes, REASON } from "./words.js";

/** Asked again so often while it is solved, and given up after so long. */
const EVERY_MS = 1500;
const PATIENCE = 120;

function Plan() {
  const hub = useDesk(() => state.hub);
  const [plan, show] = useState(/** @type {any} */ (null));
  const [problem, fail] = useState(/** @type {any} */ (null));
  const [busy, work] = useState(false);
  useEffect(() => show(null), [hub]);
  const guarded = (what) => async () => {
    work(true);
    fail(null);
    await what().catch(fail);
    work(false);
  };
  const ask = guarded(async () => {
    let told = await post("/v1/plans", { hub_id: hub.id, dry_run: true });
    for (let turn = 0; told.status === "queued" && turn < PATIENCE; turn++) {
      show(told);
      await new Promise((go) => setTimeout(go, EVERY_MS));
      told = await get(`/v1/plans/${told.id}`);
    }
    show(told);
  });
  const commit = guarded(async () => {
    const told = await post(`/v1/plans/${plan.id}/commit`);
    show(told);
    say(`The plan is real: ${told.commit.routes.length} routes.`, undo);
    reload();
  });
  const undo = guarded(async () => {
    await post(`/v1/plans/${plan.id}/undo`);
    show(null);
    say("The plan was taken back.");
    reload();
  });
  return html`<p class="quiet">A new plan of what waits and of the routes that no driver has. Nothing changes before you commit it.</p>
    <p class="buttons"><button type="button" class=${plan?.proposal ? "" : "go"} disabled=${busy} onClick=${ask}>${plan ? "Plan again" : "Make a plan"}</button></p>
    <div aria-live="polite">
      ${problem && html`<p class="said" role="alert">${problem.detail}</p>`}
      ${plan?.status === "queued" && html`<p class="quiet">${busy ? "Planning ..." : "It takes longer than usual; plan again later."}</p>`}
      ${plan?.status === "failed" && html`<p class="said">There is no plan: ${REASON(plan.failure)}.</p>`}
      ${plan?.commit && html`<${Committed} of=${plan.commit} />`}
      ${plan?.proposal && !plan.commit && html`<${Proposal} of=${plan.proposal} />`}
    </div>
    ${plan?.status === "proposed" && html`<p class="buttons"><button type="button" class="go" disabled=${busy} onClick=${commit}>Commit this plan</button></p>`}
    ${plan?.status === "committed" && html`<p class="buttons"><button type="button" disabled=${busy} onClick=${undo}>Undo the plan</button></p>`}`;
}

function Proposal({ of }) {
  const { before, after } = of;
  return html`<dl class="sums">
      <div><dt>Routes</dt><dd>${before.routes} → ${after.routes}</dd></div>
      <div><dt>Late</dt><dd>${minutes(after.late_s - before.late_s)}</dd></div>
      <div><dt>Cost</dt><dd>${cost(after.cost.total_points - before.cost.total_points)}</dd></div>
      <div><dt>Way</dt><dd>${kilometres(after.distance_m - before.distance_m)}</dd></div>
    </dl>
    <h3>What moves <span class="quiet">${of.moved.length}</span></h3>
    <ul class="rows">${of.moved.map((one) => html`<li key=${one.delivery_id}><button type="button" class="row" onClick=${() => choose(one)}>
      <span class="what">${from(one)} → ${to(one)}<span class="quiet">${REASON(one.why)}; ${late(one.late_before_s)}, then ${late(one.late_after_s)}${one.cost_before_points !== null && one.cost_after_points !== null ? `; cost ${cost(one.cost_after_points - one.cost_before_points)}` : ""}</span></span></button></li>`)}</ul>
    ${of.unserved.length > 0 && html`<h3>What stays behind <span class="quiet">${of.unserved.length}</span></h3>
      <ul class="rows">${of.unserved.map((one) => html`<li key=${one.delivery_id}>…${one.delivery_id.slice(-6)}: ${REASON(one.reason)}${one.relaxation ? `; ${REASON(one.relaxation.lever)} by ${one.relaxation.amount}${one.relaxation.pays ? ", and that pays" : ""}` : ""}</li>`)}</ul>`}
    ${of.stale.length > 0 && html`<p class="said">${of.stale.length} changed meanwhile and would be left as they are.</p>`}`;
}

function Committed({ of }) {
  return html`<p>${of.routes.length} routes are real, by ${of.by}.${of.dropped.length ? ` ${of.dropped.length} deliveries had changed meanwhile and were left as they are.` : ""}</p>`;
}

const from = (one) => (one.from_driver_id ? driverName(one.from_driver_id) : one.from_route_id ? "a route without a driver" : "waits");
const to = (one) => (one.to_driver_id ? driverName(one.to_driver_id) : one.to_route_id ? "a new route" : "waits");

function choose(one) {
  if (state.waiting.has(one.delivery_id)) select({ kind: "delivery", id: one.delivery_id });
  const route = state.routes.get(one.from_route_id);
  const stop = route?.stops.find((it) => it.kind === "dropoff" && it.deliveries.includes(one.delivery_id));
  if (stop) select({ kind: "stop", id: stop.id });
}

export default { id: "plan", title: "Plan", Panel: Plan };
