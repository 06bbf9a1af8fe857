// What does the code on a parcel say? The phone's own reader, or jsQR where it has none.

/** @returns {Promise<(picture: HTMLVideoElement) => Promise<string | undefined>>} */
export async function reader() {
  if ("BarcodeDetector" in globalThis) {
    const wanted = ["qr_code", "code_128", "code_39", "ean_13", "data_matrix", "pdf417"];
    const known = await BarcodeDetector.getSupportedFormats();
    const formats = wanted.filter((one) => known.includes(one));
    if (formats.length > 0) {
      const detector = new BarcodeDetector({ formats });
      return async (picture) => (await detector.detect(picture))[0]?.rawValue;
    }
  }
  const { default: jsQR } = await import("../../vendor/jsqr.js");
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  return async (picture) => {
    // Larger pictures take longer and tell no more.
    const scale = Math.min(1, 640 / Math.max(picture.videoWidth, picture.videoHeight));
    canvas.width = Math.round(picture.videoWidth * scale);
    canvas.height = Math.round(picture.videoHeight * scale);
    pen?.drawImage(picture, 0, 0, canvas.width, canvas.height);
    const { data, width, height } = pen.getImageData(0, 0, canvas.width, canvas.height);
    return jsQR(data, width, height, { inversionAttempts: "dontInvert" })?.data || undefined;
  };
}
