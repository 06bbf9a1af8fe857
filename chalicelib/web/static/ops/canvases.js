// What are the map's canvases? Each is as large as the map, and drawn anew whenever that has moved.

/** Half of the square that is drawn anew for a place: the largest picture, and a pixel of rounding. */
const REACH_PX = 18;

/**
 * @param {any} map @param {string} name @param {number} level
 * @param {(pen: CanvasRenderingContext2D, near: (point: {x: number, y: number}) => boolean) => void} paint
 *   draws what is `near`; more does no harm
 * @param {() => any[] | null} places where it looks other than it was drawn; null for everywhere
 */
export function sheet(map, name, level, paint, places = () => null) {
  const pane = map.createPane(name);
  pane.style.zIndex = String(level);
  pane.style.pointerEvents = "none";
  const canvas = document.createElement("canvas");
  pane.append(canvas);
  let frame = 0;
  let isOther = true;
  const paintNow = () => {
    cancelAnimationFrame(frame);
    frame = 0;
    const { x, y } = map.getSize();
    if (!x || !y) return;
    const pen = penOf(canvas, x, y);
    const corner = map.containerPointToLayerPoint([0, 0]);
    canvas.style.transform = `translate(${corner.x}px, ${corner.y}px)`;
    const some = isOther ? null : places();
    isOther = false;
    if (some && !some.length) return;
    pen.save();
    const near = some ? within(pen, some.map((one) => map.latLngToContainerPoint(point(one)))) : () => true;
    pen.clearRect(0, 0, x, y);
    paint(pen, near);
    pen.restore();
  };
  const draw = () => ((isOther = true), paintNow());
  const soon = () => (frame ||= requestAnimationFrame(paintNow));
  map.on("moveend zoomend resize", draw);
  map.on("move", () => ((isOther = true), soon()));
  return { draw, soon };
}

function penOf(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  return pen;
}

/** Keeps the pen to squares around points; what it returns says which pictures may reach into one. */
function within(pen, points) {
  const size = 2 * REACH_PX;
  const cells = new Set();
  pen.beginPath();
  for (const { x, y } of points) {
    pen.rect(Math.round(x) - REACH_PX, Math.round(y) - REACH_PX, size, size);
    const [column, row] = [Math.floor(x / size), Math.floor(y / size)];
    for (let across = -1; across <= 1; across++) for (let down = -1; down <= 1; down++) cells.add(cell(column + across, row + down));
  }
  pen.clip();
  return ({ x, y }) => cells.has(cell(Math.floor(x / size), Math.floor(y / size)));
}

const cell = (column, row) => row * 65536 + column;

export const point = (one) => /** @type {[number, number]} */ ([one.latitude, one.longitude]);

/** The page's colours, read again when the day turns dark. */
export function palette() {
  let known = /** @type {any} */ (null);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", () => (known = null));
  return () => {
    if (known) return known;
    const style = getComputedStyle(document.documentElement);
    const names = ["card", "ink", "quiet", "mark", "late", "soon", "over", "warn", "road", "main-road", "line"];
    known = Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
    known.pictures = new Map();
    return known;
  };
}
