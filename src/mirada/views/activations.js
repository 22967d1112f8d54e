// @ts-check
/** Functions of each element, as `reference/activation.py` computes them. */

/** The names that `activated` knows. */
export const ACTIVATIONS = [
  ...["relu", "leakyrelu", "relu6", "sigmoid", "tanh", "gelu", "silu"],
  ...["hardsigmoid", "hardswish"],
];

const SLOPE = 0.01;

/**
 * What an activation makes of a number; without a name the number itself.
 *
 * @param {string} name
 * @param {number} x
 */
export function activated(name, x) {
  switch (name) {
    case "relu":
      return Math.max(x, 0);
    case "leakyrelu":
      return x > 0 ? x : SLOPE * x;
    case "relu6":
      return clipped(x);
    case "sigmoid":
      return sigmoid(x);
    case "tanh":
      return Math.tanh(x);
    case "gelu":
      return x * 0.5 * (1 + erf(x / Math.SQRT2));
    case "silu":
      return x * sigmoid(x);
    case "hardsigmoid":
      return clipped(x + 3) / 6;
    case "hardswish":
      return (x * clipped(x + 3)) / 6;
    default:
      return x;
  }
}

/** Between 0 and 6. @param {number} x */
function clipped(x) {
  return Math.min(Math.max(x, 0), 6);
}

/** Written so that nothing overflows. @param {number} x */
function sigmoid(x) {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const small = Math.exp(x);
  return small / (1 + small);
}

/**
 * The error function: its series near 0, a continued fraction away from it.
 * Source: Abramowitz and Stegun, Handbook of mathematical functions, 7.1.6 and 7.1.14.
 *
 * @param {number} x
 */
function erf(x) {
  const size = Math.abs(x);
  if (size > 6) return Math.sign(x);
  if (size < 2.5) {
    let term = size;
    let sum = size;
    for (let n = 1; term > sum * 1e-17; n++) sum += term *= (2 * size * size) / (2 * n + 1);
    return Math.sign(x) * (2 / Math.sqrt(Math.PI)) * Math.exp(-size * size) * sum;
  }
  let rest = size;
  for (let n = 60; n > 0; n--) rest = size + n / 2 / rest;
  return Math.sign(x) * (1 - Math.exp(-size * size) / (rest * Math.sqrt(Math.PI)));
}
