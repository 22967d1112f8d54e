// @ts-check
/** The output size of one window along one axis, as `analysis/size.py` has it. */

import { t } from "./language.js";

/**
 * One axis of a window on an input of `length`. `exact` is the formula before rounding,
 * a numerator and a denominator; `dropped` are the positions at the end, padding
 * included, that no window reads.
 *
 * @typedef {object} Axis
 * @property {number} length
 * @property {number} size
 * @property {number} stride
 * @property {number} start
 * @property {number} end
 * @property {number} dilation
 * @property {number} span
 * @property {[number, number]} exact
 * @property {number} output
 * @property {number} dropped
 * @property {number} droppedPixels
 * @property {number} needed
 */

/**
 * @param {number} length
 * @param {number} size
 * @param {number} [stride]
 * @param {number} [start]
 * @param {number} [end]
 * @param {number} [dilation]
 * @returns {Axis}
 */
export function windowSize(length, size, stride = 1, start = 0, end = start, dilation = 1) {
  const span = dilation * (size - 1) + 1;
  const free = length + start + end - span;
  const output = Math.floor(free / stride) + 1;
  const reach = output > 0 ? (output - 1) * stride + span : 0;
  const dropped = Math.max(length + start + end - reach, 0);
  return {
    length, size, stride, start, end, dilation, span, output, dropped,
    exact: reduced(free + stride, stride),
    droppedPixels: Math.max(dropped - end, 0),
    needed: Math.max(span - start - end, 1),
  };
}

/**
 * The padding (start, end) of "same" as TensorFlow, Keras and ONNX have it: an odd pixel
 * goes to the end.
 *
 * @param {number} length
 * @param {number} size
 * @param {number} stride
 * @param {number} dilation
 * @returns {[number, number]}
 */
export function samePadding(length, size, stride, dilation) {
  const span = dilation * (size - 1) + 1;
  const total = Math.max((Math.ceil(length / stride) - 1) * stride + span - length, 0);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

/**
 * The formula in letters.
 *
 * @param {boolean} isDilated
 */
export function letters(isDilated) {
  return `O = (I - ${isDilated ? "(D*(F - 1) + 1)" : "F"} + P_start + P_end)/S + 1`;
}

/**
 * The formula with the numbers put in, up to the equals sign.
 *
 * @param {Axis} axis
 */
function substituted(axis) {
  const { length, size, stride, start, end, dilation } = axis;
  const span = dilation === 1 ? String(size) : `(${dilation}*(${size} - 1) + 1)`;
  return `(${length} - ${span} + ${start} + ${end})/${stride} + 1`;
}

/**
 * The formula with the numbers put in and its exact value.
 *
 * @param {Axis} axis
 */
export function formula(axis) {
  return `${substituted(axis)} = ${fractionText(axis.exact)}`;
}

/**
 * An exact value: in decimals where they end, else as a fraction.
 *
 * @param {[number, number]} exact
 */
export function fractionText([above, below]) {
  let rest = below;
  for (const prime of [2, 5]) while (rest % prime === 0) rest /= prime;
  return rest === 1 ? String(above / below) : `${above}/${below}`;
}

/**
 * What rounding did and which pixels it leaves out, then which the window steps over.
 *
 * @param {Axis} axis
 * @returns {string[]}
 */
export function sentences(axis) {
  const gaps = gapsText(axis);
  return gaps ? [roundingText(axis), gaps] : [roundingText(axis)];
}

/** @param {Axis} axis */
function roundingText(axis) {
  const { output, droppedPixels: count, span, size, stride } = axis;
  const exact = fractionText(axis.exact);
  if (axis.exact[1] === 1) {
    const isCovered = span === size && stride <= size;
    return isCovered
      ? t("exact: nothing is dropped")
      : t("exact: nothing is dropped at the end");
  }
  if (count === 0)
    return t("{exact} is rounded down to {output}: only padding is left unread", { exact, output });
  if (count === 1)
    return t("{exact} is rounded down to {output}: the last pixel is not read", { exact, output });
  return t("{exact} is rounded down to {output}: the last {count} pixels are not read", { exact, output, count });
}

/** @param {Axis} axis */
function gapsText({ output, stride, span, dilation, size }) {
  if (output < 2) return "";
  if (stride > span)
    return t("the stride is larger than the window: it steps over {count} of every {stride} pixels", {
      count: stride - span, stride,
    });
  const factor = divisor(stride, dilation);
  if (factor > 1 && size > 1)
    return t("stride and dilation share the factor {factor}: only one of every {factor} pixels is read", { factor });
  return "";
}

/**
 * Why no window fits, and what would; "" where one does.
 *
 * @param {Axis} axis
 */
export function tooSmall(axis) {
  if (axis.output >= 1) return "";
  return t(
    "The window spans {span} positions, but an input of {length} with its padding has {have}: {formula}. The smallest input that fits is {needed}; or use a smaller kernel or more padding.",
    {
      span: axis.span,
      length: axis.length,
      have: axis.length + axis.start + axis.end,
      formula: substituted(axis),
      needed: axis.needed,
    },
  );
}

/**
 * Whether each position, padding included, is read by some window.
 *
 * @param {Axis} axis
 * @returns {boolean[]}
 */
export function positionsRead(axis) {
  const read = new Array(axis.length + axis.start + axis.end).fill(false);
  for (let place = 0; place < axis.output; place++)
    for (let tap = 0; tap < axis.size; tap++) read[place * axis.stride + tap * axis.dilation] = true;
  return read;
}

/** @param {number} above @param {number} below @returns {[number, number]} */
function reduced(above, below) {
  const factor = divisor(Math.abs(above), below);
  return [above / factor, below / factor];
}

/** The greatest common divisor. @param {number} one @param {number} other @returns {number} */
function divisor(one, other) {
  return other === 0 ? one || 1 : divisor(other, one % other);
}
