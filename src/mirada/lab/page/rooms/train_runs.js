// @ts-check
/** The runs that lie in this lab, the best first, and what can be done with each. */

import { percentText, t } from "../../../views/language.js";
import { html, nothing } from "../../../views/vendor/lit-html.js";
import { download } from "../download.js";

/** @import { Lab } from "../lab.js" */

/**
 * @typedef {object} Run
 * @property {string} run
 * @property {string} state
 * @property {string} network
 * @property {string} data
 * @property {number} epochs
 * @property {number} of_epochs
 * @property {number | null} validation_accuracy
 * @property {number | null} test_accuracy
 * @property {boolean} can_resume
 * @property {boolean} has_report
 * @property {boolean} has_weights
 * @property {string} crash
 * @property {string} problem
 */

/**
 * @param {Run[] | null} runs
 * @param {Lab} lab
 * @param {{isBusy: boolean, resume: (run: string) => void}} room
 */
export function runList(runs, lab, room) {
  if (runs === null) return nothing;
  return html`<section class="panel runs">
    <h2>${t("Runs in this lab")}</h2>
    ${runs.length
      ? table(runs, lab, room)
      : html`<p class="note">${t("None yet. The first one that is trained appears here.")}</p>`}
  </section>`;
}

/** @param {Run[]} runs @param {Lab} lab @param {{isBusy: boolean, resume: (run: string) => void}} room */
function table(runs, lab, room) {
  return html`<div class="wide"><table>
    <thead><tr>
      <th scope="col">${t("Run")}</th><th scope="col">${t("Network")}</th><th scope="col">${t("Data")}</th>
      <th scope="col" class="number">${t("Epochs")}</th><th scope="col" class="number">${t("Validation")}</th>
      <th scope="col" class="number">${t("Test")}</th><th scope="col">${t("State")}</th>
      <th scope="col"><span class="unseen">${t("Actions")}</span></th>
    </tr></thead>
    <tbody>${runs.map((run) => (run.problem ? broken(run) : row(run, lab, room)))}</tbody>
  </table></div>`;
}

/** @param {Run} run */
function broken(run) {
  return html`<tr><th scope="row">${run.run}</th><td colspan="7">${run.problem}</td></tr>`;
}

/** @param {Run} run @param {Lab} lab @param {{isBusy: boolean, resume: (run: string) => void}} room */
function row(run, lab, room) {
  const name = { run: run.run };
  return html`<tr>
    <th scope="row"><a href=${`#/train?${new URLSearchParams(name)}`}>${run.run}</a></th>
    <td>${run.network}</td><td>${run.data}</td>
    <td class="number">${run.epochs}/${run.of_epochs}</td>
    <td class="number">${share(run.validation_accuracy)}</td>
    <td class="number">${share(run.test_accuracy)}</td>
    <td title=${run.crash || nothing}>${stateText(run.state)}</td>
    <td class="actions">
      ${run.can_resume
        ? html`<button ?disabled=${room.isBusy} aria-label=${t("Resume {run}", name)}
            @click=${() => room.resume(run.run)}>${t("Resume")}</button>`
        : nothing}
      ${run.has_weights
        ? html`<button aria-label=${t("Look inside {run}", name)}
            @click=${() => lab.go("look", name)}>${t("Look")}</button>`
        : nothing}
      ${run.has_report
        ? html`<button class="quiet" aria-label=${t("Report of {run}", name)}
            @click=${() => saveReport(lab, run.run)}>${t("Report")}</button>`
        : nothing}
    </td>
  </tr>`;
}

/** @param {number | null} value */
function share(value) {
  return value === null ? "–" : percentText(value);
}

/** @param {string} state */
function stateText(state) {
  if (state === "running") return t("running");
  return state === "finished" ? t("finished") : t("stopped");
}

/**
 * Lets the browser save the report of a run, which is a page of its own.
 *
 * @param {Lab} lab
 * @param {string} run
 */
export async function saveReport(lab, run) {
  const blob = await lab.api.blob(`/api/training/runs/${encodeURIComponent(run)}/report`);
  download(blob, `${run}.html`);
}
