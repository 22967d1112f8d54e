// @ts-check
/** A table of sizes and parameters to fill in as in a spreadsheet, and its correction. */

import { countText, t } from "./language.js";
import { typeset } from "./typeset.js";
import { html, nothing } from "./vendor/lit-html.js";
import { tell, view } from "./view.js";

/** @typedef {{layer: string, text: string, columns: string[]}} BlankRow */
/**
 * @typedef {{layer: string, column: string, given: string, ok: boolean, mistake: string | null,
 *   follows: string | null, expected: string, judgement: string, sentences: string[]}} JudgedCell
 */

/**
 * `cells` are what was typed, by layer and column; `judged` the cells that were judged
 * and have not been changed since.
 *
 * @typedef {object} CheckTable
 * @property {string} input
 * @property {BlankRow[]} rows
 * @property {Record<string, Record<string, string>>} cells
 * @property {JudgedCell[]} judged
 * @property {string} chosen the key of the judged cell that is explained
 */

const COLUMNS = ["size", "parameters"];

/**
 * Events: "type" ({layer, column, text}), "block" ({layer, column, text}: pasted), "explain"
 * (the key of a cell), "check".
 *
 * @type {(data: CheckTable, options?: object) => import("./view.js").View<CheckTable, object>}
 */
export const checkTable = view("check-table", draw);

/** What a cell is called. @param {string} layer @param {string} column */
export function keyOf(layer, column) {
  return `${layer} ${column}`;
}

/**
 * The cells that a pasted block fills from one cell on: columns by tabs, rows by lines.
 *
 * @param {string} text
 * @param {BlankRow[]} rows
 * @param {string} layer
 * @param {string} column
 * @returns {{layer: string, column: string, text: string}[]}
 */
export function pastedInto(text, rows, layer, column) {
  const first = rows.findIndex((row) => row.layer === layer);
  const left = COLUMNS.indexOf(column);
  const lines = text.replace(/\r\n?/g, "\n").replace(/\n$/, "").split("\n");
  return lines.flatMap((line, down) =>
    line.split("\t").flatMap((cell, across) => {
      const row = rows[first + down];
      const name = COLUMNS[left + across];
      return row?.columns.includes(name) ? [{ layer: row.layer, column: name, text: cell.trim() }] : [];
    }),
  );
}

/** @param {CheckTable} data @param {object} options @param {HTMLElement} element */
function draw(data, options, element) {
  const names = { size: t("Size"), parameters: t("Parameters") };
  const explained = data.judged.find((cell) => keyOf(cell.layer, cell.column) === data.chosen);
  return html`
    <div class="wide">
      <table>
        <caption>${t("Input {size} (height × width × channels). Enter goes down, Tab goes on, arrows move; a block from a spreadsheet can be pasted.", { size: data.input })}</caption>
        <thead><tr><th scope="col">${t("Layer")}</th><th scope="col">${names.size}</th><th
          scope="col">${names.parameters}</th></tr></thead>
        <tbody>${data.rows.map((row, place) => html`<tr>
          <th scope="row">${row.layer === "total" ? t("total") : row.layer}<br><span
            class="code">${row.text}</span></th>
          ${COLUMNS.map((column) => (row.columns.includes(column)
            ? html`<td>${cell(data, row, column, place, element)}</td>`
            : html`<td class="none"></td>`))}
        </tr>`)}</tbody>
      </table>
    </div>
    <div class="explanation" role="status">${explained ? explanation(explained) : nothing}</div>`;
}

/**
 * @param {CheckTable} data
 * @param {BlankRow} row
 * @param {string} column
 * @param {number} place
 * @param {HTMLElement} element
 */
function cell(data, row, column, place, element) {
  const { layer } = row;
  const judged = data.judged.find((one) => one.layer === layer && one.column === column);
  const state = judged ? (judged.ok ? "right" : judged.mistake ? "wrong" : "follows") : "";
  const name = column === "size" ? t("Size of {layer}", { layer }) : t("Parameters of {layer}", { layer });
  const explain = () => { if (judged) tell(element, "explain", keyOf(layer, column)); };
  return html`<span class="entry ${state}">
    <input type="text" autocomplete="off" spellcheck="false" data-row=${place} data-column=${column}
      aria-label=${name}
      aria-invalid=${judged && !judged.ok ? "true" : "false"} .value=${data.cells[layer]?.[column] ?? ""}
        @focus=${explain}
      @input=${(/** @type {Event} */ event) =>
        tell(element, "type", { layer, column, text: /** @type {HTMLInputElement} */ (event.target).value })}
      @paste=${(/** @type {ClipboardEvent} */ event) => pasted(event, element, layer, column)}
      @keydown=${(/** @type {KeyboardEvent} */ event) => pressed(event, element, place, column)}>
    ${judged
      ? html`<button type="button" class="judgement" @click=${explain}
        aria-label="${name}: ${judged.judgement}">${judged.ok ? "✓"
          : judged.mistake ? "✗" : "↳"} <span>${judged.judgement}</span></button>` : nothing}
  </span>`;
}

/** @param {JudgedCell} cell */
function explanation(cell) {
  const name = cell.column === "size" ? t("Size of {layer}", { layer: cell.layer })
    : t("Parameters of {layer}", { layer: cell.layer });
  return html`<p><b>${name}: ${cell.judgement}</b></p>
    ${cell.ok ? nothing
      : html`<p>${t("Yours: {given}. Right: {expected}.",
        { given: cell.given, expected: cell.expected })}</p>`}
    ${cell.sentences.map((sentence) => html`<p>${typeset(sentence)}</p>`)}`;
}

/** @param {ClipboardEvent} event @param {HTMLElement} element @param {string} layer @param {string} column */
function pasted(event, element, layer, column) {
  const text = event.clipboardData?.getData("text") ?? "";
  if (!/[\t\n]/.test(text.trim())) return;
  event.preventDefault();
  tell(element, "block", { layer, column, text });
}

/** @param {KeyboardEvent} event @param {HTMLElement} element @param {number} place @param {string} column */
function pressed(event, element, place, column) {
  const input = /** @type {HTMLInputElement} */ (event.target);
  const isAtStart = input.selectionStart === 0 && input.selectionEnd === 0;
  const isAtEnd = input.selectionStart === input.value.length;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    tell(element, "check");
    return;
  }
  /** @type {Record<string, [number, string] | false>} */
  const steps = {
    Enter: [place + (event.shiftKey ? -1 : 1), column],
    ArrowDown: [place + 1, column],
    ArrowUp: [place - 1, column],
    ArrowLeft: isAtStart && column === "parameters" && [place, "size"],
    ArrowRight: isAtEnd && column === "size" && [place, "parameters"],
  };
  const to = steps[event.key];
  if (!to) return;
  event.preventDefault();
  /** @type {HTMLInputElement | null} */
  const next = element.querySelector(`[data-row="${to[0]}"][data-column="${to[1]}"]`);
  next?.focus();
  next?.select();
}

/** How many cells are right, in words. @param {number} right @param {number} wrong */
export function scoreText(right, wrong) {
  return t("{right} right, {wrong} wrong", { right: countText(right), wrong: countText(wrong) });
}
