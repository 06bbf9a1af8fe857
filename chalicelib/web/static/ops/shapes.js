// What is inside a ring, how large is it, and where does it lie on a small sheet? Points are [lng, lat].

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
