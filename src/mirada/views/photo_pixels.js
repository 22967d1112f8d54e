// @ts-check
/** A photo under a window: sums and poolings fast enough for every frame, and colours. */

import { activated } from "./activations.js";
import { signed } from "./colours.js";
import { isPooling, turned } from "./window_arithmetic.js";

/** @import { Matrix } from "./window_arithmetic.js" */
/** @import { Axis } from "./window_size.js" */

/**
 * Red, green, blue and opacity, as canvas has them.
 *
 * @typedef {{width: number, height: number, data: Uint8ClampedArray}} Pixels
 */
/** Numbers in rows. @typedef {{width: number, height: number, values: Float64Array}} Plane */

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
  const planes = Array.from({ length: isGrey ? 1 : 3 }, () => new Float64Array(width * height));
  for (let at = 0, from = 0; at < width * height; at++, from += 4) {
    const [red, green, blue] = [data[from], data[from + 1], data[from + 2]];
    if (isGrey) planes[0][at] = Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
    else for (let channel = 0; channel < 3; channel++) planes[channel][at] = data[from + channel];
  }
  return planes.map((values) => ({ width, height, values }));
}

/** Planes added up, as a layer adds what its channels give. @param {Plane[]} planes @returns {Plane} */
export function summed(planes) {
  if (planes.length === 1) return planes[0];
  const values = planes[0].values.slice();
  for (const plane of planes.slice(1))
    for (let at = 0; at < values.length; at++) values[at] += plane.values[at];
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
 * Row by row; of a row of the kernel four taps at a time, so that an output is loaded
 * and stored less often. Taps of weight 0 cost little.
 *
 * @param {Plane} plane
 * @param {PhotoAsked} asked
 */
function correlated(plane, { mode, kernel, rows, columns }) {
  const weights = mode === "convolution" ? turned(kernel) : kernel;
  const made = new Float64Array(rows.output * columns.output);
  const padded = withZeros(plane, rows, columns);
  const { stride, dilation } = columns;
  for (let row = 0; row < rows.output; row++) {
    const out = made.subarray(row * columns.output, (row + 1) * columns.output);
    for (let y = 0; y < rows.size; y++) {
      const from = (row * rows.stride + y * rows.dilation) * padded.width;
      for (let x = 0; x < columns.size; x += 4) {
        const four = weights[y].slice(x, x + 4);
        if (four.some(Boolean)) addTaps(out, padded.values, from + x * dilation, stride, dilation, four);
      }
    }
  }
  return made;
}

/**
 * @param {Float64Array} out
 * @param {Float64Array} values
 * @param {number} from
 * @param {number} stride
 * @param {number} dilation
 * @param {number[]} weights four of them, or fewer at the end of a row
 */
function addTaps(out, values, from, stride, dilation, weights) {
  const [a, b = 0, c = 0, d = 0] = weights;
  const [second, third, fourth] = weights.length === 4 ? [1, 2, 3] : [b ? 1 : 0, c ? 2 : 0, 0];
  const [toSecond, toThird, toFourth] = [second * dilation, third * dilation, fourth * dilation];
  for (let at = 0, i = from; at < out.length; at++, i += stride)
    out[at] += a * values[i] + b * values[i + toSecond] + c * values[i + toThird] + d * values[i + toFourth];
}

/**
 * The plane with its padding around it.
 *
 * @param {Plane} plane
 * @param {Axis} rows
 * @param {Axis} columns
 * @returns {Plane}
 */
function withZeros(plane, rows, columns) {
  if (!(rows.start || rows.end || columns.start || columns.end)) return plane;
  const width = plane.width + columns.start + columns.end;
  const height = plane.height + rows.start + rows.end;
  const values = new Float64Array(width * height);
  for (let row = 0; row < plane.height; row++) {
    const line = plane.values.subarray(row * plane.width, (row + 1) * plane.width);
    values.set(line, (row + rows.start) * width + columns.start);
  }
  return { width, height, values };
}

/** @param {Plane} plane @param {PhotoAsked} asked */
function pooled({ width, values }, { mode, rows, columns }) {
  const made = new Float64Array(rows.output * columns.output);
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
  else {
    const bounds = way === "stretched" ? spanOf(maps) : LEVELS;
    for (let channel = 0; channel < 3; channel++) paintGrey(data, channel, maps[channel] ?? maps[0], bounds);
  }
  return { width, height, data };
}

/** @type {[number, number]} */
const LEVELS = [0, 255];

/**
 * @param {Uint8ClampedArray} data
 * @param {number} channel
 * @param {Plane} plane
 * @param {[number, number]} bounds
 */
function paintGrey(data, channel, { values }, [low, high]) {
  const scale = high > low ? 255 / (high - low) : 0;
  for (let at = 0; at < values.length; at++) data[4 * at + channel] = (values[at] - low) * scale;
}

const STEPS = 128;

/**
 * From a table of colours: mixing one for every pixel would cost a frame.
 *
 * @param {Uint8ClampedArray} data
 * @param {Float64Array} values
 */
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

/** The smallest and the largest number of all maps. @param {Plane[]} maps @returns {[number, number]} */
export function spanOf(maps) {
  const spans = maps.map(({ values }) => span(values));
  return [Math.min(...spans.map(([low]) => low)), Math.max(...spans.map(([, high]) => high))];
}

/** The smallest and the largest number. @param {Float64Array} values @returns {[number, number]} */
function span(values) {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}
