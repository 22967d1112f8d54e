// @ts-check
/** What a layer can be added as. */

import { t } from "../../../views/language.js";
import { html } from "../../../views/vendor/lit-html.js";

/** @typedef {{title: string, layers: {text: string, kind: string, does: string}[]}} Kinds */

/**
 * @param {Kinds[]} kinds
 * @param {(text: string) => void} add
 * @param {() => void} close
 */
export function palette(kinds, add, close) {
  /** @param {Event} event */
  const submitted = (event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const text = String(new FormData(form).get("layer") ?? "").trim();
    if (text) add(text);
  };
  /** @param {KeyboardEvent} event */
  const pressed = (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close();
  };
  return html`<div class="palette" role="group" aria-label=${t("Add a layer")} @keydown=${pressed}>
    ${kinds.map((group) => html`<div class="palette-group">
      <span class="palette-title">${group.title}</span>
      ${group.layers.map(
        (layer) => html`<button class="palette-kind" title=${layer.does}
          @click=${() => add(layer.text)}>${layer.kind}</button>`)}
    </div>`)}
    <form class="palette-group" @submit=${submitted}>
      <label class="palette-title" for="palette-text">${t("Or write it")}</label>
      <input id="palette-text" name="layer" placeholder="conv 32 5x5 pad 2" autocomplete="off"
        spellcheck="false">
      <button>${t("Add")}</button>
      <button type="button" class="quiet" @click=${close}>${t("Close")}</button>
    </form>
  </div>`;
}
