// @ts-check
/** A network's table: sizes and parameters typed in, corrected cell by cell. */

import { checkTable, keyOf, pastedInto, scoreText } from "../../../views/check_table.js";
import { t } from "../../../views/language.js";
import { html, nothing, render } from "../../../views/vendor/lit-html.js";
import { refusalText } from "../api.js";
import { download } from "../download.js";
import { keep, kept } from "../kept.js";

/** @import { Lab } from "../lab.js" */
/** @import { BlankRow, JudgedCell } from "../../../views/check_table.js" */

const KEPT = "room.exercises.table";
const DRAFT = "draft";
const MOST_BYTES = 1 << 20;

/** @typedef {Record<string, Record<string, string>>} Cells */
/** @typedef {{name: string, input: string, rows: BlankRow[]}} Blank */

export class Tables {
  /** @param {Lab} lab */
  constructor(lab) {
    this.lab = lab;
    this.element = document.createElement("div");
    this.ending = new AbortController();
    /** @type {{networks: string[], has_draft: boolean} | null} */
    this.known = null;
    this.network = lab.params.network || kept(KEPT, "lenet5_lecture", localStorage);
    /** @type {Blank | null} */
    this.blank = null;
    /** @type {Cells} */
    this.cells = {};
    /** @type {JudgedCell[]} */
    this.judged = [];
    this.chosen = "";
    /** @type {{correct: number, wrong: number} | null} */
    this.score = null;
    /** @type {string[]} */
    this.told = [];
    this.refusal = "";
    this.view = checkTable({ input: "", rows: [], cells: {}, judged: [], chosen: "" });
    this.view.addEventListener("type", (event) => this.type(/** @type {CustomEvent} */ (event).detail));
    this.view.addEventListener("block", (event) => this.paste(/** @type {CustomEvent} */ (event).detail));
    this.view.addEventListener("explain",
      (event) => { this.chosen = /** @type {CustomEvent} */ (event).detail; this.draw(); });
    this.view.addEventListener("check", () => this.check());
  }

  async open() {
    this.draw();
    try {
      this.known = await this.lab.api.get("/api/tables/networks", this.ending.signal);
      await this.choose(this.network);
    } catch (error) {
      this.refuse(error);
    }
  }

  leave() {
    this.ending.abort();
  }

  /** @param {string} network */
  async choose(network) {
    /** @type {Cells} */
    const cells = kept(`${KEPT}.${network}`, {}, localStorage);
    Object.assign(this,
      { network, blank: null, cells, judged: [], chosen: "", score: null, told: [], refusal: "" });
    this.draw();
    try {
      const blank = await this.lab.api.post("/api/tables/blank", { network }, this.ending.signal);
      if (network !== this.network) return;
      this.blank = blank;
      keep(KEPT, network, localStorage);
      history.replaceState(null, "", `#/exercises?${new URLSearchParams({ tab: "table", network })}`);
    } catch (error) {
      this.refuse(error);
    }
    this.draw();
  }

  keep() {
    keep(`${KEPT}.${this.network}`, this.cells, localStorage);
  }

  /** @param {{layer: string, column: string, text: string}} typed */
  type({ layer, column, text }) {
    this.cells[layer] = { ...this.cells[layer], [column]: text };
    this.judged = this.judged.filter((cell) => keyOf(cell.layer, cell.column) !== keyOf(layer, column));
    this.keep();
    this.draw();
  }

  /**
   * A block from a spreadsheet; a table with its own heading is read by the server.
   *
   * @param {{layer: string, column: string, text: string}} pasted
   */
  paste({ layer, column, text }) {
    const lines = text.trim().split("\n");
    if (lines.length > 1 && lines[0].split("\t").length > 1 && /[a-z]{3}/i.test(lines[0])) return this.read(new Blob([text]), t("the clipboard"));
    for (const one of pastedInto(text, this.blank?.rows ?? [], layer, column)) this.type(one);
  }

  /** @param {Blob} blob @param {string} name */
  async read(blob, name) {
    const isTooLarge = blob.size > MOST_BYTES;
    this.refusal = isTooLarge ? t("This file is too large to be a table of layers.") : "";
    this.told = [];
    if (isTooLarge) return this.draw();
    try {
      const query = new URLSearchParams({ network: this.network, name });
      const { cells, told } = await this.lab.api.put(`/api/tables/read?${query}`, blob, this.ending.signal);
      this.cells = { ...this.cells, ...cells };
      this.told = told;
      this.keep();
      await this.check();
    } catch (error) {
      this.refuse(error);
    }
  }

  async check() {
    const rows =
      Object.entries(this.cells).map(([layer, cells]) => [layer, cells.size ?? "", cells.parameters ?? ""]);
    if (!rows.some(([, size, parameters]) => size.trim() || parameters.trim())) {
      this.refusal = t("Fill in at least one cell.");
      return this.draw();
    }
    this.refusal = "";
    try {
      const found = await this.lab.api.post("/api/tables/judge", { network: this.network, rows },
        this.ending.signal);
      this.judged = found.cells;
      this.score = { correct: found.correct, wrong: found.wrong };
      const first = this.judged.find((cell) => !cell.ok);
      this.chosen = first ? keyOf(first.layer, first.column) : "";
    } catch (error) {
      this.refuse(error);
    }
    this.draw();
  }

  clear() {
    Object.assign(this, { cells: {}, judged: [], chosen: "", score: null, told: [], refusal: "" });
    this.keep();
    this.draw();
  }

  async template() {
    try {
      download(await this.lab.api.blob("/api/tables/template", { network: this.network }),
        `${this.blank?.name ?? "table"}.csv`);
    } catch (error) {
      this.refuse(error);
    }
  }

  /** @param {unknown} error */
  refuse(error) {
    if (this.ending.signal.aborted) return;
    this.refusal = refusalText(error);
    this.draw();
  }

  draw() {
    this.element.setAttribute("aria-busy", String(!this.refusal && !this.blank));
    if (this.blank)
      this.view.update(
        { input: this.blank.input, rows: this.blank.rows, cells: this.cells, judged: this.judged,
          chosen: this.chosen });
    render(
      html`
        <p>${t("Work out by hand what each layer gives and learns, and have every cell corrected. A wrong cell that only follows from an earlier one is told apart.")}</p>
        ${this.refusal ? html`<p class="refusal" role="alert">${this.refusal}</p>` : nothing}
        ${this.told.map((text) => html`<p class="note">${text}</p>`)}
        <section class="panel">
          <div class="row choose">
            <label class="field"><span>${t("Network")}</span>${this.networks()}</label>
            <label class="button file"><span>${t("Read a table (CSV)")}</span>
              <input type="file" name="table" class="unseen" accept=".csv,.tsv,.txt,text/csv"
                ?disabled=${!this.blank}
                  @change=${(/** @type {Event} */ event) => this.chooseFile(event)}></label>
            <button name="template" ?disabled=${!this.blank} @click=${() => this.template()}>${t("Empty table (CSV)")}</button>
          </div>
          ${this.blank ? html`${this.view}
            <div class="row actions">
              <button class="main" name="check"
                @click=${() => this.check()}>${t("Correct the table")}</button>
              <button name="clear" class="quiet" @click=${() => this.clear()}>${t("Empty all cells")}</button>
              <span role="status">${this.score ? html`<b>${scoreText(this.score.correct, this.score.wrong)}</b>${this.score.wrong ? nothing : html` <span class="chip good">✓ ${t("all right so far")}</span>`}` : nothing}</span>
            </div>` : nothing}
        </section>`,
      this.element,
    );
  }

  networks() {
    const names = this.known?.networks ?? [];
    const isOther = this.network !== DRAFT && !names.includes(this.network);
    return html`<select name="network" ?disabled=${!this.known}
      @change=${(/** @type {Event} */ event) =>
        this.choose(/** @type {HTMLSelectElement} */ (event.target).value)}>
      ${isOther ? html`<option value=${this.network} selected>${this.network}</option>` : nothing}
      ${this.known?.has_draft || this.network === DRAFT
        ? html`<option value=${DRAFT}
          ?selected=${this.network === DRAFT}>${t("The one being built in Architect")}</option>` : nothing}
      ${names.map((name) => html`<option value=${name} ?selected=${name === this.network}>${name}</option>`)}
    </select>`;
  }

  /** @param {Event} event */
  chooseFile(event) {
    const input = /** @type {HTMLInputElement} */ (event.target);
    const file = input.files?.[0];
    if (file) this.read(file, file.name);
    input.value = "";
  }
}
