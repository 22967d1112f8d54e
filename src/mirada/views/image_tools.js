// @ts-check
/** What can be done to the image: its size, its channels, drawn, or typed as text. */

import { onNumber, onText } from "./field_value.js";
import { t } from "./language.js";
import { readMatrix, readNumber, writeMatrix } from "./matrix_text.js";
import { sizeFields } from "./size_fields.js";
import { MOST } from "./sliding_data.js";
import { html, nothing } from "./vendor/lit-html.js";
import { isPooling } from "./window_arithmetic.js";

/** @import { SlidingModel } from "./sliding_model.js" */

/** @param {SlidingModel} model */
export function imageTools(model) {
  const { image } = model.shown;
  return html`
    <fieldset class="part-of">
      <legend>${t("Image")}</legend>
      <div class="segmented" role="group" aria-label=${t("What the pointer does on the image")}>
        ${tool(model, "move", t("Move the window"))}
        ${tool(model, "paint", t("Draw"))}
      </div>
      ${model.tool === "paint"
        ? html`<label class="field brush"><span>${t("Number to draw")}</span>
            <input type="text" name="brush" size="4" .value=${String(model.brush)}
              @change=${(/** @type {Event} */ event) => brush(model, event)}></label>`
        : html`<p
          class="about">${t("Drag the window over the image. Click twice on a cell to type a number.")}</p>`}
      ${sizeFields(t("Size of the image"), image[0].length, image[0][0].length, MOST.image, (height, width) =>
        model.resize("image", height, width))}
      <div class="row">
        <label class="field"><span>${t("Channels")}</span>
          <select name="channels" @change=${onNumber((value) => channels(model, value))}>
            ${Array.from({ length: MOST.channels }, (_, at) => html`<option value=${at + 1}
              ?selected=${image.length === at + 1}>${at + 1}</option>`)}
          </select></label>
        <button type="button" @click=${() => cleared(model)}>${t("All zeros")}</button>
      </div>
      ${textTools(model)}
    </fieldset>`;
}

/** @param {SlidingModel} model @param {string} name @param {string} label */
function tool(model, name, label) {
  return html`<button type="button" data-tool=${name} aria-pressed=${model.tool === name}
    @click=${() => model.look({ tool: name })}>${label}</button>`;
}

/** @param {SlidingModel} model @param {Event} event */
function brush(model, event) {
  const input = /** @type {HTMLInputElement} */ (event.target);
  const value = readNumber(input.value);
  input.setAttribute("aria-invalid", String(Number.isNaN(value)));
  if (!Number.isNaN(value)) model.look({ brush: value });
}

/** @param {SlidingModel} model */
function cleared(model) {
  model.set({ image: model.shown.image.map((matrix) => matrix.map((row) => row.map(() => 0))) });
}

/** More channels begin as copies of the first. @param {SlidingModel} model @param {number} count */
function channels(model, count) {
  const { image, kernel } = model.shown;
  model.set({
    image: Array.from({ length: count }, (_, at) => image[at] ?? image[0]),
    kernel: Array.from({ length: count }, (_, at) => kernel[at] ?? kernel[0]),
  });
}

/** Image and kernel as text, to type or to paste. @param {SlidingModel} model */
function textTools(model) {
  const { textOf, shown } = model;
  const choose = (/** @type {string} */ kind) =>
    model.look({ textOf: textOf === kind ? "" : kind, textError: "" });
  return html`
    <div class="row tight">
      <button type="button" class="quiet" data-text="image" aria-expanded=${textOf === "image"}
        @click=${() => choose("image")}>${t("Image as text")}</button>
      ${isPooling(shown.mode)
        ? nothing
        : html`<button type="button" class="quiet" data-text="kernel" aria-expanded=${textOf === "kernel"}
          @click=${() => choose("kernel")}>${t("Kernel as text")}</button>`}
    </div>
    ${textOf ? textField(model, textOf) : nothing}`;
}

/** @param {SlidingModel} model @param {string} kind */
function textField(model, kind) {
  const channels = kind === "image" ? model.shown.image : model.shown.kernel;
  const label = kind === "image" ? t("Rows of the image") : t("Rows of the kernel");
  const take = onText((text) => taken(model, kind, text));
  return html`
    <label class="field"><span>${label}</span>
      <textarea name="rows" rows="6" spellcheck="false" aria-invalid=${model.textError ? "true" : "false"}
        .value=${writeMatrix(channels)} @change=${take}></textarea></label>
    ${model.textError ? html`<p class="refused" role="alert">${model.textError}</p>` : nothing}
    <p class="about">${t("One row a line, or rows apart by ';'; an empty line between channels.")}</p>`;
}

/** @param {SlidingModel} model @param {string} kind @param {string} text */
function taken(model, kind, text) {
  try {
    const channels = readMatrix(text);
    const most = kind === "image" ? MOST.image : MOST.kernel;
    if (channels.length > MOST.channels || channels[0].length > most || channels[0][0].length > most)
      throw new Error(
        t("There is room for {channels} channels of {most} rows and columns; these are {came}.", {
          channels: MOST.channels, most,
            came: `${channels.length}x${channels[0].length}x${channels[0][0].length}`,
        }),
      );
    model.textError = "";
    if (kind === "image") model.set({ image: channels });
    else model.setKernel(channels);
  } catch (error) {
    model.look({ textError: /** @type {Error} */ (error).message });
  }
}
