// @ts-check
/** Where the network is wrong: accuracy, classes, confusion, calibration, worst mistakes. */

import { confusion } from "../../../views/confusion.js";
import { numberText, percentText, t } from "../../../views/language.js";
import { mistakes } from "../../../views/mistakes.js";
import { html, nothing, render } from "../../../views/vendor/lit-html.js";
import { refusalText } from "../api.js";

/** @import { Tab } from "./look.js" */
/** @import { Looking } from "./look_model.js" */

/** @param {Looking} model @param {(sample: number) => void} open @returns {Tab} */
export function mistakesTab(model, open) {
  const page = new Mistakes(model, open);
  return { element: page.element, update: () => page.draw(), enter: () => page.start(),
    leave: () => page.leave() };
}

class Mistakes {
  /** @param {Looking} model @param {(sample: number) => void} open */
  constructor(model, open) {
    this.model = model;
    this.element = document.createElement("div");
    this.element.className = "look-page";
    this.asked = "";
    this.refusal = "";
    this.isWorking = false;
    /** @type {any} */
    this.found = null;
    const opened = (/** @type {Event} */ event) => open(/** @type {CustomEvent} */ (event).detail.sample);
    this.worst = mistakes([]);
    this.doubts = mistakes([]);
    for (const gallery of [this.worst, this.doubts]) gallery.addEventListener("open", opened);
    this.matrix = confusion({ classes: [], counts: [] });
    this.opened = () => {
      if (this.element.isConnected) this.start();
    };
    model.addEventListener("run", this.opened);
  }

  leave() {
    this.model.going.judged?.abort();
    this.model.removeEventListener("run", this.opened);
  }

  async start() {
    const { run, network } = this.model;
    const asked = [run, document.documentElement.lang].join();
    if (!network || asked === this.asked) return;
    this.asked = asked;
    const signal = this.model.signal("judged");
    Object.assign(this, { found: null, refusal: "", isWorking: true });
    this.draw();
    try {
      const heard = (/** @type {string} */ kind, /** @type {any} */ value) => {
        if (!signal.aborted && kind === "found") this.found = value;
      };
      await this.model.api.events("/api/look/judged", heard, { run }, signal);
    } catch (error) {
      if (signal.aborted) return;
      Object.assign(this, { refusal: refusalText(error), asked: "" });
    }
    if (signal.aborted) return;
    this.isWorking = false;
    this.draw();
  }

  draw() {
    const { found } = this;
    render(
      html`
        ${this.refusal ? html`<p class="refusal" role="alert">${this.refusal}</p>` : nothing}
        ${this.isWorking ? html`<p class="note"
          role="status">${t("Answering the images that it did not learn…")}</p>` : nothing}
        ${found && !found.images
          ? html`<div class="empty"><p>${t("No image is left to judge the network by: it was trained on all of them.")}</p></div>`
          : nothing}
        ${found?.images ? this.body(found) : nothing}`,
      this.element,
    );
  }

  /** @param {any} found */
  body(found) {
    this.worst.update(found.mistakes.map(judged), { label: t("The surest mistakes") });
    this.doubts.update(found.wrong_labels.filter((/** @type {any} */ item) => item.image).map(doubted),
      { label: t("Likely wrong labels") });
    this.matrix.update({ classes: found.classes, counts: found.confusion });
    return html`
      <section class="panel">
        <dl class="facts">
          <div><dt>${t("Right answers")}</dt><dd
            data-value=${found.accuracy.value}>${percentText(found.accuracy.value)}</dd></div>
          <div><dt>${t("95 % interval")}</dt><dd>${percentText(found.accuracy.low,
            0)} – ${percentText(found.accuracy.high, 0)}</dd></div>
          <div><dt>${t("Images judged")}</dt><dd>${found.images}</dd></div>
          <div><dt>${t("Calibration error")}</dt><dd>${percentText(found.calibration.ece)}</dd></div>
          <div><dt>${t("Brier score")}</dt><dd>${numberText(found.calibration.brier, 4)}</dd></div>
          ${found.calibration.temperature
            ? html`<div><dt>${t("Best temperature")}</dt><dd>${numberText(found.calibration.temperature,
              2)}</dd></div>` : nothing}
        </dl>
        <p class="look-summary">${[...found.reasons, ...found.summary].join(" ")}</p>
      </section>
      <section class="panel"><h2>${t("Its worst mistakes")}</h2>
        ${found.mistakes.length
          ? html`<p class="note">${t("The surest wrong answers first. Press one to see how it came about.")}</p>${this.worst}`
          : html`<p class="praise">${t("It made no mistake on these images.")}</p>`}
      </section>
      <div class="columns even">
        <section class="panel"><h2>${t("Taken for what?")}</h2>${this.matrix}</section>
        <section class="panel"><h2>${t("Class by class")}</h2><div
          class="wide">${classTable(found.per_class)}</div></section>
      </div>
      <div class="columns even">
        <section class="panel"><h2>${t("Is it as sure as it is right?")}</h2>
          <img class="look-reliability" alt=${t("Reliability diagram; the table beneath has its numbers.")}
            src=${`data:image/svg+xml,${encodeURIComponent(found.reliability)}`}>
          <p class="note">${t("Each dot is the answers of about the same confidence. On the dotted line they are as often right as it said; beneath it the network is too sure, above it not sure enough. The line through a dot is its 95 % interval.")}</p>
          <details><summary>${t("The numbers")}</summary>
            <div class="wide">${binTable(found.calibration.bins)}</div></details></section>
        <section class="panel"><h2>${t("Likely wrong labels")}</h2>
          ${found.doubts
            ? html`<p class="note">${t("The network is surer that these are of another class than it is of images that truly are. They are suggestions to look at.")}</p>${this.doubts}`
            : html`<p class="note">${t("None: no label is doubted.")}</p>`}
        </section>
      </div>`;
  }
}

/** @param {any} item */
function judged(item) {
  return { ...item, label: item.true, answer: item.predicted };
}

/** @param {any} item */
function doubted(item) {
  return { ...item, name: item.file, label: item.given, answer: item.suggested };
}

/** @param {any[]} rows */
function classTable(rows) {
  const cell = (/** @type {any} */ measured) =>
    measured === null ? "–" : html`<span title="${percentText(measured.low)} – ${percentText(measured.high)}">${percentText(measured.value)}</span>`;
  return html`<table>
    <thead><tr><th scope="col">${t("Class")}</th><th scope="col"
      class="number">${t("Images")}</th><th scope="col" class="number">${t("Found (recall)")}</th>
      <th scope="col" class="number">${t("Right when named (precision)")}</th><th scope="col"
        class="number">F1</th></tr></thead>
    <tbody>${rows.map(
      (row) => html`<tr><th scope="row">${row.name}</th><td class="number">${row.count}</td><td
        class="number">${cell(row.recall)}</td>
        <td class="number">${cell(row.precision)}</td><td class="number">${cell(row.f1)}</td></tr>`,
    )}</tbody></table>`;
}

/** @param {any[]} bins */
function binTable(bins) {
  const known = bins.filter((bin) => bin.count);
  return html`<table>
    <thead><tr><th scope="col" class="number">${t("Sure")}</th><th scope="col"
      class="number">${t("Right")}</th><th scope="col" class="number">${t("Answers")}</th></tr></thead>
    <tbody>${known.map(
      (bin) => html`<tr><td class="number">${percentText(bin.confidence)}</td><td
        class="number">${bin.accuracy ? percentText(bin.accuracy.value) : "–"}</td><td
          class="number">${bin.count}</td></tr>`,
    )}</tbody></table>
    <p class="note">${t("Each row is the answers of about the same confidence: where both shares agree, the network knows how sure it may be.")}</p>`;
}
