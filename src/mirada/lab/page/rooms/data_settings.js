// @ts-check
/** What was chosen in the room, kept while the tab is open. */

import { keep, kept } from "../kept.js";

/**
 * `by` is how images are kept together: "none", "groups" or "parent"; empty for what
 * training takes by itself. A `size` of 0 is the automatic one.
 *
 * @typedef {object} Settings
 * @property {string} view "source" or "own"
 * @property {string} source
 * @property {string} collection
 * @property {string} label
 * @property {number} validation
 * @property {number} test
 * @property {number} seed
 * @property {string} by
 * @property {string} augment
 * @property {number} size
 */

const KEY = "room.data";
/** @type {Settings} */
const PLAIN = {
  view: "source", source: "", collection: "", label: "",
  validation: 0.1, test: 0.2, seed: 0, by: "", augment: "auto", size: 0,
};

/** @returns {Settings} */
export function readSettings() {
  return { ...kept(KEY, PLAIN) };
}

/** @param {Settings} settings */
export function keepSettings(settings) {
  keep(KEY, settings);
}
