// Which parts do several screens share? Icons, times that run down, ways to navigate.

import { html, useEffect, useState } from "../../vendor/ui.js";
import { now } from "./clock.js";
import { say, words } from "./words.js";

/** Seconds until a time by the server's clock; right also after the screen was locked. */
export function useSecondsUntil(at) {
  const left = () => (Date.parse(at) - now().getTime()) / 1000;
  const [seconds, set] = useState(left());
  useEffect(() => {
    const look = () => set(left());
    look();
    const timer = setInterval(look, 250);
    document.addEventListener("visibilitychange", look);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [at]);
  return seconds;
}

const PATHS = {
  today: "M4 6h16M4 12h16M4 18h10",
  map: "M9 4 3 6.5v13L9 17l6 3 6-2.5v-13L15 7 9 4zm0 0v13m6-10v13",
  pay: "M3 7h18v10H3zM12 14.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM6.5 12h.01M17.5 12h.01",
  help: "M9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .8-1 1.7m0 3h.01M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z",
  way: "M3 11 21 3l-8 18-2.5-7.5L3 11z",
  call: "M6 3h3l1.5 5-2 1.5a12 12 0 0 0 6 6l1.5-2 5 1.5v3a2 2 0 0 1-2 2A16 16 0 0 1 4 5a2 2 0 0 1 2-2z",
  text: "M4 5h16v11H9l-5 4V5z",
  photo: "M4 8h3.5L9 5.5h6L16.5 8H20v11H4zM12 16.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z",
  scan: "M4 8V4h4m8 0h4v4m0 8v4h-4m-8 0H4v-4M7 8v8m3-8v8m3-8v8m4-8v8",
  language: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM3 12h18M12 3c5 5 5 13 0 18-5-5-5-13 0-18z",
  check: "M5 12.5 10 17l9-10",
};

/** @param {{of: keyof typeof PATHS}} props */
export function Icon({ of }) {
  return html`<svg class="icon icon-${of}" viewBox="0 0 24 24" aria-hidden="true"><path d=${PATHS[of]} /></svg>`;
}

/** @param {{stop: import("./route.js").Stop}} props */
export function Navigate({ stop }) {
  const { latitude, longitude } = stop.position;
  const place = `${latitude},${longitude}`;
  const links = {
    geo: `geo:${place}?q=${place}(${encodeURIComponent(stop.address)})`,
    google: `https://www.google.com/maps/dir/?api=1&destination=${place}`,
    apple: `https://maps.apple.com/?daddr=${place}`,
    waze: `https://waze.com/ul?ll=${place}&navigate=yes`,
  };
  return html`<details class="navigate">
    <summary class="tool"><${Icon} of="way" />${words.navigate}</summary>
    <ul>
      ${Object.entries(links).map(
        ([name, link]) =>
          html`<li><a href=${link} target="_blank" rel="noreferrer">${words.navigators[name]}</a></li>`,
      )}
    </ul>
  </details>`;
}

/** Why something could not be done, in words that help. @param {any} error */
export function refusal(error) {
  if (error instanceof GeolocationPositionError) return words.needsPlace;
  if (!error.status) return words.needsSignal;
  const { code, reason, message } = error;
  const paper = words.papers[error.document];
  return paper ? say(words.needsPaper[code], { paper }) : words.refused[reason] ?? words.general[code] ?? message;
}

/** A button that waits for what it does, and says kindly when it could not. */
export function Doing({ act, children, ...rest }) {
  const [state, set] = useState({ busy: false, said: "" });
  const press = async () => {
    if (state.busy) return;
    set({ busy: true, said: "" });
    try {
      const said = await act();
      set({ busy: false, said: typeof said === "string" ? said : "" });
    } catch (error) {
      set({ busy: false, said: refusal(error) });
    }
  };
  return html`<button type="button" aria-busy=${state.busy} onClick=${press} ...${rest}>${children}</button>
    ${state.said && html`<p class="said" role="alert">${state.said}</p>`}`;
}

function Missing() {
  return html`<p class="said" role="alert">${words.needsSignal}</p>`;
}

/** A part that is fetched when it is first shown; the phone keeps it for when there is no signal.
 * @param {() => Promise<Record<string, any>>} load @param {string} name */
export function later(load, name) {
  let known = null;
  return (props) => {
    const [Part, show] = useState(() => known);
    const fetched = (found) => show(() => (known = found[name]));
    useEffect(() => void (known ?? load().then(fetched, () => show(() => Missing))), []);
    return Part && html`<${Part} ...${props} />`;
  };
}
