// @ts-check
import { t } from "../../../views/language.js";

/** @import { Lab } from "../lab.js" */

/**
 * The room.
 *
 * @param {Lab} lab
 * @returns {{element: HTMLElement, leave?: () => void}}
 */
export function enter(lab) {
  const element = document.createElement("div");
  element.textContent = t("Nothing here yet.");
  return { element };
}
