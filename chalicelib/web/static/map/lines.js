// How are lines read that web/svgmap.py wrote? `M12 34l5 6 7-8`: a corner, then steps from it.

/** @param {string} d The `d` of a path. @returns {[number, number][][]} Metres east and south. */
export function corners(d) {
  return d.split("M").slice(1).map((line) => {
    const [x, y, ...steps] = line.match(/-?\d+/g).map(Number);
    const found = [[x, y]];
    for (let i = 0; i < steps.length; i += 2) {
      const [a, b] = found[found.length - 1];
      found.push([a + steps[i], b + steps[i + 1]]);
    }
    return found;
  });
}

const METRES = (Math.PI / 180) * 6371008.8;

/** Where a corner lies that is told from a middle. @param {number} latitude @param {number} longitude */
export function from(latitude, longitude) {
  const shrink = Math.cos((latitude * Math.PI) / 180);
  /** @param {[number, number]} corner @returns {[number, number]} */
  return ([x, y]) => [latitude - y / METRES, longitude + x / (METRES * shrink)];
}
