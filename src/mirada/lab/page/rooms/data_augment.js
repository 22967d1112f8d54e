// @ts-check
/** Augmentation: a line of text, and what it does to the source's own images. */

import { countText, t } from "../../../views/language.js";
import { html, nothing, render } from "../../../views/vendor/lit-html.js";
import { Latest } from "../latest.js";
import { optionsOf } from "./data_settings.js";
import { pngAddress, tileImage, tilesOf } from "./data_tiles.js";
import { trainedNetwork } from "./train_setup.js";

/** @import { Lab } from "../lab.js" */
/** @import { Report } from "./data_findings.js" */
/** @import { Settings } from "./data_settings.js" */
/** @import { Sheet, Tile } from "./data_tiles.js" */

const PAUSE_MS = 250;
/** More images than this are read only when somebody asks. */
const AT_ONCE = 5000;
const SIZES = [0, 28, 32, 64, 96, 128, 224];

/** @typedef {{label: string, name: string, captions: string[]}} Row */
/**
 * @typedef {Sheet & {augmentation: string, origin: string, reason: string, input: number[], network: string,
 *   is_own: boolean, rows: Row[], notes: string[]}} Preview
 */

export class AugmentPanel {
  /** @param {Lab} lab @param {Settings} settings @param {() => void} kept */
  constructor(lab, settings, kept) {
    this.kept = kept;
    this.lab = lab;
    this.settings = settings;
    this.element = document.createElement("section");
    this.element.className = "panel data-augment";
    /** @type {string[]} */
    this.words = [];
    /** @type {Report | null} */
    this.report = null;
    /** @type {Preview | null} */
    this.preview = null;
    /** @type {(Tile | null)[]} */
    this.tiles = [];
    this.refusal = "";
    this.isWaiting = false;
    this.isWanted = false;
    this.isClosed = false;
    this.timer = 0;
    this.address = "";
    this.by = () => "";
    /** @type {Latest<object, Preview>} */
    this.latest = new Latest(
      (asked) => lab.api.post("/api/data/preview", asked),
      (preview, error) => this.take(preview, error),
    );
    this.learn();
  }

  async learn() {
    const found = await this.lab.api.get("/api/data/augmentations").catch(() => ({ words: [] }));
    this.words = found.words;
    this.draw();
  }

  /** @param {Report} report */
  show(report) {
    this.report = report;
    this.isWanted = report.used <= AT_ONCE;
    this.take(null, null);
    this.ask();
  }

  ask() {
    if (!this.report || !this.isWanted) return;
    const options = optionsOf({ ...this.settings, by: this.by() });
    this.isWaiting = true;
    this.draw();
    this.latest.put({ source: this.report.source, network: trainedNetwork(this.lab), options });
  }

  /** @param {Preview | null} preview @param {Error | null} error */
  take(preview, error) {
    if (this.isClosed) return;
    this.isWaiting = false;
    this.refusal = error?.message ?? "";
    if (!error) {
      URL.revokeObjectURL(this.address);
      this.address = preview ? pngAddress(preview.png) : "";
      this.preview = preview;
      const count = preview ? preview.rows.reduce((sum, row) => sum + row.captions.length, 0) : 0;
      this.tiles = preview ? tilesOf(preview, count, this.address) : [];
    }
    this.draw();
  }

  /** @param {Partial<Settings>} values @param {number} [pause] */
  set(values, pause = 0) {
    Object.assign(this.settings, values);
    this.kept();
    this.draw();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), pause);
  }

  /** The text that is in use, also where it was chosen automatically. */
  text() {
    const { augment } = this.settings;
    return augment === "auto" ? (this.preview?.augmentation ?? "") : augment;
  }

  /** Adds a word with its numbers, or takes it away. @param {string} piece */
  toggle(piece) {
    const pieces = piecesOf(this.text());
    const word = wordOf(piece);
    const rest = pieces.filter((each) => wordOf(each) !== word);
    const next = rest.length < pieces.length ? rest : [...rest, piece];
    this.set({ augment: next.join(", ") || "none" });
  }

  close() {
    this.isClosed = true;
    clearTimeout(this.timer);
    URL.revokeObjectURL(this.address);
  }

  draw() {
    render(augmentTemplate(this), this.element);
  }
}

/** The pieces of a text: "crop 4, flip" has two. @param {string} text */
export function piecesOf(text) {
  return text.split(",").map((piece) => piece.trim()).filter((piece) => piece && piece !== "none");
}

/** @param {string} piece */
function wordOf(piece) {
  return piece.split(/\s+/)[0];
}

/** @param {AugmentPanel} panel */
function augmentTemplate(panel) {
  if (!panel.report) return nothing;
  const { settings, preview } = panel;
  const isAutomatic = settings.augment === "auto";
  return html`
    <h2>${t("Augmentation")}</h2>
    <p class="note">${t("Images to train are changed by chance in each epoch, so that the network learns what stays the same. Those to validate and to test never are.")}</p>
    <div class="row">
      <div class="segmented" role="group" aria-label=${t("Augmentation")}>
        <button aria-pressed=${isAutomatic}
          @click=${() => panel.set({ augment: "auto" })}>${t("Automatic")}</button>
        <button aria-pressed=${settings.augment === "none"}
          @click=${() => panel.set({ augment: "none" })}>${t("None")}</button>
      </div>
      <label class="field data-augment-text"><span class="unseen">${t("Changes, separated by commas")}</span>
        <input name="augment" class="code" autocomplete="off" spellcheck="false" maxlength="400"
          aria-invalid=${panel.refusal ? "true" : "false"}
          placeholder=${t("for instance crop 4, flip")} .value=${panel.text()}
          @input=${(/** @type {Event} */ event) =>
            panel.set({ augment: /** @type {HTMLInputElement} */ (event.target).value || "none" },
              PAUSE_MS)}></label>
      <label class="field data-size"><span class="unseen">${t("Side of the images")}</span>
        <select name="size" ?disabled=${preview?.is_own ?? false}
          @change=${(/** @type {Event} */ event) =>
            panel.set({ size: Number(/** @type {HTMLSelectElement} */ (event.target).value) })}>
          ${SIZES.map(
            (side) => html`<option value=${side}
              ?selected=${side === settings.size}>${side ? `${side}×${side}`
                : t("automatic size")}</option>`)}
        </select></label>
    </div>
    ${wordsTemplate(panel)}
    <div role="status">
      ${panel.refusal ? html`<p class="refusal">${panel.refusal}</p>` : nothing}
      ${isAutomatic && preview?.reason && !panel.refusal ? html`<p class="advice">${preview.reason}</p>`
        : nothing}
      ${panel.isWaiting ? html`<p class="note">${t("Reading the images…")}</p>` : nothing}
    </div>
    ${!panel.isWanted
      ? html`<button
        @click=${() => { panel.isWanted = true; panel.ask(); }}>${t("Read all {count} images and show it",
          { count: countText(panel.report.used) })}</button>`
      : nothing}
    ${preview ? previewTemplate(panel, preview) : nothing}`;
}

/** @param {AugmentPanel} panel */
function wordsTemplate(panel) {
  const used = new Set(piecesOf(panel.text()).map(wordOf));
  return html`<div class="data-words" role="group" aria-label=${t("Changes to add or take away")}>
    ${panel.words.map((piece) => {
      const word = wordOf(piece);
      return html`<button class="data-word" aria-pressed=${used.has(word)} title=${piece}
        @click=${() => panel.toggle(piece)}>${word}</button>`;
    })}
  </div>`;
}

/** @param {AugmentPanel} panel @param {Preview} preview */
function previewTemplate(panel, preview) {
  const heads = preview.rows[0]?.captions ?? [];
  const shape = preview.input.join("×");
  const own = t("The size is that of your network, {name}.", { name: preview.network });
  return html`${preview.is_own ? html`<p class="note">${own}</p>` : nothing}
    <div tabindex="0" role="region" aria-label=${t("Preview of augmentation")}
      class="wide ${panel.isWaiting || panel.refusal ? "data-old" : ""}"><table class="data-preview">
    <caption>${t("As the network gets them, {shape}: untouched, then epoch by epoch", { shape })}</caption>
    <tbody>${preview.rows.map(
      (row, line) => html`<tr><th scope="row" title=${row.name}>${row.label}</th>
        ${row.captions.map(
          (caption,
            column) =>
              html`<td>${tileImage(panel.tiles[line * heads.length + column], `${row.label}, ${caption}`,
                72)}<small>${caption}</small></td>`,
        )}</tr>`,
    )}</tbody></table></div>
    ${preview.notes.map((note) => html`<p class="note">${note}</p>`)}`;
}
