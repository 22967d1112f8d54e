// @ts-check
/** The field in which the path of a source is typed, with the folders that begin so. */

import { countText, t } from "../../../views/language.js";
import { html, nothing, render } from "../../../views/vendor/lit-html.js";

/** @import { Lab } from "../lab.js" */

const PAUSE_MS = 120;

/** @typedef {{name: string, path: string}} Folder */

export class PathField {
  /**
   * @param {Lab} lab
   * @param {(path: string) => void} chosen
   */
  constructor(lab, chosen) {
    this.lab = lab;
    this.chosen = chosen;
    this.element = document.createElement("form");
    this.element.className = "data-path";
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.value = "";
    /** @type {Folder[]} */
    this.folders = [];
    this.more = 0;
    this.problem = "";
    this.at = -1;
    this.isOpen = false;
    this.asked = 0;
    this.timer = 0;
    this.draw();
  }

  /** @param {string} path */
  set(path) {
    this.value = path;
    this.close();
  }

  close() {
    this.isOpen = false;
    this.at = -1;
    this.asked += 1;
    clearTimeout(this.timer);
    this.draw();
  }

  submit() {
    this.close();
    if (this.value.trim()) this.chosen(this.value.trim());
  }

  /** @param {Event} event */
  typed(event) {
    this.value = /** @type {HTMLInputElement} */ (event.target).value;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.complete(), PAUSE_MS);
  }

  async complete() {
    const asked = ++this.asked;
    const query = new URLSearchParams({ path: this.value });
    const found = await this.lab.api.get(`/api/data/folders?${query}`).catch(() => null);
    if (!found || asked !== this.asked) return;
    Object.assign(this, { folders: found.folders, more: found.more, problem: found.problem });
    this.isOpen = found.folders.length > 0;
    this.at = -1;
    this.draw();
  }

  /** @param {Folder} folder */
  pick(folder) {
    this.value = `${folder.path}/`;
    this.close();
    this.element.querySelector("input")?.focus();
    this.complete();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const count = this.folders.length;
    if (event.key === "ArrowDown" && !this.isOpen) this.complete();
    else if (event.key === "ArrowDown") this.at = (this.at + 1) % count;
    else if (event.key === "ArrowUp" && this.isOpen) this.at = (this.at <= 0 ? count : this.at) - 1;
    else if (event.key === "Escape" && this.isOpen) this.close();
    else if (event.key === "Enter" && this.isOpen && this.at >= 0) this.pick(this.folders[this.at]);
    else return;
    event.preventDefault();
    this.draw();
    this.element.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }

  draw() {
    render(pathTemplate(this), this.element);
  }
}

/** @param {PathField} field */
function pathTemplate(field) {
  return html`
    <label class="field"><span>${t("Folder, archive or table of labels")}</span>
      <input name="source" type="text" role="combobox" autocomplete="off" spellcheck="false"
        autocapitalize="off"
        aria-expanded=${field.isOpen} aria-controls="data-folders" aria-autocomplete="list"
        aria-activedescendant=${field.at >= 0 ? `data-folder-${field.at}` : nothing}
        placeholder=${t("for instance ~/photos")} .value=${field.value}
        @input=${(/** @type {Event} */ event) => field.typed(event)}
        @keydown=${(/** @type {KeyboardEvent} */ event) => field.key(event)}
        @blur=${() => field.close()}></label>
    <button class="main">${t("Look at it")}</button>
    <ul id="data-folders" role="listbox" aria-label=${t("Folders")} ?hidden=${!field.isOpen}>
      ${field.folders.map(
        (folder,
          place) => html`<li id="data-folder-${place}" role="option" aria-selected=${place === field.at}
          @mousedown=${(/** @type {Event} */ event) => { event.preventDefault(); field.pick(folder);
          }}>${folder.name}</li>`,
      )}
      ${field.more
        ? html`<li class="note" aria-disabled="true" role="option"
          aria-selected="false">${t("and {count} more", { count: countText(field.more) })}</li>` : nothing}
    </ul>
    ${field.problem ? html`<p class="note" role="status">${field.problem}</p>` : nothing}`;
}
