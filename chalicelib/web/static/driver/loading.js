// Is everything on board? The checklist of a pickup: each parcel with the stop it is for.

import { html, useState } from "../../vendor/ui.js";
import { noteScanned, tapStop } from "./actions.js";
import { no, yes } from "./feel.js";
import { Icon, later } from "./parts.js";
import { numberOf, whereItBelongs } from "./route.js";
import { useApp } from "./state.js";
import { say, words } from "./words.js";

const Scanner = later(() => import("./scanner.js"), "Scanner");

/** @param {{stop: import("./route.js").Stop, route: import("./route.js").Route}} props */
export function Loading({ stop, route }) {
  const { scanned } = useApp();
  const [said, setSaid] = useState({ text: "", good: true });
  const here = new Set(stop.deliveries.map((one) => one.id));
  const rows = route.stops.flatMap((door) =>
    door.kind === "dropoff"
      ? door.deliveries.filter((one) => here.has(one.id)).map((parcel) => ({ parcel, door }))
      : [],
  );
  const missing = rows.filter(({ parcel }) => !scanned.includes(parcel.id)).length;

  /** @param {string} code */
  const read = async (code) => {
    const found = whereItBelongs(route, code);
    if (!found || !here.has(found.parcel.id)) {
      no();
      return setSaid({ text: words.foreignParcel, good: false });
    }
    const where = `${numberOf(route, found.stop)}, ${found.stop.address}`;
    const known = scanned.includes(found.parcel.id);
    yes();
    await noteScanned(found.parcel.id);
    return setSaid({ text: known ? words.alreadyScanned : say(words.rightParcel, { where }), good: true });
  };
  const done = () => tapStop("complete", stop);
  return html`<${Scanner} read=${read} />
    <p class="heard ${said.good ? "good" : "bad"}" role="status">${said.text}</p>
    <ol class="parcels">
      ${rows.map(
        ({ parcel, door }) => html`<li key=${parcel.id} class=${scanned.includes(parcel.id) ? "scanned" : ""}>
          <span class="number">${numberOf(route, door)}</span>
          <span><bdi>${parcel.order_name ?? door.name ?? door.address}</bdi> <span class="note"><bdi>${door.address}</bdi></span></span>
          ${scanned.includes(parcel.id) && html`<${Icon} of="check" />`}
        </li>`,
      )}
    </ol>
    <p class="note">${say(words.loaded, { n: rows.length - missing, all: rows.length })}</p>
    <button type="button" class="big" onClick=${done}>
      ${missing > 0 && missing < rows.length ? say(words.pickedUpSome, { n: missing }) : words.pickedUp}
    </button>`;
}
