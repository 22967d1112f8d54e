// @ts-check
/** What a report does where scripts run: its curves answer to pointer and arrow keys. */

import { curves } from "./curves.js";
import { speak } from "./language.js";

/**
 * Puts a view beside every figure that carries its data, and marks the place, so that
 * the figure itself is only seen on paper.
 *
 * @param {ParentNode} root
 */
export function enliven(root) {
  for (const place of root.querySelectorAll(".lively")) {
    const { curves: data, spoken } = /** @type {HTMLElement} */ (place).dataset;
    const { language, words } = JSON.parse(spoken ?? "{}");
    speak(language, words);
    place.append(curves(JSON.parse(data ?? "{}")));
    place.classList.add("live");
  }
}
