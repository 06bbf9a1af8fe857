// How does the recipient's map become one that can be moved? The picture's own streets, on a canvas.

import * as leaflet from "../../vendor/leaflet.js";
import { corners, from } from "../map/lines.js";
import { loadStyle } from "../map/style.js";

/** @param {HTMLElement} box The place of the picture, which is hidden once the map stands. */
export async function open(box) {
  await loadStyle();
  const picture = box.querySelector("svg");
  const told = box.dataset;
  const door = [Number(told.latitude), Number(told.longitude)];
  const place = from(door[0], door[1]);
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const frame = document.createElement("div");
  frame.className = "moving";
  box.append(frame);
  const map = leaflet.map(frame, {
    renderer: leaflet.canvas({ padding: 0.5 }),
    attributionControl: false,
    zoomControl: false,
    zoomSnap: 0.25,
    minZoom: 12,
    maxZoom: 18,
    scrollWheelZoom: false,
    zoomAnimation: !still,
    fadeAnimation: !still,
    markerZoomAnimation: !still,
  });
  leaflet.control.zoom({ zoomInTitle: told.in, zoomOutTitle: told.out }).addTo(map);
  // The map takes + and - from the keyboard: its buttons need no stops on the way to what follows.
  for (const one of frame.querySelectorAll(".leaflet-control-zoom a")) one.setAttribute("tabindex", "-1");
  const [left, top, width, height] = picture.getAttribute("viewBox").split(" ").map(Number);
  map.fitBounds([place([left, top]), place([left + width, top + height])], { animate: false });
  const streets = leaflet.layerGroup().addTo(map);
  const look = getComputedStyle(picture);
  const lines = ["side", "main"].map((name) => corners(box.querySelector(`#streets-${name}`)?.getAttribute("d") ?? "").map((line) => line.map(place)));
  function draw() {
    streets.clearLayers();
    const colour = (/** @type {string} */ name) => look.getPropertyValue(name).trim();
    const layers = [
      [lines[0], "--edge", 6], [lines[1], "--edge", 9],
      [lines[0], "--street", 4.5], [lines[1], "--avenue", 7],
    ];
    for (const [line, name, weight] of layers) {
      leaflet.polyline(line, { color: colour(name), weight, interactive: false }).addTo(streets);
    }
  }
  draw();
  // A canvas keeps the colours it was drawn with; evening comes while the map is open.
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  const tones = () => ({ card: look.getPropertyValue("--card").trim(), warn: look.getPropertyValue("--warn").trim() });
  const mark = (at, radius, fillColor) =>
    leaflet.circleMarker(at, { radius, weight: 3, color: tones().card, fillColor, fillOpacity: 1, interactive: false });
  const goal = mark(door, 10, tones().warn).addTo(map);
  /** @type {any} */
  let driver, way;
  /** @param {[number, number] | null} at */
  function move(at) {
    driver?.remove();
    way?.remove();
    const line = { color: look.getPropertyValue("--mark").trim(), weight: 3, dashArray: "1 7", interactive: false };
    way = at ? leaflet.polyline([place(at), door], line).addTo(map) : undefined;
    driver = at ? mark(place(at), 10, "#ffc857").addTo(map) : undefined;
    goal.bringToFront();
  }
  const seen = /translate\((-?\d+) (-?\d+)\)/.exec(box.querySelector("#dot").getAttribute("transform") ?? "");
  if (seen && box.querySelector("#dot").getAttribute("visibility") !== "hidden") move([Number(seen[1]), Number(seen[2])]);
  picture.setAttribute("hidden", "");
  frame.setAttribute("role", "region");
  frame.setAttribute("aria-label", picture.getAttribute("aria-label") ?? "");
  document.documentElement.dataset.map = "ready";
  return { move };
}
