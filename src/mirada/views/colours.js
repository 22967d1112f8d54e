// @ts-check
/** Numbers as colours, as `shades.py` has them: blue below zero, white, orange above. */

const NEGATIVE = [5, 80, 174];
const POSITIVE = [188, 76, 0];

/**
 * Red, green and blue of a number whose full colour is at `most`.
 *
 * @param {number} value
 * @param {number} most
 * @returns {[number, number, number]}
 */
export function signed(value, most) {
  const share = most > 0 ? Math.max(-1, Math.min(1, value / most)) : 0;
  const end = share < 0 ? NEGATIVE : POSITIVE;
  const mixed = end.map((part) => Math.round(255 + (part - 255) * Math.abs(share)));
  return /** @type {[number, number, number]} */ (mixed);
}

/**
 * The size of the largest number.
 *
 * @param {ArrayLike<number>} values
 */
export function largest(values) {
  let most = 0;
  for (let place = 0; place < values.length; place++) most = Math.max(most, Math.abs(values[place]));
  return most;
}

/**
 * A colour as CSS writes it.
 *
 * @param {number[]} rgb
 */
export function css(rgb) {
  return `rgb(${rgb.join(" ")})`;
}

/**
 * The ink that is read on a colour: black or white.
 *
 * @param {number[]} rgb
 */
export function inkOn(rgb) {
  const [red, green, blue] = rgb;
  return 0.299 * red + 0.587 * green + 0.114 * blue > 140 ? "#000" : "#fff";
}
