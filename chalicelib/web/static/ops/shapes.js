// What is inside an area, how large is it, and where does it lie on a small sheet? Points are [lng, lat].
// An area has parts; a part is its outline and then its holes, rings that do not repeat their first corner.

const KM_PER_DEGREE = 111.32;

/** Five decimals of a degree are a metre. */
export const roundTo = (degrees) => Math.round(degrees * 1e5) / 1e5;

/** @param {number[]} point @param {number[][]} ring */
export function inside([x, y], ring) {
  let is = false;
  ring.forEach(([x1, y1], n) => {
    const [x2, y2] = ring[(n || ring.length) - 1];
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) is = !is;
  });
  return is;
}

/** @param {number[][]} ring */
export function areaKm2(ring) {
  const shrink = Math.cos((ring[0][1] * Math.PI) / 180);
  const twice = ring.reduce((sum, [x, y], n) => {
    const [x2, y2] = ring[(n + 1) % ring.length];
    return sum + (x * y2 - x2 * y) * shrink;
  }, 0);
  return (Math.abs(twice) / 2) * KM_PER_DEGREE ** 2;
}

/** @param {any} geometry GeoJSON @returns {number[][][][]} */
export function partsOf(geometry) {
  const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
  return polygons.map((rings) => rings.map((ring) => ring.slice(0, -1)));
}

/** @param {number[][][][]} parts */
export function geometryOf(parts) {
  const polygons = parts.map((rings) => rings.map((ring) => [...ring, ring[0]]));
  return polygons.length === 1 ? { type: "Polygon", coordinates: polygons[0] } : { type: "MultiPolygon", coordinates: polygons };
}

const inPart = (point, [outline, ...holes]) => inside(point, outline) && !holes.some((hole) => inside(point, hole));

export const covers = (point, parts) => parts.some((part) => inPart(point, part));

/** What parts have, without their holes. */
export const wholeKm2 = (parts) => parts.reduce((sum, [outline, ...holes]) => sum + areaKm2(outline) - holes.reduce((less, hole) => less + areaKm2(hole), 0), 0);

const square = ([x, y], wide, high) => [[-1, -1], [1, -1], [1, 1], [-1, 1]].map(([along, up]) => [roundTo(x + along * wide), roundTo(y + up * high)]);

function boxOf(points) {
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [left, bottom, right, top] = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
  return { left, bottom, right, top, wide: right - left, high: top - bottom };
}

/** A new part to begin with: a square to the right of all others. */
export function besides(parts) {
  const { right, bottom, wide, high } = boxOf(parts.flat(2));
  return square([right + wide * 0.3, bottom + high / 2], wide * 0.2, high * 0.2);
}

/** A new hole to begin with: a square where the part has room, the middle before its edges; null if nowhere. */
export function roomIn(part) {
  const { left, bottom, wide, high } = boxOf(part[0]);
  const steps = [5, 4, 6, 3, 7, 2, 8];
  for (const size of [12, 30]) {
    for (const [up, along] of steps.flatMap((one) => steps.map((other) => [one, other]))) {
      const made = square([left + (wide * along) / 10, bottom + (high * up) / 10], wide / size, high / size);
      const around = square([left + (wide * along) / 10, bottom + (high * up) / 10], (wide / size) * 1.5, (high / size) * 1.5);
      const meets = part.slice(1).some((hole) => hole.some((corner) => inside(corner, around)));
      if ([...made, ...around].every((corner) => inPart(corner, part)) && !meets) return made;
    }
  }
  return null;
}

/** Between which corners a new point belongs: at the side that it is nearest to. */
export function insertAt([x, y], ring) {
  const away = ring.map(([x1, y1], n) => {
    const [x2, y2] = ring[(n + 1) % ring.length];
    const long = (x2 - x1) ** 2 + (y2 - y1) ** 2 || 1;
    const t = Math.min(1, Math.max(0, ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / long));
    return (x - x1 - t * (x2 - x1)) ** 2 + (y - y1 - t * (y2 - y1)) ** 2;
  });
  return away.indexOf(Math.min(...away)) + 1;
}

/** How a sheet of so many pixels shows some points, with room around; and back. */
export function frameOf(points, size) {
  const middle = [0, 1].map((axis) => (Math.min(...points.map((p) => p[axis])) + Math.max(...points.map((p) => p[axis]))) / 2);
  const shrink = Math.cos((middle[1] * Math.PI) / 180);
  const half = Math.max(0.005, ...points.map(([x, y]) => Math.max(Math.abs(x - middle[0]) * shrink, Math.abs(y - middle[1]))));
  const scale = size / (half * 2.6);
  return {
    degrees: 1 / scale,
    to: ([x, y]) => [size / 2 + (x - middle[0]) * shrink * scale, size / 2 - (y - middle[1]) * scale],
    back: ([px, py]) => [middle[0] + (px - size / 2) / scale / shrink, middle[1] - (py - size / 2) / scale],
  };
}
