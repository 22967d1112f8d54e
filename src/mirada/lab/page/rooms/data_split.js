// @ts-check
/** How a source is divided: sliders, and what each class gives to each part. */

import { countText, percentText, t } from "../../../views/language.js";
import { html, nothing, render } from "../../../views/vendor/lit-html.js";
import { Latest } from "../latest.js";
import { partWord } from "./data_findings.js";

/** @import { Lab } from "../lab.js" */
/** @import { Report } from "./data_findings.js" */
/** @import { Settings } from "./data_settings.js" */

const PARTS = ["train", "validation", "test"];
const SOME = 12;

/** @typedef {{name: string, train: number, validation: number, test: number}} Row */
/**
 * @typedef {{classes: Row[], totals: Record<string, number>, groups: number | null, copies: number,
 *   near: number}} Split
 */

export class SplitPanel {
  /** @param {Lab} lab @param {Settings} settings @param {() => void} changed */
  constructor(lab, settings, changed) {
    this.settings = settings;
    this.changed = changed;
    this.element = document.createElement("section");
    this.element.className = "panel data-split";
    /** @type {Report | null} */
    this.report = null;
    /** @type {Split | null} */
    this.split = null;
    this.refusal = "";
    /** @type {Latest<object, Split>} */
    this.latest = new Latest(
      (asked) => lab.api.post("/api/data/split", asked),
      (split, error) => {
        this.split = split ?? this.split;
        this.refusal = error?.message ?? "";
        this.draw();
      },
    );
  }

  /** @param {Report} report */
  show(report) {
    this.report = report;
    this.split = null;
    this.ask();
    this.draw();
  }

  /** The way to group that is in use. */
  by() {
    const ways = this.report?.ways ?? ["none"];
    return ways.includes(this.settings.by) ? this.settings.by : ways[0];
  }

  ask() {
    if (!this.report) return;
    const { validation, test, seed } = this.settings;
    this.latest.put({ source: this.report.source, validation, test, seed, by: this.by() });
  }

  /** @param {Partial<Settings>} values */
  set(values) {
    Object.assign(this.settings, values);
    this.ask();
    this.draw();
    this.changed();
  }

  draw() {
    render(splitTemplate(this), this.element);
  }
}

/** @param {SplitPanel} panel */
function splitTemplate(panel) {
  const { report, split, settings } = panel;
  if (!report) return nothing;
  const given = new Set(report.parts);
  return html`
    <h2>${t("Division")}</h2>
    <p class="note">${t("What trains, what chooses the best epoch, and what is held out to the end. Each class gives the same share.")}</p>
    <div class="stack">
      ${given.has("validation") ? givenTemplate("validation") : slider(panel, "validation", t("To validate"))}
      ${given.has("test") ? givenTemplate("test") : slider(panel, "test", t("To test"))}
      <div class="row">
        <label class="field"><span>${t("Seed")}</span>
          <input type="number" name="seed" min="0" max="2147483647" step="1" .value=${String(settings.seed)}
            @change=${(/** @type {Event} */ event) => panel.set({ seed: wholeOf(event) })}></label>
        <button @click=${() =>
          panel.set({ seed: (settings.seed + 1) % 2147483647 })}>${t("Draw again")}</button>
      </div>
      ${report.ways.length > 1 ? waysTemplate(panel, report.ways) : nothing}
    </div>
    ${panel.refusal ? html`<p class="refusal" role="alert">${panel.refusal}</p>`
      : split ? resultTemplate(split) : nothing}
    <details><summary>${t("What is leakage?")}</summary>
      <p>${t("What a network has seen while it trained, it may know by heart; answering it again shows nothing about new images. Copies of a photo, neighbouring frames of a film, or photos of one person in two parts are such leaks: accuracy looks better than it is.")}</p>
      <p>${t("Images that belong together are kept in one part by a column 'group' in a table of labels, or by a folder of their own inside their class.")}</p>
    </details>`;
}

/** @param {Event} event */
function wholeOf(event) {
  const value = Math.round(Number(/** @type {HTMLInputElement} */ (event.target).value));
  return Number.isFinite(value) ? Math.min(2147483647, Math.max(0, value)) : 0;
}

/** @param {SplitPanel} panel @param {"validation" | "test"} name @param {string} word */
function slider(panel, name, word) {
  const value = panel.settings[name];
  return html`<label class="field"><span>${word}: <output>${percentText(value, 0)}</output></span>
    <input type="range" name=${name} min="0" max="0.5" step="0.05" .value=${String(value)}
      @input=${(/** @type {Event} */ event) =>
        panel.set({ [name]: Number(/** @type {HTMLInputElement} */ (event.target).value) })}></label>`;
}

/** @param {string} name */
function givenTemplate(name) {
  return html`<p
    class="note">${t("The source itself says what is for: {part}. It is kept so.",
      { part: partWord(name) })}</p>`;
}

/** @param {SplitPanel} panel @param {string[]} ways */
function waysTemplate(panel, ways) {
  /** @type {Record<string, string>} */
  const words = {
    none: t("nothing: each image by itself"),
    groups: t("groups, as the table says"),
    parent: t("folders inside the class"),
  };
  return html`<label class="field"><span>${t("Kept together")}</span>
    <select name="by"
      @change=${(/** @type {Event} */ event) =>
        panel.set({ by: /** @type {HTMLSelectElement} */ (event.target).value })}>
      ${ways.map((way) => html`<option value=${way} ?selected=${way === panel.by()}>${words[way]}</option>`)}
    </select></label>`;
}

/** @param {Split} split */
function resultTemplate(split) {
  const total = PARTS.reduce((sum, part) => sum + split.totals[part], 0);
  return html`
    <div class="data-parts-bar" aria-hidden="true">
      ${PARTS.map(
        (part) => html`<i class=${part}
          .style=${`width:${(100 * split.totals[part]) / Math.max(1, total)}%`}></i>`)}
    </div>
    <div class="wide"><table class="data-split-table">
      <thead><tr><th>${t("Class")}</th>
        ${PARTS.map(
          (part) => html`<th class="number"><span
            class="data-key ${part}"></span>${partWord(part)}</th>`)}</tr></thead>
      <tbody>
        ${split.classes.slice(0, SOME).map(
          (row) => html`<tr><td>${row.name}</td>
            <td class="number">${countText(row.train)}</td><td
              class="number">${countText(row.validation)}</td>
            <td class="number">${countText(row.test)}</td></tr>`,
        )}
        <tr class="data-total"><th>${split.classes.length > SOME
          ? t("all {count} classes", { count: split.classes.length }) : t("all")}</th>
          ${PARTS.map(
            (part) => html`<td class="number"
              data-part=${part}><b>${countText(split.totals[part])}</b></td>`)}</tr>
      </tbody></table></div>
    ${leaksTemplate(split)}`;
}

/** @param {Split} split */
function leaksTemplate(split) {
  if (!split.copies && !split.near)
    return html`<p class="praise">${t("No leak was found: nothing held out has a copy among what trains.")}</p>`;
  return html`
    ${split.copies ? html`<p class="refusal">${t("Held out, but with an exact copy among what trains: {count}. Delete the copies, or keep them together.", { count: countText(split.copies) })}</p>` : nothing}
    ${split.near ? html`<p class="advice">${t("Held out, but with something nearly the same among what trains: {count}.", { count: countText(split.near) })}</p>` : nothing}`;
}
