// @ts-check
/** The round numbers that stand beside an axis, as `scale.py` has them. */

import { numberText } from "./language.js";

/**
 * The smallest of 1, 2, 5, 10, 20, ... that cuts a span in at most `most` parts.
 *
 * @param {number} span
 * @param {number} most
 */
function roundStep(span, most) {
  const least = span / most;
  const magnitude = 10 ** Math.floor(Math.log10(least));
  for (const times of [1, 2, 5]) if (times * magnitude >= least * 0.999) return times * magnitude;
  return 10 * magnitude;
}

/**
 * The round numbers from `low` to `high`, at most `most` + 1 of them.
 *
 * @param {number} low
 * @param {number} high
 * @param {number} [most]
 */
export function roundTicks(low, high, most = 6) {
  if (high <= low) return [low];
  const step = roundStep(high - low, most);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, place) => (first + place) * step);
}

/**
 * The smallest range between round numbers that holds [low, high].
 *
 * @param {number} low
 * @param {number} high
 * @param {number} [most]
 * @returns {[number, number]}
 */
export function roundRange(low, high, most = 6) {
  const half = 0.5 * (Math.abs(low) || 1);
  if (high <= low) return [low - half, low + half];
  const step = roundStep(high - low, most);
  return [Math.floor(low / step + 1e-9) * step, Math.ceil(high / step - 1e-9) * step];
}

/**
 * A tick as it is written, with as many decimals as its step needs.
 *
 * @param {number} tick
 * @param {number[]} ticks all of them
 */
export function tickText(tick, ticks) {
  const gap = ticks.length > 1 ? ticks[1] - ticks[0] : Math.abs(tick) || 1;
  const size = Math.max(...ticks.map(Math.abs));
  if (size >= 1e5 || (size > 0 && size < 1e-4)) return tick ? tick.toExponential(0).replace("e+", "e") : "0";
  return numberText(tick, Math.max(0, -Math.floor(Math.log10(gap) + 1e-9)));
}
