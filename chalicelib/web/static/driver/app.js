// What does the driver see? The frame of the app: where we stand, the screen, and the way about.

import { html, render, useRef } from "../../vendor/ui.js";
import { keepApp } from "./keeper.js";
import { Icon, later } from "./parts.js";
import { set, useApp } from "./state.js";
import { start } from "./sync.js";
import { Today } from "./today.js";
import { greet, say, words } from "./words.js";

// What no stop needs is fetched when it is first looked at.
const SignIn = later(() => import("./sign-in.js"), "SignIn");
const Way = later(() => import("./way.js"), "Way");
const Pay = later(() => import("./pay.js"), "Pay");
const Help = later(() => import("./help.js"), "Help");
const Sheet = later(() => import("./sheet.js"), "Sheet");

function App() {
  const { loaded, signedIn, tab } = useApp();
  if (!loaded) return null;
  if (!signedIn) return html`<${Bar} /><${SignIn} />`;
  const Screen = { today: Today, map: Way, pay: Pay, help: Help }[tab];
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
  const text = signal ? (n ? say(words.toSend, { n }) : words.synced) : n ? say(words.noSignalKept, { n }) : words.noSignal;
  const look = !signal ? "offline" : n ? "waiting" : "fine";
  return html`<button type="button" class="badge ${troubles.length ? "trouble" : look}"
      onClick=${() => dialog.current.showModal()}>
      <span class="dot" aria-hidden="true"></span>${troubles.length ? words.troubles : text}
    </button>
    <p class="hidden" role="status">${troubles.length ? words.troubles : signal ? "" : words.noSignal}</p>
    <dialog ref=${dialog} aria-labelledby="sheet"><${Sheet} close=${() => dialog.current.close()} /></dialog>`;
}

function Tabs({ tab }) {
  return html`<nav class="tabs" aria-label=${words.brand}>
    ${Object.entries(words.tabs).map(
      ([name, text]) => html`<button type="button" aria-current=${tab === name ? "page" : undefined}
        onClick=${() => set({ tab: name })}><${Icon} of=${name} />${text}</button>`,
    )}
  </nav>`;
}

/** The second tap of a double tap would hit the button that took the first one's place. */
function onceOnly(event) {
  if (event.detail > 1 && event.target.closest("button.big")) event.stopImmediatePropagation();
}

async function begin() {
  addEventListener("click", onceOnly, true);
  const [language] = await Promise.all([greet(), start()]);
  const place = /** @type {HTMLElement} */ (document.getElementById("app"));
  place.replaceChildren();
  render(html`<${App} />`, place);
  document.documentElement.dataset.ready = "yes";
  await keepApp(language);
}

begin();
