// @ts-check
/** What a look at a source has found: classes, sizes, warnings, what is left out. */

import { countText, percentText, t } from "../../../views/language.js";
import { html, nothing } from "../../../views/vendor/lit-html.js";
import { tileImage } from "./data_tiles.js";

/** @import { Tiles } from "./data_tiles.js" */

/** @typedef {{name: string, count: number, parts: Record<string, number>, samples: string[]}} ClassFound */
/** @typedef {{message: string, files: string[], more: number, file: string, reason: string}} Item */
/** @typedef {{code: string, title: string, serious: boolean, count: number, items: Item[]}} Group */

/**
 * @typedef {object} Report
 * @property {string} source
 * @property {string} name
 * @property {number} found
 * @property {number} used
 * @property {number} left_out
 * @property {ClassFound[]} classes
 * @property {number} more_classes
 * @property {string[]} parts
 * @property {number | null} groups
 * @property {{different: number, smallest: number[], median: number[], largest: number[]} | null} sizes
 * @property {Record<string, number>} kinds
 * @property {string[]} notes
 * @property {Group[]} warnings
 * @property {Group[]} skipped
 * @property {string[]} ways
 */

/** Kinds of files shown; a title has all. */
const SOME_KINDS = 3;
/** Classes shown before somebody asks for all. */
const SOME = 12;

/**
 * @param {Report} report
 * @param {Tiles} tiles
 * @param {{isWhole: boolean, showAll: () => void}} options
 */
export function findingsTemplate(report, tiles, options) {
  return html`
    ${factsTemplate(report)}
    ${report.notes.map((note) => html`<p class="note">${note}</p>`)}
    ${classesTemplate(report, tiles, options)}
    ${warningsTemplate(report, tiles)}
    ${skippedTemplate(report)}`;
}

/** @param {Report} report */
function factsTemplate(report) {
  const { sizes } = report;
  const files = Object.entries(report.kinds).filter(([kind]) => !kind.startsWith("array"));
  const kinds = files.map(([kind, count]) => `${kind} ${countText(count)}`);
  return html`<dl class="facts">
    <div><dt>${t("Images used")}</dt><dd class="data-used">${countText(report.used)}</dd></div>
    <div><dt>${t("Left out")}</dt><dd class="data-left-out">${countText(report.left_out)}</dd></div>
    <div><dt>${t("Classes")}</dt><dd>${countText(report.classes.length + report.more_classes)}</dd></div>
    ${sizes ? html`<div
      class="data-sizes"><dt>${t("Size (height × width)")}</dt><dd>${sizesText(sizes)}</dd></div>` : nothing}
    ${kinds.length
      ? html`<div><dt>${t("Stored as")}</dt><dd
        title=${kinds.join(", ")}>${kinds.slice(0, SOME_KINDS).join(", ")}${kinds.length > SOME_KINDS ? ", …"
          : nothing}</dd></div>` : nothing}
    ${report.groups === null ? nothing
      : html`<div><dt>${t("Groups")}</dt><dd>${countText(report.groups)}</dd></div>`}
  </dl>`;
}

/** @param {{different: number, smallest: number[], median: number[], largest: number[]}} sizes */
function sizesText({ different, smallest, median, largest }) {
  const [low, middle, high] = [smallest, median, largest].map((size) => size.join("×"));
  if (different === 1) return middle;
  return t("{low} to {high}, median {middle}", { low, high, middle });
}

/**
 * @param {Report} report
 * @param {Tiles} tiles
 * @param {{isWhole: boolean, showAll: () => void}} options
 */
function classesTemplate(report, tiles, { isWhole, showAll }) {
  const shown = isWhole ? report.classes : report.classes.slice(0, SOME);
  const most = Math.max(1, ...report.classes.map((each) => each.count));
  const rest = report.classes.length + report.more_classes - shown.length;
  return html`<section>
    <h3>${t("Classes")}</h3>
    <ul class="data-classes">${shown.map((each) => classTemplate(each, report, most, tiles))}</ul>
    ${rest && !isWhole
      ? html`<button class="quiet"
        @click=${showAll}>${t("Show all {count} classes",
          { count: countText(shown.length + rest) })}</button>`
      : rest ? html`<p class="note">${t("and {count} more", { count: countText(rest) })}</p>` : nothing}
  </section>`;
}

/** @param {ClassFound} found @param {Report} report @param {number} most @param {Tiles} tiles */
function classTemplate(found, report, most, tiles) {
  const parts = Object.entries(found.parts).map(([name, count]) => `${partWord(name)} ${countText(count)}`);
  const share = percentText(found.count / Math.max(1, report.used));
  return html`<li>
    <span class="data-class-name">${found.name}</span>
    <span class="data-bar" aria-hidden="true"><i .style=${`width:${(100 * found.count) / most}%`}></i></span>
    <span class="data-count" title=${share}>${countText(found.count)}</span>
    <span class="data-samples">${found.samples.map((name) => tileImage(tiles.get(name), name, 48))}</span>
    ${parts.length ? html`<span class="note data-parts">${parts.join(" · ")}</span>` : nothing}
  </li>`;
}

/** The word for a part. @param {string} name */
export function partWord(name) {
  if (name === "train") return t("training");
  return name === "validation" ? t("validation") : t("test");
}

/** @param {Report} report @param {Tiles} tiles */
function warningsTemplate(report, tiles) {
  if (!report.warnings.length)
    return html`<p class="praise">${t("Nothing to warn of: no copies, no leaks, no uneven classes.")}</p>`;
  return html`<section>
    <h3>${t("What to know before training")}</h3>
    ${report.warnings.map(
      (group) => html`<details class="data-warning" data-code=${group.code}
        ?open=${group.serious || group.count < 3}>
        <summary><span
          class="chip ${group.serious ? "wrong" : "warm"}">${group.serious ? t("serious")
            : t("to know")}</span>
          ${group.title} <span class="note">${countText(group.count)}</span></summary>
        ${group.items.map((item) => warningTemplate(item, tiles))}
        ${moreTemplate(group)}
      </details>`,
    )}
  </section>`;
}

/** @param {Item} item @param {Tiles} tiles */
function warningTemplate(item, tiles) {
  return html`<div class="data-item">
    <p>${item.message}</p>
    ${item.files.length
      ? html`<ul class="data-pair">
        ${item.files.map(
          (file) => html`<li>${tileImage(tiles.get(file), file, 88)}<small>${file}</small></li>`)}
        ${item.more ? html`<li class="note">${t("and {count} more", { count: countText(item.more) })}</li>`
          : nothing}
      </ul>`
      : nothing}
  </div>`;
}

/** @param {Report} report */
function skippedTemplate(report) {
  if (!report.skipped.length) return nothing;
  return html`<section class="data-skipped">
    <h3>${t("Left out")}</h3>
    ${report.skipped.map(
      (group) => html`<details ?open=${group.count < 6}>
        <summary><code>${group.code}</code> <span class="note">${countText(group.count)}</span></summary>
        <ul>${group.items.map((item) => html`<li>${item.reason}</li>`)}</ul>
        ${moreTemplate(group)}
      </details>`,
    )}
  </section>`;
}

/** @param {Group} group */
function moreTemplate(group) {
  const rest = group.count - group.items.length;
  return rest ? html`<p class="note">${t("and {count} more", { count: countText(rest) })}</p>` : nothing;
}
