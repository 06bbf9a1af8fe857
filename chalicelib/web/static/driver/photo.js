// How big is a photo? Made small on the phone: 1280 pixels and 250 kB at most, as JPEG.

const LONGEST_PX = 1280;
const MOST_BYTES = 250_000;

/** @param {Blob} file @returns {Promise<Blob>} */
export async function small(file) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  let scale = Math.min(1, LONGEST_PX / Math.max(picture.width, picture.height));
  try {
    for (;;) {
      const canvas = document.createElement("canvas");
      canvas.width = Math.max(1, Math.round(picture.width * scale));
      canvas.height = Math.max(1, Math.round(picture.height * scale));
      canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
      for (const quality of [0.82, 0.7, 0.55]) {
        const made = await toBlob(canvas, "image/jpeg", quality);
        if (made.size <= MOST_BYTES) return made;
      }
      scale *= 0.75;
    }
  } finally {
    picture.close();
  }
}

/**
 * @param {HTMLCanvasElement} canvas @param {string} type @param {number} [quality]
 * @returns {Promise<Blob>}
 */
export function toBlob(canvas, type, quality) {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), type, quality);
  });
}
