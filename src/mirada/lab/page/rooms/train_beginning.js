// @ts-check
/** What a training begins with: drawn weights, or those of a run or a model file. */

import { t } from "../../../views/language.js";
import { html, nothing } from "../../../views/vendor/lit-html.js";
import { runText } from "./export_words.js";

/** @typedef {{run: string, title: string, network: string, accuracy: number | null}} Known */
/** @typedef {{weights: Known[], engines: string[]}} Choices */
/** @typedef {{weights: string, freeze: boolean, engine: string}} Beginning */

/** @type {Beginning} */
export const DRAWN = { weights: "", freeze: false, engine: "" };

/**
 * What of a beginning can be had; a run that is gone is shown still, and refused.
 *
 * @param {Beginning} beginning
 * @returns {{weights?: string, freeze?: boolean}}
 */
export function ordered({ weights, freeze }) {
  return weights ? { weights, freeze } : {};
}

/**
 * @param {Choices} choices
 * @param {Beginning} beginning
 * @param {(changed: Partial<Beginning>) => void} change
 */
export function beginningFields(choices, beginning, change) {
  const { weights, freeze } = beginning;
  const isGone = weights !== "" && !choices.weights.some(({ run }) => run === weights);
  if (!choices.weights.length && !isGone) return nothing;
  return html`<div class="beginning">
    <label class="field"><span>${t("Begin with the weights of")}</span>
      <select name="weights" @change=${(/** @type {Event} */ event) =>
        change({ weights: /** @type {HTMLSelectElement} */ (event.target).value })}>
        <option value="" ?selected=${weights === ""}>${t("none: they are drawn")}</option>
        ${isGone ? html`<option value=${weights} selected>${weights}</option>` : nothing}
        ${choices.weights.map((one) => html`<option value=${one.run}
          ?selected=${one.run === weights}>${runText(one)}</option>`)}
      </select></label>
    ${weights
      ? html`<label class="row"><input type="checkbox" name="freeze" .checked=${freeze}
          @change=${(/** @type {Event} */ event) =>
            change({ freeze: /** @type {HTMLInputElement} */ (event.target).checked })}>
        ${t("Freeze all but the head")}</label>`
      : nothing}
  </div>`;
}

/**
 * What computes, where there is a choice.
 *
 * @param {Choices} choices
 * @param {Beginning} beginning
 * @param {(changed: Partial<Beginning>) => void} change
 */
export function engineField(choices, { engine }, change) {
  if (choices.engines.length < 2) return nothing;
  return html`<label class="field"><span>${t("Engine")}</span>
    <select name="engine" @change=${(/** @type {Event} */ event) =>
      change({ engine: /** @type {HTMLSelectElement} */ (event.target).value })}>
      ${choices.engines.map((name, place) => html`<option value=${place ? name : ""}
        ?selected=${engine === (place ? name : "")}>${engineName(name)}</option>`)}
    </select></label>`;
}

/** @param {string} name */
function engineName(name) {
  return name === "torch" ? "PyTorch" : t("machine code (native)");
}
