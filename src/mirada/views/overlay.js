// @ts-check
/** A map laid over an image. */

import { signed } from "./colours.js";

const STRENGTH = 0.75;

/**
 * A pixel of a map over an image that is turned to grey, as `shades.overlaid`: where the
 * map is zero the image shows.
 *
 * @param {ArrayLike<number>} pixels four bytes each
 * @param {ArrayLike<number>} values
 * @param {number} most the largest size among them
 * @param {number} at
 */
export function overlaid(pixels, values, most, at) {
  const grey = (pixels[4 * at] + pixels[4 * at + 1] + pixels[4 * at + 2]) / 3;
  const cover = most ? (STRENGTH * Math.abs(values[at])) / most : 0;
  return signed(values[at] < 0 ? -1 : 1, 1).map((end) => Math.round(grey * (1 - cover) + end * cover));
}
