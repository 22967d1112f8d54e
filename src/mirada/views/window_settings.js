// @ts-check
/** How the window slides: what it does, stride, padding, dilation, bias, activation. */

import { onNumber, onText } from "./field_value.js";
import { ACTIVATIONS } from "./activations.js";
import { t } from "./language.js";
import { noNumber, readNumber } from "./matrix_text.js";
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
      ${shown.mode === "max" ? html`<p
        class="about">${t("Max pooling keeps the largest value of each window.")} ${t(
          "Are there parameters to learn? No: 0.")}</p>` : nothing}
      ${shown.mode === "mean" ? html`<p
        class="about">${t("Mean pooling takes the mean of each window.")} ${t(
          "Are there parameters to learn? No: 0.")}</p>` : nothing}
      ${pools ? poolSize(model) : nothing}
      ${slider(t("Stride"), "stride", shown.stride, 1, MOST.stride, (stride) => model.set({ stride }))}
      ${padding(model)}
      ${pools ? nothing : dilationSlider(model)}
      ${pools ? nothing : after(model)}
    </fieldset>`;
}

/** @param {SlidingModel} model */
function poolSize(model) {
  const [height, width] = model.shown.pool;
  const change = (/** @type {number} */ tall, /** @type {number} */ wide) =>
    model.set({ pool: [tall, wide] });
  return sizeFields(t("Size of the window"), height, width, MOST.pool, change);
}

/** @param {SlidingModel} model */
function dilationSlider(model) {
  const change = (/** @type {number} */ dilation) => model.set({ dilation });
  return slider(t("Dilation"), "dilation", model.shown.dilation, 1, MOST.dilation, change);
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
  return html`<div class="segmented modes" role="group" aria-label=${t("What the window does")}>
    ${all.map(([name, label]) => html`<button type="button" data-mode=${name} aria-pressed=${mode === name}
      @click=${() => choose(model, name)}>${label}</button>`)}
  </div>`;
}

/**
 * Pooling steps by its window unless told otherwise, a kernel by one.
 *
 * @param {SlidingModel} model
 * @param {string} mode
 */
function choose(model, mode) {
  const { shown } = model;
  const isOther = isPooling(mode) !== isPooling(shown.mode);
  const stride = isPooling(mode) ? shown.pool[0] : 1;
  model.set(isOther ? { mode, stride } : { mode });
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
      @input=${onNumber(change)}></label>`;
}

/** @param {SlidingModel} model */
function padding(model) {
  const { shown, slid } = model;
  const { rows, columns } = slid;
  const sides = /** @type {Sides} */ ([rows.start, rows.end, columns.start, columns.end]);
  const isSame = shown.padding === "same";
  const isValid = !isSame && sides.every((side) => side === 0);
  const isApart = !isSame && (model.isApart || new Set(sides).size > 1);
  return html`
    ${slider(t("Padding"), "padding", Math.max(...sides), 0, MOST.padding, (side) => all(model, side))}
    <div class="row tight">
      <div class="segmented" role="group" aria-label=${t("Padding")}>
        <button type="button" data-padding="valid" aria-pressed=${isValid}
          @click=${() => all(model, 0)}>valid</button>
        <button type="button" data-padding="same" aria-pressed=${isSame}
          @click=${() => model.set({ padding: "same" })}>same</button>
      </div>
      <label class="check"><input type="checkbox" name="apart" .checked=${isApart}
        @change=${() => apart(model, sides, !isApart)}> ${t("each side by itself")}</label>
    </div>
    ${isSame ? html`<p
      class="about">${t("As TensorFlow, Keras and ONNX have it: as many outputs as input divided by stride; an odd zero goes to the end.")}</p>` : nothing}
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
  const names = [t("Above"), t("Below"), t("On the left"), t("On the right")];
  return html`<div class="four-sides">
    ${names.map((name, at) => html`<div
      class="side-${at}">${stepper(name, sides[at], 0, MOST.padding, (value) =>
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
    if (Number.isNaN(value)) model.look({ trouble: noNumber(input.value) });
    else model.set({ bias: value });
  };
  return html`
    <div class="row">
      <label class="field"><span>${t("Bias")}</span>
        <input type="text" inputmode="text" name="bias" size="5" .value=${String(bias)}
          @change=${changeBias}></label>
      <label class="field"><span>${t("Activation")}</span>
        <select name="activation" @change=${onText((activation) => model.set({ activation }))}>
          <option value="" ?selected=${activation === ""}>${t("no activation")}</option>
          ${ACTIVATIONS.map((name) => html`<option value=${name}
            ?selected=${activation === name}>${name}</option>`)}
        </select></label>
    </div>`;
}
