// @ts-check
/** The network as text: TOML to write in, and the same in other languages to take away. */

import { t } from "../../../views/language.js";
import { turnTabs } from "../../../views/tab_keys.js";
import { html, nothing, render } from "../../../views/vendor/lit-html.js";
import { download } from "../download.js";

/** @import { Build } from "./architect_build.js" */

const LANGUAGES = [["toml", "TOML"], ["json", "JSON"], ["python", "Python"], ["torch", "PyTorch"]];

export class TextPanel {
  /** @param {Build} build */
  constructor(build) {
    this.build = build;
    this.element = document.createElement("section");
    this.element.className = "panel text-panel";
    this.language = "toml";
    this.code = { text: "", language: "", of: "", error: "", name: "" };
    this.area = document.createElement("textarea");
    this.area.id = "architect-text";
    this.area.spellcheck = false;
    this.area.autocapitalize = "off";
    this.area.setAttribute("autocomplete", "off");
    this.area.wrap = "off";
    this.lines = document.createElement("pre");
    this.lines.className = "line-numbers";
    this.lines.setAttribute("aria-hidden", "true");
    this.area.addEventListener("input", () => build.type(this.area.value));
    this.area.addEventListener("paste", () => { build.turnsToToml = true; });
    this.area.addEventListener("change", () => this.left());
    this.area.addEventListener("scroll", () => { this.lines.scrollTop = this.area.scrollTop; });
  }

  /** Who leaves the editor has written what they wanted: now it may be put in order. */
  left() {
    const { answer, text } = this.build;
    if (answer?.text === text && answer.form !== "toml" && answer.toml) this.build.turn();
    else if (answer?.text !== text) this.build.turnsToToml = true;
  }

  /** @param {string} language */
  show(language) {
    this.language = language;
    this.draw();
    this.element.querySelector(`[data-language="${language}"]`)?.scrollIntoView({ block: "nearest" });
  }

  draw() {
    this.place();
    if (this.language !== "toml") this.fetch();
    render(
      html`
        <div class="text-head">
          <div class="segmented" role="tablist" aria-label=${t("Language of the text")}>
            ${LANGUAGES.map(([name, title]) => this.tab(name, title))}
          </div>
          <div class="row">
            <button class="small" @click=${() => this.copy()}>${t("Copy")}</button>
            <button class="small" @click=${() => this.download()}>${t("Download")}</button>
          </div>
        </div>
        <div role="tabpanel" id="text-tabpanel" aria-label=${t("Text")}>
          ${this.language === "toml" ? this.editor() : this.shown()}
        </div>`,
      this.element,
    );
  }

  /** @param {string} name @param {string} title */
  tab(name, title) {
    const isHere = name === this.language;
    return html`<button role="tab" data-language=${name} aria-selected=${String(isHere)} aria-controls="text-tabpanel"
      tabindex=${isHere ? 0 : -1} @click=${() => this.show(name)}
        @keydown=${(/** @type {KeyboardEvent} */ event) => this.turn(event)}>${title}</button>`;
  }

  /** The arrow keys go from tab to tab. @param {KeyboardEvent} event */
  turn(event) {
    turnTabs(event, LANGUAGES.map(([name]) => name), this.language, (name) => this.show(name));
  }

  editor() {
    const refusal = this.build.answer?.refusal;
    this.area.setAttribute("aria-invalid", String(Boolean(refusal)));
    return html`
      <label class="unseen" for="architect-text">${t("Description as text")}</label>
      <div class="editor">${this.lines}${this.area}</div>
      ${refusal?.line
        ? html`<p class="note text-fault"><button class="small"
          @click=${() => this.goTo(refusal.line ?? 1)}>${t("To line {line}",
            { line: refusal.line })}</button>${t("Something is wrong there.")}</p>` : nothing}
      <p class="note">${t("TOML, JSON, or a layer a line: paste what you have.")}</p>`;
  }

  /** Puts the text into the editor where it was changed elsewhere, and numbers its lines. */
  place() {
    const { text, answer, chosen } = this.build;
    if (this.area.value !== text) {
      const { selectionStart, selectionEnd, scrollTop } = this.area;
      this.area.value = text;
      if (document.activeElement === this.area) this.area.setSelectionRange(selectionStart, selectionEnd);
      this.area.scrollTop = scrollTop;
    }
    const isFresh = answer?.text === text;
    const wrong = isFresh ? answer.refusal?.line : null;
    const marked = isFresh && chosen !== null ? answer.layers[chosen]?.line : null;
    const count = text.split("\n").length;
    render(
      Array.from({ length: count },
        (_, at) => html`<span
          class=${at + 1 === wrong ? "wrong" : at + 1 === marked ? "marked" : ""}>${at + 1}</span>`),
      this.lines,
    );
  }

  /** @param {number} line */
  goTo(line) {
    const rows = this.area.value.split("\n");
    const start = rows.slice(0, line - 1).reduce((sum, row) => sum + row.length + 1, 0);
    this.area.focus();
    this.area.setSelectionRange(start, start + (rows[line - 1] ?? "").length);
  }

  shown() {
    const { text, error } = this.code;
    return error
      ? html`<p class="advice">${t("There is code as soon as the network is possible.")} ${error}</p>`
      : html`<pre class="code-shown" tabindex="0" role="region" aria-label=${t("Code")}>${text}</pre>`;
  }

  /** Asks for the code of what is there now. */
  async fetch() {
    const { text } = this.build;
    const { language } = this;
    if (this.code.of === text && this.code.language === language) return;
    this.code = { ...this.code, of: text, language };
    const found = await this.build.lab.api.post("/api/architect/code", { text, language });
    if (this.code.of !== text || this.code.language !== language) return;
    const { code = "", name = "", refused } = found;
    this.code = { ...this.code, text: code, name, error: refused?.message ?? "" };
    this.draw();
  }

  get content() {
    return this.language === "toml" ? this.build.text : this.code.text;
  }

  async copy() {
    await navigator.clipboard.writeText(this.content);
    this.build.lab.say(t("Copied."), "good");
  }

  download() {
    const name = this.build.answer?.name || "network";
    download(this.content, this.language === "toml" ? `${name}.toml` : this.code.name);
  }
}
