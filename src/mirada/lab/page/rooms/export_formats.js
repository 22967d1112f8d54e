// @ts-check
/** What a run can be taken away as, to choose from. */

import { t } from "../../../views/language.js";
import { html, nothing } from "../../../views/vendor/lit-html.js";
import { formatName } from "./export_words.js";

/** @typedef {{name: string, about: string, weights: string[]}} Format */
/** @typedef {{to: string, weights: string}} Choice */

const WIDE = "float32";

/**
 * A choice that the formats offer, as near as can be to the one that is wished.
 *
 * @param {Format[]} formats
 * @param {Partial<Choice>} wished
 * @returns {Choice}
 */
export function offered(formats, { to = "", weights = "" }) {
  const format = formats.find(({ name }) => name === to) ?? formats[0];
  return { to: format.name, weights: format.weights.includes(weights) ? weights : WIDE };
}

/** The name of a choice among the exports of a run. @param {Choice} choice */
export function keyOf({ to, weights }) {
  return weights === WIDE ? to : `${to}-${weights}`;
}

/**
 * @param {Format[]} formats
 * @param {Choice} choice
 * @param {boolean} isBusy
 * @param {(choice: Choice) => void} choose
 */
export function formatChoice(formats, choice, isBusy, choose) {
  return html`<fieldset class="formats">
    <legend>${t("What to take away")}</legend>
    ${formats.map(
      (format) => html`<label class="format">
        <input type="radio" name="format" value=${format.name} .checked=${format.name === choice.to}
          ?disabled=${isBusy} @change=${() => choose({ to: format.name, weights: WIDE })}>
        <span><b>${formatName(format.name)}</b><br><span class="note">${format.about}</span></span>
      </label>
      ${format.name === choice.to && format.weights.length > 1
        ? widths(format, choice, isBusy, choose) : nothing}`,
    )}
  </fieldset>`;
}

/**
 * How wide the weights are to be.
 *
 * @param {Format} format
 * @param {Choice} choice
 * @param {boolean} isBusy
 * @param {(choice: Choice) => void} choose
 */
function widths(format, { to, weights }, isBusy, choose) {
  return html`<label class="field widths"><span>${t("Weights")}</span>
    <select name="weights" ?disabled=${isBusy} @change=${(/** @type {Event} */ event) =>
      choose({ to, weights: /** @type {HTMLSelectElement} */ (event.target).value })}>
      ${format.weights.map((each) => html`<option value=${each}
        ?selected=${each === weights}>${widthName(each)}</option>`)}
    </select></label>`;
}

/** @param {string} weights */
function widthName(weights) {
  return weights === WIDE ? t("Weights of 32 bits") : t("Weights of 8 bits");
}
