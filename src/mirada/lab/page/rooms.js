// @ts-check
/** The rooms of the page, and which of them an address names. */

import { t } from "../../views/language.js";

/** @type {Record<string, {title: () => string, lead: () => string}>} */
export const ROOMS = {
  window: {
    title: () => t("Window"),
    lead: () => t("What a convolution is: a small window slides over an image."),
  },
  architect: {
    title: () => t("Architect"),
    lead: () => t("Build a network layer by layer; every number is worked out."),
  },
  data: {
    title: () => t("Data"),
    lead: () => t("The images that a network learns from."),
  },
  train: {
    title: () => t("Train"),
    lead: () => t("Watch a network learn, and steer it while it does."),
  },
  look: {
    title: () => t("Look"),
    lead: () => t("What a trained network sees in an image, and why it answers so."),
  },
  exercises: {
    title: () => t("Exercises"),
    lead: () => t("Practise the arithmetic by hand, with hints and corrections."),
  },
  export: {
    title: () => t("Export"),
    lead: () => t("Take a trained network with you, and see that it still answers so."),
  },
};

/**
 * The room that the address names.
 *
 * @returns {{name: string, params: Record<string, string>, unknown: string}}
 */
export function address() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const params = Object.fromEntries(new URLSearchParams(query));
  if (Object.hasOwn(ROOMS, path)) return { name: path, params, unknown: "" };
  return { name: "window", params: {}, unknown: path };
}

/** Opens a room. @param {string} name @param {Record<string, string>} [params] */
export function go(name, params = {}) {
  const query = new URLSearchParams(params).toString();
  location.hash = `/${name}${query ? `?${query}` : ""}`;
}
