// @ts-check
/** Feature maps: what a layer makes of an image, a small picture a map. */

import { largest } from "./colours.js";
import { t } from "./language.js";
import { canvases, paintMaps } from "./tiles.js";
import { html, nothing } from "./vendor/lit-html.js";
import { tell, view } from "./view.js";

/** @import { View } from "./view.js" */

/**
 * `values` are maps of `shape` [maps, height, width], the first of `maps` in all; `most`
 * is the size that has the full colour, else the largest value.
 *
 * @typedef {object} Maps
 * @property {string} layer
 * @property {[number, number, number]} shape
 * @property {ArrayLike<number>} values
 * @property {number} [most]
 * @property {number} [maps]
 */

/** @typedef {{size?: number, canPick?: boolean, picked?: number}} MapOptions */

/**
 * The maps side by side, blue below zero, white at zero, orange above. With `canPick`
 * each is a button; event "pick": {map}.
 */
export const mapGrid = view("map-grid", draw);

/**
 * @param {Maps} data
 * @param {MapOptions} options
 * @param {View<Maps, MapOptions>} element
 */
function draw(data, options, element) {
  const [count, height, width] = data.shape;
  const most = data.most ?? largest(data.values);
  const size = options.size ?? 52;
  const all = canvases(element, count);
  all.forEach((canvas, place) => {
    paintMaps(canvas, data.values, { start: place * height * width, count: 1, height, width }, most);
    canvas.style.width = `${size}px`;
  });
  const label = t("{count} maps of layer {layer}", { count, layer: data.layer });
  const more = (data.maps ?? count) > count;
  const note = more
    ? html`<p class="note">${t("The first {shown} of {total} maps.", { shown: count, total: data.maps })}</p>`
    : nothing;
  if (!options.canPick) return html`<div class="tiles" role="img" aria-label=${label}>${all}</div>${note}`;
  return html`<div class="tiles" role="group" aria-label=${label}>
      ${all.map(
        (canvas, place) => html`<button class="tile" aria-pressed=${place === options.picked}
          aria-label=${t("Map {number}", { number: place })}
          @click=${() => tell(element, "pick", { map: place })}>${canvas}</button>`,
      )}
    </div>${note}`;
}
