// @ts-check
/** What a window makes of an image of numbers, as `inspection/sliding.py` has it. */

import { activated } from "./activations.js";
import { t } from "./language.js";
import { samePadding, tooSmall, windowSize } from "./window_size.js";

/** @import { Axis } from "./window_size.js" */
/** @typedef {number[][]} Matrix rows of numbers */
/** @typedef {[number, number, number, number]} Sides top, bottom, left, right */

/**
 * What slides. `kernel` has a slice for all channels or one for each; `mode` is
 * "correlation", "convolution" (the kernel flipped), "max" or "mean" (pooling by a
 * window of `pool` rows and columns).
 *
 * @typedef {object} Asked
 * @property {Matrix[]} image
 * @property {Matrix[]} kernel
 * @property {string} mode
 * @property {[number, number]} pool
 * @property {number} stride
 * @property {Sides | "same"} padding
 * @property {number} dilation
 * @property {number} bias
 * @property {string} activation "" for none
 */

/**
 * What comes out. `kernel` is as it slides, null for pooling; `maps` is what each
 * channel gives, `total` their sum, `output` what is left after bias and activation.
 * For pooling every channel is an output of its own: `total` is null. Where no window
 * fits, `refusal` says why and there are no maps.
 *
 * @typedef {object} Slid
 * @property {Axis} rows
 * @property {Axis} columns
 * @property {Matrix[] | null} kernel
 * @property {Matrix[]} maps
 * @property {Matrix | null} total
 * @property {Matrix | null} biased
 * @property {Matrix[]} output
 * @property {string} refusal
 */

/** @param {Asked} asked @returns {Slid} */
export function slide(asked) {
  const { image, mode, bias, activation } = asked;
  const sizes = sizesOf(asked, image[0].length, image[0][0].length);
  const { rows, columns, refusal } = sizes;
  const kernel = isPooling(mode) ? null : slidingKernel(asked);
  const none = { ...sizes, kernel, maps: [], total: null, biased: null, output: [] };
  if (refusal) return none;
  if (kernel === null) {
    const maps = image.map((channel) => pooled(channel, mode, rows, columns));
    return { ...none, maps, output: maps };
  }
  const maps = image.map((channel, at) => correlated(channel, kernel[at], rows, columns));
  const total = added(maps);
  const biased = each(total, (value) => value + bias);
  const output = [each(biased, (value) => activated(activation, value))];
  return { ...none, maps, total, biased, output };
}

/**
 * The two axes of a window on an image of a height and a width, and why none fits.
 *
 * @param {Asked} asked
 * @param {number} height
 * @param {number} width
 * @returns {{rows: Axis, columns: Axis, refusal: string}}
 */
export function sizesOf({ kernel, mode, pool, stride, padding, dilation }, height, width) {
  const pools = isPooling(mode);
  const [tall, wide] = pools ? pool : [kernel[0].length, kernel[0][0].length];
  const apart = pools ? 1 : dilation;
  const along = (/** @type {number} */ length, /** @type {number} */ size, /** @type {number} */ side) => {
    const isSame = padding === "same";
    const ends = isSame ? samePadding(length, size, stride, apart) : padding.slice(side, side + 2);
    return windowSize(length, size, stride, ends[0], ends[1], apart);
  };
  const rows = along(height, tall, 0);
  const columns = along(width, wide, 2);
  return { rows, columns, refusal: whyNot(rows, columns, pools) };
}

/** @param {string} mode */
export function isPooling(mode) {
  return mode === "max" || mode === "mean";
}

/**
 * The kernel with a slice for each channel, turned where a true convolution is meant.
 *
 * @param {Pick<Asked, "image" | "kernel" | "mode">} asked
 * @returns {Matrix[]}
 */
export function slidingKernel({ image, kernel, mode }) {
  const slices = image.map((_, at) => kernel[kernel.length === 1 ? 0 : at]);
  return mode === "convolution" ? slices.map(turned) : slices;
}

/** A matrix flipped in both directions. @param {Matrix} matrix @returns {Matrix} */
export function turned(matrix) {
  return matrix.map((row) => [...row].reverse()).reverse();
}

/** @param {Axis} rows @param {Axis} columns @param {boolean} pools */
function whyNot(rows, columns, pools) {
  const refusal = tooSmall(rows) || tooSmall(columns);
  if (refusal || !pools) return refusal;
  for (const axis of [rows, columns]) {
    const most = Math.floor(axis.size / 2);
    const padding = Math.max(axis.start, axis.end);
    if (padding > most)
      return t(
        "A pooling pads at most half of its window: {most} for a window of {size}; got {padding}. With more, some windows would see only padding.",
        { most, size: axis.size, padding },
      );
  }
  return "";
}

/**
 * The position on the input that a tap of the window at `place` reads; negative, or
 * past the end, in the padding.
 *
 * @param {Axis} axis
 * @param {number} place
 * @param {number} tap
 */
export function position(axis, place, tap) {
  return place * axis.stride - axis.start + tap * axis.dilation;
}

/**
 * @param {Matrix} channel
 * @param {Matrix} kernel
 * @param {Axis} rows
 * @param {Axis} columns
 * @returns {Matrix}
 */
function correlated(channel, kernel, rows, columns) {
  return outputs(rows, columns, (row, column) => {
    let sum = 0;
    for (let y = 0; y < rows.size; y++) {
      const line = channel[position(rows, row, y)];
      if (line === undefined) continue;
      for (let x = 0; x < columns.size; x++)
        sum += (line[position(columns, column, x)] ?? 0) * kernel[y][x];
    }
    return sum;
  });
}

/**
 * The largest or the mean value of every window. Zeros of the padding count in a mean,
 * and never are the largest.
 *
 * @param {Matrix} channel
 * @param {string} mode
 * @param {Axis} rows
 * @param {Axis} columns
 * @returns {Matrix}
 */
function pooled(channel, mode, rows, columns) {
  return outputs(rows, columns, (row, column) => {
    const seen = tapsAt({ rows, columns }, channel, row, column);
    const values = seen.filter((tap) => tap.isInside).map((tap) => tap.value);
    if (mode === "max") return Math.max(...values);
    return values.reduce((sum, value) => sum + value, 0) / seen.length;
  });
}

/**
 * What one window reads of a channel, tap by tap; padding is 0 and not inside.
 *
 * @param {{rows: Axis, columns: Axis}} slid
 * @param {Matrix} channel
 * @param {number} row
 * @param {number} column
 */
export function tapsAt({ rows, columns }, channel, row, column) {
  const found = [];
  for (let y = 0; y < rows.size; y++)
    for (let x = 0; x < columns.size; x++) {
      const value = channel[position(rows, row, y)]?.[position(columns, column, x)];
      found.push({ y, x, value: value ?? 0, isInside: value !== undefined });
    }
  return found;
}

/**
 * @param {Axis} rows
 * @param {Axis} columns
 * @param {(row: number, column: number) => number} value
 * @returns {Matrix}
 */
function outputs(rows, columns, value) {
  return Array.from({ length: rows.output }, (_, row) =>
    Array.from({ length: columns.output }, (_, column) => value(row, column)),
  );
}

/** @param {Matrix[]} maps @returns {Matrix} */
function added(maps) {
  return maps[0].map((row, y) => row.map((_, x) => maps.reduce((sum, map) => sum + map[y][x], 0)));
}

/** @param {Matrix} matrix @param {(value: number) => number} change @returns {Matrix} */
function each(matrix, change) {
  return matrix.map((row) => row.map(change));
}
