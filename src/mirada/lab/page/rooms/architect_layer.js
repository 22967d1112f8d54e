// @ts-check
/** The layer that is open: what is wrong with it, its fields, and its sums worked out. */

import { t } from "../../../views/language.js";
import { html, nothing } from "../../../views/vendor/lit-html.js";
import { keep, kept } from "../kept.js";

/** @import { Build, Answer, Layer, Refusal } from "./architect_build.js" */

/**
 * @param {Build} build
 * @param {Answer} answer
 * @param {number} place
 * @param {HTMLElement} form
 * @param {(place: number) => void} moved hears where the layer is to be seen next
 */
export function openLayer(build, answer, place, form, moved) {
  const layer = answer.layers[place];
  const chosen = answer.chosen?.place === place ? answer.chosen : null;
  return html`<div class="layer-open">
    ${layer.error && answer.refusal?.place !== place ? html`<p class="refusal">${layer.error}</p>` : nothing}
    <div class="layer-sides">
      <div class="layer-fields">
        ${chosen?.fields.length ? form : nothing}
        ${placing(build, answer, place)}
      </div>
      ${chosen?.explanation.length ? why(chosen.explanation) : nothing}
    </div>
    ${tools(build, answer, place, moved)}
  </div>`;
}

/** The refusal with its changes, each a click. @param {Build} build @param {Refusal} refusal */
export function remediesOf(build, refusal) {
  return html`<div class="refusal remedies">
    <p>${refusal.message}</p>
    ${refusal.remedies.length
      ? html`<div class="row">${refusal.remedies.map(
          (remedy) => html`<button class="remedy"
            @click=${() => build.take(remedy.text)}>${sentence(remedy.words)}</button>`,
        )}</div>`
      : nothing}
  </div>`;
}

/** @param {string} words */
function sentence(words) {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The substitution, on demand. @param {string[]} lines */
function why(lines) {
  const key = "room.architect.why";
  /** @param {Event} event */
  const toggled = (event) => keep(key, /** @type {HTMLDetailsElement} */ (event.target).open, localStorage);
  return html`<details class="why" ?open=${kept(key, false, localStorage)} @toggle=${toggled}>
    <summary>${t("Why these numbers?")}</summary>
    <ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>
  </details>`;
}

/**
 * Its name, what it reads, and its text.
 *
 * @param {Build} build
 * @param {Answer} answer
 * @param {number} place
 */
function placing(build, answer, place) {
  const layer = answer.layers[place];
  const can = answer.can_edit;
  /** @param {string} key @returns {(message: string) => void} */
  const refused = (key) => (message) => { build.errors = { ...build.errors, [key]: message }; };
  /** @param {Event} event */
  const called = (event) =>
    build.edit({ do: "call", at: place, name: valueOf(event) }, { refused: refused("as name") });
  /** @param {Event} event */
  const written = (event) =>
    build.edit({ do: "replace", at: place, layer: valueOf(event) }, { refused: refused("as text") });
  return html`<div class="layer-placing">
    ${labelled(t("As text"), build.errors["as text"],
      html`<input class="code" spellcheck="false" autocomplete="off" data-set="text"
      .value=${layer.written} ?disabled=${!can} @change=${written}>`)}
    ${layer.kind
      ? labelled(t("Name"), build.errors["as name"],
        html`<input spellcheck="false" autocomplete="off" data-set="name" size="14"
      .value=${layer.is_named ? layer.name : ""} placeholder=${layer.name} ?disabled=${!can}
        @change=${called}>`) : nothing}
    ${layer.kind ? reading(build, answer, place) : nothing}
  </div>`;
}

/** @param {string} label @param {string | undefined} error @param {unknown} control */
function labelled(label, error, control) {
  return html`<label
    class="field"><span>${label}</span>${control}${error
      ? html`<span class="form-error" role="alert">${error}</span>` : nothing}</label>`;
}

/**
 * What the layer reads: one of those above it, a join several.
 *
 * @param {Build} build
 * @param {Answer} answer
 * @param {number} place
 */
function reading(build, answer, place) {
  const { inputs } = answer.layers[place];
  const chosen = answer.chosen;
  if (chosen?.place !== place) return nothing;
  /** @param {string[]} names */
  const join = (names) => build.edit({ do: "join", at: place, inputs: names });
  const spare = chosen.sources.filter((name) => !inputs.includes(name));
  return html`<div class="field"><span>${chosen.joins ? t("Joins") : t("Reads")}</span>
    <span class="row">${inputs.map(
      (name, number) => html`<select aria-label=${t("Input {number}", { number: number + 1 })}
        data-set="input"
        @change=${(/** @type {Event} */ event) =>
          join(inputs.map((old, at) => (at === number ? valueOf(event) : old)))}>
        ${[...new Set([...chosen.sources, name])].map(
          (each) => html`<option .selected=${each === name}>${each}</option>`)}
      </select>${chosen.joins && number > 0
        ? html`<button class="quiet small" aria-label=${t("Join no more with {name}", { name })}
          @click=${() => join(inputs.filter((_, at) => at !== number))}>×</button>`
        : nothing}`,
    )}
    ${chosen.joins && spare.length
      ? html`<button class="small" @click=${() => join([...inputs, spare[spare.length - 1]])}>${t("One more")}</button>`
      : nothing}</span></div>`;
}

/**
 * @param {Build} build
 * @param {Answer} answer
 * @param {number} place
 * @param {(place: number) => void} moved
 */
function tools(build, answer, place, moved) {
  const last = answer.layers.length - 1;
  const can = answer.can_edit;
  return html`<div class="row layer-tools">
    <button ?disabled=${!can || place === 0} @click=${() => moved(place - 1)}>↑ ${t("Up")}</button>
    <button ?disabled=${!can || place === last} @click=${() => moved(place + 1)}>↓ ${t("Down")}</button>
    <button ?disabled=${!can}
      @click=${() => { build.adding = place + 1; build.draw(); }}>${t("Add below")}</button>
    <button ?disabled=${!can || !answer.layers[place].kind}
      @click=${() =>
        build.edit({ do: "duplicate", at: place }, { chosen: place + 1 })}>${t("Duplicate")}</button>
    <button class="danger" ?disabled=${!can} data-do="remove"
      @click=${() => build.edit({ do: "remove", at: place }, { chosen: null })}>${t("Remove")}</button>
  </div>`;
}

/** @param {Event} event */
function valueOf(event) {
  return /** @type {HTMLInputElement} */ (event.target).value;
}
