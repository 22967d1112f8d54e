// @ts-check
/** Height and width, each with a step down and a step up. */

import { t } from "./language.js";
import { html } from "./vendor/lit-html.js";

/**
 * @param {string} label
 * @param {number} height
 * @param {number} width
 * @param {number} most
 * @param {(height: number, width: number) => void} change
 */
export function sizeFields(label, height, width, most, change) {
  return html`
    <div class="size-fields" role="group" aria-label=${label}>
      ${stepper(t("Height"), height, 1, most, (value) => change(value, width))}
      <span aria-hidden="true">×</span>
      ${stepper(t("Width"), width, 1, most, (value) => change(height, value))}
    </div>`;
}

/**
 * A whole number with a step down and a step up.
 *
 * @param {string} label
 * @param {number} value
 * @param {number} low
 * @param {number} high
 * @param {(value: number) => void} change
 */
export function stepper(label, value, low, high, change) {
  return html`
    <span class="stepper">
      <span class="caption">${label}</span>
      <button type="button" aria-label=${t("{name}: one less", { name: label })} ?disabled=${value <= low}
        @click=${() => change(value - 1)}>−</button>
      <output aria-label=${label}>${value}</output>
      <button type="button" aria-label=${t("{name}: one more", { name: label })} ?disabled=${value >= high}
        @click=${() => change(value + 1)}>+</button>
    </span>`;
}
