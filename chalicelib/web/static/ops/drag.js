// How is a stop carried to a route? A mouse lifts it at once, a finger or a pen by resting on it, so
// that whoever scrolls, scrolls. Keys use the dialog alone, in which every way of carrying ends.

import { set, state } from "./state.js";
import { brandName, routeName, stopName } from "./words.js";

/** Less than this is a press that trembled [px]; fingers tremble more. */
const MEANT_PX = { mouse: 6, pen: 10, touch: 12 };
/** Who rests so long on a thing means it [ms]; before that time a browser opens no menu. */
const HELD_MS = 400;
/** Near the edge of a list it goes on by itself: so near, so far each time [px], so often [ms]. */
const EDGE_PX = 48, STEP_PX = 14, EVERY_MS = 30;
const SCROLLS = ".list, .gantt";

/** Something is in the hand; and it was carried, so its press is no press. */
let lifted = false;
let carried = false;

/**
 * The map, while there is one: what is meant at a place of the window, what to show as meant, and
 * whether it has to stand still.
 * @type {{at: (x: number, y: number, what: any) => Aim, show: (aim: Aim) => void, still: (is: boolean) => void} | null}
 */
let ground = null;

/** @typedef {{id: string, name: string} | null} Aim a route; without an id it says why there is none. */

export const setGround = (map) => (ground = map);

/** The handlers of something that can be carried to a route: `{stop, route}` or `{delivery}`. */
export function draggable(what) {
  return {
    onPointerDown: (event) => event.button === 0 && lift(event, what, event.pointerType !== "mouse"),
    onClickCapture: swallow,
    onDragStart: (event) => event.preventDefault(),
  };
}

/** The click of a press that carried something. */
export function swallow(event) {
  if (carried) event.stopImmediatePropagation();
  carried = false;
}

/** Of what scrolls under fingers: it stands still while one of them carries. */
export function keepStill(event) {
  if (lifted && event.cancelable) event.preventDefault();
}

/**
 * @param {PointerEvent} start @param {any} what
 * @param {boolean} held whether it is lifted only by whoever rests on it @param {() => void} [onLift]
 */
export function lift(start, what, held, onLift) {
  if (!start.isPrimary) return;
  const ghost = Object.assign(document.createElement("div"), { className: "ghost" });
  let last = start, scroller = 0;
  let mark = /** @type {Element | null} */ (null), aim = /** @type {Aim} */ (null);
  carried = lifted = false;
  const raise = () => {
    lifted = true;
    ground?.still(true);
    onLift?.();
    if (held) look(start);
  };
  const look = (at) => {
    last = at;
    if (!ghost.isConnected) {
      document.body.append(ghost);
      scroller = setInterval(() => scrollNear(last) && look(last), EVERY_MS);
    }
    const under = document.elementFromPoint(at.clientX, at.clientY);
    const row = under?.closest("[data-route]") ?? null;
    const found = row ? aimOf(row) : (under?.closest(".canvas") && ground?.at(at.clientX, at.clientY, what)) || null;
    if (row !== mark) {
      mark?.classList.remove("target");
      row?.classList.add("target");
      mark = row;
    }
    if (found?.id !== aim?.id) ground?.show(found);
    aim = found;
    ghost.textContent = aim ? (aim.id ? `${nameOf(what)} → ${aim.name}` : aim.name) : `Drop ${nameOf(what)} on a driver or a route`;
    // Beside a mouse, above a finger, and never out of the window.
    const left = Math.max(4, Math.min(at.clientX + 12, innerWidth - ghost.offsetWidth - 8));
    ghost.style.transform = `translate(${left}px, ${at.clientY + (start.pointerType === "mouse" ? 12 : -64)}px)`;
  };
  const go = (event) => {
    if (event.pointerId !== start.pointerId) return;
    const far = Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY) > (MEANT_PX[start.pointerType] ?? 6);
    // Who moves before it is lifted scrolls, or moves the map.
    if (!lifted) return void (far && end(event));
    carried ||= far;
    if (carried) look(event);
  };
  const end = (event) => {
    for (const [name, hear] of heard) removeEventListener(name, hear);
    clearTimeout(timer);
    clearInterval(scroller);
    ghost.remove();
    mark?.classList.remove("target");
    ground?.show(null);
    ground?.still(false);
    if (lifted && carried && event.type === "pointerup" && aim?.id) set({ moving: { ...what, to: aim.id } });
    lifted = false;
    // The click of this very press comes at once, if it comes at all.
    setTimeout(() => (carried = false));
  };
  const heard = /** @type {[string, any][]} */ ([
    ["pointermove", go],
    ["pointerup", (event) => event.pointerId === start.pointerId && end(event)],
    ["pointercancel", (event) => event.pointerId === start.pointerId && end(event)],
    // A second finger zooms.
    ["pointerdown", (event) => event.pointerId !== start.pointerId && end(event)],
    ["keydown", (event) => event.key === "Escape" && end(event)],
    ["contextmenu", (event) => start.pointerType !== "mouse" && event.preventDefault()],
  ]);
  for (const [name, hear] of heard) addEventListener(name, hear);
  const timer = held ? setTimeout(raise, HELD_MS) : 0;
  if (!held) raise();
}

function aimOf(row) {
  const route = state.routes.get(row.getAttribute("data-route") ?? "");
  return route ? { id: route.id, name: routeName(route) } : null;
}

const nameOf = ({ stop, delivery }) => (stop ? stopName(stop) : brandName(delivery.merchant_id));

/** Whether something was scrolled, because the pointer is near its edge. */
function scrollNear({ clientX, clientY }) {
  const box = document.elementFromPoint(clientX, clientY)?.closest(SCROLLS);
  if (!box) return false;
  const { top, bottom } = box.getBoundingClientRect();
  const by = clientY > bottom - EDGE_PX ? STEP_PX : clientY < top + EDGE_PX ? -STEP_PX : 0;
  const before = box.scrollTop;
  if (by) box.scrollTop += by;
  return box.scrollTop !== before;
}
