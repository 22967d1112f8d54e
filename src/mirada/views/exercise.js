// @ts-check
/** One exercise: its question, room for an answer, and what there is to say of it. */

import { answerCells } from "./answer_cells.js";
import { hintTemplate } from "./exercise_hint.js";
import { t } from "./language.js";
import { typeset } from "./typeset.js";
import { html, nothing } from "./vendor/lit-html.js";
import { tell, view } from "./view.js";

/** @import { Hint } from "./exercise_hint.js" */

/**
 * @typedef {object} Question
 * @property {string} title
 * @property {string} question
 * @property {string[]} layers
 * @property {{name: string, rows: string[][]}[]} matrices
 * @property {string} form
 * @property {[number, number] | null} cells
 * @property {Hint} hint
 */

/**
 * @typedef {object} Correction
 * @property {boolean} right
 * @property {boolean} passed_over
 * @property {string} perhaps
 * @property {string} answer
 * @property {string[][] | null} rows
 * @property {string[]} steps
 */

/**
 * `text` or `cells` is what was typed; `told` why it could not be read.
 *
 * @typedef {object} Exercise
 * @property {Question} question
 * @property {string} place such as "3 / 10"
 * @property {string} text
 * @property {string[][] | null} cells
 * @property {string} told
 * @property {boolean} isHintOpen
 * @property {Correction | null} correction
 */

/**
 * Events: "type" (detail: the text or the cells), "answer", "skip", "hint", "next".
 *
 * @type {(data: Exercise, options?: object) => import("./view.js").View<Exercise, object>}
 */
export const exercise = view("exercise", draw);

/** @param {Exercise} data @param {object} options @param {HTMLElement} element */
function draw(data, options, element) {
  const { question, place, correction } = data;
  return html`
    <p class="topic"><b>${place}</b> ${question.title}</p>
    <p class="question">${typeset(question.question)}</p>
    ${question.layers.length
      ? html`<ol class="layers">${question.layers.map((layer) => html`<li>${typeset(layer)}</li>`)}</ol>`
        : nothing}
    ${question.matrices.length ? html`<div class="matrices">${question.matrices.map(matrix)}</div>` : nothing}
    <form class="answer" @submit=${(/** @type {Event} */ event) => { event.preventDefault(); if (!correction) tell(element, "answer"); }}>
      ${data.cells ? answerCells(data.cells, correction !== null, element) : field(data, element)}
      ${data.told ? html`<p class="told" role="alert">${data.told}</p>` : nothing}
      ${correction ? nothing : html`<div class="row">
        <button class="main" name="answer">${t("Answer")}</button>
        <button type="button" name="hint" aria-expanded=${data.isHintOpen ? "true" : "false"}
          @click=${() => tell(element, "hint")}>${data.isHintOpen ? t("Hide the hint") : t("Hint")}</button>
        <button type="button" class="quiet" name="skip"
          @click=${() => tell(element, "skip")}>${t("Pass over")}</button>
      </div>`}
    </form>
    ${data.isHintOpen
      ? html`<section class="hint view-exercise-hint"
        aria-label=${t("Hint")}>${hintTemplate(question.hint)}</section>` : nothing}
    <div role="status">${correction ? corrected(correction, element) : nothing}</div>`;
}

/** @param {Exercise} data @param {HTMLElement} element */
function field({ question, text, told, correction }, element) {
  return html`<label class="field"><span>${t("Your answer: {form}", { form: question.form })}</span>
    <input type="text" name="given" autocomplete="off" autocapitalize="off" spellcheck="false" .value=${text}
      ?readonly=${correction !== null} aria-invalid=${told ? "true" : "false"}
      @input=${(/** @type {Event} */ event) =>
        tell(element, "type", /** @type {HTMLInputElement} */ (event.target).value)}>
  </label>`;
}

/** @param {{name: string, rows: string[][]}} one */
function matrix({ name, rows }) {
  return html`<figure><figcaption>${name}</figcaption>${table(rows)}</figure>`;
}

/** @param {string[][]} rows */
function table(rows) {
  return html`<table
    class="matrix"><tbody>${rows.map(
      (row) => html`<tr>${row.map((cell) => html`<td>${typeset(cell)}</td>`)}</tr>`)}</tbody></table>`;
}

/** @param {Correction} correction @param {HTMLElement} element */
function corrected({ right, passed_over: isPassedOver, perhaps, answer, rows, steps }, element) {
  const verdict = right ? t("Right, the answer is:")
    : isPassedOver ? t("Passed over. The answer:") : t("Not right. The answer:");
  return html`<div class="correction ${right ? "right" : "wrong"}">
    <p class="verdict"><b>${right ? "✓" : "✗"} ${verdict}</b> ${rows ? table(rows)
      : html`<span class="answer-text">${typeset(answer)}</span>`}</p>
    ${perhaps ? html`<p class="perhaps">${typeset(perhaps)}</p>` : nothing}
    <ol class="steps">${steps.map((step) => html`<li>${typeset(step)}</li>`)}</ol>
    <button class="main" name="next" @click=${() => tell(element, "next")}>${t("Go on")}</button>
  </div>`;
}
