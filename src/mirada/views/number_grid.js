// @ts-check
/** Numbers as cells: coloured by their sign, framed by windows, typed over, drawn on. */

import { t } from "./language.js";
import { cellText, shortText } from "./matrix_text.js";
import { html, nothing } from "./vendor/lit-html.js";

/** @import { Matrix } from "./window_arithmetic.js" */

/**
 * A frame around cells; rows and columns count from the first of the matrix, negative
 * ones in the padding. `kind`: "in" for a window, "tap" for one of its taps, "out" for
 * what it makes, "most" for the largest.
 *
 * @typedef {{kind: string, row: number, column: number, height: number, width: number}} Frame
 */

/**
 * What is typed over a number, and whether it is no number.
 *
 * @typedef {{row: number, column: number, text: string, isWrong: boolean}} Typing
 */

/**
 * `sides` are rows and columns of zeros around the matrix (top, bottom, left, right);
 * `isUnread` tells of a position, padding included, that no window reads; `later` is the
 * first cell, in reading order, whose number is not shown yet. `cursor` is the cell that
 * the keyboard is on. Without `typed` the numbers cannot be changed.
 *
 * @typedef {object} NumberGrid
 * @property {string} name
 * @property {string} caption
 * @property {Matrix} values
 * @property {[number, number, number, number]} [sides]
 * @property {(row: number, column: number) => boolean} [isUnread]
 * @property {Frame[]} [frames]
 * @property {[number, number] | null} [cursor]
 * @property {Typing | null} [typing]
 * @property {number} [later]
 * @property {number} [largest]
 * @property {string} [kind]
 * @property {(kind: string, row: number, column: number, event: PointerEvent) => void} [pointed]
 *   told of the kinds "down", "move" (to another cell, held), "click" and "double"
 * @property {(event: KeyboardEvent, row: number, column: number) => void} [pressed]
 * @property {(row: number, column: number, text: string, done: boolean) => void} [typed]
 * @property {(row: number, column: number, text: string) => void} [pasted]
 */

const NO_SIDES = /** @type {[number, number, number, number]} */ ([0, 0, 0, 0]);
const FAINTEST = 10;
const STRONGEST = 50;
const HELD = new WeakMap();

/** The share of a cell's side that its letters are high, by the longest text. */
const LETTERS = [0.44, 0.44, 0.44, 0.36, 0.3, 0.26, 0.22, 0.19, 0.165];

/** @param {NumberGrid} grid */
export function numberGrid(grid) {
  const { values, caption, name, sides = NO_SIDES, frames = [] } = grid;
  const [top, bottom, left, right] = sides;
  const height = values.length;
  const width = values[0].length;
  const places = Array.from({ length: height + top + bottom }, (_, row) => row - top);
  const across = Array.from({ length: width + left + right }, (_, column) => column - left);
  const words = { caption, height, width };
  const label = t("{caption}: {height} rows, {width} columns", words);
  const longest = Math.max(1, ...values.flat().map((value) => cellText(value ?? 0).length));
  const letters = LETTERS[Math.min(longest, 8)];
  const style = `--rows:${places.length};--columns:${across.length};--letters:${letters}`;
  const most = grid.largest ?? largest(values);
  return html`
    <figure class="numbers ${grid.kind ?? ""}">
      <figcaption>${caption} <small>${height}×${width}</small></figcaption>
      <div class="cells" role="grid" aria-label=${label} aria-readonly=${grid.typed ? "false" : "true"}
        data-grid=${name} .style=${style}
        @keydown=${grid.pressed ? keyed(grid) : nothing}
        @paste=${grid.pasted ? pasted(grid) : nothing}
        @pointerdown=${grid.pointed ? held(grid) : nothing}
        @pointermove=${grid.pointed ? moved(grid) : nothing}
        @pointerup=${grid.pointed ? released : nothing}
        @pointercancel=${grid.pointed ? released : nothing}
        @click=${grid.pointed ? clicked(grid, "click") : nothing}
        @dblclick=${grid.pointed ? clicked(grid, "double") : nothing}>
        ${places.map((row) => html`<div
          role="row">${across.map((column) => cell(grid, most, row, column))}</div>`)}
        ${frames.map((frame) => framed(frame, top, left))}
      </div>
    </figure>`;
}

/** The size of the largest number. @param {Matrix} values */
export function largest(values) {
  return Math.max(0, ...values.flat().map(Math.abs).filter(Number.isFinite));
}

/** @param {NumberGrid} grid @param {number} most @param {number} row @param {number} column */
function cell(grid, most, row, column) {
  const [top, , left] = grid.sides ?? NO_SIDES;
  const value = grid.values[row]?.[column];
  const isUnread = grid.isUnread?.(row + top, column + left) ? " unread" : "";
  if (value === undefined) return html`<div role="gridcell" class="cell padding${isUnread}">0</div>`;
  const { typing, cursor } = grid;
  if (typing?.row === row && typing.column === column) return typedCell(grid, typing);
  const isLater = grid.later !== undefined && row * grid.values[0].length + column >= grid.later;
  const isHere = cursor?.[0] === row && cursor[1] === column;
  const share = most && Number.isFinite(value) ? Math.min(Math.abs(value) / most, 1) : 0;
  const sign = value < 0 ? " negative" : share ? " positive" : "";
  const style = share ? `--shade:${(FAINTEST + (STRONGEST - FAINTEST) * share).toFixed(1)}%` : "";
  const text = cellText(value);
  return html`<div role="gridcell" class=${`cell${sign}${isUnread}${isLater ? " later" : ""}`} .style=${style}
    data-at=${`${row},${column}`} tabindex=${cursor ? (isHere ? "0" : "-1") : nothing}
    title=${Number.isInteger(value) ? nothing : titleOf(value, text)}>${text}</div>`;
}

/** The whole number, where the cell shows less of it. @param {number} value @param {string} text */
function titleOf(value, text) {
  const whole = shortText(value, 12);
  return text === whole ? nothing : whole;
}

/** @param {NumberGrid} grid @param {Typing} typing */
function typedCell(grid, { row, column, text, isWrong }) {
  const given = (/** @type {Event} */ event) => /** @type {HTMLInputElement} */ (event.target).value;
  const label = t("Row {row}, column {column}", { row, column });
  return html`<div role="gridcell" class="cell typing" data-at=${`${row},${column}`}><input
    type="text" inputmode="text" autocomplete="off"
    aria-label=${label} aria-invalid=${isWrong ? "true" : "false"} .value=${text}
    @input=${(/** @type {Event} */ event) => grid.typed?.(row, column, given(event), false)}
    @blur=${(/** @type {Event} */ event) => grid.typed?.(row, column, given(event), true)}></div>`;
}

/** @param {Frame} frame @param {number} top @param {number} left */
function framed({ kind, row, column, height, width }, top, left) {
  const style = `--row:${row + top};--column:${column + left};--height:${height};--width:${width}`;
  return html`<div class="frame ${kind}" aria-hidden="true" .style=${style}></div>`;
}

/** One listener a grid, not a cell: a slider redraws hundreds of them. @param {NumberGrid} grid */
function keyed(grid) {
  return (/** @type {KeyboardEvent} */ event) => {
    const at = cellOf(event);
    if (at) grid.pressed?.(event, ...at);
  };
}

/** Rows of numbers, as from a spreadsheet; one number goes where it is typed. @param {NumberGrid} grid */
function pasted(grid) {
  return (/** @type {ClipboardEvent} */ event) => {
    const text = event.clipboardData?.getData("text/plain").trim() ?? "";
    const at = cellOf(event);
    const isTyping = /** @type {HTMLElement} */ (event.target).localName === "input";
    if (!at || !text || (isTyping && !/\s/.test(text))) return;
    event.preventDefault();
    grid.pasted?.(...at, text);
  };
}

/** @param {Event} event @returns {[number, number] | null} */
function cellOf(event) {
  const cell = /** @type {HTMLElement} */ (event.target).closest("[data-at]");
  const [row, column] = (cell?.getAttribute("data-at") ?? "").split(",").map(Number);
  return column === undefined ? null : [row, column];
}

/** @param {NumberGrid} grid */
function held(grid) {
  return (/** @type {PointerEvent} */ event) => {
    const target = /** @type {HTMLElement} */ (event.currentTarget);
    if (event.button !== 0 || /** @type {HTMLElement} */ (event.target).localName === "input") return;
    target.setPointerCapture(event.pointerId);
    const [row, column] = placeOf(grid, target, event);
    HELD.set(target, `${row},${column}`);
    grid.pointed?.("down", row, column, event);
  };
}

/** @param {NumberGrid} grid */
function moved(grid) {
  return (/** @type {PointerEvent} */ event) => {
    const target = /** @type {HTMLElement} */ (event.currentTarget);
    if (!HELD.has(target)) return;
    const [row, column] = placeOf(grid, target, event);
    if (HELD.get(target) === `${row},${column}`) return;
    HELD.set(target, `${row},${column}`);
    grid.pointed?.("move", row, column, event);
  };
}

/** @param {NumberGrid} grid @param {string} kind */
function clicked(grid, kind) {
  return (/** @type {PointerEvent} */ event) => {
    const target = /** @type {HTMLElement} */ (event.currentTarget);
    if (/** @type {HTMLElement} */ (event.target).localName === "input") return;
    const [row, column] = placeOf(grid, target, event);
    grid.pointed?.(kind, row, column, event);
  };
}

/** @param {PointerEvent} event */
function released(event) {
  HELD.delete(/** @type {HTMLElement} */ (event.currentTarget));
}

/**
 * The cell under the pointer, also beyond the edges.
 *
 * @param {NumberGrid} grid
 * @param {HTMLElement} target
 * @param {PointerEvent} event
 * @returns {[number, number]}
 */
function placeOf({ values, sides = NO_SIDES }, target, event) {
  const box = target.getBoundingClientRect();
  const rows = values.length + sides[0] + sides[1];
  const columns = values[0].length + sides[2] + sides[3];
  return [
    Math.floor(((event.clientY - box.top) / box.height) * rows) - sides[0],
    Math.floor(((event.clientX - box.left) / box.width) * columns) - sides[2],
  ];
}
