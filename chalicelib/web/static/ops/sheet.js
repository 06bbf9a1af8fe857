// How is an area drawn? On a small map of the hub: other areas, today's doors, and corners that are buttons.

import { html, useEffect, useRef, useState } from "../../vendor/ui.js";
import { covers, frameOf, insertAt } from "./shapes.js";

const SIZE = 360;

export function Sheet({ parts, ring, others, hub, doors, at, choose, take, move, add, remove }) {
  const sheet = useRef(/** @type {any} */ (null));
  const fitted = () => frameOf([...parts.flat(2), ...others.flat(3), [hub.longitude, hub.latitude]], SIZE);
  const [frame, fit] = useState(fitted);
  const [held, hold] = useState(-1);
  const outside = parts.flat(2).some((one) => frame.to(one).some((at) => at < 0 || at > SIZE));
  // The frame stays while somebody drags: a map that jumps under the hand cannot be drawn on.
  useEffect(() => { if (outside && held < 0) fit(fitted()); }, [outside, held]);
  const spot = (event) => {
    const box = sheet.current.getBoundingClientRect();
    return frame.back([((event.clientX - box.left) / box.width) * SIZE, ((event.clientY - box.top) / box.height) * SIZE]);
  };
  useEffect(() => {
    if (held < 0) return;
    const drag = (event) => move(held, spot(event));
    const drop = () => hold(-1);
    const ends = ["pointerup", "pointercancel"];
    addEventListener("pointermove", drag);
    ends.forEach((name) => addEventListener(name, drop));
    return () => { removeEventListener("pointermove", drag); ends.forEach((name) => removeEventListener(name, drop)); };
  }, [held]);
  const key = (event, n) => {
    const step = frame.degrees * (event.shiftKey ? 10 : 1);
    const by = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] }[event.key];
    if (by) move(n, [ring[n][0] + by[0], ring[n][1] + by[1]]);
    else if (event.key === "Delete" && ring.length > 3) remove(n);
    else return;
    event.preventDefault();
  };
  const press = (event) => {
    const { corner, ring: other } = event.target.dataset;
    if (other) take(other.split(".").map(Number));
    else if (corner === undefined) add(insertAt(spot(event), ring), spot(event));
  };
  const line = (points) => `M${points.map((one) => frame.to(one).join(" ")).join("L")}Z`;
  const lines = (several) => several.flat().map(line).join("");
  const [hubX, hubY] = frame.to([hub.longitude, hub.latitude]);
  return html`<svg class="sheet" ref=${sheet} viewBox=${`0 0 ${SIZE} ${SIZE}`} role="group" aria-label="Map of the area" onClick=${press}>
    ${others.map((one, n) => html`<path key=${`o${n}`} class="other" d=${lines(one)} />`)}
    <path class="drawn" d=${lines(parts)} />
    <path class="chosen-ring" d=${line(ring)} />
    ${doors.map((one, n) => { const [x, y] = frame.to(one); return html`<circle key=${`d${n}`} class=${covers(one, parts) ? "in" : "out"} cx=${x} cy=${y} r="2.5" />`; })}
    <rect class="hub" x=${hubX - 5} y=${hubY - 5} width="10" height="10"><title>The hub</title></rect>
    ${parts.flatMap((rings, p) => rings.map((one, r) => one !== ring && html`<path key=${`r${p}.${r}`} class="ring" data-ring=${`${p}.${r}`} d=${line(one)} />`))}
    ${ring.map((one, n) => { const [x, y] = frame.to(one); return html`<circle key=${`c${n}`} data-corner=${n} class=${n === at ? "corner chosen" : "corner"} cx=${x} cy=${y} r="9"
      tabindex="0" role="button" aria-label=${`Corner ${n + 1}`} onFocus=${() => choose(n)} onKeyDown=${(event) => key(event, n)} onPointerDown=${(event) => { event.preventDefault(); choose(n); hold(n); }} />`; })}
  </svg>`;
}
