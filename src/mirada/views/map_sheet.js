// @ts-check
/** Where the maps of a layer stand on a canvas, and their pixels. */

import { largest, signed } from "./colours.js";

/** @import { LayerMaps } from "./maps.js" */

/**
 * Where things stand on the canvas: `scale` pixels a number, maps in `columns`.
 *
 * @typedef {object} Sheet
 * @property {number} rows of a map
 * @property {number} across a map
 * @property {number} scale
 * @property {number} gap
 * @property {number} columns
 * @property {number} width
 * @property {number} height
 */

const MAP = 76;
const CELL = 15;
const GAP = 7;
/** Free pixels around all maps, so that frames at the edge are whole. */
const EDGE = 3;

/**
 * How the maps are laid out in a room of that width.
 *
 * @param {LayerMaps} data
 * @param {number} room
 * @returns {Sheet}
 */
export function sheetOf(data, room) {
  const [rows, across] = data.shape.length === 3 ? data.shape.slice(1) : [1, 1];
  const isCell = rows * across === 1;
  const scale = isCell ? CELL : Math.max(1, Math.round(MAP / Math.max(rows, across)));
  const gap = isCell ? 1 : GAP;
  const most = Math.max(1, Math.floor((room + gap - 2 * EDGE) / (across * scale + gap)));
  const columns = Math.min(data.count, isCell ? Math.min(most, 32) : most);
  const lines = Math.ceil(data.count / Math.max(columns, 1));
  return {
    rows,
    across,
    scale,
    gap,
    columns,
    width: columns * (across * scale + gap) - gap + 2 * EDGE,
    height: lines * (rows * scale + gap) - gap + 2 * EDGE,
  };
}

/**
 * The left and the top of a number on the canvas.
 *
 * @param {Sheet} sheet
 * @param {number} map
 * @param {number} row
 * @param {number} column
 * @returns {[number, number]}
 */
export function corner(sheet, map, row, column) {
  const left = (map % sheet.columns) * (sheet.across * sheet.scale + sheet.gap);
  const top = Math.floor(map / sheet.columns) * (sheet.rows * sheet.scale + sheet.gap);
  return [EDGE + left + column * sheet.scale, EDGE + top + row * sheet.scale];
}

/**
 * The place whose number stands at x, y of the canvas; null between the maps.
 *
 * @param {LayerMaps} data
 * @param {Sheet} sheet
 * @param {number} x
 * @param {number} y
 * @returns {number[] | null}
 */
export function placeAt(data, sheet, x, y) {
  [x, y] = [x - EDGE, y - EDGE];
  const [wide, high] = [sheet.across * sheet.scale + sheet.gap, sheet.rows * sheet.scale + sheet.gap];
  const [line, at] = [Math.floor(y / high), Math.floor(x / wide)];
  const column = Math.floor((x - at * wide) / sheet.scale);
  const row = Math.floor((y - line * high) / sheet.scale);
  const map = line * sheet.columns + at;
  const fits = x >= 0 && y >= 0 && at < sheet.columns && map < data.count;
  if (!fits || row >= sheet.rows || column >= sheet.across) return null;
  return data.shape.length === 3 ? [map, row, column] : [map];
}

/**
 * The pixels of the sheet, four bytes each; what is between maps is clear.
 *
 * @param {LayerMaps} data
 * @param {Sheet} sheet
 * @returns {Uint8ClampedArray<ArrayBuffer>}
 */
export function painted(data, sheet) {
  const width = Math.max(1, sheet.width);
  const found = new Uint8ClampedArray(4 * width * Math.max(1, sheet.height));
  const words = new Uint32Array(found.buffer);
  const most = largest(data.values);
  const each = sheet.rows * sheet.across;
  const bytes = new Uint8ClampedArray(4);
  const word = new Uint32Array(bytes.buffer);
  for (let place = 0; place < data.count * each; place++) {
    const [map, rest] = [Math.floor(place / each), place % each];
    const [left, top] = corner(sheet, map, Math.floor(rest / sheet.across), rest % sheet.across);
    bytes.set(signed(data.values[place], most));
    bytes[3] = 255;
    for (let y = top; y < top + sheet.scale; y++)
      words.fill(word[0], y * width + left, y * width + left + sheet.scale);
  }
  return found;
}

/**
 * The place one step on; the middle of the first map where none was chosen.
 *
 * @param {LayerMaps} data
 * @param {number[] | null} picked
 * @param {number[]} by
 */
export function moved(data, picked, by) {
  if (data.shape.length === 1) {
    const step = by[0] + by[2] + by[1] * 10;
    return [Math.max(0, Math.min(data.count - 1, picked ? picked[0] + step : 0))];
  }
  if (!picked) return [0, Math.floor(data.shape[1] / 2), Math.floor(data.shape[2] / 2)];
  const ends = [data.count, data.shape[1], data.shape[2]];
  return picked.map((at, axis) => Math.max(0, Math.min(ends[axis] - 1, at + by[axis])));
}
