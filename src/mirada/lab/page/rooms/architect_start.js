// @ts-check
/** The known networks to start from. */

import { t } from "../../../views/language.js";
import { html, nothing } from "../../../views/vendor/lit-html.js";

/**
 * @typedef {{title: string, about: string, networks: {name: string, input: string, classes: number}[]}}
 *   Family
 */

/**
 * The families, with fields for another input and number of classes.
 *
 * @param {Family[]} families
 * @param {string} refused why the last one asked for cannot be
 * @param {(name: string, as: {input?: string, classes?: number}) => void} start
 */
export function known(families, refused, start) {
  /** @param {Event} event @param {string} name */
  const begin = (event, name) => {
    const form = /** @type {HTMLElement} */ (event.currentTarget).closest(".known");
    const field = (
      /** @type {string} */ key) => /** @type {HTMLInputElement} */ (form?.querySelector(
        `[name="${key}"]`)).value.trim();
    start(name, {
      ...(field("input") ? { input: field("input") } : {}),
      ...(field("classes") ? { classes: Number(field("classes")) } : {}),
    });
  };
  return html`<div class="known">
    <div class="row known-sizes">
      <label class="field"><span>${t("For an input of")}</span>
        <input name="input" size="12" placeholder=${t("as published")} autocomplete="off"
          spellcheck="false"></label>
      <label class="field"><span>${t("and classes")}</span>
        <input name="classes" type="number" min="1" max="1048576" placeholder=${t("as published")}></label>
      <p class="note">${t("Input as channels, height and width: 3x32x32. Empty fields leave the network as published.")}</p>
    </div>
    ${refused ? html`<p class="refusal" role="alert">${refused}</p>` : nothing}
    ${families.map((family) => html`<div class="family">
      <h3>${family.title}</h3>
      <p class="note">${family.about}</p>
      <div class="row">${family.networks.map(
        (network) => html`<button class="network" data-network=${network.name}
          @click=${(/** @type {Event} */ event) => begin(event, network.name)}>
        <strong>${network.name}</strong><span
          class="note">${network.input.replaceAll("x", "×")} → ${network.classes}</span></button>`)}</div>
    </div>`)}
  </div>`;
}
