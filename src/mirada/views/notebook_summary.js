// @ts-check
/** A network as a table as a widget of a notebook. */

import { summary } from "./summary.js";
import { shown } from "./notebook.js";

/** @param {import("./notebook.js").Place} place */
export function render(place) {
  return shown(summary, place);
}
