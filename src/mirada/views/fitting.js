// @ts-check
/** How an image of any size becomes one of a network's size, as `data/fitting.py` does. */

/** @typedef {{width: number, height: number, data: ArrayLike<number>}} Rgba */
/** @typedef {{height: number, width: number, channels: number, resize: string}} Wanted */

/**
 * What an output takes from `first` on, as whole numbers that add up to one.
 *
 * @typedef {{first: number, factors: Float64Array}} Taps
 */

/** One, in the whole numbers that Pillow weighs pixels of eight bits with. */
const ONE = 2 ** 22;
/** Red, green and blue in grey (ITU-R BT.601), as parts of 65536. */
const GREY = [19595, 38470, 7471];

/**
 * Pixels (rows, columns, channels) of an opaque image: what Pillow 13's `resize` gives
 * by the triangle filter, with its roundings, so that a network sees the same here.
 *
 * @param {Rgba} image
 * @param {Wanted} wanted
 */
export function fitted({ width, height, data }, { width: across, height: down, channels, resize }) {
  const scale = resize === "crop" ? Math.min(width / across, height / down) : 0;
  const columns = tapsOf(width, across, scale);
  const rows = tapsOf(height, down, scale);
  // Pillow shrinks the height first where that leaves much less to do.
  const isDownFirst = height - down > Math.max(0, 2 * (width - across));
  /** @param {Colour} colour */
  const narrowed = (colour) => (columns ? alongRows(colour, columns) : colour);
  /** @param {Colour} colour */
  const lowered = (colour) => (rows ? alongColumns(colour, rows) : colour);
  const whole = { width, data: withoutOpacity(data) };
  const { data: colour } = isDownFirst ? narrowed(lowered(whole)) : lowered(narrowed(whole));
  return channels === 1 ? grey(colour) : colour;
}

/**
 * What every output along an axis takes; nothing where the axis stays as it is. Of
 * the axis, the middle `want * scale` pixels are taken; all of it with a scale of 0.
 *
 * @param {number} have
 * @param {number} want
 * @param {number} scale
 * @returns {Taps[] | null}
 */
export function tapsOf(have, want, scale) {
  // Pillow keeps the ends of what is taken as float32.
  const start = scale ? Math.fround(Math.max((have - want * scale) / 2, 0)) : 0;
  const end = scale ? Math.fround(have - Math.max((have - want * scale) / 2, 0)) : have;
  if (have === want && start === 0 && end === have) return null;
  const step = Math.fround(end - start) / want;
  const reach = Math.max(step, 1);
  return Array.from({ length: want }, (_, place) => {
    const centre = start + (place + 0.5) * step;
    const first = Math.max(Math.trunc(centre - reach + 0.5), 0);
    const last = Math.min(Math.trunc(centre + reach + 0.5), have);
    const weights = Array.from({ length: last - first }, (_, at) =>
      Math.max(1 - Math.abs((at + first - centre + 0.5) / reach), 0));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const factors = Float64Array.from(weights, (weight) => Math.trunc(0.5 + (weight / total) * ONE));
    return { first, factors };
  });
}

/** Red, green and blue of every pixel. @typedef {{width: number, data: Uint8Array}} Colour */

/** @param {Colour} image @param {Taps[]} taps @returns {Colour} */
function alongRows({ width, data }, taps) {
  const height = data.length / (3 * width);
  const out = new Uint8Array(height * taps.length * 3);
  let to = 0;
  for (let row = 0; row < height; row++)
    for (const { first, factors } of taps)
      for (let channel = 0; channel < 3; channel++)
        out[to++] = weighed(data, 3 * (row * width + first) + channel, 3, factors);
  return { width: taps.length, data: out };
}

/** @param {Colour} image @param {Taps[]} taps @returns {Colour} */
function alongColumns({ width, data }, taps) {
  const line = 3 * width;
  const out = new Uint8Array(taps.length * line);
  let to = 0;
  for (const { first, factors } of taps)
    for (let place = 0; place < line; place++)
      out[to++] = weighed(data, first * line + place, line, factors);
  return { width, data: out };
}

/** @param {Uint8Array} data @param {number} from @param {number} step @param {Float64Array} factors */
function weighed(data, from, step, factors) {
  let sum = ONE / 2;
  for (let at = 0; at < factors.length; at++) sum += factors[at] * data[from + at * step];
  return Math.min(Math.floor(sum / ONE), 255);
}

/** @param {ArrayLike<number>} data */
function withoutOpacity(data) {
  const out = new Uint8Array((data.length / 4) * 3);
  for (let from = 0, to = 0; from < data.length; from += 4)
    for (let channel = 0; channel < 3; channel++) out[to++] = data[from + channel];
  return out;
}

/** @param {Uint8Array} colour */
function grey(colour) {
  return Uint8Array.from({ length: colour.length / 3 }, (_, at) => {
    const sum = GREY.reduce((whole, part, channel) => whole + part * colour[3 * at + channel], 0x8000);
    return sum >> 16;
  });
}
