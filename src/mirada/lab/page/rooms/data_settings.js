// @ts-check
/** What was chosen in the room, for the tab and for training. */

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

/** How training calls what is chosen here. */
const OPTIONS = /** @type {const} */ ({
  validation: "validation", test: "test", seed: "seed", group_by: "by", augment: "augment", size: "size",
});

/** What training is asked for by the settings; what is as ever is not said. @param {Settings} settings */
export function optionsOf(settings) {
  const chosen = Object.entries(OPTIONS).filter(([, name]) => settings[name] !== PLAIN[name]);
  return Object.fromEntries(chosen.map(([option, name]) => [option, settings[name]]));
}

/** The settings that options of a training stand for. @param {Record<string, any>} options */
export function settingsOf(options) {
  const entries = Object.entries(OPTIONS);
  return Object.fromEntries(entries.map(([option, name]) => [name, options[option] ?? PLAIN[name]]));
}

/** @param {Settings} settings */
export function keepSettings(settings) {
  keep(KEY, settings);
}
