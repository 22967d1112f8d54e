// @ts-check
/** How the window slides: what it does, stride, padding, dilation, bias, activation. */

import { ACTIVATIONS } from "./activations.js";
import { t } from "./language.js";
import { readNumber } from "./matrix_text.js";
import { sizeFields, stepper } from "./size_fields.js";
import { MOST } from "./sliding_data.js";
import { html, nothing } from "./vendor/lit-html.js";
import { isPooling } from "./window_arithmetic.js";

/** @import { SlidingModel } from "./sliding_model.js" */
/** @import { Sides } from "./window_arithmetic.js" */

/** @param {SlidingModel} model */
export function settings(model) {
  const { shown } = model;
  const pools = isPooling(shown.mode);
  return html`
    <fieldset class="part-of">
      <legend>${t("What the window does")}</legend>
      ${modes(model)}
      ${shown.mode === "max" ? html`<p class="about">${t("Max pooling keeps the largest value of each window.")} ${t("Are there parameters to learn? No: 0.")}</p>` : nothing}
      ${shown.mode === "mean" ? html`<p class="about">${t("Mean pooling takes the mean of each window.")} ${t("Are there parameters to learn? No: 0.")}</p>` : nothing}
      ${pools ? sizeFields(t("Size of the window"), shown.pool[0], shown.pool[1], MOST.pool, (height, width) => model.set({ pool: [height, width] })) : nothing}
      ${slider(t("Stride"), "stride", shown.stride, 1, MOST.stride, (stride) => model.set({ stride }))}
      ${padding(model)}
      ${pools ? nothing : slider(t("Dilation"), "dilation", shown.dilation, 1, MOST.dilation, (dilation) => model.set({ dilation }))}
      ${pools ? nothing : after(model)}
    </fieldset>`;
}

/** @param {SlidingModel} model */
function modes(model) {
  const { mode } = model.shown;
  /** @type {[string, string][]} */
  const all = [
    ["correlation", t("Correlation")],
    ["convolution", t("Convolution")],
    ["max", t("Max pooling")],
    ["mean", t("Mean pooling")],
  ];
  return html`<div class="segmented" role="group" aria-label=${t("What the window does")}>
    ${all.map(([name, label]) => html`<button type="button" data-mode=${name} aria-pressed=${mode === name} @click=${() => choose(model, name)}>${label}</button>`)}
  </div>`;
}

/** Pooling steps by its window unless told otherwise, a kernel by one. @param {SlidingModel} model @param {string} mode */
function choose(model, mode) {
  const { shown } = model;
  const changes = isPooling(mode) === isPooling(shown.mode) ? {} : { stride: isPooling(mode) ? shown.pool[0] : 1 };
  model.set({ mode, ...changes });
}

/**
 * @param {string} label
 * @param {string} name
 * @param {number} value
 * @param {number} low
 * @param {number} high
 * @param {(value: number) => void} change
 */
function slider(label, name, value, low, high, change) {
  return html`<label class="field"><span>${label} <output>${value}</output></span>
    <input type="range" name=${name} min=${low} max=${high} step="1" .value=${String(value)}
      @input=${(/** @type {Event} */ event) => change(Number(/** @type {HTMLInputElement} */ (event.target).value))}></label>`;
}

/** @param {SlidingModel} model */
function padding(model) {
  const { shown, slid } = model;
  const { rows, columns } = slid;
  const sides = /** @type {Sides} */ ([rows.start, rows.end, columns.start, columns.end]);
  const isSame = shown.padding === "same";
  const isValid = !isSame && sides.every((side) => side === 0);
  const isApart = model.isApart || new Set(sides).size > 1;
  return html`
    ${slider(t("Padding"), "padding", Math.max(...sides), 0, MOST.padding, (side) => all(model, side))}
    <div class="row tight">
      <div class="segmented" role="group" aria-label=${t("Padding")}>
        <button type="button" data-padding="valid" aria-pressed=${isValid} @click=${() => all(model, 0)}>valid</button>
        <button type="button" data-padding="same" aria-pressed=${isSame} @click=${() => model.set({ padding: "same" })}>same</button>
      </div>
      <label class="check"><input type="checkbox" name="apart" .checked=${isApart} @change=${() => apart(model, sides, !isApart)}> ${t("each side by itself")}</label>
    </div>
    ${isSame ? html`<p class="about">${t("As TensorFlow, Keras and ONNX have it: as many outputs as input divided by stride; an odd zero goes to the end.")}</p>` : nothing}
    ${isApart ? fourSides(model, sides) : nothing}`;
}

/** @param {SlidingModel} model @param {number} side */
function all(model, side) {
  model.isApart = false;
  model.set({ padding: [side, side, side, side] });
}

/** @param {SlidingModel} model @param {Sides} sides @param {boolean} isApart */
function apart(model, sides, isApart) {
  if (!isApart) return all(model, Math.max(...sides));
  model.isApart = true;
  model.set({ padding: sides });
}

/** @param {SlidingModel} model @param {Sides} sides */
function fourSides(model, sides) {
  const names = [t("Top"), t("Bottom"), t("Left"), t("Right")];
  return html`<div class="four-sides">
    ${names.map((name, at) => html`<div class="side-${at}">${stepper(name, sides[at], 0, MOST.padding, (value) =>
      model.set({ padding: /** @type {Sides} */ (sides.with(at, value)) }))}</div>`)}
  </div>`;
}

/** Bias and activation. @param {SlidingModel} model */
function after(model) {
  const { bias, activation } = model.shown;
  const changeBias = (/** @type {Event} */ event) => {
    const input = /** @type {HTMLInputElement} */ (event.target);
    const value = readNumber(input.value);
    input.setAttribute("aria-invalid", String(Number.isNaN(value)));
    if (!Number.isNaN(value)) model.set({ bias: value });
  };
  return html`
    <div class="row tight">
      <label class="field"><span>${t("Bias")}</span>
        <input type="text" inputmode="text" name="bias" size="5" .value=${String(bias)} @change=${changeBias}></label>
      <label class="field"><span>${t("Activation")}</span>
        <select name="activation" @change=${(/** @type {Event} */ event) => model.set({ activation: /** @type {HTMLSelectElement} */ (event.target).value })}>
          <option value="" ?selected=${activation === ""}>${t("none")}</option>
          ${ACTIVATIONS.map((name) => html`<option value=${name} ?selected=${activation === name}>${name}</option>`)}
        </select></label>
    </div>`;
}
