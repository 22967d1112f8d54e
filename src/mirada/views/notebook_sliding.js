// @ts-check
/** A window that slides as a widget of a notebook. */

import { sliding } from "./sliding.js";
import { shown } from "./notebook.js";

/** @param {import("./notebook.js").Place} place */
export function render(place) {
  return shown(sliding, place);
}
