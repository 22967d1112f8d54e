// @ts-check
/** The filters of a convolution: each as a picture of its weights. */

import { largest } from "./colours.js";
import { t } from "./language.js";
import { canvases, paintColours, paintMaps } from "./tiles.js";
import { html, nothing } from "./vendor/lit-html.js";
import { view } from "./view.js";

/** @import { View } from "./view.js" */

/**
 * `values` are the weights of `shape` [filters, channels, height, width]; of the layer
 * there are `filters` and `channels` in all.
 *
 * @typedef {object} Filters
 * @property {string} layer
 * @property {[number, number, number, number]} shape
 * @property {ArrayLike<number>} values
 * @property {number} [filters]
 * @property {number} [channels]
 */

/**
 * The filters side by side, at full contrast each. Where a layer takes three channels
 * each is one picture in colour; else the channels stand side by side, blue below zero and orange above.
 */
export const filterGrid = view("filter-grid", draw);

/**
 * @param {Filters} data
 * @param {{size?: number}} options the side of a picture in pixels
 * @param {View<Filters, {size?: number}>} element
 */
function draw(data, options, element) {
  const [count, channels, height, width] = data.shape;
  const length = channels * height * width;
  const size = options.size ?? 44;
  const isColour = channels === 3 && (data.channels ?? channels) === 3;
  const all = canvases(element, count);
  all.forEach((canvas, place) => {
    const start = place * length;
    const own = Array.from({ length }, (_, index) => data.values[start + index]);
    if (isColour) paintColours(canvas, own, { start: 0, height, width }, largest(own));
    else paintMaps(canvas, own, { start: 0, count: channels, height, width }, largest(own));
    const across = isColour ? 1 : channels;
    canvas.style.width = `${Math.round(size * (across === 1 ? 1 : 0.75 * across))}px`;
  });
  const label = t("{count} filters of layer {layer}", { count, layer: data.layer });
  const filters = data.filters ?? count;
  return html`
    <div class="tiles" role="img" aria-label=${label}>${all}</div>
    ${filters > count || (data.channels ?? channels) > channels
      ? html`<p class="note">${t(
          "The first {shown} of {total} filters, {channels} of their {all} channels.",
          { shown: count, total: filters, channels, all: data.channels ?? channels },
        )}</p>`
      : nothing}`;
}
