// @ts-check
/** The terms of one number: a window with its weights, a list, or a single value. */

import { css, inkOn, signed } from "./colours.js";
import { countText, numberText, t } from "./language.js";
import { terms } from "./term_list.js";
import { html, nothing } from "./vendor/lit-html.js";

/** @import { Arithmetic, ArithmeticOptions } from "./arithmetic.js" */

/** @import { Term } from "./term_list.js" */

/** @typedef {(layer: string, place: number[]) => void} Walk */

/**
 * Whether what is summed up is shown too, and what shows it.
 *
 * @typedef {{isOpen: boolean, toggle: (event: Event) => void}} Rest
 */

const SHOWN_MAPS = 3;
const MOST_MAPS = 61;
const SHOWN_TERMS = 12;
/** Windows of more numbers are shown as the list of those that count most. */
const LARGEST_GRID = 144;
const LONGEST_LIST = 500;

/**
 * What a number is made of, in the way its kind asks for.
 *
 * @param {Arithmetic} data
 * @param {ArithmeticOptions} options
 * @param {Walk} walk
 * @param {Rest} rest
 */
export function termsOf(data, options, walk, rest) {
  if (data.exponentials) return scores(data, data.exponentials, options.classes ?? [], walk);
  const all = terms(data);
  if (data.reads === null) return list(all, walk, all.length, rest);
  if (all.length === 1 && !data.weights) return single(data, all[0], walk);
  if (data.positions.length === 1) return list(ranked(all), walk, SHOWN_TERMS, rest);
  const maps = byMap(all);
  if (maps.length && maps[0].length > LARGEST_GRID) return list(ranked(all), walk, SHOWN_TERMS, rest);
  return grids(data, maps, walk, rest);
}

/** @param {Term} term */
function counted(term) {
  return Math.abs(term.product ?? term.value);
}

/** @param {Term[]} all */
function ranked(all) {
  return [...all].sort((a, b) => counted(b) - counted(a));
}

/** @param {Term[]} all @returns {Term[][]} */
function byMap(all) {
  /** @type {Term[][]} */
  const maps = [];
  for (const term of all) (maps[term.index[0]] ??= []).push(term);
  return maps;
}

/** @param {Term[]} map */
function sumOf(map) {
  return map.reduce((sum, term) => sum + (term.product ?? term.value), 0);
}

/**
 * The window of every map, those that add most first; the rest summed up.
 *
 * @param {Arithmetic} data
 * @param {Term[][]} maps
 * @param {Walk} walk
 * @param {Rest} others
 */
function grids(data, maps, walk, others) {
  const sums = new Map(maps.map((map) => [map, sumOf(map)]));
  const of = (/** @type {Term[]} */ map) => Math.abs(sums.get(map) ?? 0);
  const order = [...maps].sort((a, b) => of(b) - of(a));
  const [shown, rest] = [order.slice(0, SHOWN_MAPS), order.slice(SHOWN_MAPS)];
  const added = rest.reduce((sum, map) => sum + (sums.get(map) ?? 0), 0);
  const scale = Math.max(...maps.flat().map(counted), 0);
  const grid = (/** @type {Term[]} */ map) => oneMap(data, map, maps.length > 1, scale, walk);
  return html`
    ${data.weights ? html`<p class="note">${t("Each cell: value × weight = product. Press a value to walk back to it.")}</p>` : nothing}
    ${shown.map(grid)}
    ${rest.length
      ? html`<details @toggle=${others.toggle}><summary>${t("The other {count} maps add {sum}",
        { count: countText(rest.length), sum: numberText(added, 4) })}</summary>
          ${others.isOpen ? rest.slice(0, MOST_MAPS).map(grid) : nothing}</details>`
      : nothing}`;
}

/**
 * @param {Arithmetic} data
 * @param {Term[]} map
 * @param {boolean} isOneOfMany
 * @param {number} scale
 * @param {Walk} walk
 */
function oneMap(data, map, isOneOfMany, scale, walk) {
  const columns = data.positions[2].length;
  const rows = [];
  for (let at = 0; at < map.length; at += columns) rows.push(map.slice(at, at + columns));
  const { layer, place } = map[0];
  return html`<figure class="window-map">
    <figcaption>
      <span>${t("{layer}, map {map}", { layer, map: place[0] })}</span>
      ${isOneOfMany || data.kind === "avgpool" ? html`<span class="number">${t("sum {sum}",
        { sum: numberText(sumOf(map), 4) })}</span>` : nothing}
    </figcaption>
    <div class="scroll"><table><tbody>
      ${rows.map((row) => html`<tr>${row.map((term) => cell(term, scale, walk))}</tr>`)}
    </tbody></table></div>
  </figure>`;
}

/** @param {Term} term @param {number} scale @param {Walk} walk */
function cell(term, scale, walk) {
  if (!term.inside)
    return html`<td class="padding" title=${t("padding")}><span>0</span>${term.weight === undefined ? nothing
      : html`<small>× ${numberText(term.weight)}</small>`}</td>`;
  const rgb = signed(term.product ?? term.value, scale);
  const paint = `background: ${css(rgb)}; color: ${inkOn(rgb)}`;
  return html`<td class=${term.isWinner ? "winner" : ""}>
    <button type="button" data-value=${term.value} .style=${paint} aria-label=${spoken(term)}
      title=${spoken(term)}
      @click=${() => walk(term.layer, term.place)}>
      <b>${numberText(term.value)}</b>
      ${term.weight === undefined ? nothing
        : html`<small>× ${numberText(term.weight)}</small><i>${numberText(term.product ?? 0)}</i>`}
      ${term.isWinner ? html`<small>${t("largest")}</small>` : nothing}
    </button></td>`;
}

/** @param {Term} term */
function spoken({ layer, place, value, weight, product }) {
  const where = `${layer} [${place[0]}]${place.length > 1 ? ` (${place.slice(1).join(", ")})` : ""}`;
  if (weight === undefined || product === undefined) return `${where}: ${numberText(value, 6)}`;
  return `${where}: ${numberText(value, 6)} × ${numberText(weight, 6)} = ${numberText(product, 6)}`;
}

/**
 * The terms one beneath the other, so many of them; the rest summed up.
 *
 * @param {Term[]} all
 * @param {Walk} walk
 * @param {number} most
 * @param {Rest} others
 */
function list(all, walk, most, others) {
  const [shown, rest] = [all.slice(0, most), all.slice(most, LONGEST_LIST)];
  const left = all.slice(most);
  return html`
    ${rows(shown, walk)}
    ${left.length
      ? html`<details @toggle=${others.toggle}><summary>${t("The other {count} add {sum}",
        { count: countText(left.length), sum: numberText(sumOf(left), 4) })}</summary>
          ${others.isOpen ? rows(rest, walk) : nothing}</details>`
      : nothing}`;
}

/** @param {Term[]} shown @param {Walk} walk */
function rows(shown, walk) {
  const isWeighed = shown[0]?.weight !== undefined;
  return html`<table class="terms">
    <thead><tr><th scope="col">${t("Input")}</th><th scope="col" class="number">${t("Value")}</th>
      ${isWeighed ? html`<th scope="col" class="number">${t("Weight")}</th><th scope="col"
        class="number">${t("Product")}</th>` : nothing}</tr></thead>
    <tbody>${shown.map(
      (term) => html`<tr>
        <td><button type="button" class="link" data-value=${term.value}
          @click=${() => walk(term.layer, term.place)}>${term.layer} [${term.place.join(", ")}]</button></td>
        <td class="number">${numberText(term.value, 4)}</td>
        ${isWeighed ? html`<td class="number">${numberText(term.weight ?? 0, 4)}</td><td
          class="number">${numberText(term.product ?? 0, 4)}</td>` : nothing}
      </tr>`,
    )}</tbody>
  </table>`;
}

/** @param {Arithmetic} data @param {Term} term @param {Walk} walk */
function single(data, term, walk) {
  const names = factNames();
  return html`
    <p>${t("It reads one number:")} <button type="button" class="link" data-value=${term.value}
      @click=${() =>
        walk(term.layer, term.place)}>${term.layer} [${term.place.join(", ")}] = ${numberText(term.value,
          4)}</button></p>
    ${data.kind === "flatten" ? html`<p class="note">${t("Laid out map by map, row by row.")}</p>` : nothing}
    ${data.kind === "dropout" ? html`<p class="note">${t("Dropout does nothing outside of training.")}</p>`
      : nothing}
    ${Object.keys(data.facts).length
      ? html`<dl class="ending">${Object.entries(data.facts).map(
          ([name, value]) => html`<dt>${names[name] ?? name}</dt><dd>${numberText(value, 6)}</dd>`,
        )}</dl>`
      : nothing}`;
}

/** @returns {Record<string, string>} */
function factNames() {
  return {
    running_mean: t("running mean"),
    running_var: t("running variance"),
    epsilon: t("epsilon"),
    normalized: t("normalized"),
    scale: t("scale (gamma)"),
    divisor: t("divisor"),
    largest: t("largest score, taken off first"),
  };
}

/**
 * @param {Arithmetic} data
 * @param {number[]} exponentials
 * @param {string[]} classes
 * @param {Walk} walk
 */
function scores(data, exponentials, classes, walk) {
  const total = data.sum || 1;
  const all = terms(data);
  const isNamed = classes.length === all.length;
  return html`<table class="terms">
    <thead><tr><th scope="col">${isNamed ? t("Class") : t("Map")}</th><th scope="col"
      class="number">${t("Score")}</th>
      <th scope="col" class="number">${t("exp(score − largest)")}</th><th scope="col"
        class="number">${t("Share")}</th></tr></thead>
    <tbody>${all.map(
      (term, at) => html`<tr class=${at === data.place[0] ? "own" : ""}>
        <td><button type="button" class="link" data-value=${term.value}
          @click=${() => walk(term.layer, term.place)}>${isNamed ? classes[at] : at}</button></td>
        <td class="number">${numberText(term.value, 4)}</td><td
          class="number">${numberText(exponentials[at], 4)}</td>
        <td class="number">${numberText(exponentials[at] / total, 4)}</td></tr>`,
    )}</tbody>
    <tfoot><tr><td></td><td class="number">${t("sum")}</td><td
      class="number">${numberText(total, 4)}</td><td></td></tr></tfoot>
  </table>`;
}
