// @ts-check
/** A layer's maps of one image, drawn from its numbers; each number can be chosen. */

import { signed } from "./colours.js";
import { countText, numberText, t } from "./language.js";
import { html, nothing } from "./vendor/lit-html.js";
import { tell, view } from "./view.js";

/** @import { View } from "./view.js" */

/**
 * `shape` is that of the layer: [maps, height, width], or [numbers] of a vector;
 * `values` are its first `count` maps or numbers.
 *
 * @typedef {object} LayerMaps
 * @property {string} layer
 * @property {string} [text] what the layer is, in short words
 * @property {number[]} shape
 * @property {number} count
 * @property {ArrayLike<number>} values
 */

/**
 * Entries of a layer that something reads: an axis of places for each of its axes.
 *
 * @typedef {number[][]} Window
 */

/**
 * `width` is the room there is; `picked` the place that is chosen; `window` what the
 * chosen number of a later layer reads of this one; `canMore` offers all the maps.
 *
 * @typedef {object} MapsOptions
 * @property {number} [width]
 * @property {number[] | null} [picked]
 * @property {Window | null} [window]
 * @property {boolean} [canMore]
 */

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
 * The maps. Events: "pick" {layer, place} when a number is chosen, "back" when
 * Backspace asks to walk back from it, "more" {layer} for all the maps.
 */
export const layerMaps = view("layer-maps", draw);

/**
 * @param {LayerMaps} data
 * @param {MapsOptions} options
 * @param {View<LayerMaps, MapsOptions>} element
 */
function draw(data, options, element) {
  const sheet = sheetOf(data, options.width ?? 560);
  const canvas = canvasOf(element);
  paint(canvas, data, options, sheet);
  canvas.setAttribute("aria-label", label(data));
  canvas.onpointerdown = (event) => {
    const box = canvas.getBoundingClientRect();
    const place = placeAt(data, sheet, event.clientX - box.left, event.clientY - box.top);
    if (place) tell(element, "pick", { layer: data.layer, place });
  };
  canvas.onkeydown = (event) => key(event, data, options, element);
  const total = data.shape[0];
  return html`
    <div class="maps-head">
      <strong class="code">${data.layer}</strong> <span class="soft">${data.text ?? ""}</span>
      <span class="shape">${data.shape.join("×")}</span>
      ${ramp(largest(data.values))}
    </div>
    ${canvas}
    ${total > data.count
      ? html`<p class="maps-more"><span>${t("The first {shown} of {total}.", { shown: countText(data.count), total: countText(total) })}</span>
          ${options.canMore ? html`<button type="button" class="quiet" @click=${() => tell(element, "more", { layer: data.layer })}>${t("Show all")}</button>` : nothing}</p>`
      : nothing}`;
}

/** The colours from the least to the largest size. @param {number} most */
function ramp(most) {
  const end = numberText(most, most < 0.1 ? 4 : 2);
  return html`<span class="ramp-scale"><span>−${end}</span><span class="ramp" role="img"
    aria-label=${t("from blue over white to orange")}></span><span>${end}</span></span>`;
}

/** @param {LayerMaps} data */
function label(data) {
  if (data.shape.length === 1)
    return t("{layer}: {count} numbers. Arrow keys choose one, Backspace walks back to what it is made of.", {
      layer: data.layer,
      count: data.count,
    });
  const [, height, width] = data.shape;
  return t(
    "{layer}: {count} maps of {height}×{width}. Arrow keys choose a number, Page Up and Page Down the map, Backspace walks back to what it is made of.",
    { layer: data.layer, count: data.count, height, width },
  );
}

/** @type {WeakMap<HTMLElement, HTMLCanvasElement>} */
const canvases = new WeakMap();

/** @param {HTMLElement} element */
function canvasOf(element) {
  let canvas = canvases.get(element);
  if (!canvas) {
    canvas = document.createElement("canvas");
    canvas.tabIndex = 0;
    canvas.className = "pixels";
    canvas.setAttribute("role", "application");
    canvas.setAttribute("aria-roledescription", t("maps"));
    canvases.set(element, canvas);
  }
  return canvas;
}

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
function corner(sheet, map, row, column) {
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
 * @param {HTMLCanvasElement} canvas
 * @param {LayerMaps} data
 * @param {MapsOptions} options
 * @param {Sheet} sheet
 */
function paint(canvas, data, options, sheet) {
  canvas.width = Math.max(1, sheet.width);
  canvas.height = Math.max(1, sheet.height);
  const ink = canvas.getContext("2d");
  if (!ink) return;
  ink.putImageData(new ImageData(painted(data, sheet), canvas.width, canvas.height), 0, 0);
  ink.strokeStyle = "rgb(128 128 128 / 0.5)";
  for (let map = 0; map < data.count; map++) {
    const [left, top] = corner(sheet, map, 0, 0);
    ink.strokeRect(left - 0.5, top - 0.5, sheet.across * sheet.scale + 1, sheet.rows * sheet.scale + 1);
  }
  if (options.window) frameWindow(ink, data, options.window, sheet);
  if (options.picked) {
    const [map, row = 0, column = 0] = options.picked;
    if (map < data.count) frame(ink, corner(sheet, map, row, column), [sheet.scale, sheet.scale], true);
  }
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

/** @param {ArrayLike<number>} values */
export function largest(values) {
  let most = 0;
  for (let place = 0; place < values.length; place++) most = Math.max(most, Math.abs(values[place]));
  return most;
}

/**
 * @param {CanvasRenderingContext2D} ink
 * @param {LayerMaps} data
 * @param {Window} window
 * @param {Sheet} sheet
 */
function frameWindow(ink, data, [maps, rows = [0], columns = [0]], sheet) {
  const [height, width] = data.shape.length === 3 ? data.shape.slice(1) : [1, 1];
  const inside = (/** @type {number[]} */ axis, /** @type {number} */ length) =>
    axis.filter((at) => at >= 0 && at < length);
  const [down, right] = [inside(rows, height), inside(columns, width)];
  if (!down.length || !right.length) return;
  const [top, bottom] = [Math.min(...down), Math.max(...down)];
  const [left, end] = [Math.min(...right), Math.max(...right)];
  for (const map of maps)
    if (map < data.count)
      frame(ink, corner(sheet, map, top, left), [
        (end - left + 1) * sheet.scale,
        (bottom - top + 1) * sheet.scale,
      ]);
}

/**
 * A frame that is seen on every colour: dark inside light.
 *
 * @param {CanvasRenderingContext2D} ink
 * @param {[number, number]} at
 * @param {[number, number]} size
 * @param {boolean} [isStrong]
 */
function frame(ink, [left, top], [width, height], isStrong = false) {
  if (isStrong) {
    ink.fillStyle = "#fff";
    ink.fillRect(left - 3, top - 3, width + 6, 2);
    ink.fillRect(left - 3, top + height + 1, width + 6, 2);
    ink.fillRect(left - 3, top - 3, 2, height + 6);
    ink.fillRect(left + width + 1, top - 3, 2, height + 6);
  }
  ink.lineWidth = isStrong ? 2 : 1;
  ink.strokeStyle = isStrong ? "#000" : "#0a6b2d";
  ink.strokeRect(left - 0.5, top - 0.5, width + 1, height + 1);
}

/** @type {Record<string, [number, number, number]>} */
const MOVES = {
  ArrowLeft: [0, 0, -1],
  ArrowRight: [0, 0, 1],
  ArrowUp: [0, -1, 0],
  ArrowDown: [0, 1, 0],
  PageUp: [-1, 0, 0],
  PageDown: [1, 0, 0],
};

/**
 * @param {KeyboardEvent} event
 * @param {LayerMaps} data
 * @param {MapsOptions} options
 * @param {HTMLElement} element
 */
function key(event, data, options, element) {
  if (event.key === "Backspace") {
    event.preventDefault();
    return tell(element, "back");
  }
  const by = event.key === "Enter" || event.key === " " ? [0, 0, 0] : MOVES[event.key];
  if (!by) return;
  event.preventDefault();
  const place = moved(data, options.picked ?? null, by);
  tell(element, "pick", { layer: data.layer, place });
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
