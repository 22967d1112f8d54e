// @ts-check
/** A window that slides over an image of numbers: to play, to step, to drag, to change. */

import { onNumber } from "./field_value.js";
import { imageTools } from "./image_tools.js";
import { kernelEditor } from "./kernel_editor.js";
import { t } from "./language.js";
import { noNumber } from "./matrix_text.js";
import { stage } from "./sliding_stage.js";
import { SlidingModel } from "./sliding_model.js";
import { html, nothing } from "./vendor/lit-html.js";
import { view } from "./view.js";
import { isPooling } from "./window_arithmetic.js";
import { equation } from "./window_equation.js";
import { settings } from "./window_settings.js";
import { sizes } from "./window_sizes.js";

/** @import { Given } from "./sliding_data.js" */
/** @import { SlidingOptions } from "./sliding_model.js" */
/** @import { View } from "./view.js" */

/** @type {WeakMap<HTMLElement, SlidingModel>} */
const MODELS = new WeakMap();

/**
 * The window, its numbers written out, and what can be changed about it. Tells "change"
 * with what it then shows; without data it begins with the lecture's image and kernel.
 *
 * @type {(data: Given, options?: SlidingOptions) => View<Given, SlidingOptions>}
 */
export const sliding = view("sliding", (data, options, element) => {
  const model = MODELS.get(element) ?? new SlidingModel(element);
  MODELS.set(element, model);
  model.take(data, options);
  return drawn(model);
});

/** @param {SlidingModel} model */
function drawn(model) {
  const { isPlain } = model.options;
  const stop = (/** @type {Event} */ event) => event.stopPropagation();
  return html`
    <div class="sliding ${isPlain ? "plain" : ""}" @change=${stop}>
      <div class="shown">
        <div class="stage-box">${stage(model)}</div>
        ${wrong(model)}
        ${model.slid.refusal ? html`<p class="refused"
          role="alert">${model.slid.refusal}</p>` : player(model)}
        ${equation(model)}
        ${sizes(model)}
      </div>
      ${isPlain
        ? nothing
        : html`<div class="changed">
            ${settings(model)}
            ${isPooling(model.shown.mode) ? nothing : kernelEditor(model)}
            ${imageTools(model)}
          </div>`}
    </div>`;
}

/** What is said of a word in a cell that is no number. @param {SlidingModel} model */
function wrong({ typing, trouble }) {
  if (trouble) return html`<p class="refused" role="alert">${trouble}</p>`;
  if (!typing?.isWrong) return nothing;
  return html`<p class="refused"
    role="alert">${noNumber(typing.text)} ${t("Escape leaves the cell as it was.")}</p>`;
}

/** @param {SlidingModel} model */
function player(model) {
  const { place, count, isPlaying, isStill } = model;
  const toggled = () => (isPlaying ? model.pause() : model.play());
  return html`
    <div class="player" role="group" aria-label=${t("The window's way")}>
      <button type="button" data-step="back" @click=${() => model.step(-1)} aria-label=${t("Step back")}
        title=${t("Step back")}>◀</button>
      ${isStill
        ? nothing
        : html`<button type="button" data-step="play" class="play" @click=${toggled}>${isPlaying ? html`<span
          aria-hidden="true">❚❚</span> ${t("Pause")}` : html`<span
          aria-hidden="true">▶</span> ${t("Play")}`}</button>`}
      <button type="button" data-step="on" @click=${() => model.step(1)} aria-label=${t("Step on")}
        title=${t("Step on")}>▶</button>
      <span class="place" role="status">${t("Window {place} of {count}", { place: place + 1, count })}</span>
      ${isStill
        ? nothing
        : html`<label class="speed"><span>${t("Speed")}</span>
            <input type="range" name="speed" min="0.5" max="8" step="0.5" .value=${String(model.speed)}
              @input=${onNumber((speed) => model.look({ speed }))}></label>`}
    </div>`;
}
