// Leaflet measures what it draws: its style has to be there first.

/** @type {Promise<unknown> | undefined} */
let style;

/** Load it once, whoever asks. */
export function loadStyle() {
  style ??= new Promise((resolve, reject) => {
    const href = new URL("../../vendor/leaflet.css", import.meta.url).href;
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
    link.onload = resolve;
    link.onerror = () => {
      style = undefined;
      link.remove();
      reject(new Error("the map's style did not come"));
    };
    document.head.append(link);
  });
  return style;
}
