"""Can the words of a page be read on their ground? Measured in the browser itself."""

#: Of each part its words and their contrast: WCAG 2.2 AA, 1.4.3, wants 4.5 to 1 at least.
CONTRAST = """(parts) => {
  const parse = (c) => c.match(/[\\d.]+/g).map(Number);
  const lum = (c) => { const [r, g, b] = c.slice(0, 3).map((v) => {
    v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ground = (e) => { for (; e; e = e.parentElement) {
    const c = parse(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c; }
    return [255, 255, 255]; };
  return parts.map((e) => { const a = lum(parse(getComputedStyle(e).color)), b = lum(ground(e));
    return [e.textContent.trim(), (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)]; });
}"""
