// What would come of it? The dialog in which a stop is moved: looked at first, then done, or not.

import { html, useEffect, useRef, useState } from "../../vendor/ui.js";
import { post } from "./api.js";
import { isOpen, isShown, refresh } from "./board.js";
import { say, undoable } from "./done.js";
import { set, state, useDesk } from "./state.js";
import { brandName, cost, driverName, kilometres, late, minutes, REASON, routeName, STATUS, stopName } from "./words.js";

const WAITS = "waits";

export function Mover() {
  const moving = useDesk(() => state.moving);
  const dialog = useRef(null);
  useEffect(() => {
    if (!moving) dialog.current?.close();
  }, [moving]);
  const close = () => set({ moving: null });
  return html`<dialog ref=${dialog} class="mover" aria-labelledby="mover-title" onClose=${close}>
    ${moving && html`<${Move} key=${(moving.stop ?? moving.delivery).id} moving=${moving} close=${close} />`}
  </dialog>`;
}

/** Opened in the breath in which it is drawn: what is typed a moment later is meant for it. */
function shown(form) {
  const dialog = form?.closest("dialog");
  if (dialog && !dialog.open) dialog.showModal();
}

function Move({ moving, close }) {
  const { stop, route, delivery } = moving;
  const [to, choose] = useState(moving.to ?? "");
  const [before, place] = useState("");
  const [seen, show] = useState(/** @type {any} */ (null));
  const [problem, fail] = useState(/** @type {any} */ (null));
  const [conflict, clash] = useState(/** @type {any} */ (null));
  const [reason, explain] = useState("");
  const [busy, work] = useState(false);
  const send = (more) => ask(moving, to, before, more);
  // Who chooses anew before the answer has come is not shown what would come of the other.
  const turn = useRef(0);
  const look = async () => {
    const mine = ++turn.current;
    const counts = () => mine === turn.current;
    show(null);
    fail(null);
    work(Boolean(to));
    if (!to) return;
    await send({}).then((told) => counts() && show(told), (no) => counts() && fail(no));
    if (counts()) work(false);
  };
  useEffect(() => void look(), [to, before]);
  const commit = async () => {
    work(true);
    fail(null);
    try {
      const force = seen.needs_force ? { force: true, reason } : {};
      const done = await send({ preview: false, if_version: seen.if_version, ...force });
      close();
      say(told(moving, to), undoable(done.change_id));
      refresh();
    } catch (refused) {
      if (refused.code === "preview_stale") {
        clash(refused);
        await look();
        refresh();
      } else fail(refused);
    }
    work(false);
  };
  const what = stop ? stopName(stop) : brandName(delivery.merchant_id);
  const blocked = !seen || busy || (seen.needs_force && !reason.trim());
  return html`<form method="dialog" ref=${shown} onSubmit=${(event) => (event.preventDefault(), blocked || commit())}>
    <h2 id="mover-title">Move ${what}</h2>
    <p class="quiet">${route ? `Now with ${routeName(route)}` : "Now on no route"}</p>
    <div class="fields">
      <label class="field">Move to <select value=${to} autofocus onChange=${(event) => (place(""), clash(null), choose(event.target.value))}>
        <option value="">choose a route</option>
        ${targets(route).map((one) => html`<option key=${one.id} value=${one.id}>${routeName(one)} (${one === route ? "another place" : STATUS[one.status]})</option>`)}
        ${stop && html`<option value=${WAITS}>no route: the next wave plans it</option>`}
      </select></label>
      ${to && to !== WAITS && html`<${Place} to=${to} stop=${stop} before=${before} onPlace=${place} />`}
    </div>
    <div aria-live="polite">
      ${conflict && html`<${Conflict} of=${conflict} />`}
      ${problem && html`<p class="said" role="alert">${problem.detail}${problem.told.reason ? ` (${REASON(problem.told.reason)})` : ""}</p>`}
      ${busy && !seen && html`<p class="quiet">Reckoning what would come of it ...</p>`}
      ${seen && html`<${Preview} of=${seen} />`}
    </div>
    ${seen?.needs_force && html`<label class="field">Why it has to be all the same
      <input required maxlength="300" value=${reason} onInput=${(event) => explain(event.target.value)} /></label>`}
    <p class="buttons"><button type="submit" class=${seen?.needs_force ? "warn" : "go"} disabled=${blocked}>${seen?.needs_force ? "Move it all the same" : "Move it"}</button>
      <button type="button" onClick=${close}>Leave it</button></p>
  </form>`;
}

function Place({ to, stop, before, onPlace }) {
  const ahead = (state.routes.get(to)?.stops ?? []).filter((one) => one.status === "pending" && one.kind === "dropoff" && one.id !== stop?.id);
  return html`<label class="field">Place <select value=${before} onChange=${(event) => onPlace(event.target.value)}>
    <option value="">where it costs least</option>
    ${ahead.map((one, index) => html`<option key=${one.id} value=${one.id}>before door ${index + 1}: ${stopName(one)}</option>`)}
  </select></label>`;
}

function targets(route) {
  const open = [...state.routes.values()].filter((one) => isOpen(one) && (isShown(one) || one === route));
  const all = open.length > 1 ? open : [...state.routes.values()].filter(isOpen);
  return all.sort((one, other) => routeName(one).localeCompare(routeName(other)));
}

function ask({ stop, route, delivery }, to, before, more) {
  const place = before ? { before_stop_id: before } : {};
  if (delivery) {
    const whose = { merchant_id: delivery.merchant_id, delivery_id: delivery.id };
    return post(`/v1/routes/${to}/deliveries`, { ...whose, ...place, ...more });
  }
  const where = to === WAITS ? { unassign: true } : { to_route_id: to, ...place };
  return post(`/v1/routes/${route.id}/stops/${stop.id}/move`, { ...where, ...more });
}

function told({ stop, delivery }, to) {
  const what = stop ? stopName(stop) : brandName(delivery.merchant_id);
  return to === WAITS ? `${what} waits for the next wave.` : `${what} goes with ${routeName(state.routes.get(to))}.`;
}

/** Lateness, cost and way, before anything is done. */
export function Preview({ of }) {
  const changed = of.deliveries.filter((one) => one.late_before_s !== one.late_after_s);
  return html`<dl class="sums">
      <div><dt>Late, all in all</dt><dd class=${worse(of.late_delta_s)}>${minutes(of.late_delta_s)}</dd></div>
      <div><dt>Cost</dt><dd class=${worse(of.cost_delta_points)}>${cost(of.cost_delta_points)}</dd></div>
      <div><dt>Way</dt><dd>${kilometres(of.distance_delta_m)}</dd></div>
      <div><dt>Time</dt><dd>${minutes(of.duration_delta_s)}</dd></div>
    </dl>
    ${changed.length > 0 && html`<details><summary>${changed.length} ${changed.length === 1 ? "delivery is" : "deliveries are"} at another lateness</summary>
      <ul class="rows">${changed.map((one) => html`<li key=${one.delivery_id}>…${one.delivery_id.slice(-6)}: ${late(one.late_before_s)}, then ${late(one.late_after_s)}</li>`)}</ul></details>`}
    ${of.violations.length > 0 && html`<div class="said"><p><strong>It breaks ${of.violations.length === 1 ? "a limit" : "limits"}:</strong></p>
      <ul>${of.violations.map((one) => html`<li>${REASON(one.code)}${one.route_id ? `, ${nameOf(one.route_id)}` : ""}${one.reason ? `: ${one.reason}` : ""}</li>`)}</ul></div>`}`;
}

const worse = (value) => (value > 0 ? "worse" : value < 0 ? "better" : "");

const nameOf = (routeId) => (state.routes.has(routeId) ? routeName(state.routes.get(routeId)) : "a route");

/** Somebody was faster: what changed, and what would come of it now. */
function Conflict({ of }) {
  const { by, route_id: routeId, change } = of.told;
  const route = state.routes.get(routeId);
  const who = by ?? (route?.driver_id ? `${driverName(route.driver_id)}'s app, or a wave,` : "somebody");
  return html`<div class="said conflict" role="alert"><p><strong>${who} changed ${nameOf(routeId)} meanwhile${change ? ` (${REASON(change)})` : ""}.</strong></p>
    <p>Nothing was done. Below is what would come of it now.</p></div>`;
}
