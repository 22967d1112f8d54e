// @ts-check
/** What the view of a filtered photo is doing: the photo, what slides, where one looks. */

import { planesOf, summed } from "./photo_pixels.js";
import { completed, within } from "./sliding_data.js";
import { SlidingModel } from "./sliding_model.js";
import { tell } from "./view.js";
import { isPooling, position, sizesOf, slide, slidingKernel } from "./window_arithmetic.js";

/** @import { Pixels, Plane } from "./photo_pixels.js" */
/** @import { Given, Shown } from "./sliding_data.js" */
/** @import { SlidingOptions } from "./sliding_model.js" */
/** @import { Slid } from "./window_arithmetic.js" */
/** @import { Axis } from "./window_size.js" */

/** @typedef {Given & {pixels: Pixels, isGrey?: boolean, way?: string}} PhotoGiven */

const EMPTY = { width: 1, height: 1, data: new Uint8ClampedArray(4) };

export class PhotoModel extends SlidingModel {
  /** @param {any} element */
  constructor(element) {
    super(element);
    this.pixels = /** @type {Pixels} */ (EMPTY);
    this.isGrey = true;
    /** How the map is shown, "" for what suits the kernel. */
    this.way = "";
    /** @type {Plane[]} */
    this.planes = [];
    /** What was filtered last, so that looking elsewhere costs nothing. */
    this.filteredOf = "";
    /** The smallest and the largest number that came out. @type {[number, number]} */
    this.span = [0, 0];
    /** What is shown, as it is told to who uses the view. @type {PhotoGiven | null} */
    this.told = null;
  }

  /** @param {PhotoGiven} given @param {SlidingOptions} options */
  take(given, options) {
    this.options = options;
    if (given === this.told) return;
    const { pixels, isGrey = true, way = "", ...rest } = given;
    if (pixels !== this.pixels || isGrey !== this.isGrey || !this.planes.length) {
      this.planes = planesOf(pixels, isGrey);
      this.filteredOf = "";
    }
    Object.assign(this, { pixels, isGrey, way });
    this.compute(rest);
  }

  redraw() {
    this.element.update(/** @type {any} */ (this.told));
  }

  /** @param {Given} changes */
  set(changes) {
    this.compute({ ...this.shown, ...changes });
    this.redraw();
    tell(this.element, "change", this.told);
  }

  /**
   * Shows it in grey or in colour, or its map another way.
   *
   * @param {{isGrey?: boolean, way?: string}} changes
   */
  see(changes) {
    this.element.update(/** @type {any} */ ({ ...this.told, ...changes }));
    tell(this.element, "change", this.told);
  }

  /** @param {Given} given */
  compute(given) {
    const kernel = given.kernel ? [slices(given.kernel)[0]] : undefined;
    const shown = completed({ ...given, kernel, image: [[[0]]] });
    const sizes = sizesOf(shown, this.pixels.height, this.pixels.width);
    const [row, column] = given.at ?? [sizes.rows.output / 2, sizes.columns.output / 2];
    /** @type {[number, number]} */
    const at = [within(row, 0, sizes.rows.output - 1), within(column, 0, sizes.columns.output - 1)];
    this.shown = { ...shown, at };
    const sliding = isPooling(shown.mode) ? null : this.planes.map(() => slidingKernel(shown)[0]);
    this.slid = { ...sizes, kernel: sliding, maps: [], total: null, biased: null, output: [] };
    this.told = { ...this.shown, pixels: this.pixels, isGrey: this.isGrey, way: this.way };
  }

  get count() {
    return this.slid.refusal ? 0 : this.slid.rows.output * this.slid.columns.output;
  }

  /** Each channel under the window by itself. */
  seenApart() {
    return this.seen().shown.image.map((channel) => this.seen([channel]));
  }

  /**
   * The pixels under the window, channel by channel, and what is made of them.
   *
   * @param {number[][][]} [image]
   * @returns {{shown: Shown, slid: Slid}}
   */
  seen(image = this.patch()) {
    /** @type {Shown} */
    const shown = {
      ...this.shown, image, at: [0, 0], stride: 1, dilation: 1, padding: [0, 0, 0, 0],
      kernel: image.map(() => this.shown.kernel[0]),
    };
    return { shown, slid: slide(shown) };
  }

  /** The pixels that the window reads; in the padding there are none. */
  patch() {
    const { rows, columns } = this.slid;
    const [row, column] = this.shown.at;
    return this.planes.map((plane) =>
      Array.from({ length: rows.size }, (_, y) =>
        Array.from({ length: columns.size }, (_, x) =>
          pixelAt(plane, position(rows, row, y), position(columns, column, x)),
        ),
      ),
    );
  }

  /** A piece of the photo around the window, as an image of numbers. @param {number} side */
  piece(side) {
    const { rows, columns } = this.slid;
    const middle = (/** @type {Axis} */ axis, /** @type {number} */ place) =>
      Math.max(0,
        Math.min(axis.length - side, Math.round(position(axis, place, 0) + (axis.span - side) / 2)));
    const top = middle(rows, this.shown.at[0]);
    const left = middle(columns, this.shown.at[1]);
    return this.planes.map((plane) =>
      Array.from({ length: Math.min(side, plane.height) }, (_, y) =>
        Array.from({ length: Math.min(side, plane.width) }, (_, x) => pixelAt(plane, top + y, left + x)),
      ),
    );
  }

  /** The channels added up: what one slice for all channels sees. */
  get sum() {
    return summed(this.planes);
  }
}

/**
 * A pixel; a plane has none beyond its borders, as a matrix has no number there.
 *
 * @param {Plane} plane
 * @param {number} row
 * @param {number} column
 * @returns {number}
 */
function pixelAt({ width, height, values }, row, column) {
  const isInside = row >= 0 && row < height && column >= 0 && column < width;
  return isInside ? values[row * width + column] : /** @type {any} */ (undefined);
}

/** @param {number[][] | number[][][]} kernel @returns {number[][][]} */
function slices(kernel) {
  return /** @type {number[][][]} */ (Array.isArray(kernel[0][0]) ? kernel : [kernel]);
}
