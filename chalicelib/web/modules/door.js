/* How does a recipient move the pin? Plain forms do the rest; without this module the card that
   holds the sketch stays hidden. Metres east and south of the sketch's middle are turned into
   degrees on a flat earth, which is right to centimetres within two kilometres. */
const find = (id) => document.getElementById(id);
const card = find("pinning"), sketch = find("sketch"), pin = find("pin"), where = find("where");
const half = Number(sketch.dataset.half);
const middle = {
  latitude: Number(sketch.dataset.latitude),
  longitude: Number(sketch.dataset.longitude),
};
const METRES = (Math.PI / 180) * 6371008.8;
const shrink = Math.cos((middle.latitude * Math.PI) / 180);
const spots = [...sketch.querySelectorAll(".spot")];
let at = null;
let view = { x: 0, y: 0, half };

/* The page brings our sentences in the reader's language: see tracking/door.py. */
const words = JSON.parse(card.dataset.words);
const say = (name, values) => words[name].replace(/{(\w+)}/g, (_, key) => values[key]);
const length = (metres) =>
  metres < 1000 ? say("metres", { n: Math.round(metres / 10) * 10 }) : say("kilometres", { n: (metres / 1000).toFixed(1) });

function draw() {
  sketch.setAttribute("viewBox", `${view.x - view.half} ${view.y - view.half} ${2 * view.half} ${2 * view.half}`);
  /* Marks keep their size on the screen, whatever is seen of the town. */
  const unit = view.half / 160;
  for (const spot of spots) {
    const { x, y } = spot.dataset;
    spot.setAttribute("transform", `translate(${x} ${y}) scale(${unit}) translate(${-x} ${-y})`);
  }
  for (const scale of sketch.querySelectorAll(".scale")) scale.setAttribute("font-size", 12 * unit);
  pin.toggleAttribute("hidden", at === null);
  if (at) pin.setAttribute("transform", `translate(${at.x} ${at.y}) scale(${unit})`);
}

function put(x, y, before = "") {
  at = { x: Math.round(x), y: Math.round(y) };
  if (Math.max(Math.abs(at.x - view.x), Math.abs(at.y - view.y)) > view.half) {
    view = { x: at.x, y: at.y, half: Math.max(view.half, 250) };
  }
  find("latitude").value = (middle.latitude - at.y / METRES).toFixed(6);
  find("longitude").value = (middle.longitude + at.x / (METRES * shrink)).toFixed(6);
  find("send").disabled = false;
  const near = spots
    .map((spot) => ({ letter: spot.dataset.letter, dx: at.x - spot.dataset.x, dy: at.y - spot.dataset.y }))
    .sort((one, other) => Math.hypot(one.dx, one.dy) - Math.hypot(other.dx, other.dy))[0];
  const from = near ?? { letter: "", dx: at.x, dy: at.y };
  const away = Math.hypot(from.dx, from.dy);
  const name = from.letter || words.there;
  const wind = words.winds[Math.round(((Math.atan2(from.dx, -from.dy) * 180) / Math.PI + 360) / 45) % 8];
  const place = away < 10 ? say("at", { name }) : say("away", { distance: length(away), wind, name });
  const far = Math.hypot(at.x, at.y) > 2000 ? ` ${words.far}` : "";
  where.textContent = `${before}${place}${far}`;
  draw();
}

function zoom(factor) {
  const seen = at ?? { x: view.x, y: view.y };
  view = { x: seen.x, y: seen.y, half: Math.min(4000, Math.max(40, view.half * factor)) };
  draw();
}

function locate() {
  where.textContent = words.asking;
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      const x = (coords.longitude - middle.longitude) * METRES * shrink;
      const y = (middle.latitude - coords.latitude) * METRES;
      const vague = coords.accuracy > 150;
      put(x, y, vague ? `${say("vague", { distance: length(coords.accuracy) })} ` : "");
    },
    () => { where.textContent = words.silent; },
    { enableHighAccuracy: true, timeout: 15000, maximumAge: 0 },
  );
}

function pointed(event) {
  const box = sketch.getBoundingClientRect();
  const scale = (2 * view.half) / Math.min(box.width, box.height);
  put(
    view.x + (event.clientX - box.left - box.width / 2) * scale,
    view.y + (event.clientY - box.top - box.height / 2) * scale,
  );
}

sketch.addEventListener("pointerdown", (event) => {
  sketch.setPointerCapture(event.pointerId);
  pointed(event);
});
sketch.addEventListener("pointermove", (event) => {
  if (sketch.hasPointerCapture(event.pointerId)) pointed(event);
});
sketch.addEventListener("keydown", (event) => {
  const step = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key];
  if (!step) return;
  event.preventDefault();
  const metres = event.shiftKey ? 50 : 10;
  put((at?.x ?? 0) + step[0] * metres, (at?.y ?? 0) + step[1] * metres);
});
find("closer").addEventListener("click", () => zoom(0.5));
find("wider").addEventListener("click", () => zoom(2));
find("here").addEventListener("click", locate);
if (!("geolocation" in navigator)) find("here").hidden = true;
card.hidden = false;
draw();
