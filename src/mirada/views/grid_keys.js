// @ts-check
/** What keys do on grids of numbers that can be changed, and on the output. */

import { within } from "./sliding_data.js";

/** @import { SlidingModel } from "./sliding_model.js" */

/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/**
 * Arrows go to other cells; digits, Enter and F2 begin to type; the space bar draws,
 * Delete clears.
 *
 * @param {SlidingModel} model
 * @param {string} grid
 * @returns {(event: KeyboardEvent, row: number, column: number) => void}
 */
export function editingKeys(model, grid) {
  return (event, row, column) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const does = model.typing ? typingKey(model, grid, event) : cellKey(model, grid, event.key);
    if (!does) return;
    event.preventDefault();
    does(row, column);
  };
}

/**
 * @param {SlidingModel} model
 * @param {string} grid
 * @param {string} key
 * @returns {((row: number, column: number) => void) | undefined}
 */
function cellKey(model, grid, key) {
  const arrow = ARROWS[key];
  if (arrow) return (row, column) => go(model, grid, row + arrow[0], column + arrow[1]);
  if (key === "Home") return (row) => go(model, grid, row, 0);
  if (key === "End") return (row) => go(model, grid, row, model.matrix(grid)[row].length - 1);
  if (key === "Enter" || key === "F2") return (row, column) => model.type(grid, row, column);
  if (key === "Delete" || key === "Backspace") return (row, column) => model.put(grid, row, column, 0);
  if (key === " ") return (row, column) => draw(model, grid, row, column);
  if (/^[0-9.,+−-]$/.test(key)) return (row, column) => model.type(grid, row, column, key);
  return undefined;
}

/**
 * @param {SlidingModel} model
 * @param {string} grid
 * @param {KeyboardEvent} event
 * @returns {((row: number, column: number) => void) | undefined}
 */
function typingKey(model, grid, event) {
  const { key } = event;
  const text = /** @type {HTMLInputElement} */ (event.target).value;
  if (key === "Escape")
    return (row, column) => {
      model.typing = null;
      model.focus(grid, row, column);
    };
  if (key !== "Enter" && key !== "ArrowUp" && key !== "ArrowDown") return undefined;
  return (row, column) => {
    if (!model.typed(text, true)) return;
    if (key !== "Enter") return go(model, grid, row + ARROWS[key][0], column);
    const matrix = model.matrix(grid);
    const next = Math.min(row * matrix[0].length + column + 1, matrix.length * matrix[0].length - 1);
    go(model, grid, Math.floor(next / matrix[0].length), next % matrix[0].length);
  };
}

/** @param {SlidingModel} model @param {string} grid @param {number} row @param {number} column */
function go(model, grid, row, column) {
  const matrix = model.matrix(grid);
  model.focus(grid, within(row, 0, matrix.length - 1), within(column, 0, matrix[0].length - 1));
}

/**
 * Puts the brush's number, or takes it off again.
 *
 * @param {SlidingModel} model
 * @param {string} grid
 * @param {number} row
 * @param {number} column
 */
export function draw(model, grid, row, column) {
  const isThere = model.matrix(grid)[row]?.[column] === model.brush;
  model.put(grid, row, column, isThere ? 0 : model.brush);
}

/**
 * Arrows move the window.
 *
 * @param {SlidingModel} model
 * @param {string} grid
 * @returns {(event: KeyboardEvent) => void}
 */
export function outputKeys(model, grid) {
  return (event) => {
    const [row, column] = model.shown.at;
    const arrow = ARROWS[event.key];
    if (arrow) model.moveTo(row + arrow[0], column + arrow[1]);
    else if (event.key === "Home") model.moveTo(0, 0);
    else if (event.key === "End") model.moveTo(model.slid.rows.output - 1, model.slid.columns.output - 1);
    else return;
    event.preventDefault();
    model.focus(grid, ...model.shown.at);
  };
}
