// @ts-check
/** The pixels of an image file, as near to the engine's as a browser decodes it. */

import { countText, t } from "./language.js";

/** As `data/limits.py` has it: more than that is hardly a photo. */
const MOST_PIXELS = 64e6;

/**
 * The pixels of an image file, upright, laid over white where it is transparent.
 *
 * @param {Blob} blob
 * @param {string} name
 */
export async function imagePixels(blob, name) {
  const image = await createImageBitmap(blob).catch(() => {
    throw new Error(t("'{name}' cannot be read as an image by this browser. Save it as a PNG or JPEG image.", { name }));
  });
  const { width, height } = image;
  if (width * height > MOST_PIXELS)
    throw new Error(t("'{name}' has {count} pixels; at most {most} are taken. Save it smaller.",
      { name, count: countText(width * height), most: countText(MOST_PIXELS) }));
  const canvas = new OffscreenCanvas(width, height);
  const ink = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
  ink.fillStyle = "#fff";
  ink.fillRect(0, 0, width, height);
  ink.drawImage(image, 0, 0);
  image.close();
  return ink.getImageData(0, 0, width, height);
}
