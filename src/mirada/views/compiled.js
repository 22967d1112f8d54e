// @ts-check
/** A network as machine code for the browser: pixels in, probabilities and maps out. */

/**
 * A layer whose maps are kept, and where they lie.
 *
 * @typedef {{layer: string, text: string, shape: [number, number, number], at: number}} KeptLayer
 */

/**
 * What is to be known of the code: where in its memory, in bytes, everything lies.
 *
 * @typedef {object} Places
 * @property {number} parameters
 * @property {number} pixels
 * @property {number} probabilities
 */

/**
 * @typedef {object} About
 * @property {string} name
 * @property {string[]} classes
 * @property {{height: number, width: number, channels: number, resize: string}} input
 * @property {Places} places
 * @property {KeptLayer[]} layers
 */

/** @typedef {{probabilities: Float32Array, maps: Map<string, Float32Array>}} Answer */

/**
 * Starts the code with its weights. What it gives answers pixels (rows, columns,
 * channels) from 0 to 255: the probabilities in the order of the classes, and the maps
 * (channels, rows, columns) of every kept layer.
 *
 * @param {About} about
 * @param {BufferSource} code
 * @param {Uint8Array} weights
 * @returns {Promise<(pixels: Uint8Array) => Answer>}
 */
export async function compiled(about, code, weights) {
  const { instance } = await WebAssembly.instantiate(code);
  const { memory, prepare, answer } = /** @type {any} */ (instance.exports);
  const bytes = new Uint8Array(memory.buffer);
  bytes.set(weights, about.places.parameters);
  prepare();
  const { height, width, channels } = about.input;
  const copy = (/** @type {number} */ at, /** @type {number} */ count) =>
    new Float32Array(memory.buffer, at, count).slice();
  return (pixels) => {
    if (pixels.length !== height * width * channels) throw new RangeError("pixels of another size");
    bytes.set(pixels, about.places.pixels);
    answer();
    const maps = new Map(
      about.layers.map(({ layer, shape, at }) => [layer, copy(at, shape[0] * shape[1] * shape[2])]),
    );
    return { probabilities: copy(about.places.probabilities, about.classes.length), maps };
  };
}
