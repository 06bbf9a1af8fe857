// Which streets lie below? Tiles of the hub's own street file, as lines; a plain ground without one.

import { get } from "./api.js";
import { state } from "./state.js";

/** Coarse tiles have main streets only, fine ones all of them. */
const COARSE = 12;
const FINE = 15;
const STEPS = 4096;
const MOST = 60;

/**
 * @param {any} map @param {() => any} colours @param {(credit: string) => void} arrived
 * @returns {(pen: CanvasRenderingContext2D) => void}
 */
export function streetsUnder(map, colours, arrived) {
  /** @type {Map<string, any>} */
  const tiles = new Map();
  let frame = 0;
  const again = (credit) => (frame ||= requestAnimationFrame(() => ((frame = 0), arrived(credit))));
  const tile = (hub, zoom, x, y) => {
    const name = `${hub}/${zoom}/${x}/${y}`;
    if (!tiles.has(name)) {
      tiles.set(name, null);
      get("/ops/streets", { hub_id: hub, zoom, x, y })
        .then((told) => (tiles.set(name, told), again(told.credit)))
        .catch(() => tiles.delete(name));
    }
    return tiles.get(name);
  };
  return (pen) => {
    if (!state.hub) return;
    const zoom = map.getZoom() >= FINE - 1 ? FINE : COARSE;
    const scale = 2 ** (map.getZoom() - zoom) * 256;
    const { x: left, y: top } = map.getPixelBounds().min;
    const size = map.getSize();
    const [x0, y0] = [Math.floor(left / scale), Math.floor(top / scale)];
    const [x1, y1] = [Math.floor((left + size.x) / scale), Math.floor((top + size.y) / scale)];
    if ((x1 - x0 + 1) * (y1 - y0 + 1) > MOST) return;
    for (let x = x0; x <= x1; x++) {
      for (let y = y0; y <= y1; y++) {
        const told = tile(state.hub.id, zoom, x, y);
        if (told) draw(pen, told, x * scale - left, y * scale - top, scale / STEPS, colours());
      }
    }
  };
}

function draw(pen, told, left, top, step, colour) {
  for (const [lines, stroke, wide] of [
    [told.side, colour.road, 1],
    [told.main, colour["main-road"], 2.5],
  ]) {
    pen.beginPath();
    for (const line of lines) {
      for (let at = 0; at < line.length; at += 2) {
        const [x, y] = [left + line[at] * step, top + line[at + 1] * step];
        if (at) pen.lineTo(x, y);
        else pen.moveTo(x, y);
      }
    }
    pen.strokeStyle = stroke;
    pen.lineWidth = wide;
    pen.stroke();
  }
}
