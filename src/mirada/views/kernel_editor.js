// @ts-check
/** Which kernel slides: one known by its name, or one's own, of any size. */

import { onText } from "./field_value.js";
import { t } from "./language.js";
import { sizeFields } from "./size_fields.js";
import { MOST } from "./sliding_data.js";
import { html, nothing } from "./vendor/lit-html.js";
import { turned } from "./window_arithmetic.js";

/** @import { SlidingModel } from "./sliding_model.js" */
/** @import { Matrix } from "./window_arithmetic.js" */

/**
 * A number that shapes a kernel.
 *
 * @typedef {{name: string, label: string, value: number, low: number, high: number, step: number}} Shape
 */

/**
 * A kernel that is known by name: what it does, and where it is from.
 *
 * @typedef {{name: string, about: string, source: string, values: number[][], shapes?: Shape[]}} Named
 */

/** @param {SlidingModel} model */
export function kernelEditor(model) {
  const { kernels = [] } = model.options;
  const { kernel } = model.shown;
  const named = kernels.find(({ name }) => name === nameOf(model));
  return html`
    <fieldset class="part-of kernel-editor">
      <legend>${t("Kernel")}</legend>
      ${kernels.length
        ? html`<label class="field"><span>${t("Pick one")}</span>
            <select name="kernel" @change=${onText((text) => pick(model, text))}>
              <option value="" ?selected=${!named}>${t("your own")}</option>
              ${kernels.map(({ name }) => html`<option value=${name}
                ?selected=${name === named?.name}>${name}</option>`)}
            </select></label>`
        : nothing}
      ${named ? html`<p class="about">${named.about}. <small>${named.source}</small></p>` : nothing}
      ${named && model.options.shaped ? (named.shapes ?? []).map((shape) => shapeField(model, named, shape))
        : nothing}
      ${sizeFields(t("Size of the kernel"), kernel[0].length, kernel[0][0].length, MOST.kernel,
        (height, width) =>
        model.resize("kernel", height, width))}
      <div class="way">${way(model)}</div>
    </fieldset>`;
}

/** The name of the kernel that slides; "" of one's own. @param {SlidingModel} model */
function nameOf({ kernelName, shown, options }) {
  if (kernelName) return kernelName;
  const isSame = (/** @type {number[][]} */ values) =>
    shown.kernel.every((slice) => JSON.stringify(slice) === JSON.stringify(values));
  return options.kernels?.find(({ values }) => isSame(values))?.name ?? "";
}

/** @param {SlidingModel} model @param {string} name */
function pick(model, name) {
  const named = model.options.kernels?.find((each) => each.name === name);
  model.kernelName = name;
  model.shape = Object.fromEntries((named?.shapes ?? []).map((shape) => [shape.name, shape.value]));
  if (named) model.set({ kernel: [named.values] });
}

/** @param {SlidingModel} model @param {Named} named @param {Shape} shape */
function shapeField(model, named, shape) {
  const value = model.shape[shape.name] ?? shape.value;
  const reshape = async (/** @type {Event} */ event) => {
    model.kernelName = named.name;
    model.shape = { ...model.shape,
      [shape.name]: Number(/** @type {HTMLInputElement} */ (event.target).value) };
    const wanted = model.shape;
    const kernel = await model.options.shaped?.(named.name, wanted);
    if (kernel && model.shape === wanted) model.set({ kernel: [kernel] });
  };
  return html`<label class="field"><span>${shape.label} <output>${value}</output></span>
    <input type="range" name=${shape.name} min=${shape.low} max=${shape.high} step=${shape.step}
      .value=${String(value)} @input=${reshape}></label>`;
}

/** Whether the kernel is flipped, and what the other way would give. @param {SlidingModel} model */
function way({ shown }) {
  const flipped = shown.mode === "convolution";
  const said = flipped
    ? t("True convolution: the kernel is flipped in both directions before it slides.")
    : t("Cross-correlation, what networks call convolution: the kernel is not flipped.");
  return html`<p>${said}</p><p class="other">${other(shown.kernel, flipped)}</p>`;
}

/** @param {Matrix[]} kernel @param {boolean} flipped */
function other(kernel, flipped) {
  const given = kernel.flat(2);
  const back = kernel.map(turned).flat(2);
  if (given.every((value, at) => value === back[at]))
    return t("Flipped, this kernel is the same: correlation and true convolution agree.");
  if (given.every((value, at) => value === -back[at]))
    return t("Flipped, this kernel is its own negative: the one gives the negative of the other.");
  return flipped ? t("Cross-correlation would give other numbers.")
    : t("True convolution would give other numbers.");
}
