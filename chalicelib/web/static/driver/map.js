// Where do the stops lie? Leaflet with one canvas: streets, the way, numbered stops; nobody else's tiles.

import * as leaflet from "../../vendor/leaflet.js";
import { corners, from } from "../map/lines.js";
import { loadStyle } from "../map/style.js";
import { here } from "./pings.js";
import { isOpen, nextStop } from "./route.js";
import { recall } from "./store.js";
import { words } from "./words.js";

/** @import { Route } from "./route.js" */

/** @param {HTMLElement} box */
export async function open(box) {
  await loadStyle();
  const renderer = leaflet.canvas({ padding: 0.3 });
  const streets = await recall("streets");
  const has = { zoomControl: false, attributionControl: Boolean(streets?.credit) };
  const map = leaflet.map(box, { renderer, zoomSnap: 0.5, ...has });
  leaflet.control.zoom({ zoomInTitle: words.zoomIn, zoomOutTitle: words.zoomOut }).addTo(map);
  if (streets?.credit) map.attributionControl.setPrefix(false).addAttribution(streets.credit);
  leaflet.control.scale({ imperial: false }).addTo(map);
  const layer = leaflet.layerGroup().addTo(map);
  /** @type {Route | undefined} */
  let shown;
  /** @param {Route} route */
  function show(route) {
    layer.clearLayers();
    if (streets?.middle) pave(layer, streets);
    draw(layer, route);
    if (!shown) {
      const bounds = leaflet.latLngBounds(route.stops.map(point));
      map.fitBounds(bounds.pad(0.15), { maxZoom: 16, animate: false });
    }
    shown = route;
  }
  // A canvas keeps the colours it was drawn with; evening comes while the map is open.
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const redraw = () => shown && show(shown);
  dark.addEventListener("change", redraw);
  return {
    show,
    close() {
      dark.removeEventListener("change", redraw);
      map.remove();
    },
  };
}

/** @param {{position: {latitude: number, longitude: number}}} stop */
function point({ position }) {
  return /** @type {[number, number]} */ ([position.latitude, position.longitude]);
}

/** @param {any} layer @param {{middle: any, main: string, side: string}} streets */
function pave(layer, { middle, main, side }) {
  const style = getComputedStyle(document.documentElement);
  const place = from(middle.latitude, middle.longitude);
  const [narrow, wide] = [side, main].map((lines) => corners(lines).map((line) => line.map(place)));
  const looks = [[narrow, 5, "--quiet", 0.3], [wide, 8, "--quiet", 0.3], [narrow, 3, "--card", 1], [wide, 6, "--card", 1]];
  for (const [lines, weight, name, opacity] of looks) {
    const color = style.getPropertyValue(name).trim();
    leaflet.polyline(lines, { color, weight, opacity, interactive: false }).addTo(layer);
  }
}

/** @param {any} layer @param {Route} route */
function draw(layer, route) {
  const style = getComputedStyle(document.documentElement);
  const colour = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  const next = nextStop(route);
  const ahead = route.stops.filter(isOpen);
  const behind = route.stops.filter((stop) => !isOpen(stop));
  const way = (stops, options) => leaflet.polyline(stops.map(point), options).addTo(layer);
  way([...behind, ...ahead.slice(0, 1)], { color: colour("--quiet"), weight: 3, opacity: 0.4 });
  way(ahead, { color: colour("--mark"), weight: 4 });
  for (const [index, stop] of route.stops.entries()) {
    const over = !isOpen(stop);
    leaflet
      .circleMarker(point(stop), {
        radius: stop === next ? 17 : 13,
        color: colour("--card"),
        weight: 2,
        fillColor: over ? colour("--quiet") : stop === next ? colour("--warn") : colour("--mark"),
        fillOpacity: 1,
      })
      .bindTooltip(String(index + 1), { permanent: true, direction: "center", className: "number" })
      .addTo(layer);
  }
  const me = here();
  if (me) {
    const look = { radius: 8, color: colour("--card"), weight: 3, fillColor: "#2b6fd6", fillOpacity: 1 };
    leaflet.circleMarker([me.latitude, me.longitude], look).addTo(layer);
  }
}
