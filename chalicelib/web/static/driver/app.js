// What does the driver see? The frame of the app: where we stand, the screen, and the way about.

import { html, render, useEffect, useRef, useState } from "../../vendor/ui.js";
import { url } from "./api.js";
import { signOut } from "./actions.js";
import { Icon, later } from "./parts.js";
import { set, useApp } from "./state.js";
import { drop } from "./store.js";
import { start, sync } from "./sync.js";
import { Today } from "./today.js";
import { words } from "./words.js";

const SignIn = later(() => import("./sign-in.js"), "SignIn");

function App() {
  const { loaded, signedIn, tab } = useApp();
  if (!loaded) return null;
  if (!signedIn) return html`<${Bar} /><${SignIn} />`;
  const Screen = { today: Today, map: MapScreen, pay: PayScreen, help: Help }[tab];
  return html`<a class="skip" href="#main">${words.skip}</a>
    <${Bar} badge />
    <main id="main" class="page" tabindex="-1"><${Screen} /></main>
    <${Tabs} tab=${tab} />`;
}

function Bar({ badge }) {
  return html`<header class="bar"><span class="brand">${words.brand}</span>${badge && html`<${Badge} />`}</header>`;
}

/** How much is not sent yet; a tap on it shows what. */
function Badge() {
  const { waiting, photos, signal, troubles } = useApp();
  const dialog = useRef(null);
  const n = waiting.length + photos;
  const text = signal ? (n ? words.toSend(n) : words.synced) : n ? words.noSignalKept(n) : words.noSignal;
  const look = !signal ? "offline" : n ? "waiting" : "fine";
  return html`<button type="button" class="badge ${troubles.length ? "trouble" : look}"
      onClick=${() => dialog.current.showModal()}>
      <span class="dot" aria-hidden="true"></span>${troubles.length ? words.troubles : text}
    </button>
    <p class="hidden" role="status">${troubles.length ? words.troubles : signal ? "" : words.noSignal}</p>
    <dialog ref=${dialog} aria-labelledby="sheet"><${Sheet} close=${() => dialog.current.close()} /></dialog>`;
}

function Sheet({ close }) {
  const { waiting, photos, troubles } = useApp();
  const nothing = !waiting.length && !photos;
  return html`<h2 id="sheet">${words.sheetTitle}</h2>
    <p class="note">${words.sheetLead}</p>
    ${nothing && html`<p>${words.sheetNothing}</p>`}
    <ul class="kept">
      ${waiting.map((one) => html`<li key=${one.id}>${words.undone[one.kind] ?? words.undo}: ${one.label}</li>`)}
      ${photos > 0 && html`<li>${words.sheetPhotos(photos)}</li>`}
    </ul>
    ${troubles.length > 0 &&
    html`<h2>${words.troubles}</h2><p class="note">${words.troublesLead}</p>
      <ul class="kept">
        ${troubles.map(
          (one) => html`<li key=${one.seq}><strong>${words.undone[one.kind] ?? words.undo}: ${one.label}</strong>
            <span class="note">${words.trouble[one.code] ?? one.detail}</span></li>`,
        )}
      </ul>
      <button type="button" class="second" onClick=${() => drop("troubles", troubles.map((one) => one.seq))}>
        ${words.gotIt}</button>`}
    ${!nothing && html`<button type="button" onClick=${sync}>${words.sendNow}</button>`}
    <button type="button" class="plain" onClick=${close}>${words.close}</button>`;
}

function Tabs({ tab }) {
  return html`<nav class="tabs" aria-label=${words.brand}>
    ${Object.entries(words.tabs).map(
      ([name, text]) => html`<button type="button" aria-current=${tab === name ? "page" : undefined}
        onClick=${() => set({ tab: name })}><${Icon} of=${name} />${text}</button>`,
    )}
  </nav>`;
}

/** The map is loaded when it is first looked at. */
function MapScreen() {
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
      : html`<div ref=${box} class="map" role="application" aria-label=${words.mapTitle}></div>`}
    <p class="note">${words.mapLead}</p>`;
}

/** So is what was earned. */
function PayScreen() {
  const [Pay, show] = useState(null);
  useEffect(() => void import("./pay.js").then((pay) => show(() => pay.Pay)).catch(() => show(() => NoPay)), []);
  return Pay && html`<${Pay} />`;
}

function NoPay() {
  return html`<h1>${words.payTitle}</h1><p class="said" role="alert">${words.payOff}</p>`;
}

function Help() {
  const { waiting, photos } = useApp();
  const busy = waiting.length + photos > 0;
  return html`<h1>${words.helpTitle}</h1>
    <a class="button warn" href="tel:112">${words.sos}</a>
    <dl class="card help">
      ${words.help.map(([title, text]) => html`<dt>${title}</dt><dd>${text}</dd>`)}
    </dl>
    <p class="note aside">${words.install}</p>
    <button type="button" class="second" disabled=${busy} onClick=${signOut}>${words.signOut}</button>
    ${busy && html`<p class="note">${words.signOutLater}</p>`}`;
}

/** The second tap of a double tap would hit the button that took the first one's place. */
function onceOnly(event) {
  if (event.detail > 1 && event.target.closest("button.big")) event.stopImmediatePropagation();
}

async function begin() {
  addEventListener("click", onceOnly, true);
  await start();
  const place = /** @type {HTMLElement} */ (document.getElementById("app"));
  place.replaceChildren();
  render(html`<${App} />`, place);
  document.documentElement.dataset.ready = "yes";
  const scope = url("d");
  await navigator.serviceWorker?.register(url("d/sw.js"), { scope, updateViaCache: "none" });
}

begin();
