// @ts-check
/** What would be trained: what it takes, and every value with its reason. */

import { bytesText, countText, t } from "../../../views/language.js";
import { html } from "../../../views/vendor/lit-html.js";
import { timeText } from "./train_live.js";

/** @typedef {{name: string, value: string, origin: string}} Setting */

/**
 * @typedef {object} Plan
 * @property {Setting[]} settings
 * @property {number} parameters
 * @property {number} memory_bytes
 * @property {number} epochs
 * @property {number} learning_rate
 * @property {number} [seconds]
 */

/** @param {Plan} plan @param {boolean} isPlanning whether its time is being measured */
export function planned(plan, isPlanning) {
  const measuring = isPlanning ? t("measuring ...") : "–";
  const time = plan.seconds ? timeText(plan.seconds) : measuring;
  return html`
    <dl class="facts">
      <div><dt>${t("time, about")}</dt><dd>${time}</dd></div>
      <div><dt>${t("memory")}</dt><dd>${bytesText(plan.memory_bytes)}</dd></div>
      <div><dt>${t("parameters")}</dt><dd>${countText(plan.parameters)}</dd></div>
    </dl>
    ${settingsTable(plan.settings)}`;
}

/** @param {Setting[]} settings */
export function settingsTable(settings) {
  return html`<div class="wide"><table class="settings-table">
    <caption>${t("Every value, and where it comes from")}</caption>
    <tbody>${settings.map(
      (row) => html`<tr><th scope="row">${row.name}</th><td>${row.value}</td>
        <td class="origin">${row.origin}</td></tr>`,
    )}</tbody>
  </table></div>`;
}
