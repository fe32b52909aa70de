/** Encodes frames beside the page, so that neither its video nor its buttons wait. */

/** @type {OffscreenCanvas|null} */
let canvas = null;

addEventListener("message", async ({ data: { id, picture, width, height, quality } }) => {
  try {
    if (!canvas || canvas.width !== width || canvas.height !== height) canvas = new OffscreenCanvas(width, height);
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d", { alpha: false }));
    context.drawImage(picture, 0, 0, width, height);
    picture.close();
    const blob = await canvas.convertToBlob({ type: "image/jpeg", quality });
    const bytes = await blob.arrayBuffer();
    postMessage({ id, bytes }, { transfer: [bytes] });
  } catch (error) {
    postMessage({ id, error: String(error) });
  }
});
