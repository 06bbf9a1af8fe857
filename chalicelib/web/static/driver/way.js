// Where does the way lead? The map of the route, which is loaded when it is first looked at.

import { html, useEffect, useRef, useState } from "../../vendor/ui.js";
import { useApp } from "./state.js";
import { words } from "./words.js";

export function Way() {
  const { route } = useApp();
  const box = useRef(null);
  const opening = useRef(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    if (!route || !box.current) return;
    opening.current ??= import("./map.js").then((map) => map.open(box.current));
    opening.current.then((map) => map.show(route)).catch(() => setFailed(true));
  }, [route]);
  useEffect(() => () => void opening.current?.then((map) => map.close()), []);
  if (!route) return html`<h1>${words.mapTitle}</h1><p class="note">${words.mapEmpty}</p>`;
  return html`<h1 class="hidden">${words.mapTitle}</h1>
    ${failed
      ? html`<p class="said" role="alert">${words.mapFailed}</p>`
      : html`<div ref=${box} class="map" dir="ltr" role="application" aria-label=${words.mapTitle}></div>`}
    <p class="note">${words.mapLead}</p>`;
}
