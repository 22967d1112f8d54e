// @ts-check
/** What a text with formulas is made of: 5×5, 3·4, P with an index, e². */

const MARKS =
  /(?<power>\^(?:\([^)]*\)|-?[\p{L}\p{N}_]+))|(?<=[A-Za-z])_(?<index>[\p{L}\p{N}_]+)|(?<times>(?<=\p{N})x(?=\p{N})| x (?=\p{L}))|(?<product>(?<=[\p{L}\p{N}_)])\*(?=[\p{L}\p{N}_(])|(?<= )\*(?= ))|(?<minus>(?<![\p{L}\p{N}_-])-(?=[\p{L}\p{N}_.(])|(?<= )-(?= ))|(?<arrow>->)/gu;

/** @typedef {string | {kind: "sup" | "sub", pieces: Piece[]}} Piece */

/**
 * The pieces of a text: plain ones, and raised or lowered ones. The rule is that of
 * `typeset` in the Python of the printed sheet.
 *
 * @param {string} text
 * @returns {Piece[]}
 */
export function piecesOf(text) {
  /** @type {Piece[]} */
  const pieces = [];
  let at = 0;
  for (const found of text.matchAll(MARKS)) {
    if (found.index > at) pieces.push(text.slice(at, found.index));
    pieces.push(printed(text, found));
    at = found.index + found[0].length;
  }
  if (at < text.length) pieces.push(text.slice(at));
  return pieces.length ? pieces : [""];
}

/** @param {string} text @param {RegExpExecArray} found @returns {Piece} */
function printed(text, found) {
  const { power, index, times, product, minus } =
    /** @type {Record<string, string | undefined>} */ (found.groups);
  if (power !== undefined)
    return { kind: "sup", pieces: piecesOf(power.slice(1).replace(/\)$/, "").replace(/^\(/, "")) };
  if (index !== undefined) return { kind: "sub", pieces: [index] };
  if (times !== undefined) return times.includes(" ") ? " × " : "×";
  if (product !== undefined) return text[found.index - 1] === " " ? "×" : "·";
  return minus === undefined ? "→" : "−";
}
