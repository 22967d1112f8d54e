// @ts-check
/** What the room keeps in this browser: for each tab, and the numbers for tabs to come. */

import { keep, kept } from "../kept.js";

/** @import { PhotoGiven } from "../../../views/photo_model.js" */
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

/** @type {Kept} */
const FRESH = { shown: "numbers", example: "lecture", numbers: {}, photo: null, picture: "" };

/** What this tab showed before, else the numbers of the last one. */
export function shownBefore() {
  return { ...kept(KEY, kept(KEY, FRESH, localStorage)) };
}

/** Keeps it; a photo that is too large for that is not kept. @param {Kept} state */
export function keepShown(state) {
  const { example, numbers } = state;
  keep(KEY, { example, numbers }, localStorage);
  const photo = state.photo && { ...state.photo, pixels: undefined };
  if (!keep(KEY, { ...state, photo })) keep(KEY, { ...state, photo, picture: "" });
}

/**
 * A picture that the server decoded, or its `data:` address, as such an address.
 *
 * @param {Blob | string} source
 * @returns {Promise<string>}
 */
export function addressOf(source) {
  if (typeof source === "string") return Promise.resolve(source);
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(source);
  });
}
