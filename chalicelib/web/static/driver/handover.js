// What shows that it was handed over? Exactly what this door asks for, and what the driver adds.

import { html, useEffect, useRef, useState } from "../../vendor/ui.js";
import { tapStop } from "./actions.js";
import { no, yes } from "./feel.js";
import { Icon } from "./parts.js";
import { small, toBlob } from "./photo.js";
import { numberOf, whereItBelongs } from "./route.js";
import { Scanner } from "./scanner.js";
import { money, words } from "./words.js";

/** @import { Requirements, Stop, Route } from "./route.js" */

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
  const done = () => tapStop("complete", stop, proofs(wanted, given), images(given));
  return html`<div class="handover">
    <p class="action">${wanted.leave ? words.leave : words.meet}</p>
    <${Photo} photo=${given.photo} give=${give} must=${wanted.photo} />
    ${wanted.pin && html`<${Pin} give=${give} />`}
    ${wanted.age > 0 && html`<${Tick} name="age" text=${words.id(wanted.age)} give=${give} />`}
    ${wanted.cash_minor > 0 &&
    html`<${Tick} name="cash" text=${words.cash(money(wanted.cash_minor, wanted.currency))} give=${give} />`}
    ${wanted.signature && html`<${Signature} give=${give} />`}
    <${HandedTo} given=${given} give=${give} />
    <${RightParcel} stop=${stop} route=${route} give=${give} />
    ${missing.length > 0 &&
    html`<p class="note" id="missing">${words.stillNeeded(missing.map((one) => words.needNames[one]).join(", "))}</p>`}
    <button type="button" class="big" disabled=${missing.length > 0} onClick=${done}>${words.done}</button>
  </div>`;
}

/** What is sent as it is; pictures get their ids when they are announced. */
function proofs(wanted, given) {
  const shown = [
    wanted.pin && { kind: "pin", pin: given.pin },
    wanted.age > 0 && { kind: "id_age", min_age: wanted.age },
    wanted.cash_minor > 0 && { kind: "cash", cash_minor: wanted.cash_minor },
    given.barcode && { kind: "barcode", barcode: given.barcode },
    given.name?.trim() && { kind: "name", name: given.name.trim() },
  ].filter(Boolean);
  return shown.length > 0 ? { proofs: shown } : {};
}

function images(given) {
  return ["photo", "signature"].filter((kind) => given[kind]).map((kind) => ({ kind, blob: given[kind] }));
}

function Photo({ photo, give, must }) {
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
      give({ photo: await small(file) });
      setBad(false);
    } catch {
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
    <summary>${words.handedTo} <span class="note">${given.name}</span></summary>
    <div class="quick">
      ${words.handedQuick.map(
        (name) => html`<button type="button" class="second" aria-pressed=${given.name === name}
          onClick=${() => give({ name })}>${name}</button>`,
      )}
    </div>
    <label class="field"><span class="note">${words.handedToHint}</span>
      <input maxlength="120" autocomplete="off" value=${given.name ?? ""}
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
      ? words.rightParcel(stop.address)
      : found
        ? words.otherStop(numberOf(route, found.stop), found.stop.address)
        : words.foreignParcel;
    setSaid({ text, good: right });
  };
  return html`<${Scanner} read=${read} />
    <p class="heard ${said.good ? "good" : "bad"}" role="status">${said.text}</p>`;
}

function Signature({ give }) {
  const pad = useRef(null);
  const start = (event) => {
    const pen = pad.current.getContext("2d");
    pad.current.setPointerCapture(event.pointerId);
    pen.beginPath();
    pen.lineWidth = 3;
    pen.lineCap = pen.lineJoin = "round";
    pen.moveTo(...at(pad.current, event));
  };
  const draw = (event) => {
    if (event.pressure === 0 && event.buttons === 0) return;
    const pen = pad.current.getContext("2d");
    pen.lineTo(...at(pad.current, event));
    pen.stroke();
  };
  const end = async () => give({ signature: await toBlob(pad.current, "image/png") });
  const clear = () => {
    pad.current.getContext("2d").clearRect(0, 0, pad.current.width, pad.current.height);
    give({ signature: undefined });
  };
  return html`<div class="signature">
    <p id="sign-hint">${words.signature} <span class="note">${words.signatureHint}</span></p>
    <canvas ref=${pad} width="640" height="260" role="img" aria-labelledby="sign-hint"
      onPointerDown=${start} onPointerMove=${draw} onPointerUp=${end}></canvas>
    <button type="button" class="plain" onClick=${clear}>${words.signatureClear}</button>
  </div>`;
}

function at(pad, event) {
  const box = pad.getBoundingClientRect();
  const scale = pad.width / box.width;
  return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
}
