// @ts-check
/** The hint of an exercise: a sentence, the formula in boxes, and a drawing. */

import { blocks } from "./hint_blocks.js";
import { curve } from "./hint_curve.js";
import { field } from "./hint_field.js";
import { formula } from "./hint_formula.js";
import { shares } from "./hint_shares.js";
import { strip } from "./hint_strip.js";
import { numberGrid } from "./number_grid.js";
import { typeset } from "./typeset.js";
import { html, nothing } from "./vendor/lit-html.js";

/** @import { Part } from "./hint_formula.js" */
/** @import { Frame } from "./number_grid.js" */

/**
 * @typedef {{name: string, rows: number[][], frames: Frame[], sides: [number, number, number, number],
 *   is_empty_beyond?: boolean}} HintGrid
 */
/** @typedef {{text: string, formula: Part[], drawing: any}} Hint */

/** @param {Hint} hint */
export function hintTemplate(hint) {
  return html`<p>${typeset(hint.text)}</p>${formula(hint.formula)}${hint.drawing ? drawn(hint.drawing)
    : nothing}`;
}

/** @param {any} drawing */
function drawn(drawing) {
  switch (drawing.kind) {
    case "strips": return drawing.strips.map(strip);
    case "grids": return grids(drawing);
    case "blocks": return blocks(drawing);
    case "field": return field(drawing);
    case "curve": return curve(drawing);
    case "shares": return shares(drawing);
    default: return nothing;
  }
}

/** @param {{grids: HintGrid[], note: string}} drawing */
function grids({ grids: all, note }) {
  return html`<div class="grids">${all.map((one, place) =>
    numberGrid(
      { name: `hint${place}`, caption: one.name, values: one.rows, sides: one.sides, frames: one.frames,
        kind: one.is_empty_beyond ? "unfilled" : "" }),
  )}</div>
  ${note ? html`<p class="note">${note}</p>` : nothing}`;
}
