// @ts-check
/** Every layer's maps of an image as a widget of a notebook: one layer at a time. */

import { numberText, t } from "./language.js";
import { layerMaps } from "./maps.js";
import { shown } from "./notebook.js";
import { html, nothing } from "./vendor/lit-html.js";
import { tell, view } from "./view.js";

/** @import { Model, Place } from "./notebook.js" */

/**
 * A layer as `maps.js` has it; its values begin at place `start` of all values.
 *
 * @typedef {{layer: string, text: string, shape: number[], count: number, start: number}} Layer
 */

/** @typedef {{layers: Layer[], values: Float32Array}} Looked */

/**
 * @typedef {{layer: string, place: number[] | null, maps: ReturnType<typeof layerMaps>, data: Looked,
 *   width: number}} Chosen
 */

/** @type {WeakMap<HTMLElement, Chosen>} */
const chosen = new WeakMap();

/** Event "pick": {layer, place, value}, of a number that was chosen. */
const look = view("look-maps", (/** @type {Looked} */ data, options, element) => {
  const now = chosen.get(element) ?? begun(element, data);
  const layer = data.layers.find((each) => each.layer === now.layer) ?? data.layers[0];
  const values = valuesOf(data, layer);
  now.data = data;
  now.maps.update({ ...layer, values }, { picked: now.place, width: now.width });
  const choose = (/** @type {Event} */ event) => {
    now.layer = /** @type {HTMLSelectElement} */ (event.target).value;
    now.place = null;
    element.update(data);
    event.stopPropagation();
  };
  return html`
    <label class="field"><span>${t("Layer")}</span>
      <select @change=${choose}>
        ${data.layers.map(
          (each) => html`<option value=${each.layer}
            ?selected=${each === layer}>${each.layer}: ${each.text}</option>`)}
      </select></label>
    ${now.maps}
    <p class="readout" role="status">${now.place ? readout(layer, now.place, values) : nothing}</p>`;
});

/**
 * What is looked at first: the first layer, not the image.
 *
 * @param {HTMLElement & {update(data: Looked): void}} element
 * @param {Looked} data
 */
function begun(element, data) {
  const layer = data.layers[1] ?? data.layers[0];
  const maps = layerMaps({ ...layer, values: valuesOf(data, layer) });
  /** @type {Chosen} */
  const now = { layer: layer.layer, place: null, maps, data, width: 620 };
  // The maps are laid out anew in the room there is, so that what is pointed at is met.
  new ResizeObserver(([{ contentRect }]) => {
    if (!contentRect.width || contentRect.width === now.width) return;
    now.width = contentRect.width;
    element.update(now.data);
  }).observe(element);
  maps.addEventListener("pick", (event) => {
    event.stopPropagation();
    const { layer: name, place } = /** @type {CustomEvent} */ (event).detail;
    now.place = place;
    element.update(now.data);
    const shown = /** @type {Layer} */ (now.data.layers.find((each) => each.layer === name));
    const value = valuesOf(now.data, shown)[offset(shown.shape, place)];
    tell(element, "pick", { layer: name, place, value });
  });
  chosen.set(element, now);
  return now;
}

/** @param {Looked} data @param {Layer} layer */
function valuesOf(data, layer) {
  const each = layer.shape.slice(1).reduce((whole, side) => whole * side, 1);
  return data.values.subarray(layer.start, layer.start + layer.count * each);
}

/** @param {Layer} layer @param {number[]} place @param {Float32Array} values */
function readout(layer, place, values) {
  const value = numberText(values[offset(layer.shape, place)], 4);
  return t("{layer} at {place}: {value}", { layer: layer.layer, place: place.join(", "), value });
}

/** Where a number stands among those of its layer. @param {number[]} shape @param {number[]} place */
function offset(shape, place) {
  return place.reduce((whole, at, axis) => whole * shape[axis] + at, 0);
}

/** @param {Place} place */
export function render(place) {
  return shown(look, place, looked);
}

/** @param {Model} model @returns {Looked} */
function looked(model) {
  const { layers } = model.get("data");
  /** @type {DataView} */
  const bytes = model.get("numbers");
  const { buffer, byteOffset, byteLength } = bytes;
  return { layers, values: new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength)) };
}
