// @ts-check
/** Export: a run as files of its own, held to what the network means. */

import { t } from "../../../views/language.js";
import { parity } from "../../../views/parity.js";
import { html, nothing, render } from "../../../views/vendor/lit-html.js";
import { refusalText } from "../api.js";
import { download } from "../download.js";
import { keep, kept } from "../kept.js";
import { formatChoice, keyOf, offered } from "./export_formats.js";
import { fileList, result } from "./export_result.js";
import { runText } from "./export_words.js";

/** @import { Lab } from "../lab.js" */
/** @import { Choice, Format } from "./export_formats.js" */
/** @import { Exported, NamedFile } from "./export_result.js" */

/**
 * @typedef {{run: string, title: string, network: string, accuracy: number | null, has_weights: boolean}} Run
 */
/** @typedef {{card: string, files: NamedFile[], exports: Record<string, Exported>}} About */

const KEPT = "room.export";
const CARD = "model-card.md";

/**
 * The room.
 *
 * @param {Lab} lab
 * @returns {{element: HTMLElement, leave?: () => void}}
 */
export function enter(lab) {
  const room = new Room(lab);
  room.begin();
  return { element: room.element, leave: () => room.leave() };
}

class Room {
  /** @param {Lab} lab */
  constructor(lab) {
    this.lab = lab;
    this.element = document.createElement("div");
    this.element.className = "export";
    /** @type {Run[] | null} */
    this.runs = null;
    /** @type {Format[]} */
    this.formats = [];
    this.hasTorch = true;
    this.run = "";
    /** @type {Choice} */
    this.choice = { to: "torch", weights: "" };
    /** @type {About | null} */
    this.about = null;
    /** @type {Exported | null} */
    this.failed = null;
    this.refusal = "";
    this.stage = "";
    /** @type {string[]} */
    this.told = [];
    this.ending = new AbortController();
    this.parity = parity({ comparisons: [] });
  }

  async begin() {
    this.draw();
    try {
      const { api } = this.lab;
      const [{ formats, has_torch }, { runs }] = await Promise.all([
        api.get("/api/export/formats", this.ending.signal),
        api.get("/api/look/runs", this.ending.signal),
      ]);
      this.formats = formats;
      this.hasTorch = has_torch;
      const { to, weights } = this.lab.params;
      this.choice = offered(formats, to ? { to, weights } : kept(KEPT, {}));
      this.runs = runs.filter((/** @type {Run} */ one) => one.has_weights);
      await this.open(this.first());
    } catch (error) {
      this.refuse(error);
    }
  }

  leave() {
    this.ending.abort();
  }

  /** The run to begin with: the one asked for, the one in use, else the newest. */
  first() {
    const { params, store } = this.lab;
    if (params.run) return params.run;
    const inUse = this.runs?.find((one) => one.run === store.state.run);
    return (inUse ?? this.runs?.[0])?.run ?? "";
  }

  /** @param {string} run */
  async open(run) {
    if (run !== this.run) this.about = null;
    Object.assign(this, { run, failed: null, refusal: "", told: [] });
    this.draw();
    if (!run) return;
    try {
      const { to } = this.choice;
      const about = await this.lab.api.post("/api/export/about", { run, to }, this.ending.signal);
      if (run !== this.run) return;
      this.about = about;
      this.remember();
    } catch (error) {
      this.refuse(error);
    }
    this.draw();
  }

  /** @param {Choice} choice */
  async choose(choice) {
    this.choice = choice;
    keep(KEPT, choice);
    await this.open(this.run);
  }

  remember() {
    const { to, weights } = this.choice;
    const isPlain = keyOf(this.choice) === to;
    const query = new URLSearchParams({ run: this.run, to, ...(isPlain ? {} : { weights }) });
    history.replaceState(null, "", `#/export?${query}`);
  }

  async make() {
    const { run, choice } = this;
    Object.assign(this, { failed: null, refusal: "", told: [], stage: t("Beginning ...") });
    this.draw();
    try {
      const heard = (/** @type {string} */ kind, /** @type {any} */ values) =>
        this.heard(run, kind, values);
      await this.lab.api.events("/api/export/make", heard, { run, ...choice }, this.ending.signal);
    } catch (error) {
      this.refuse(error);
    }
    this.stage = "";
    this.draw();
  }

  /** @param {string} run @param {string} kind @param {any} values */
  heard(run, kind, values) {
    if (kind === "stage") this.stage = values.text;
    else if (kind === "told") this.told.push(values.text);
    else if (kind === "made" && run === this.run) {
      if (values.files.length && this.about) this.about.exports[values.key] = values;
      else this.failed = values;
      this.stage = "";
    }
    this.draw();
  }

  /** @param {unknown} error */
  refuse(error) {
    if (this.ending.signal.aborted) return;
    this.refusal = refusalText(error);
    this.stage = "";
    this.draw();
  }

  /** @param {string} path @param {object} value @param {string} name */
  async download(path, value, name) {
    try {
      download(await this.lab.api.blob(path, value), name);
    } catch (error) {
      this.refuse(error);
    }
  }

  draw() {
    const isWaiting = !this.refusal && (!this.runs || (this.run !== "" && !this.about));
    this.element.setAttribute("aria-busy", String(isWaiting));
    render(this.template(), this.element);
  }

  template() {
    if (this.runs?.length === 0 && !this.run) return this.nothingYet();
    return html`
      ${this.refusal ? html`<p class="refusal" role="alert">${this.refusal}</p>` : nothing}
      <div class="columns left">
        <div class="stack">
          ${this.runPanel()} ${this.formatPanel()}
        </div>
        <div class="stack">
          ${this.resultPanel()} ${this.cardPanel()} ${this.runFilesPanel()}
        </div>
      </div>`;
  }

  nothingYet() {
    return html`<div class="empty">
      <p>${t("There is no trained network to export yet.")}</p>
      <a class="button main" href="#/train">${t("Train one")}</a>
    </div>`;
  }

  runPanel() {
    const runs = this.runs ?? [];
    const isOther = this.run && !runs.some((one) => one.run === this.run);
    return html`<section class="panel">
      <label class="field"><span>${t("Run")}</span>
        <select name="run" ?disabled=${!this.runs} @change=${(/** @type {Event} */ event) => {
          const name = /** @type {HTMLSelectElement} */ (event.target).value;
          this.lab.store.change({ run: name });
          this.open(name);
        }}>
          ${isOther ? html`<option value=${this.run} selected>${this.run}</option>` : nothing}
          ${runs.map(
            (one) => html`<option value=${one.run}
              ?selected=${one.run === this.run}>${runText(one)}</option>`)}
        </select>
      </label>
    </section>`;
  }

  formatPanel() {
    return html`<section class="panel">
      ${this.formats.length
        ? formatChoice(this.formats, this.choice, this.stage !== "", (choice) => this.choose(choice))
        : nothing}
      ${this.choice.to === "torch" && !this.hasTorch
        ? html`<p class="advice">${t("PyTorch is not installed here: the files are written, but not compared with it.")}</p>`
        : nothing}
      <button class="main" name="make" ?disabled=${!this.about || this.stage !== ""}
        @click=${() => this.make()}>
        ${this.made ? t("Export again") : t("Export")}
      </button>
      <div role="status">
        ${this.stage ? html`<p class="note">${this.stage}</p><progress aria-label=${this.stage}></progress>`
          : nothing}
        ${this.told.map((text) => html`<p class="note">${text}</p>`)}
      </div>
    </section>`;
  }

  /** The export that is chosen, as it was made. @returns {Exported | null} */
  get made() {
    return this.about?.exports[keyOf(this.choice)] ?? null;
  }

  resultPanel() {
    const { run, choice } = this;
    const found = this.failed ?? this.made;
    if (found) this.parity.update({ comparisons: found.comparisons });
    return result(found, !this.failed, this.parity, {
      file: (name) => this.download("/api/export/file", { run, ...choice, name }, name),
      zip: () => this.download("/api/export/zip", { run, ...choice },
        `${run.replace(/[^\w.-]+/g, "-")}-${keyOf(choice)}.zip`),
    });
  }

  cardPanel() {
    if (!this.about) return nothing;
    const value = { run: this.run, to: "", name: CARD, card: this.choice.to };
    return html`<section class="panel">
      <h2>${t("Model card")}</h2>
      <p class="note">${t("What the network is, what it learned from, how good it is, and how it is loaded. Every export brings it as README.md.")}</p>
      <pre class="card" tabindex="0" role="region" aria-label=${t("Model card")}>${this.about.card}</pre>
      <button name="card"
        @click=${() => this.download("/api/export/file", value, CARD)}>${t("Download the card")}</button>
    </section>`;
  }

  runFilesPanel() {
    if (!this.about?.files.length) return nothing;
    const { run } = this;
    return html`<section class="panel">
      <h2>${t("Report, figures and table of the run")}</h2>
      ${fileList(this.about.files,
        (name) => this.download("/api/export/file", { run, to: "", name }, name))}
    </section>`;
  }
}
