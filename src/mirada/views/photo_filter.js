// @ts-check
/** A photo beside what a window makes of it, with the numbers under the pointer. */

import { onText } from "./field_value.js";
import { kernelEditor } from "./kernel_editor.js";
import { t } from "./language.js";
import { shortText } from "./matrix_text.js";
import { largest, numberGrid } from "./number_grid.js";
import { PhotoModel } from "./photo_model.js";
import { filtered, painted, spanOf, wayOf } from "./photo_pixels.js";
import { kernelGrids, sign } from "./sliding_stage.js";
import { html, nothing } from "./vendor/lit-html.js";
import { tell, view } from "./view.js";
import { isPooling, position } from "./window_arithmetic.js";
import { equations } from "./window_equation.js";
import { settings } from "./window_settings.js";
import { sizes } from "./window_sizes.js";

/** @import { PhotoGiven } from "./photo_model.js" */
/** @import { Pixels } from "./photo_pixels.js" */
/** @import { SlidingOptions } from "./sliding_model.js" */
/** @import { View } from "./view.js" */

/** @type {WeakMap<HTMLElement, PhotoModel>} */
const MODELS = new WeakMap();
const PIECE = 10;

/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/**
 * A photo, filtered anew whenever something changes. Tells "change" with what it shows,
 * and "numbers" with the pixels around the window as an image of numbers.
 *
 * @type {(data: PhotoGiven, options?: SlidingOptions) => View<PhotoGiven, SlidingOptions>}
 */
export const photoFilter = view("photo-filter", (data, options, element) => {
  const model = MODELS.get(element) ?? new PhotoModel(element);
  MODELS.set(element, model);
  model.take(data, options);
  const pictures = filteredAnew(model);
  queueMicrotask(() => pictures.forEach(([name, pixels]) => put(model, name, pixels)));
  return drawn(model);
});

/** @param {PhotoModel} model */
function drawn(model) {
  const { shown, slid } = model;
  const stop = (/** @type {Event} */ event) => event.stopPropagation();
  return html`
    <div class="view-sliding"><div class="sliding" @change=${stop}>
      <div class="shown">
        <div class="photos">
          ${photo(model, "photo", t("photo"), frameIn(model))}
          ${model.slid.refusal ? nothing : photo(model, "made", caption(model), frameOut(model))}
        </div>
        ${model.slid.refusal ? html`<p class="refused"
          role="alert">${model.slid.refusal}</p>` : magnified(model)}
        ${sizes({ shown, slid: isInColour(model) ? { ...slid, kernel: null } : slid })}
      </div>
      <div class="changed">
        ${isPooling(model.shown.mode) ? nothing : kernelEditor(model)}
        ${seeing(model)}
        ${settings(model)}
      </div>
    </div></div>`;
}

/**
 * @param {PhotoModel} model
 * @param {string} name
 * @param {string} words
 * @param {unknown} frame
 */
function photo(model, name, words, frame) {
  const { rows, columns } = model.slid;
  const [height, width] = name === "photo" ? [rows.length, columns.length] : [rows.output, columns.output];
  return html`
    <figure class="photo">
      <figcaption>${words} <small>${height}×${width}</small></figcaption>
      <div class="canvas" tabindex="0" role="application" data-canvas=${name}
        .style=${`--ratio:${width / height}`}
        aria-label=${t("{caption}: arrow keys move the window", { caption: words })}
        @pointerdown=${pointed(model, name)} @pointermove=${pointed(model, name)}
        @keydown=${(/** @type {KeyboardEvent} */ event) => pressed(model, event)}>
        <canvas width=${width} height=${height} aria-hidden="true"></canvas>${frame}
      </div>
    </figure>`;
}

/** The window on the photo. @param {PhotoModel} model */
function frameIn({ slid: { rows, columns }, shown }) {
  const box = [
    position(rows, shown.at[0], 0) / rows.length, position(columns, shown.at[1], 0) / columns.length,
    rows.span / rows.length, columns.span / columns.length,
  ];
  return frame("in", box);
}

/** The pixel that it makes. @param {PhotoModel} model */
function frameOut({ slid: { rows, columns }, shown }) {
  const box = [shown.at[0] / rows.output, shown.at[1] / columns.output, 1 / rows.output, 1 / columns.output];
  return frame("out", box);
}

/** @param {string} kind @param {number[]} box */
function frame(kind, box) {
  const [top, left, height, width] = box.map((share) => `${(100 * share).toFixed(3)}%`);
  const style = `top:${top};left:${left};height:${height};width:${width}`;
  return html`<div class="lens ${kind}" aria-hidden="true" .style=${style}></div>`;
}

/** @param {PhotoModel} model @param {string} name */
function pointed(model, name) {
  return (/** @type {PointerEvent} */ event) => {
    if (event.type === "pointermove" && event.pointerType === "touch" && !event.isPrimary) return;
    const box = /** @type {HTMLElement} */ (event.currentTarget).getBoundingClientRect();
    const y = (event.clientY - box.top) / box.height;
    const x = (event.clientX - box.left) / box.width;
    const { rows, columns } = model.slid;
    if (name === "photo") model.moveOver(Math.floor(y * rows.length), Math.floor(x * columns.length));
    else model.moveTo(Math.floor(y * rows.output), Math.floor(x * columns.output));
  };
}

/** @param {PhotoModel} model @param {KeyboardEvent} event */
function pressed(model, event) {
  const arrow = ARROWS[event.key];
  if (!arrow) return;
  event.preventDefault();
  const far = event.shiftKey ? 10 : 1;
  model.moveTo(model.shown.at[0] + far * arrow[0], model.shown.at[1] + far * arrow[1]);
}

/** @param {PhotoModel} model */
function caption(model) {
  if (isInColour(model)) return t("each channel by itself");
  return model.isGrey ? t("output") : t("output: the three maps added up");
}

/** Whether what comes out is a picture in colour again. @param {PhotoModel} model */
function isInColour(model) {
  return isPooledColour(model) || (!model.isGrey && wayFor(model) === "clipped");
}

/** Three channels that were pooled: colours again, so without signs. @param {PhotoModel} model */
function isPooledColour(model) {
  return !model.isGrey && isPooling(model.shown.mode);
}

/** @param {PhotoModel} model */
function wayFor(model) {
  const way = isPooledColour(model) && model.way === "signed" ? "" : model.way;
  return way || wayOf(askedOf(model));
}

/** @param {PhotoModel} model */
function askedOf({ shown, slid: { rows, columns } }) {
  const { mode, kernel, bias, activation } = shown;
  return { mode, kernel: kernel[0], rows, columns, bias, activation };
}

/** The pictures that are others than before. @param {PhotoModel} model @returns {[string, Pixels][]} */
function filteredAnew(model) {
  const asked = askedOf(model);
  const isColour = isInColour(model);
  const now = JSON.stringify([asked, model.way, isColour]);
  if (now === model.filteredOf || model.slid.refusal) return [];
  const isOther = !model.filteredOf;
  model.filteredOf = now;
  const planes = isColour ? model.planes : [model.sum];
  const maps = planes.map((plane) => filtered(plane, asked));
  model.span = spanOf(maps);
  const made = painted(maps, wayFor(model));
  return isOther ? [["photo", painted(model.planes, "clipped")], ["made", made]] : [["made", made]];
}

/** @param {PhotoModel} model @param {string} name @param {Pixels} pixels */
function put(model, name, { width, height, data }) {
  const canvas =
    /** @type {HTMLCanvasElement | null} */ (model.element.querySelector(`[data-canvas=${name}] canvas`));
  canvas?.getContext("2d")?.putImageData(new ImageData(new Uint8ClampedArray(data), width, height), 0, 0);
}

/** The numbers under the window, the kernel, and the sum. @param {PhotoModel} model */
function magnified(model) {
  const { shown, slid } = model.seen();
  const most = Math.max(...shown.image.map(largest));
  const name = (/** @type {number} */ channel) =>
    shown.image.length === 1 ? t("pixels") : [t("red"), t("green"), t("blue")][channel];
  const wide = slid.columns.size;
  const style = `--across:${2 * wide + 2};--gaps:120px;--widest:${wide};--pair:${2 * wide}`;
  const pixels = shown.image.map((values, channel) =>
    numberGrid({
      name: `pixels-${channel}`,
      caption: name(channel),
      values,
      largest: Math.max(most, 255),
      kind: "grey",
      frames: [{ kind: "in", row: 0, column: 0, height: values.length, width: values[0].length }],
    }),
  );
  return html`
    <div class="stage-box"><div class="stage lens-stage" .style=${style}>
      ${pixels}
      ${slid.kernel
        ? [sign(shown.mode === "convolution" ? "∗" : "⋆"), kernelGrids(model, slid.kernel[0], 0)]
        : nothing}
      <button type="button" class="quiet" data-open="numbers"
        @click=${() =>
          tell(model.element, "numbers",
            { image: model.piece(PIECE) })}>${t("Open these pixels as numbers")}</button>
    </div></div>
    ${equations(isInColour(model) ? model.seenApart() : [{ shown, slid }], model.shown.at)}`;
}

/** How photo and map are shown. @param {PhotoModel} model */
function seeing(model) {
  /** @type {[string, string][]} */
  const ways = [
    ["", t("as suits the kernel")],
    ["signed", t("signed")],
    ["clipped", t("clipped")],
    ["stretched", t("stretched")],
  ];
  const offered = ways.filter(([name]) => name !== "signed" || !isPooledColour(model));
  /** @type {Record<string, string>} */
  const about = {
    signed: t("blue is negative, white is 0, orange is positive"),
    clipped: t("below 0 is black, above 255 is white"),
    stretched: t("the least value is black, the largest white"),
  };
  const [low, high] = model.span;
  return html`
    <fieldset class="part-of">
      <legend>${t("How it is shown")}</legend>
      <div class="segmented" role="group" aria-label=${t("Photo")}>
        <button type="button" data-grey aria-pressed=${model.isGrey}
          @click=${() => model.see({ isGrey: true })}>${t("Grey")}</button>
        <button type="button" data-colour aria-pressed=${!model.isGrey}
          @click=${() => model.see({ isGrey: false })}>${t("Colour")}</button>
      </div>
      <label class="field"><span>${t("The output")}</span>
        <select name="way" @change=${onText((way) => model.see({ way }))}>
          ${offered.map(([name, label]) => html`<option value=${name}
            ?selected=${name === model.way}>${label}</option>`)}
        </select></label>
      <p class="about">${about[wayFor(model)]}</p>
      <p class="about">${t("Numbers from {low} to {high}",
        { low: shortText(low, 4), high: shortText(high, 4) })}</p>
    </fieldset>`;
}
