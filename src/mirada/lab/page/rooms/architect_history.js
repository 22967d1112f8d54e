// @ts-check
/** What was written, step by step, kept for this tab until it is closed. */

import { keep, kept } from "../kept.js";

const KEY = "room.architect";
const MOST_STEPS = 200;
const MOST_LETTERS = 1_500_000;
const TOGETHER_MS = 1200;

/** @typedef {{steps: string[], at: number, saved: string | null, sample: string}} Kept */

export class History {
  constructor() {
    /** @type {string[]} */
    this.steps = [];
    this.at = -1;
    /** The last text that the server has, or had. @type {string | null} */
    this.saved = null;
    /** A text that was only shown to begin with. */
    this.sample = "";
    this.last = { key: "", time: 0 };
    this.read();
  }

  /** The text as it is now. */
  get text() {
    return this.steps[this.at] ?? "";
  }

  get canUndo() {
    return this.at > 0;
  }

  get canRedo() {
    return this.at < this.steps.length - 1;
  }

  /**
   * A new text; changes of one `key` shortly after each other are one step.
   *
   * @param {string} text
   * @param {string} [key]
   */
  put(text, key = "") {
    if (text === this.text && this.at >= 0) return;
    const now = Date.now();
    const isSame = key !== "" && key === this.last.key && now - this.last.time < TOGETHER_MS;
    this.last = { key, time: now };
    this.steps.splice(this.at + 1);
    if (isSame && this.at > 0) this.steps.pop();
    this.steps.push(text);
    let letters = this.steps.reduce((sum, step) => sum + step.length, 0);
    while (this.steps.length > 2 && (this.steps.length > MOST_STEPS || letters > MOST_LETTERS))
      letters -= /** @type {string} */ (this.steps.shift()).length;
    this.at = this.steps.length - 1;
    this.keep();
  }

  /** Goes back (-1) or on again (1). @param {-1 | 1} way */
  go(way) {
    if (way < 0 ? !this.canUndo : !this.canRedo) return false;
    this.at += way;
    this.last.key = "";
    this.keep();
    return true;
  }

  /** @param {string} text */
  savedAs(text) {
    this.saved = text;
    this.keep();
  }

  keep() {
    /** @type {Kept} */
    const now = { steps: this.steps, at: this.at, saved: this.saved, sample: this.sample };
    keep(KEY, now);
  }

  read() {
    /** @type {Partial<Kept>} */
    const { steps, at = -1, saved, sample } = kept(KEY, {});
    if (!Array.isArray(steps) || !steps.every((step) => typeof step === "string")) return;
    this.steps = steps;
    this.at = Math.min(Math.max(at, -1), steps.length - 1);
    this.saved = typeof saved === "string" ? saved : null;
    this.sample = String(sample ?? "");
  }
}
