// What shows that it was handed over? Exactly what this door asks for, and what the driver adds.

import { html, useEffect, useRef, useState } from "../../vendor/ui.js";
import { tapStop } from "./actions.js";
import { no, yes } from "./feel.js";
import { Icon, later } from "./parts.js";
import { small } from "./photo.js";
import { numberOf, whereItBelongs } from "./route.js";
import { money, say, words } from "./words.js";

/** @import { Requirements, Stop, Route } from "./route.js" */

const Scanner = later(() => import("./scanner.js"), "Scanner");
const Signature = later(() => import("./signature.js"), "Signature");

/** Everything that is asked for at a door, over all of its parcels. @param {Stop} stop */
export function asked(stop) {
  const all = stop.deliveries.map((one) => one.requirements ?? {});
  const ages = all.map((one) => one.id_min_age ?? 0);
  return {
    leave: all.some((one) => one.action === "leave_at_door"),
    photo: all.some((one) => one.photo),
    pin: all.some((one) => one.pin),
    signature: all.some((one) => one.signature),
    barcode: all.some((one) => one.barcode),
    age: Math.max(0, ...ages),
    cash_minor: all.reduce((sum, one) => sum + (one.cash_on_delivery?.amount_minor ?? 0), 0),
    currency: all.find((one) => one.cash_on_delivery)?.cash_on_delivery?.currency ?? "EUR",
  };
}

/** @param {{stop: Stop, route: Route}} props */
export function Handover({ stop, route }) {
  const wanted = asked(stop);
  const [given, setGiven] = useState(/** @type {Record<string, any>} */ ({}));
  const give = (/** @type {object} */ part) => setGiven((before) => ({ ...before, ...part }));
  const missing = [
    wanted.photo && !given.photo && "photo",
    wanted.pin && !/^\d{4}$/.test(given.pin ?? "") && "pin",
    wanted.signature && !given.signature && "signature",
    wanted.barcode && !given.barcode && "barcode",
    wanted.age > 0 && !given.age && "id_age",
    wanted.cash_minor > 0 && !given.cash && "cash",
  ].filter(Boolean);
  // A photo is made small for a moment: who is quicker than that means it, too.
  const taking = useRef(/** @type {Promise<Blob> | null} */ (null));
  const ending = useRef(false);
  const done = async () => {
    if (ending.current) return;
    ending.current = true;
    try {
      const photo = (await taking.current) ?? given.photo;
      await tapStop("complete", stop, proofs(wanted, given), images({ ...given, photo }));
    } catch {
      // A picture that could not be read is said where it was taken.
      ending.current = false;
    }
  };
  return html`<div class="handover">
    <p class="action">${wanted.leave ? words.leave : words.meet}</p>
    <${Photo} photo=${given.photo} taking=${taking} give=${give} must=${wanted.photo} />
    ${wanted.pin && html`<${Pin} give=${give} />`}
    ${wanted.age > 0 && html`<${Tick} name="age" text=${say(words.id, { age: wanted.age })} give=${give} />`}
    ${wanted.cash_minor > 0 &&
    html`<${Tick} name="cash" text=${say(words.cash, { money: money(wanted.cash_minor, wanted.currency) })} give=${give} />`}
    ${wanted.signature && html`<${Signature} give=${give} />`}
    <${HandedTo} given=${given} give=${give} />
    <${RightParcel} stop=${stop} route=${route} give=${give} />
    ${missing.length > 0 &&
    html`<p class="note" id="missing">${say(words.stillNeeded, { what: missing.map((one) => words.needNames[one]).join(" · ") })}</p>`}
    <button type="button" class="big" disabled=${missing.length > 0} onClick=${done}>${words.done}</button>
  </div>`;
}

/** What is noted, whatever language it was tapped in: the desk reads it. */
const QUICK = { recipient: "Recipient", neighbour: "Neighbour", reception: "Reception", safe_place: "Safe place" };

/** What is sent as it is; pictures get their ids when they are announced. */
function proofs(wanted, given) {
  const name = given.name?.trim() || QUICK[given.quick];
  const shown = [
    wanted.pin && { kind: "pin", pin: given.pin },
    wanted.age > 0 && { kind: "id_age", min_age: wanted.age },
    wanted.cash_minor > 0 && { kind: "cash", cash_minor: wanted.cash_minor },
    given.barcode && { kind: "barcode", barcode: given.barcode },
    name && { kind: "name", name },
  ].filter(Boolean);
  return shown.length > 0 ? { proofs: shown } : {};
}

function images(given) {
  return ["photo", "signature"].filter((kind) => given[kind]).map((kind) => ({ kind, blob: given[kind] }));
}

function Photo({ photo, taking, give, must }) {
  const [bad, setBad] = useState(false);
  const [shown, show] = useState("");
  useEffect(() => {
    if (!photo) return undefined;
    const address = URL.createObjectURL(photo);
    show(address);
    return () => URL.revokeObjectURL(address);
  }, [photo]);
  const take = async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    try {
      taking.current = small(file);
      give({ photo: await taking.current });
      setBad(false);
    } catch {
      taking.current = null;
      setBad(true);
    }
  };
  return html`<div class="photo">
    ${photo && shown && html`<img src=${shown} alt=${words.photoTaken} />`}
    <label class="button ${must && !photo ? "" : "second"}">
      <${Icon} of="photo" />${photo ? words.photoAgain : words.photo}
      <input type="file" accept="image/*" capture="environment" class="hidden" onChange=${take} />
    </label>
    ${bad && html`<p class="said" role="alert">${words.photoBad}</p>`}
  </div>`;
}

function Pin({ give }) {
  return html`<label class="field">${words.pin} <span class="note">${words.pinHint}</span>
    <input class="digits" inputmode="numeric" autocomplete="off" pattern="[0-9]{4}" maxlength="4"
      onInput=${(event) => give({ pin: event.target.value })} />
  </label>`;
}

function Tick({ name, text, give }) {
  return html`<label class="choice">
    <input type="checkbox" onChange=${(event) => give({ [name]: event.target.checked })} />
    <span>${text}</span>
  </label>`;
}

function HandedTo({ given, give }) {
  return html`<details class="handed">
    <summary>${words.handedTo} <bdi class="note">${given.name || words.handedQuick[given.quick]}</bdi></summary>
    <div class="quick">
      ${Object.entries(words.handedQuick).map(
        ([quick, name]) => html`<button type="button" class="second" aria-pressed=${!given.name && given.quick === quick}
          onClick=${() => give({ quick, name: "" })}>${name}</button>`,
      )}
    </div>
    <label class="field"><span class="note">${words.handedToHint}</span>
      <input maxlength="120" autocomplete="off" dir="auto" value=${given.name ?? ""}
        onInput=${(event) => give({ name: event.target.value })} />
    </label>
  </details>`;
}

/** A scan at the door: is this the parcel for here? */
function RightParcel({ stop, route, give }) {
  const [said, setSaid] = useState({ text: "", good: true });
  const read = (code) => {
    const found = whereItBelongs(route, code);
    const right = found?.stop.id === stop.id;
    (right ? yes : no)();
    if (right) give({ barcode: code.trim().slice(0, 100) });
    const text = right
      ? say(words.rightParcel, { where: stop.address })
      : found
        ? say(words.otherStop, { n: numberOf(route, found.stop), address: found.stop.address })
        : words.foreignParcel;
    setSaid({ text, good: right });
  };
  return html`<${Scanner} read=${read} />
    <p class="heard ${said.good ? "good" : "bad"}" role="status">${said.text}</p>`;
}
