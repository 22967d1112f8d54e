// @ts-check
/** The fields of a layer, or of anything with declared limits, as form controls. */

import { t } from "./language.js";
import { html, nothing } from "./vendor/lit-html.js";
import { tell, view } from "./view.js";

/**
 * A control as `Limit.control` of `mirada.network.field` gives it.
 *
 * @typedef {object} Control
 * @property {"number" | "checkbox" | "select" | "pair" | "padding" | "numbers"} type
 * @property {number} [min]
 * @property {number} [max]
 * @property {number | "any"} [step]
 * @property {string[]} [options]
 * @property {string[]} [same]
 * @property {Control} [each]
 * @property {boolean} [optional]
 */

/** @typedef {{name: string, label: string, value: any, default: any, control: Control}} Field */

/**
 * `errors` are words to show below a field, by its name.
 *
 * @typedef {{errors?: Record<string, string>}} Options
 */

/**
 * @typedef {{field: Field, set: (value: any) => void, invalid: string | typeof nothing,
 *   element: HTMLElement, note: string | typeof nothing}} Given
 */

/**
 * The form. Tells "set" with {name, value} when a control was changed; the value is
 * checked by who hears it. What stands in a control that is being typed into is left.
 *
 * @type {(data: Field[], options?: Options) => import("./view.js").View<Field[], Options>}
 */
export const form = view("form", (fields, { errors = {} }, element) => html`
  ${fields.map((field) => {
    const error = errors[field.name];
    const id = `error-${field.name}`;
    /** @type {Given} */
    const given = {
      field, element,
      set: (value) => tell(element, "set", { name: field.name, value }),
      invalid: error ? "true" : nothing,
      note: error ? id : nothing,
    };
    return html`<div class="form-field" data-field=${field.name}>
      ${drawn(given)}
      ${error ? html`<p class="form-error" id=${id}>${error}</p>` : nothing}
    </div>`;
  })}`);

/** @param {Given} given */
function drawn(given) {
  switch (given.field.control.type) {
    case "checkbox": return checkbox(given);
    case "select": return select(given);
    case "pair": return pair(given);
    case "padding": return padding(given);
    case "numbers": return numbers(given);
    default: return labelled(given, one(given, given.field.value, given.field.label, given.set));
  }
}

/** @param {Given} given @param {unknown} content */
function labelled({ field }, content) {
  return html`<label><span class="form-label">${field.label}</span>${content}</label>`;
}

/**
 * One number; what is no number yet is not told.
 *
 * @param {Given} given
 * @param {number | null} value
 * @param {string} label
 * @param {(value: number | null) => void} set
 */
function one({ field, invalid, note }, value, label, set) {
  const control = field.control.each ?? field.control;
  /** @param {Event} event */
  const typed = (event) => {
    const text = /** @type {HTMLInputElement} */ (event.target).value.trim();
    if (text !== "" && Number.isFinite(Number(text))) set(Number(text));
    else if (text === "" && field.control.optional) set(null);
  };
  return html`<input type="number" aria-label=${label} min=${control.min ?? nothing}
    max=${control.max ?? nothing}
    step=${control.step ?? "any"} .value=${value === null ? "" : String(value)}
    placeholder=${field.control.optional ? t("automatic") : nothing}
    aria-invalid=${invalid} aria-describedby=${note} @input=${typed}>`;
}

/** @param {Given} given */
function checkbox({ field, set }) {
  return html`<label class="form-check"><input type="checkbox" .checked=${field.value}
    @change=${(/** @type {Event} */ event) => set(/** @type {HTMLInputElement} */ (event.target).checked)}>
    <span>${field.label}</span></label>`;
}

/** @param {Given} given */
function select(given) {
  const { field, set } = given;
  return labelled(given, html`<select @change=${(/** @type {Event} */ event) => set(chosen(event))}>
    ${(field.control.options ?? []).map(
      (name) => html`<option value=${name} ?selected=${name === field.value}
        .selected=${name === field.value}>${name}</option>`)}
  </select>`);
}

/** @param {Event} event */
function chosen(event) {
  return /** @type {HTMLSelectElement} */ (event.target).value;
}

/** Two numbers, height first, which go together until they are set apart. @param {Given} given */
function pair(given) {
  const { field, set } = given;
  const [high, wide] = field.value ?? [null, null];
  const apart = isApart(given, high !== wide);
  /** @param {number} place @param {number | null} value */
  const put = (place, value) => {
    if (value === null) set(null);
    else if (!apart) set([value, value]);
    else set(place ? [high ?? value, value] : [value, wide ?? value]);
  };
  return html`<div role="group" aria-label=${field.label}>
    <span class="form-label">${field.label}</span>
    <span class="form-row">
      ${one(given, high, apart ? `${field.label}: ${t("height")}` : field.label, (value) => put(0, value))}
      ${apart ? html`<span
        aria-hidden="true">×</span>${one(given, wide, `${field.label}: ${t("width")}`,
          (value) => put(1, value))}` : nothing}
      <button type="button" class="form-apart" aria-pressed=${String(apart)}
        title=${t("Height and width apart")}
        aria-label=${`${field.label}: ${t("Height and width apart")}`}
        @click=${() => together(given, apart, () => set(high === null ? null : [high, high]))}>${apart ? "h×w"
          : "="}</button>
    </span>
  </div>`;
}

/** @param {Given} given @param {boolean} differs */
function isApart({ element, field }, differs) {
  const apart = (element.dataset.apart ?? "").split(" ").includes(field.name);
  return differs || apart;
}

/** @param {Given} given @param {boolean} isNow whether they are apart now @param {() => void} join */
function together({ element, field }, isNow, join) {
  const names = new Set((element.dataset.apart ?? "").split(" ").filter(Boolean));
  if (isNow) names.delete(field.name);
  else names.add(field.name);
  element.dataset.apart = [...names].join(" ");
  if (isNow) join();
  tell(element, "redraw");
}

/** Zeros around the image: one number, one for each side, or a "same". @param {Given} given */
function padding(given) {
  const { field, set } = given;
  const same = typeof field.value === "string" ? field.value : "";
  /** @type {number[]} */
  const sides = same ? [0, 0, 0, 0] : field.value;
  const apart = !same && isApart(given, new Set(sides).size > 1);
  const mode = same || (apart ? "sides" : "all");
  /** @param {string} name */
  const choose = (name) => {
    if ((field.control.same ?? []).includes(name)) return set(name);
    if ((name === "sides") !== apart) together(given, apart, () => {});
    set(name === "sides" ? sides : [sides[0], sides[0], sides[0], sides[0]]);
  };
  const names = [t("at the top"), t("at the bottom"), t("at the left"), t("at the right")];
  return html`<div role="group" aria-label=${field.label}>
    <span class="form-label">${field.label}</span>
    <span class="form-row">
      <select aria-label=${`${field.label}: ${t("way")}`}
        @change=${(/** @type {Event} */ event) => choose(chosen(event))}>
        <option value="all" .selected=${mode === "all"}>${t("all around")}</option>
        <option value="sides" .selected=${mode === "sides"}>${t("each side")}</option>
        ${(field.control.same ?? []).map(
          (name) => html`<option value=${name} .selected=${mode === name}>${name}</option>`)}
      </select>
      ${mode === "all" ? one(given, sides[0], field.label, (n) => set([n, n, n, n])) : nothing}
      ${mode === "sides"
        ? names.map(
          (name, place) =>
            one(given, sides[place], `${field.label}: ${name}`,
              (n) => set(sides.map((old, at) => (at === place ? n : old))))) : nothing}
    </span>
  </div>`;
}

/** A list of numbers, with commas between. @param {Given} given */
function numbers(given) {
  const { field, set, invalid, note } = given;
  /** @param {Event} event */
  const typed = (event) => {
    const words = /** @type {HTMLInputElement} */ (event.target).value.split(/[\s,;]+/).filter(Boolean);
    set(words.map((word) => (Number.isFinite(Number(word)) ? Number(word) : word)));
  };
  return labelled(given, html`<input type="text" inputmode="decimal" .value=${field.value.join(", ")}
    aria-invalid=${invalid} aria-describedby=${note} @change=${typed}>`);
}
