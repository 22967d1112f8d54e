// @ts-check
/** The image that is looked at, where it came from, and what the network answers. */

import { classBars } from "../../../views/class_bars.js";
import { fieldPhoto } from "../../../views/field_photo.js";
import { imageSource } from "../../../views/image_source.js";
import { t } from "../../../views/language.js";
import { mistakes } from "../../../views/mistakes.js";
import { html, nothing, render } from "../../../views/vendor/lit-html.js";
import { refusalText } from "../api.js";
import { Live } from "./look_live.js";

/** @import { Lab } from "../lab.js" */
/** @import { Judged } from "../../../views/mistakes.js" */
/** @import { Kept, Looking } from "./look_model.js" */

/**
 * The panel. `enter` shows an image to begin with: the one asked for, else a sample.
 *
 * @param {Lab} lab
 * @param {Looking} model
 */
export function imagePanel(lab, model) {
  const panel = new Panel(lab, model);
  return {
    element: panel.element,
    update: () => panel.draw(),
    enter: (/** @type {Kept} */ kept = {}) => panel.begin(kept),
    leave: () => panel.leave(),
  };
}

class Panel {
  /** @param {Lab} lab @param {Looking} model */
  constructor(lab, model) {
    this.lab = lab;
    this.model = model;
    this.element = document.createElement("section");
    this.element.className = "look-image stack";
    this.source = imageSource({}, { pad: true, camera: true, isLive: true });
    this.source.addEventListener("image", (event) => {
      const { blob, name } = /** @type {CustomEvent} */ (event).detail;
      this.give(blob, name);
    });
    this.live = new Live(this.source);
    /** @type {Judged[]} */
    this.samples = [];
    this.advice = "";
    this.isAll = false;
    this.isWide = matchMedia("(min-width: 900px)").matches;
    this.photo = fieldPhoto({ image: "", name: "", size: [1, 1] });
    this.photo.addEventListener("pick", (event) => {
      const { row, column } = /** @type {CustomEvent} */ (event).detail;
      model.choose({ layer: "input", place: [0, row, column] });
    });
    this.bars = classBars({ answers: [] });
    this.bars.addEventListener("more", () => { this.isAll = true; this.draw(); });
    this.strip = mistakes([]);
    this.strip.addEventListener("open", (event) => {
      model.showSample(/** @type {CustomEvent} */ (event).detail.sample);
    });
  }

  /** @param {Blob} blob @param {string} name */
  async give(blob, name) {
    const isShown = await this.model.showFile(blob, name);
    this.source.refuse(this.model.imageRefusal);
    if (this.model.imageRefusal) {
      this.model.imageRefusal = "";
      this.draw();
    }
    this.live.answered(isShown);
  }

  /** @param {Kept} kept */
  async begin(kept) {
    const { run } = this.model;
    const reading = this.readSamples(run);
    let isShown = false;
    if (kept.key) isShown = await this.model.showAgain(kept.key);
    else if (kept.sample !== undefined) isShown = await this.model.showSample(kept.sample);
    await reading;
    if (!isShown && run === this.model.run && this.samples.length && !this.model.isLooking)
      await this.model.showSample(this.samples[0].sample);
    else this.draw();
  }

  /** @param {string} run */
  async readSamples(run) {
    this.samples = [];
    this.advice = "";
    if (!this.model.network?.data && !this.lab.store.state.data) {
      this.advice = t("Nothing says what this model was trained on. Choose images of its classes in the room Data, or show it one of your own.");
      return this.model.changed();
    }
    try {
      const found = await this.model.api.post("/api/look/samples", { run });
      if (run !== this.model.run) return;
      this.samples = found.samples;
      if (!found.samples.length) this.advice = t("The run held out no image. Show it one of your own.");
    } catch (error) {
      if (run === this.model.run) this.advice = refusalText(error);
    }
    this.model.changed();
  }

  leave() {
    this.live.stop();
    this.source.stop();
  }

  draw() {
    const { model } = this;
    const { look } = model;
    if (look) {
      this.photo.update({ image: look.pixels, name: look.name, size: look.size, box: model.found?.input_box
        ?? null });
      const most = this.isAll ? look.answers.length : 5;
      this.bars.update({ answers: look.answers, label: look.label }, { most, canMore: true });
    }
    this.strip.update(this.samples, { label: t("Held-out images"), chosen: model.kept.sample });
    render(
      html`
        ${look
          ? html`<figure class="look-photo ${model.isLooking ? "waiting" : ""}">${this.photo}
              <figcaption><span>${look.name}</span>${look.label
                ? html` <span class="note">${t("truly {name}", { name: look.label })}</span>`
                  : nothing}</figcaption></figure>
            ${this.bars}
            ${model.network?.flips ? html`<p
              class="note">${t("The run answers with the mean of an image and its mirror image; the maps are those of the image itself.")}</p>` : nothing}`
          : html`<p class="note">${model.isLooking ? t("Looking…") : t("Show the network an image.")}</p>`}
        ${model.imageRefusal ? html`<p class="refusal" role="alert">${model.imageRefusal}</p>` : nothing}
        <details class="look-source" ?open=${this.isWide}><summary>${t("Another image")}</summary>
          ${this.source}${this.live.element}
        </details>
        ${this.advice ? html`<p class="advice">${this.advice}</p>` : nothing}
        ${this.samples.length ? html`<div><h2>${t("Images it did not learn")}</h2>${this.strip}</div>`
          : nothing}`,
      this.element,
    );
  }
}
