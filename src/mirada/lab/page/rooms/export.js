// @ts-check
/** Export: a run as files of its own, held to what the network means. */

import { bytesText, t } from "../../../views/language.js";
import { parity } from "../../../views/parity.js";
import { html, nothing, render } from "../../../views/vendor/lit-html.js";
import { refusalText } from "../api.js";
import { download } from "../download.js";
import { keep, kept } from "../kept.js";
import { fileWords, formatName, runText } from "./export_words.js";

/** @import { Lab } from "../lab.js" */
/** @import { Comparison } from "../../../views/parity.js" */

/**
 * @typedef {{run: string, title: string, network: string, accuracy: number | null, has_weights: boolean}} Run
 */
/** @typedef {{name: string, bytes: number}} NamedFile */
/**
 * @typedef {{to: string, comparisons: Comparison[], folder: string, images?: string, files: NamedFile[]}}
 *   Exported
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
    /** @type {{name: string, about: string}[]} */
    this.formats = [];
    this.hasTorch = true;
    this.run = "";
    this.to = lab.params.to || kept(KEPT, "torch");
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
      if (!formats.some((/** @type {{name: string}} */ one) => one.name === this.to)) this.to = "torch";
      this.runs = runs.filter((/** @type {Run} */ one) => one.has_weights);
      await this.open(this.choice());
    } catch (error) {
      this.refuse(error);
    }
  }

  leave() {
    this.ending.abort();
  }

  /** The run to begin with: the one asked for, the one in use, else the newest. */
  choice() {
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
      const about = await this.lab.api.post("/api/export/about", { run, to: this.to }, this.ending.signal);
      if (run !== this.run) return;
      this.about = about;
      this.remember();
    } catch (error) {
      this.refuse(error);
    }
    this.draw();
  }

  /** @param {string} to */
  async chooseFormat(to) {
    this.to = to;
    this.failed = null;
    this.told = [];
    keep(KEPT, to);
    this.draw();
    await this.open(this.run);
  }

  remember() {
    const query = new URLSearchParams({ run: this.run, to: this.to });
    history.replaceState(null, "", `#/export?${query}`);
  }

  async make() {
    const { run, to } = this;
    Object.assign(this, { failed: null, refusal: "", told: [], stage: t("Beginning ...") });
    this.draw();
    try {
      const heard = (/** @type {string} */ kind, /** @type {any} */ values) =>
        this.heard(run, to, kind, values);
      await this.lab.api.events("/api/export/make", heard, { run, to }, this.ending.signal);
    } catch (error) {
      this.refuse(error);
    }
    this.stage = "";
    this.draw();
  }

  /** @param {string} run @param {string} to @param {string} kind @param {any} values */
  heard(run, to, kind, values) {
    if (kind === "stage") this.stage = values.text;
    else if (kind === "told") this.told.push(values.text);
    else if (kind === "made" && run === this.run) {
      if (values.files.length && this.about) this.about.exports[to] = values;
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
      <fieldset class="formats">
        <legend>${t("What to take away")}</legend>
        ${this.formats.map(
          ({ name, about }) => html`<label class="format">
            <input type="radio" name="format" value=${name} .checked=${name === this.to} ?disabled=${this.stage !== ""}
              @change=${() => this.chooseFormat(name)}>
            <span><b>${formatName(name)}</b><br><span class="note">${about}</span></span>
          </label>`,
        )}
      </fieldset>
      ${this.to === "torch" && !this.hasTorch
        ? html`<p class="advice">${t("PyTorch is not installed here: the files are written, but not compared with it.")}</p>`
        : nothing}
      <button class="main" name="make" ?disabled=${!this.about || this.stage !== ""}
        @click=${() => this.make()}>
        ${this.about?.exports[this.to] ? t("Export again") : t("Export")}
      </button>
      <div role="status">
        ${this.stage ? html`<p class="note">${this.stage}</p><progress aria-label=${this.stage}></progress>`
          : nothing}
        ${this.told.map((text) => html`<p class="note">${text}</p>`)}
      </div>
    </section>`;
  }

  resultPanel() {
    const found = this.failed ?? this.about?.exports[this.to];
    if (!found)
      return html`<section class="panel">
        <h2>${t("Does it compute the same?")}</h2>
        <p>${t("Exporting writes the files and uses them at once: what they answer for images that the network has not seen is compared with the exact computation, in float64. The largest difference stands beside what rounding can explain.")}</p>
      </section>`;
    this.parity.update({ comparisons: found.comparisons });
    return html`<section class="panel">
      <h2>${t("Does it compute the same?")}</h2>
      ${this.failed ? html`<p class="refusal" role="alert">${t("The files do not compute what the network means, so they were not kept.")}</p>` : nothing}
      ${found.images === "random" ? html`<p class="advice">${t("The images of the run are not here: random pixels were compared.")}</p>` : nothing}
      ${this.parity}
      ${found.files.length ? this.filesOf(found) : nothing}
    </section>`;
  }

  /** @param {Exported} found */
  filesOf(found) {
    const { run, to } = this;
    return html`
      <h3 class="files-heading">${t("Files")}</h3>
      ${this.fileList(found.files, (name) => this.download("/api/export/file", { run, to, name }, name))}
      <div class="row">
        <button class="main" name="zip"
          @click=${() =>
            this.download("/api/export/zip", { run, to },
              `${run.replace(/[^\w.-]+/g, "-")}-${to}.zip`)}>${t("Download all as one zip")}</button>
      </div>
      <p class="note">${t("They also lie in {folder}", { folder: found.folder })}</p>`;
  }

  /** @param {NamedFile[]} files @param {(name: string) => void} get */
  fileList(files, get) {
    return html`<ul class="files">${files.map(
      ({ name, bytes }) => html`<li>
        <button class="quiet" data-file=${name} title=${fileWords()[name] ?? nothing}
          @click=${() => get(name)}
          aria-label=${t("Download {name}", { name })}><span class="code">${name}</span></button>
        <span class="note">${bytesText(bytes)}${fileWords()[name] ? ` · ${fileWords()[name]}` : ""}</span>
      </li>`,
    )}</ul>`;
  }

  cardPanel() {
    if (!this.about) return nothing;
    const value = { run: this.run, to: "", name: CARD, card: this.to };
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
      ${this.fileList(this.about.files,
        (name) => this.download("/api/export/file", { run, to: "", name }, name))}
    </section>`;
  }
}
