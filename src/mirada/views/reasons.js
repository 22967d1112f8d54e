// @ts-check
/** Why an answer was given: each method's map over the image, never without its checks. */

import { signed as colour, largest } from "./colours.js";
import { numberText, percentText, t } from "./language.js";
import { overlaid } from "./overlay.js";
import { html, nothing } from "./vendor/lit-html.js";
import { view } from "./view.js";

/** @import { View } from "./view.js" */

/**
 * One method's map, its checks and what they mean, as `mirada look --cam --json` has it;
 * `falls_sooner`, `rises_sooner` and `differs` say which of the checks it passes.
 *
 * @typedef {object} Reason
 * @property {string} method
 * @property {string} about
 * @property {string} layer
 * @property {string} layer_words
 * @property {boolean} signed
 * @property {number[][]} map
 * @property {number} deletion
 * @property {number} deletion_elsewhere
 * @property {number} insertion
 * @property {number} insertion_elsewhere
 * @property {number} randomisation
 * @property {number} randomisation_limit
 * @property {boolean} falls_sooner
 * @property {boolean} rises_sooner
 * @property {boolean} differs
 * @property {boolean} trusted
 * @property {string} verdict
 * @property {string} class
 * @property {number} probability
 */

/**
 * `pixels` are those of the image, four bytes each; `waiting` the method that is worked
 * on, empty if none.
 *
 * @typedef {object} Reasons
 * @property {Uint8ClampedArray} pixels
 * @property {[number, number]} size
 * @property {Reason[]} reasons
 * @property {string} [waiting]
 */

const SIDE = 148;

/** The reasons, a panel a method. */
export const reasons = view("reasons", draw);

/**
 * @param {Reasons} data
 * @param {object} _options
 * @param {View<Reasons, object>} element
 */
function draw(data, _options, element) {
  return html`
    ${data.reasons.length
      ? html`<p class="note">${t("Orange: strong, or for the class. Blue: against it. Grey: the image where the map is nothing.")}</p>`
      : nothing}
    <div class="all">${data.reasons.map((reason, place) => one(data, reason, place, element))}
      ${data.waiting ? html`<p class="waiting" role="status">${t("{method} is being computed…",
        { method: data.waiting })}</p>` : nothing}
    </div>`;
}

/**
 * @param {Reasons} data
 * @param {Reason} reason
 * @param {number} place
 * @param {HTMLElement} element
 */
function one(data, reason, place, element) {
  const [height, width] = data.size;
  const wide = (SIDE * width) / Math.max(width, height);
  const values = shifted(reason, reason.map.flat());
  const [over, alone] = [canvasAt(element, 2 * place), canvasAt(element, 2 * place + 1)];
  const most = largest(values);
  paint(over, [width, height, wide], (at) => overlaid(data.pixels, values, most, at));
  paint(alone, [width, height, wide], (at) => colour(values[at], most));
  over.setAttribute("aria-label", t("The map of {method} over the image", { method: reason.method }));
  alone.setAttribute("aria-label", t("The map of {method} alone", { method: reason.method }));
  return html`<section class="reason" data-method=${reason.method}>
    <div class="pair">${over}${alone}</div>
    <div>
      <h3>${reason.method} <span class=${reason.trusted ? "chip good" : "chip wrong"}>${reason.trusted
        ? t("✓ passes its checks") : t("✗ fails a check")}</span></h3>
      <p class="verdict">${reason.verdict}</p>
      <table>${checks(reason)}</table>
      <details><summary>${t("What it does")}</summary><p>${reason.about}</p>${reason.layer_words
        ? html`<p>${reason.layer_words}</p>` : nothing}</details>
    </div>
  </section>`;
}

/** @type {WeakMap<HTMLElement, HTMLCanvasElement[]>} */
const kept = new WeakMap();

/** @param {HTMLElement} element @param {number} place */
function canvasAt(element, place) {
  const all = kept.get(element) ?? [];
  if (!all[place]) {
    all[place] = document.createElement("canvas");
    all[place].className = "pixels";
    all[place].setAttribute("role", "img");
  }
  kept.set(element, all);
  return all[place];
}

/** Of a map without signs what is least is nothing. @param {Reason} reason @param {number[]} values */
function shifted(reason, values) {
  if (reason.signed) return values;
  const least = values.reduce((low, value) => Math.min(low, value), Infinity);
  return values.map((value) => value - least);
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {[number, number, number]} size in pixels, and how wide it is shown
 * @param {(at: number) => number[]} colourAt
 */
function paint(canvas, [width, height, wide], colourAt) {
  canvas.width = width;
  canvas.height = height;
  canvas.style.width = `${Math.round(wide)}px`;
  const image = new ImageData(width, height);
  for (let at = 0; at < width * height; at++) image.data.set([...colourAt(at), 255], 4 * at);
  canvas.getContext("2d")?.putImageData(image, 0, 0);
}

/** @param {Reason} reason */
function checks(reason) {
  const elsewhere = (/** @type {number} */ value) => t("laid elsewhere {number}",
    { number: numberText(value, 2) });
  return html`<tbody>
    ${check(t("Deletion"), t("probability while the strongest pixels are removed; less is better"), reason.deletion, elsewhere(reason.deletion_elsewhere), reason.falls_sooner)}
    ${check(t("Insertion"), t("probability while they are put in; more is better"), reason.insertion,
      elsewhere(reason.insertion_elsewhere), reason.rises_sooner)}
    ${check(t("Random weights"), t("likeness to the map of a network that never learned"),
      reason.randomisation, t("alike from {number}", { number: numberText(reason.randomisation_limit, 2) }),
        reason.differs)}
  </tbody>`;
}

/**
 * @param {string} name
 * @param {string} about
 * @param {number} value
 * @param {string} beside
 * @param {boolean} isGood
 */
function check(name, about, value, beside, isGood) {
  return html`<tr class=${isGood ? "good" : "bad"}>
    <th scope="row" title=${about}><span aria-hidden="true">${isGood ? "✓" : "✗"}</span><span
      class="view-unseen">${isGood ? t("passed") : t("failed")}</span> ${name}</th>
    <td class="number" data-value=${value}>${numberText(value, 2)}</td><td>${beside}</td></tr>`;
}

/** What is explained, in one line. @param {Reason} reason */
export function reasonTitle(reason) {
  return t("Why {name}? ({share})", { name: reason.class, share: percentText(reason.probability) });
}
