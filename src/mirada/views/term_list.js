// @ts-check
/** The entries of a window one by one, each with the number it is read from. */

/** @import { Arithmetic } from "./arithmetic.js" */

/**
 * One entry of a window: where it is, what it is and what it adds.
 *
 * @typedef {object} Term
 * @property {number[]} index
 * @property {string} layer
 * @property {number[]} place
 * @property {boolean} inside
 * @property {number} value
 * @property {number} [weight]
 * @property {number} [product]
 * @property {boolean} isWinner
 */

/**
 * Every entry of the window, in order.
 *
 * @param {Arithmetic} data
 * @returns {Term[]}
 */
export function terms(data) {
  const winners = new Set(data.winners.map(String));
  const [window, inside, weights, products] =
    [data.window, data.inside, data.weights, data.products].map(flat);
  return indices(data).map((index, at) => ({
    index,
    layer: data.sources[data.reads ?? index[0]],
    place: data.reads === null ? joinedPlaces(data, index[0]).map((axis) => axis[0])
      : index.map((i, axis) => data.positions[axis][i]),
    inside: Boolean(inside[at]),
    value: window[at],
    weight: data.weights ? weights[at] : undefined,
    product: data.products ? products[at] : undefined,
    isWinner: winners.has(String(index)),
  }));
}

/**
 * Where a join reads one of its inputs: at its own place, of a gate its only pixel.
 *
 * @param {Arithmetic} data
 * @param {number} input
 * @returns {number[][]}
 */
export function joinedPlaces(data, input) {
  return data.gates?.includes(input) ? [data.positions[0], [0], [0]] : data.positions;
}

/** @param {Arithmetic} data @returns {number[][]} */
function indices(data) {
  if (data.reads === null) return data.sources.map((_, at) => [at]);
  /** @type {number[][]} */
  let found = [[]];
  for (const axis of data.positions) found = found.flatMap((head) => axis.map((_, at) => [...head, at]));
  return found;
}

/** @param {any} numbers @returns {number[]} */
function flat(numbers) {
  return numbers ? numbers.flat(3) : [];
}
