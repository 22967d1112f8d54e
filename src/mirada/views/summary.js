// @ts-check
/** A network as a table: every layer with its shape, what it learns and what it costs. */

import { countText, t } from "./language.js";
import { smallBlock, smallScales } from "./network_blocks.js";
import { shapeText } from "./network_drawing.js";
import { html, nothing } from "./vendor/lit-html.js";
import { view } from "./view.js";

/**
 * A layer as `mirada summary --json` has it; one that cannot be computed has no numbers.
 *
 * @typedef {object} Row
 * @property {string} name
 * @property {string} kind
 * @property {string} text
 * @property {string[]} inputs
 * @property {number[] | null} output_shape
 * @property {string[]} [output_formulas]
 * @property {{total: number, statistics: number, formula: string}} [parameters]
 * @property {number} [macs]
 * @property {string} [macs_formula]
 * @property {number | null} [receptive_field]
 * @property {{size: number[]} | null} [receptive_field_detail]
 * @property {string | null} [error]
 */

/**
 * @typedef {object} Totals
 * @property {number} parameters
 * @property {number} statistics
 * @property {number} macs
 * @property {{parameters: number, inference_per_image: number, training_per_image: number}} memory_bytes
 */

/**
 * What `mirada summary --json` prints, or what the lab tells of a draft.
 *
 * @typedef {object} Summary
 * @property {string} name
 * @property {number[] | null} input_shape
 * @property {number[] | null} output_shape
 * @property {Row[]} layers
 * @property {Totals | null} totals
 * @property {{layer: string, message: string}[]} warnings
 */

const SIDE = 40;

/**
 * The table; `withFormulas` writes out how each number comes about.
 *
 * @type {(data: Summary, options?: {withFormulas?: boolean}) => import("./view.js").View<Summary,
 *   {withFormulas?: boolean}>}
 */
export const summary = view("summary", (data, { withFormulas = false }) => {
  const scale = smallScales(data, SIDE);
  return html`
    ${facts(data)}
    <div class="scroll" tabindex="0" role="region" aria-label=${t("Layers")}><table>
      <caption>${t("{name}: input {input}",
        { name: data.name || t("Network"), input: shapeText(data.input_shape) })}</caption>
      <thead><tr>
        <th scope="col" class="drawn"><span class="aside">${t("Block")}</span></th>
        <th scope="col">${t("Layer")}</th>
        <th scope="col">${t("Kind")}</th>
        <th scope="col">${t("Output")}</th>
        <th scope="col" class="number">${t("Parameters")}</th>
        <th scope="col" class="number">MACs</th>
        <th scope="col" class="number">${t("Receptive field")}</th>
      </tr></thead>
      <tbody>${data.layers.map((row) => line(row, scale, withFormulas))}</tbody>
    </table></div>
    ${data.warnings.length
      ? html`<ul class="remarks">${data.warnings.map((each) => html`<li>${each.message}</li>`)}</ul>`
        : nothing}`;
});

/** @param {Row} row @param {ReturnType<typeof smallScales>} scale @param {boolean} withFormulas */
function line(row, scale, withFormulas) {
  const [size = ""] = row.output_formulas ?? [];
  return html`<tr class=${row.error ? "wrong" : ""}>
    <td class="drawn">${smallBlock(row, scale, SIDE)}</td>
    <th scope="row">${row.name}</th>
    <td><code>${row.text}</code>${row.error ? html`<p class="error">${row.error}</p>` : nothing}</td>
    <td>${row.output_shape ? shapeText(row.output_shape) : "–"}${formula(withFormulas && size)}</td>
    <td class="number">${row.parameters ? countText(row.parameters.total)
      : "–"}${formula(withFormulas && row.parameters?.total && row.parameters.formula)}</td>
    <td class="number">${row.macs === undefined ? "–"
      : countText(row.macs)}${formula(withFormulas && row.macs && row.macs_formula)}</td>
    <td class="number">${fieldText(row)}</td>
  </tr>`;
}

/** @param {unknown} text */
function formula(text) {
  return text ? html`<span class="formula">${text}</span>` : nothing;
}

/** A layer's receptive field in words: 5, or 5×7 where it is no square. @param {Row} row */
export function fieldText(row) {
  const size = row.receptive_field_detail?.size;
  if (!size) return "–";
  return size[0] === size[1] ? countText(size[0]) : size.map(countText).join("×");
}

/** Bytes in words: 241 KiB. @param {number} bytes */
export function bytesText(bytes) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${countText(value)} ${units[unit]}`;
}

/** What a network takes in all. @param {Summary} data */
export function facts(data) {
  const { totals } = data;
  /** @type {[string, string][]} */
  const told = [
    [t("Layers"), countText(data.layers.length)],
    [t("Input"), shapeText(data.input_shape)],
    [t("Output"), data.output_shape ? shapeText(data.output_shape) : "–"],
    [t("Parameters"), totals ? countText(totals.parameters) : "–"],
    [t("MACs an image"), totals ? countText(totals.macs) : "–"],
    [t("Memory of the parameters"), totals ? bytesText(totals.memory_bytes.parameters) : "–"],
    [t("Memory an image, to answer"), totals ? bytesText(totals.memory_bytes.inference_per_image) : "–"],
    [t("Memory an image, to learn"), totals ? bytesText(totals.memory_bytes.training_per_image) : "–"],
  ];
  return html`<dl
    class="facts">${told.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}
