// How is a stop carried from one route to another? By the pointer; keys use the dialog alone.

import { set } from "./state.js";

/** Less than this is a press that trembled [px]. */
const MEANT_PX = 6;

/** What was carried last is not pressed as well. */
let carried = false;

/** The handlers of something that can be carried to a route: `{stop, route}` or `{delivery}`. */
export function draggable(what) {
  return {
    onPointerDown: (event) => {
      if (event.button === 0 && event.pointerType !== "touch") lift(event, what);
    },
    onClickCapture: (event) => {
      if (carried) event.stopImmediatePropagation();
      carried = false;
    },
    onDragStart: (event) => event.preventDefault(),
  };
}

/** @param {PointerEvent} start @param {any} what */
export function lift(start, what) {
  const ghost = document.createElement("div");
  ghost.className = "ghost";
  ghost.textContent = "Drop it on a route";
  let over = /** @type {Element | null} */ (null);
  carried = false;
  const mark = (next) => {
    over?.classList.remove("target");
    over = next;
    over?.classList.add("target");
  };
  const go = (event) => {
    if (!carried && Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY) < MEANT_PX) return;
    carried = true;
    if (!ghost.isConnected) document.body.append(ghost);
    ghost.style.transform = `translate(${event.clientX + 12}px, ${event.clientY + 12}px)`;
    mark(document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-route]") ?? null);
  };
  const end = (event) => {
    removeEventListener("pointermove", go);
    removeEventListener("pointerup", end);
    removeEventListener("pointercancel", end);
    removeEventListener("keydown", stop);
    ghost.remove();
    const target = over?.getAttribute("data-route");
    mark(null);
    if (carried && event.type === "pointerup" && target) set({ moving: { ...what, to: target } });
    // The click of this very press comes at once, if it comes at all.
    setTimeout(() => (carried = false));
  };
  const stop = (event) => event.key === "Escape" && end(event);
  addEventListener("pointermove", go);
  addEventListener("pointerup", end);
  addEventListener("pointercancel", end);
  addEventListener("keydown", stop);
}
