// @ts-check
/** The arithmetic behind one number of a layer: what it reads, weighs, adds and gives. */

import { countText, numberText, t } from "./language.js";
import { termsOf } from "./terms.js";
import { html, nothing } from "./vendor/lit-html.js";
import { tell, view } from "./view.js";

/** @import { View } from "./view.js" */

/**
 * Numbers in the shape of the window: maps of rows of numbers, or a list.
 *
 * @typedef {any} Numbers
 */

/**
 * One number as `mirada look --at --json` has it. `reads` is which of `sources` the
 * window lies in, null where it is one value of each; `strongest` the entry that counts
 * most and where walking back through it leads; `class` the class it speaks for.
 *
 * @typedef {object} Arithmetic
 * @property {string} layer
 * @property {string} kind
 * @property {string} text
 * @property {number[]} place
 * @property {number[]} shape
 * @property {string[]} sources
 * @property {Numbers} window
 * @property {Numbers} inside
 * @property {number[][]} positions
 * @property {Numbers | null} weights
 * @property {Numbers | null} products
 * @property {number | null} sum
 * @property {number | null} bias
 * @property {number} value
 * @property {string} formula
 * @property {number | null} activation
 * @property {string | null} activation_layer
 * @property {string | null} activation_formula
 * @property {number} computed
 * @property {number[][]} winners
 * @property {number[] | null} exponentials
 * @property {Record<string, number>} facts
 * @property {{rows: [number, number], columns: [number, number], field_rows: [number, number],
 *   field_columns: [number, number]} | null} input_box
 * @property {number | null} reads
 * @property {number[]} [gates]
 * @property {{index: number[], layer: string, place: number[]} | null} strongest
 * @property {string | null} class
 * @property {{level: number, mean: number, std: number} | null} pixel
 */

/**
 * `classes` name the scores of a softmax.
 *
 * @typedef {{classes?: string[]}} ArithmeticOptions
 */

/**
 * The numbers of which all terms are shown: there may be many, so not before they are asked for.
 *
 * @type {WeakSet<Arithmetic>}
 */
const opened = new WeakSet();

/**
 * The arithmetic. Event: "walk" {layer, place} when one of its numbers, or the one that
 * counts most, is to be looked at next.
 */
export const arithmetic = view("arithmetic", draw);

/**
 * @param {Arithmetic} data
 * @param {ArithmeticOptions} options
 * @param {View<Arithmetic, ArithmeticOptions>} element
 */
function draw(data, options, element) {
  const walk = (/** @type {string} */ layer, /** @type {number[]} */ place) =>
    tell(element, "walk", { layer, place });
  const rest = {
    isOpen: opened.has(data),
    toggle: (/** @type {Event} */ event) => {
      if (!(/** @type {HTMLDetailsElement} */ (event.target).open) || opened.has(data)) return;
      opened.add(data);
      element.update(data, options);
    },
  };
  return html`
    <p class="headline" role="status">
      <span><span class="code">${data.layer}</span>, ${placeWords(data.place)}</span>
      <strong data-value=${data.value}>${numberText(data.value, 4)}</strong>
    </p>
    ${data.class ? html`<p class="note">${t("It speaks for the class {name}.", { name: data.class })}</p>`
      : nothing}
    ${data.kind === "input" ? pixel(data) : termsOf(data, options, walk, rest)}
    ${data.kind === "input" ? nothing : ending(data)}
    ${data.strongest ? back(data.strongest, walk) : nothing}
    <p class="note">${pixels(data)}</p>`;
}

/** A place in words. @param {number[]} place */
function placeWords(place) {
  if (place.length === 1) return t("number {place}", { place: place[0] });
  return t("map {map}, row {row}, column {column}", { map: place[0], row: place[1], column: place[2] });
}

/** A place in short: [3] (4, 5). @param {number[]} place */
export function placeText([map, ...rest]) {
  return rest.length ? `[${map}] (${rest.join(", ")})` : `[${map}]`;
}

/** Where the value of the input comes from. @param {Arithmetic} data */
function pixel({ pixel: found, value }) {
  if (!found) return nothing;
  return html`<p>${t("The pixel of the image, normalized:")}</p>
    <p class="formula">(${found.level} / 255 − ${numberText(found.mean, 4)}) / ${numberText(found.std,
      4)} = <b>${numberText(value, 4)}</b></p>`;
}

/** The sum, the bias, the value, and what follows. @param {Arithmetic} data */
function ending(data) {
  return html`<dl class="ending">
    ${data.weights && data.sum !== null
      ? html`<dt>${t("Sum of the products")}</dt><dd data-value=${data.sum}>${numberText(data.sum, 4)}</dd>
          ${data.bias === null ? nothing : html`<dt>${t("Bias")}</dt><dd
            data-value=${data.bias}>${numberText(data.bias, 4)}</dd>`}`
      : nothing}
    <dt>${t("Value")}</dt><dd class="formula">${data.formula}</dd>
    <dt>${t("The engine computed")}</dt><dd
      data-computed=${data.computed}>${numberText(data.computed, 6)}</dd>
    ${data.activation_layer
      ? html`<dt>${t("Then {layer}", { layer: data.activation_layer })}</dt><dd
        class="formula">${data.activation_formula}</dd>`
      : nothing}
  </dl>`;
}

/**
 * @param {{layer: string, place: number[]}} strongest
 * @param {(layer: string, place: number[]) => void} walk
 */
function back({ layer, place }, walk) {
  const words = t("Walk back to {layer} {place}", { layer, place: placeText(place) });
  return html`<p><button type="button" class="walk-back"
    @click=${() => walk(layer, place)}>← ${words}</button>
    <span class="note">${t("what counts most")}</span></p>`;
}

/** @param {Arithmetic} data */
function pixels({ input_box: box, kind }) {
  if (!box) return t("No pixel of the image can be named that changes this number.");
  if (kind === "input") return "";
  const [high, wide] = [box.rows, box.columns].map(([first, last]) => last - first + 1);
  const words = t("Pixels that can change it: rows {rows}, columns {columns} ({high}×{wide}).", {
    rows: box.rows.join("–"),
    columns: box.columns.join("–"),
    high: countText(high),
    wide: countText(wide),
  });
  const isCut = String([box.rows, box.columns]) !== String([box.field_rows, box.field_columns]);
  return isCut ? `${words} ${t("Its field reaches into the padding.")}` : words;
}
