// Who signed? Strokes of a finger on a canvas.

import { html, useRef } from "../../vendor/ui.js";
import { toBlob } from "./photo.js";
import { words } from "./words.js";

/** @param {{give: (part: object) => void}} props */
export function Signature({ give }) {
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
