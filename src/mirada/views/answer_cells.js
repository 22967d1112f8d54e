// @ts-check
/** A matrix to be typed in, cell by cell; its size is part of the answer. */

import { t } from "./language.js";
import { html } from "./vendor/lit-html.js";
import { tell } from "./view.js";

const MOST = 9;

/**
 * The cells as text, as answers are read: "6 8; 3 4".
 *
 * @param {string[][]} cells
 */
export function cellsText(cells) {
  return cells.map((row) => row.map((cell) => cell.trim()).join(" ")).join("; ");
}

/**
 * So many rows and columns of the same cells, new ones empty.
 *
 * @param {string[][]} cells
 * @param {number} rows
 * @param {number} columns
 */
function resizedCells(cells, rows, columns) {
  const [height, width] = [rows, columns].map((side) => Math.min(Math.max(side, 1), MOST));
  return Array.from({ length: height },
    (_, y) => Array.from({ length: width }, (_, x) => cells[y]?.[x] ?? ""));
}

/**
 * The cells that a pasted text fills: rows by lines or semicolons, cells by tabs or
 * spaces; null where it is a single number.
 *
 * @param {string} text
 * @returns {string[][] | null}
 */
function pastedCells(text) {
  const lines =
    text.trim().replace(/\]\s*,?\s*\[/g, ";").replace(/[[\]]/g, "").split(/[\n;]/).filter(
      (line) => line.trim());
  const rows = lines.map((line) => line.trim().split(line.includes("\t") ? "\t" : /\s+|,\s+/));
  if (rows.length === 1 && rows[0].length === 1) return null;
  const width = Math.max(...rows.map((row) => row.length));
  return resizedCells(rows, rows.length, width);
}

/**
 * Tells "type" (detail: the cells) and, at the end of the last cell, "answer".
 *
 * @param {string[][]} cells
 * @param {boolean} isDone
 * @param {HTMLElement} element
 */
export function answerCells(cells, isDone, element) {
  const change = (/** @type {string[][]} */ next) => tell(element, "type", next);
  const [rows, columns] = [cells.length, cells[0].length];
  return html`<div class="answer-cells" role="group"
    aria-label=${t("Your matrix: {rows} rows, {columns} columns", { rows, columns })}>
    <div class="cells" .style=${`--columns:${columns}`}>
      ${cells.map(
        (row, y) => row.map((cell, x) => html`<input type="text" inputmode="text" autocomplete="off" size="4"
        data-cell="${y},${x}" aria-label=${t("Row {row}, column {column}", { row: y + 1, column: x + 1 })}
        .value=${cell} ?readonly=${isDone}
        @input=${(/** @type {Event} */ event) =>
          change(replaced(cells, y, x, /** @type {HTMLInputElement} */ (event.target).value))}
        @paste=${(/** @type {ClipboardEvent} */ event) => pasted(event, change)}
        @keydown=${(/** @type {KeyboardEvent} */ event) => pressed(event, element, y, x, rows, columns)}>`))}
    </div>
    ${isDone ? "" : html`<div class="row sizes">
      ${sizer(t("rows"), rows, (count) => change(resizedCells(cells, count, columns)))}
      ${sizer(t("columns"), columns, (count) => change(resizedCells(cells, rows, count)))}
    </div>`}
  </div>`;
}

/** @param {string[][]} cells @param {number} y @param {number} x @param {string} text */
function replaced(cells, y, x, text) {
  return cells.map((row, place) => (place === y ? row.with(x, text) : row));
}

/** @param {ClipboardEvent} event @param {(cells: string[][]) => void} change */
function pasted(event, change) {
  const found = pastedCells(event.clipboardData?.getData("text") ?? "");
  if (!found) return;
  event.preventDefault();
  change(found);
}

/**
 * Arrows go to the neighbours (left and right where the text ends); Enter to the next
 * cell, from the last one to the answer.
 *
 * @param {KeyboardEvent} event
 * @param {HTMLElement} element
 * @param {number} y
 * @param {number} x
 * @param {number} rows
 * @param {number} columns
 */
function pressed(event, element, y, x, rows, columns) {
  const input = /** @type {HTMLInputElement} */ (event.target);
  const isAtStart = input.selectionStart === 0 && input.selectionEnd === 0;
  const isAtEnd = input.selectionStart === input.value.length;
  /** @type {Record<string, [number, number] | false>} */
  const steps = {
    ArrowUp: [y - 1, x],
    ArrowDown: [y + 1, x],
    ArrowLeft: isAtStart && [y, x - 1],
    ArrowRight: isAtEnd && [y, x + 1],
    Enter: x + 1 < columns ? [y, x + 1] : [y + 1, 0],
  };
  const to = steps[event.key];
  if (!to) return;
  event.preventDefault();
  if (event.key === "Enter" && to[0] >= rows) tell(element, "answer");
  /** @type {HTMLInputElement | null} */
  const next = element.querySelector(`[data-cell="${to[0]},${to[1]}"]`);
  next?.focus();
  next?.select();
}

/** @param {string} name @param {number} count @param {(count: number) => void} change */
function sizer(name, count, change) {
  return html`<span class="sizer">
    <button type="button" aria-label=${t("{name}: one less", { name })} ?disabled=${count <= 1}
      @click=${() => change(count - 1)}>−</button>
    <span>${count} ${name}</span>
    <button type="button" aria-label=${t("{name}: one more", { name })} ?disabled=${count >= MOST}
      @click=${() => change(count + 1)}>+</button>
  </span>`;
}
