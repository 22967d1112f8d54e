// @ts-check
/** What the view of a sliding window shows: filled in, and held within what it can draw. */

import { ACTIVATIONS } from "./activations.js";
import { isPooling, slide } from "./window_arithmetic.js";

/** @import { Asked, Matrix, Sides, Slid } from "./window_arithmetic.js" */

/**
 * What may be given; all else is that of the lecture. `at` is the row and the column of
 * the window on the output.
 *
 * @typedef {object} Given
 * @property {Matrix | Matrix[]} [image]
 * @property {Matrix | Matrix[]} [kernel]
 * @property {string} [mode] "correlation", "convolution", "max" or "mean"
 * @property {[number, number]} [pool]
 * @property {number} [stride]
 * @property {number | Sides | "same"} [padding]
 * @property {number} [dilation]
 * @property {number} [bias]
 * @property {string} [activation]
 * @property {[number, number]} [at]
 */

/** @typedef {Asked & {at: [number, number]}} Shown */

const MODES = ["correlation", "convolution", "max", "mean"];

/** The most of each: rows and columns of an image and of a kernel, channels, settings. */
export const MOST = { image: 28, kernel: 11, channels: 4, pool: 8, stride: 6, padding: 6, dilation: 4 };

/** The lecture's image and kernel. @type {{image: Matrix[], kernel: Matrix[]}} */
export const LECTURE = {
  image: [[[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]]],
  kernel: [[[1, 0, 1], [0, 1, 0], [1, 0, 1]]],
};

/** Both, every setting within its bounds. @param {Given} given @returns {Shown} */
export function completed(given) {
  const image = channelsOf(given.image ?? LECTURE.image, MOST.image).slice(0, MOST.channels);
  const kernel = channelsOf(given.kernel ?? LECTURE.kernel, MOST.kernel);
  const mode = MODES.includes(given.mode ?? "") ? /** @type {string} */ (given.mode) : "correlation";
  const activation = ACTIVATIONS.includes(given.activation ?? "") && !isPooling(mode);
  const pool = given.pool ?? [2, 2];
  return {
    image,
    kernel: kernel.length === image.length ? kernel : image.map((_, at) => kernel[at] ?? kernel[0]),
    mode,
    pool: [within(pool[0], 1, MOST.pool), within(pool[1], 1, MOST.pool)],
    stride: within(given.stride ?? 1, 1, MOST.stride),
    padding: sidesOf(given.padding ?? 0),
    dilation: within(given.dilation ?? 1, 1, MOST.dilation),
    bias: Number.isFinite(given.bias) ? Number(given.bias) : 0,
    activation: activation ? /** @type {string} */ (given.activation) : "",
    at: given.at ?? [0, 0],
  };
}

/**
 * What comes out, and the window held on it.
 *
 * @param {Shown} shown
 * @returns {{shown: Shown, slid: Slid}}
 */
export function computed(shown) {
  const slid = slide(shown);
  const { rows, columns } = slid;
  /** @type {[number, number]} */
  const at = [within(shown.at[0], 0, rows.output - 1), within(shown.at[1], 0, columns.output - 1)];
  return { shown: { ...shown, at }, slid };
}

/** @param {number} value @param {number} low @param {number} high */
export function within(value, low, high) {
  return Math.max(low, Math.min(high, Math.round(Number.isFinite(value) ? value : low)));
}

/**
 * A matrix with so many rows and columns, the new ones filled with zeros.
 *
 * @param {Matrix} matrix
 * @param {number} height
 * @param {number} width
 * @returns {Matrix}
 */
export function resized(matrix, height, width) {
  return Array.from({ length: height }, (_, row) =>
    Array.from({ length: width }, (_, column) => matrix[row]?.[column] ?? 0),
  );
}

/**
 * The same matrix but for one number.
 *
 * @param {Matrix} matrix
 * @param {number} row
 * @param {number} column
 * @param {number} value
 * @returns {Matrix}
 */
export function replaced(matrix, row, column, value) {
  return matrix.map((line, at) => (at === row ? line.with(column, value) : line));
}

/** @param {Matrix | Matrix[]} value @param {number} most @returns {Matrix[]} */
function channelsOf(value, most) {
  const channels = /** @type {Matrix[]} */ (Array.isArray(value[0]?.[0]) ? value : [value]);
  const height = within(channels[0].length, 1, most);
  const width = within(channels[0][0]?.length ?? 1, 1, most);
  const isSo = channels.every((one) => one.length === height && one.every((row) => row.length === width));
  return isSo ? channels : channels.map((channel) => resized(channel, height, width));
}

/** @param {number | Sides | "same"} padding @returns {Sides | "same"} */
function sidesOf(padding) {
  if (padding === "same") return padding;
  const four = typeof padding === "number" ? [padding, padding, padding, padding] : padding;
  return /** @type {Sides} */ ([0, 1, 2, 3].map((side) => within(four[side] ?? 0, 0, MOST.padding)));
}
