// @ts-check
/** A layer's maps of one image, drawn from its numbers; each number can be chosen. */

import { largest } from "./colours.js";
import { countText, numberText, t } from "./language.js";
import { corner, moved, painted, placeAt, sheetOf } from "./map_sheet.js";
import { html, nothing } from "./vendor/lit-html.js";
import { tell, view } from "./view.js";

/** @import { Sheet } from "./map_sheet.js" */
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
      ? html`<p class="maps-more"><span>${t("The first {shown} of {total}.",
        { shown: countText(data.count), total: countText(total) })}</span>
          ${options.canMore ? html`<button type="button" class="quiet"
            @click=${() => tell(element, "more", { layer: data.layer })}>${t("Show all")}</button>`
              : nothing}</p>`
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
  ink.putImageData(imageOf(canvas, data, sheet), 0, 0);
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

/** @type {WeakMap<HTMLCanvasElement, {values: ArrayLike<number>, image: ImageData}>} */
const images = new WeakMap();

/**
 * The maps without frames, which are painted once.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {LayerMaps} data
 * @param {Sheet} sheet
 */
function imageOf(canvas, data, sheet) {
  const known = images.get(canvas);
  const [width, height] = [canvas.width, canvas.height];
  if (known?.values === data.values && known.image.width === width
    && known.image.height === height) return known.image;
  const image = new ImageData(painted(data, sheet), width, height);
  images.set(canvas, { values: data.values, image });
  return image;
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
  const isAll = maps.length === data.shape[0] && down.length === height && right.length === width;
  if (!down.length || !right.length || isAll) return;
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
