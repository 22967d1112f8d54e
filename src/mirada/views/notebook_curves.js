// @ts-check
/** Training curves as a widget of a notebook. */

import { curves } from "./curves.js";
import { shown } from "./notebook.js";

/** @param {import("./notebook.js").Place} place */
export function render(place) {
  return shown(curves, place);
}
