// How is a code read? By the camera, a few pictures a second, or by typing it.

import { html, useEffect, useRef, useState } from "../../vendor/ui.js";
import { Icon } from "./parts.js";
import { words } from "./words.js";

const LOOK_EVERY_MS = 150;
/** The same code stays in the picture for a while. */
const SAME_FOR_MS = 2_500;

/** @param {{read: (code: string) => unknown}} props */
export function Scanner({ read }) {
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState("");
  const check = (event) => {
    event.preventDefault();
    if (typed.trim()) read(typed);
    setTyped("");
  };
  if (!open) {
    return html`<button type="button" class="second" onClick=${() => setOpen(true)}>
      <${Icon} of="scan" />${words.scan}
    </button>`;
  }
  return html`<div class="scanner">
    <${Camera} read=${read} />
    <form class="pair" onSubmit=${check}>
      <label><span class="note">${words.typeCode}</span>
        <input value=${typed} autocapitalize="none" autocomplete="off" onInput=${(e) => setTyped(e.target.value)} />
      </label>
      <button class="second">${words.check}</button>
    </form>
    <button type="button" class="plain" onClick=${() => setOpen(false)}>${words.scanStop}</button>
  </div>`;
}

function Camera({ read }) {
  const video = useRef(null);
  const latest = useRef(read);
  latest.current = read;
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    const end = new AbortController();
    watch(video.current, (code) => latest.current(code), end.signal).catch(() => setFailed(true));
    return () => end.abort();
  }, []);
  if (failed) return html`<p class="note" role="status">${words.noCamera}</p>`;
  return html`<video ref=${video} muted playsinline aria-label=${words.scanHint}></video>
    <p class="note">${words.scanHint}</p>`;
}

/** @param {HTMLVideoElement} video @param {(code: string) => void} heard @param {AbortSignal} end */
async function watch(video, heard, end) {
  const { reader } = await import("./reading.js");
  const look = await reader();
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  const stop = () => stream.getTracks().forEach((track) => track.stop());
  if (end.aborted) return stop();
  end.addEventListener("abort", stop);
  video.srcObject = stream;
  await video.play();
  let last = { code: "", at: 0 };
  while (!end.aborted) {
    const code = video.videoWidth ? await look(video) : undefined;
    const at = performance.now();
    if (code && (code !== last.code || at - last.at > SAME_FOR_MS)) heard(code);
    if (code) last = { code, at };
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
