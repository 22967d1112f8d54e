// @ts-check
/** Formulas in a text as they are printed: 5×5, 3·4, P with an index, e². */

import { piecesOf } from "./formula_text.js";
import { html } from "./vendor/lit-html.js";

/** @import { Piece } from "./formula_text.js" */

/** The text as a template. @param {string} text @returns {unknown} */
export function typeset(text) {
  return piecesOf(text).map((piece) => template(piece));
}

/** @param {Piece} piece @returns {unknown} */
function template(piece) {
  if (typeof piece === "string") return piece;
  const inside = piece.pieces.map((one) => template(one));
  return piece.kind === "sup" ? html`<sup>${inside}</sup>` : html`<sub>${inside}</sub>`;
}
