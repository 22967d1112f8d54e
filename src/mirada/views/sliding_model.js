// @ts-check
/** What the view of a sliding window is doing: its numbers, what is typed, what plays. */

import { readMatrix, readNumber } from "./matrix_text.js";
import { completed, computed, replaced, resized, within } from "./sliding_data.js";
import { tell } from "./view.js";

/** @import { Given, Shown } from "./sliding_data.js" */
/** @import { Typing } from "./number_grid.js" */
/** @import { Axis } from "./window_size.js" */
/** @import { Slid } from "./window_arithmetic.js" */
/** @import { Named } from "./kernel_editor.js" */
/** @import { View } from "./view.js" */

/**
 * `kernels` can be picked by their names; `shaped` gives one of them with other options,
 * such as the angle of its stripes. With `isPlain` there are no settings, the window
 * only slides.
 *
 * @typedef {object} SlidingOptions
 * @property {Named[]} [kernels]
 * @property {(name: string, options: Record<string, number>) => Promise<number[][]>} [shaped]
 * @property {boolean} [isPlain]
 */

/** @typedef {View<Given, SlidingOptions>} SlidingElement */

const STILL = "(prefers-reduced-motion: reduce)";

export class SlidingModel {
  /** @param {SlidingElement} element */
  constructor(element) {
    this.element = element;
    /** @type {SlidingOptions} */
    this.options = {};
    const { shown, slid } = computed(completed({}));
    this.shown = shown;
    this.slid = slid;
    /** Where the keyboard is on each grid. @type {Record<string, [number, number]>} */
    this.cursors = {};
    /** @type {(Typing & {grid: string}) | null} */
    this.typing = null;
    this.tool = "move";
    this.brush = 1;
    this.speed = 2;
    this.isPlaying = false;
    this.textOf = "";
    this.textError = "";
    /** What is wrong with what was pasted. */
    this.trouble = "";
    /** Whether the four sides of the padding are set one by one. */
    this.isApart = false;
    this.kernelName = "";
    /** @type {Record<string, number>} */
    this.shape = {};
  }

  /** Whether who looks asked for less motion. */
  get isStill() {
    return matchMedia(STILL).matches;
  }

  /** The windows in reading order. */
  get count() {
    return this.slid.output.length ? this.slid.rows.output * this.slid.columns.output : 0;
  }

  /** The number of the window that is shown. */
  get place() {
    return this.shown.at[0] * this.slid.columns.output + this.shown.at[1];
  }

  /** Shows other data, unless they are its own. @param {Given} given @param {SlidingOptions} options */
  take(given, options) {
    this.options = options;
    if (given === this.shown) return;
    this.typing = null;
    Object.assign(this, computed(completed(given)));
    if (Array.isArray(this.shown.padding)) this.isApart = new Set(this.shown.padding).size > 1;
  }

  redraw() {
    this.element.update(this.shown);
  }

  /** Changes what slides, and tells who uses the view. @param {Given} changes */
  set(changes) {
    this.trouble = "";
    Object.assign(this, computed(completed({ ...this.shown, ...changes })));
    this.redraw();
    tell(this.element, "change", this.shown);
  }

  /** Changes how the view looks. @param {Partial<SlidingModel>} changes */
  look(changes) {
    Object.assign(this, changes);
    this.redraw();
  }

  /** @param {number} row @param {number} column */
  moveTo(row, column) {
    if (!this.count) return;
    const at = /** @type {[number, number]} */ ([
      within(row, 0, this.slid.rows.output - 1),
      within(column, 0, this.slid.columns.output - 1),
    ]);
    if (at[0] !== this.shown.at[0] || at[1] !== this.shown.at[1]) this.set({ at });
  }

  /** So many windows on, past the last to the first. @param {number} by */
  step(by) {
    if (!this.count) return;
    const place = (this.place + by + this.count) % this.count;
    const across = this.slid.columns.output;
    this.moveTo(Math.floor(place / across), place % across);
  }

  /** The window whose middle is nearest to a cell of the image. @param {number} row @param {number} column */
  moveOver(row, column) {
    const nearest = (/** @type {number} */ place, /** @type {Axis} */ axis) =>
      (place + axis.start - (axis.span - 1) / 2) / axis.stride;
    this.moveTo(nearest(row, this.slid.rows), nearest(column, this.slid.columns));
  }

  play() {
    if (this.place === this.count - 1) this.step(1);
    this.look({ isPlaying: true });
    this.wait();
  }

  pause() {
    this.look({ isPlaying: false });
  }

  wait() {
    setTimeout(() => {
      if (!this.isPlaying || !this.element.isConnected) return;
      if (this.place >= this.count - 1) return this.pause();
      this.step(1);
      this.wait();
    }, 1000 / this.speed);
  }

  /** The matrix of an editable grid: "image-0", "kernel-2". @param {string} grid */
  matrix(grid) {
    const [kind, channel] = grid.split("-");
    return this.shown[kind === "image" ? "image" : "kernel"][Number(channel)];
  }

  /** @param {string} grid @param {number} row @param {number} column @param {number} value */
  put(grid, row, column, value) {
    if (this.matrix(grid)[row]?.[column] === undefined) return;
    this.change(grid, replaced(this.matrix(grid), row, column, value));
  }

  /** @param {string} grid @param {number[][]} matrix */
  change(grid, matrix) {
    const [kind, channel] = grid.split("-");
    const changed = (/** @type {number[][][]} */ matrices) => matrices.with(Number(channel), matrix);
    if (kind === "image") this.set({ image: changed(this.shown.image) });
    else this.setKernel(changed(this.shown.kernel));
  }

  /**
   * Rows of numbers put over a matrix from a cell on; what reaches past its edges is left out.
   *
   * @param {string} grid
   * @param {number} row
   * @param {number} column
   * @param {string} text
   */
  paste(grid, row, column, text) {
    this.typing = null;
    try {
      const [pasted] = readMatrix(text);
      const put = (/** @type {number} */ value, /** @type {number} */ y, /** @type {number} */ x) =>
        pasted[y - row]?.[x - column] ?? value;
      this.change(grid, this.matrix(grid).map((line, y) => line.map((value, x) => put(value, y, x))));
    } catch (error) {
      this.look({ trouble: /** @type {Error} */ (error).message });
    }
  }

  /** A kernel that goes by no name. @param {number[][][]} kernel */
  setKernel(kernel) {
    this.kernelName = "";
    this.set({ kernel });
  }

  /** @param {"image" | "kernel"} kind @param {number} height @param {number} width */
  resize(kind, height, width) {
    const changed = this.shown[kind].map((matrix) => resized(matrix, height, width));
    if (kind === "image") this.set({ image: changed });
    else this.setKernel(changed);
  }

  /** @param {string} grid @param {number} row @param {number} column @param {string} [text] */
  type(grid, row, column, text) {
    const value = this.matrix(grid)[row]?.[column];
    if (value === undefined) return;
    this.cursors[grid] = [row, column];
    this.look({ typing: { grid, row, column, text: text ?? String(value), isWrong: false } });
    const input = /** @type {HTMLInputElement | null} */ (this.element.querySelector(".typing input"));
    input?.focus();
    if (text === undefined) input?.select();
  }

  /**
   * What is typed so far; when `isDone` it is taken, unless it is no number.
   *
   * @param {string} text
   * @param {boolean} isDone
   */
  typed(text, isDone) {
    if (!this.typing) return true;
    const { grid, row, column } = this.typing;
    const value = readNumber(text);
    if (!isDone) {
      this.look({ typing: { ...this.typing, text, isWrong: false } });
      return true;
    }
    if (Number.isNaN(value)) {
      this.look({ typing: { ...this.typing, text, isWrong: true } });
      return false;
    }
    this.typing = null;
    if (this.matrix(grid)[row][column] === value) this.redraw();
    else this.put(grid, row, column, value);
    return true;
  }

  /** Puts the keyboard on a cell. @param {string} grid @param {number} row @param {number} column */
  focus(grid, row, column) {
    this.cursors[grid] = [row, column];
    this.redraw();
    const cell = this.element.querySelector(`[data-grid="${grid}"] [data-at="${row},${column}"]`);
    /** @type {HTMLElement | null} */ (cell)?.focus();
  }
}
