// @ts-check
/** What the room keeps in this browser: for each tab, and the numbers for tabs to come. */

/** @import { PhotoGiven } from "../../../views/photo_model.js" */
/** @import { Pixels } from "../../../views/photo_pixels.js" */
/** @import { Given } from "../../../views/sliding_data.js" */

/**
 * `picture` is the photo as a `data:` address, "" for the one that is drawn.
 *
 * @typedef {object} Kept
 * @property {"numbers" | "photo"} shown
 * @property {string} example
 * @property {Given} numbers
 * @property {PhotoGiven | null} photo
 * @property {string} picture
 */

const KEY = "room.window";

/** @returns {Kept} */
export function kept() {
  /** @type {Kept} */
  const fresh = { shown: "numbers", example: "lecture", numbers: {}, photo: null, picture: "" };
  try {
    const found = JSON.parse(sessionStorage.getItem(KEY) ?? localStorage.getItem(KEY) ?? "{}");
    return { ...fresh, ...found };
  } catch {
    return fresh;
  }
}

/** Keeps it; a photo that is too large for that is not kept. @param {Kept} state */
export function keep(state) {
  const { example, numbers } = state;
  put(localStorage, { example, numbers });
  const photo = state.photo && { ...state.photo, pixels: undefined };
  if (!put(sessionStorage, { ...state, photo })) put(sessionStorage, { ...state, photo, picture: "" });
}

/** Whether the browser had room for it. @param {Storage} storage @param {object} state */
function put(storage, state) {
  try {
    storage.setItem(KEY, JSON.stringify(state));
    return true;
  } catch {
    return false;
  }
}

/**
 * The pixels of a picture that the server decoded, and the picture as a `data:` address.
 *
 * @param {Blob | string} source
 * @returns {Promise<{pixels: Pixels, picture: string}>}
 */
export async function pixelsOf(source) {
  const picture = typeof source === "string" ? source : await addressOf(source);
  const image = new Image();
  image.src = picture;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth;
  canvas.height = image.naturalHeight;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  context.drawImage(image, 0, 0);
  return { pixels: context.getImageData(0, 0, canvas.width, canvas.height), picture };
}

/** @param {Blob} blob @returns {Promise<string>} */
function addressOf(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
