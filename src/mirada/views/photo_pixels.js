// @ts-check
/** A photo under a window: sums and poolings fast enough for every frame, and colours. */

import { activated } from "./activations.js";
import { signed } from "./colours.js";
import { isPooling, turned } from "./window_arithmetic.js";

/** @import { Matrix } from "./window_arithmetic.js" */
/** @import { Axis } from "./window_size.js" */

/** Red, green, blue and opacity, as canvas has them. @typedef {{width: number, height: number, data: Uint8ClampedArray}} Pixels */
/** Numbers in rows. @typedef {{width: number, height: number, values: Float32Array}} Plane */

/**
 * What slides over a photo.
 *
 * @typedef {object} PhotoAsked
 * @property {string} mode
 * @property {Matrix} kernel
 * @property {Axis} rows
 * @property {Axis} columns
 * @property {number} bias
 * @property {string} activation
 */

/**
 * The channels of a photo, 0 to 255: three, or their weighted mean as grey (ITU-R
 * BT.601, which Pillow takes too).
 *
 * @param {Pixels} pixels
 * @param {boolean} isGrey
 * @returns {Plane[]}
 */
export function planesOf({ width, height, data }, isGrey) {
  const planes = Array.from({ length: isGrey ? 1 : 3 }, () => new Float32Array(width * height));
  for (let at = 0, from = 0; at < width * height; at++, from += 4) {
    if (isGrey) planes[0][at] = Math.round(0.299 * data[from] + 0.587 * data[from + 1] + 0.114 * data[from + 2]);
    else for (let channel = 0; channel < 3; channel++) planes[channel][at] = data[from + channel];
  }
  return planes.map((values) => ({ width, height, values }));
}

/** Planes added up, as a layer adds what its channels give. @param {Plane[]} planes @returns {Plane} */
export function summed(planes) {
  if (planes.length === 1) return planes[0];
  const values = planes[0].values.slice();
  for (const plane of planes.slice(1)) for (let at = 0; at < values.length; at++) values[at] += plane.values[at];
  return { ...planes[0], values };
}

/**
 * What the window makes of a plane.
 *
 * @param {Plane} plane
 * @param {PhotoAsked} asked
 * @returns {Plane}
 */
export function filtered(plane, asked) {
  const { mode, rows, columns, bias, activation } = asked;
  const made = isPooling(mode) ? pooled(plane, asked) : correlated(plane, asked);
  if (!isPooling(mode) && (bias || activation))
    for (let at = 0; at < made.length; at++) made[at] = activated(activation, made[at] + bias);
  return { width: columns.output, height: rows.output, values: made };
}

/**
 * Tap by tap: each adds the whole plane, moved and weighed. Taps of weight 0 cost nothing.
 *
 * @param {Plane} plane
 * @param {PhotoAsked} asked
 */
function correlated(plane, { mode, kernel, rows, columns }) {
  const weights = mode === "convolution" ? turned(kernel) : kernel;
  const made = new Float32Array(rows.output * columns.output);
  weights.forEach((line, y) =>
    line.forEach((weight, x) => {
      if (weight) addMoved(made, plane, weight, rows, columns, y, x);
    }),
  );
  return made;
}

/**
 * @param {Float32Array} made
 * @param {Plane} plane
 * @param {number} weight
 * @param {Axis} rows
 * @param {Axis} columns
 * @param {number} y
 * @param {number} x
 */
function addMoved(made, { width, values }, weight, rows, columns, y, x) {
  const [top, bottom] = inside(rows, y);
  const [left, right] = inside(columns, x);
  const away = x * columns.dilation - columns.start;
  for (let row = top; row < bottom; row++) {
    const line = (row * rows.stride - rows.start + y * rows.dilation) * width + away;
    const to = row * columns.output;
    for (let column = left; column < right; column++) made[to + column] += weight * values[line + column * columns.stride];
  }
}

/** The first output whose tap is on the photo, and the first past it. @param {Axis} axis @param {number} tap @returns {[number, number]} */
function inside(axis, tap) {
  const away = tap * axis.dilation - axis.start;
  const first = Math.max(0, Math.ceil(-away / axis.stride));
  const end = Math.min(axis.output, Math.floor((axis.length - 1 - away) / axis.stride) + 1);
  return [first, Math.max(first, end)];
}

/** @param {Plane} plane @param {PhotoAsked} asked */
function pooled({ width, values }, { mode, rows, columns }) {
  const made = new Float32Array(rows.output * columns.output);
  for (let row = 0; row < rows.output; row++)
    for (let column = 0; column < columns.output; column++) {
      let most = -Infinity;
      let sum = 0;
      for (let y = 0; y < rows.size; y++) {
        const from = row * rows.stride - rows.start + y;
        if (from < 0 || from >= rows.length) continue;
        for (let x = 0; x < columns.size; x++) {
          const at = column * columns.stride - columns.start + x;
          if (at < 0 || at >= columns.length) continue;
          const value = values[from * width + at];
          sum += value;
          if (value > most) most = value;
        }
      }
      made[row * columns.output + column] = mode === "max" ? most : sum / (rows.size * columns.size);
    }
  return made;
}

/**
 * How a map is best seen, by what the window makes of an even area: an image again, a
 * signed map, or neither.
 *
 * @param {PhotoAsked} asked
 */
export function wayOf({ mode, kernel }) {
  const total = isPooling(mode) ? 1 : kernel.flat().reduce((sum, weight) => sum + weight, 0);
  if (Math.abs(total - 1) < 1e-6) return "clipped";
  return Math.abs(total) < 1e-6 ? "signed" : "stretched";
}

/**
 * Maps as a picture: one in grey or in the colours of signs, three as red, green, blue.
 *
 * @param {Plane[]} maps
 * @param {string} way
 * @returns {Pixels}
 */
export function painted(maps, way) {
  const { width, height } = maps[0];
  const data = new Uint8ClampedArray(4 * width * height).fill(255);
  if (way === "signed") paintSigned(data, maps[0].values);
  else
    for (let channel = 0; channel < 3; channel++) paintGrey(data, channel, maps[channel] ?? maps[0], way);
  return { width, height, data };
}

/** @param {Uint8ClampedArray} data @param {number} channel @param {Plane} plane @param {string} way */
function paintGrey(data, channel, { values }, way) {
  const [low, high] = way === "stretched" ? span(values) : [0, 255];
  const scale = high > low ? 255 / (high - low) : 0;
  for (let at = 0; at < values.length; at++) data[4 * at + channel] = (values[at] - low) * scale;
}

const STEPS = 128;

/** From a table of colours: mixing one for every pixel would cost a frame. @param {Uint8ClampedArray} data @param {Float32Array} values */
function paintSigned(data, values) {
  const [low, high] = span(values);
  const most = Math.max(-low, high);
  const table = Array.from({ length: 2 * STEPS + 1 }, (_, step) => signed(step - STEPS, STEPS));
  const scale = most > 0 ? STEPS / most : 0;
  for (let at = 0, to = 0; at < values.length; at++, to += 4) {
    const colour = table[Math.round(values[at] * scale) + STEPS];
    data[to] = colour[0];
    data[to + 1] = colour[1];
    data[to + 2] = colour[2];
  }
}

/** The smallest and the largest number. @param {Float32Array} values @returns {[number, number]} */
export function span(values) {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}
