// @ts-check
/** One window written out: products, sum, bias and activation. */

import { t } from "./language.js";
import { cellText, shortText } from "./matrix_text.js";
import { winners } from "./sliding_stage.js";
import { html, nothing } from "./vendor/lit-html.js";
import { tapsAt } from "./window_arithmetic.js";

/** @import { SlidingModel } from "./sliding_model.js" */

/** @typedef {Pick<SlidingModel, "shown" | "slid">} Seen */

const MOST_WIDE = 5;
const MOST_TERMS = 49;

/**
 * The window that a model shows; it is called by its row and column on the output.
 *
 * @param {Pick<SlidingModel, "shown" | "slid" | "count">} model
 * @param {[number, number]} [called]
 */
export function equation(model, called = model.shown.at) {
  if (!model.count) return nothing;
  return equations([model], called);
}

/**
 * Windows at one place, each with an output of its own.
 *
 * @param {Seen[]} all
 * @param {[number, number]} called
 */
export function equations(all, [row, column]) {
  return html`
    <section class="equation" aria-label=${t("The window written out")}>
      <h2>${t("Window at row {row}, column {column}", { row, column })}</h2>
      ${all.map((seen) =>
        seen.slid.kernel ? weighed(seen) : seen.shown.image.map((_, channel) => pooling(seen, channel)),
      )}
    </section>`;
}

/**
 * The window of each channel beside its weights.
 *
 * @param {Seen} model
 */
function termsOf({ shown, slid }) {
  return shown.image.map((channel, at) => {
    const kernel = /** @type {number[][][]} */ (slid.kernel)[at];
    const terms = tapsAt(slid, channel, ...shown.at).map((tap) => {
      const weight = kernel[tap.y][tap.x];
      return { ...tap, weight, product: tap.value * weight };
    });
    return { terms, sum: slid.maps[at][shown.at[0]][shown.at[1]] };
  });
}

/** @param {Seen} model */
function weighed(model) {
  const { shown, slid } = model;
  const [row, column] = shown.at;
  const channels = termsOf(model);
  const at = (/** @type {number[][] | null} */ map) => map?.[row][column] ?? 0;
  const wide = slid.columns.size;
  return html`
    <div class="sums">
      ${wide <= MOST_WIDE
        ? channels.map((channel, place) => html`${place ? html`<span
          class="sign">+</span>` : nothing}${products(channel, wide)}`)
        : nothing}
      <span class="sign">=</span>
      ${part(t("sum"), at(slid.total), "")}
      <span class="sign">+</span>${part(t("bias"), shown.bias, "")}
      ${shown.activation
        ? html`<span class="sign">=</span>${part("", at(slid.biased), "")}<span
          class="sign">→</span>${part(shown.activation, at(slid.output[0]), "made")}`
        : html`<span class="sign">=</span>${part(t("output"), at(slid.biased), "made")}`}
    </div>
    <div class="lines">${lines(model, channels).map((line) => html`<p>${line}</p>`)}</div>`;
}

/** @param {ReturnType<typeof termsOf>[number]} channel @param {number} wide */
function products({ terms, sum }, wide) {
  const most = Math.max(...terms.map(({ product }) => Math.abs(product)));
  return html`
    <div class="products">
      <div class="terms" .style=${`--columns:${wide}`}>
        ${terms.map(({ value, weight, product, isInside }) => {
          const sign = product > 0 ? "positive" : product < 0 ? "negative" : "none";
          const shade = most ? (10 + (40 * Math.abs(product)) / most).toFixed(1) : "0";
          const style = product ? `--shade:${shade}%` : "";
          return html`<span class="term ${sign}${isInside ? "" : " padding"}"
            .style=${style}>${cellText(value)}<i>×</i>${cellText(weight)}</span>`;
        })}
      </div>
      <span class="total"><i>Σ</i> ${shortText(sum, 5)}</span>
    </div>`;
}

/** @param {string} caption @param {number} value @param {string} kind */
function part(caption, value, kind) {
  return html`<span class="part ${kind}"><b>${shortText(value, 5)}</b><small>${caption}</small></span>`;
}

/**
 * The sums as `mirada convolve --step` prints them.
 *
 * @param {Seen} model
 * @param {ReturnType<typeof termsOf>} channels
 */
function lines({ shown, slid }, channels) {
  const [row, column] = shown.at;
  const found = channels.map(({ terms, sum }) => {
    const total = shortText(sum);
    if (terms.length > MOST_TERMS)
      return t("sum of {count} products = {total}", { count: terms.length, total });
    const written = terms.map(
      ({ value, weight }, place) => `${place ? factor(value) : shortText(value)}*${factor(weight)}`,
    );
    return `${written.join(" + ")} = ${total}`;
  });
  const total = slid.total?.[row][column] ?? 0;
  const biased = slid.biased?.[row][column] ?? 0;
  if (channels.length > 1)
    found.push(`${summands(channels.map(({ sum }) => sum))} = ${shortText(total)}`);
  if (shown.bias) found.push(`${shortText(total)} + ${factor(shown.bias)} = ${shortText(biased)}`);
  if (shown.activation)
    found.push(`${shown.activation}(${shortText(biased)}) = ${shortText(slid.output[0][row][column])}`);
  return found;
}

/** @param {number[]} values */
function summands(values) {
  return values.map((value, place) => (place ? factor(value) : shortText(value))).join(" + ");
}

/** A number as it stands after a sign. @param {number} value */
function factor(value) {
  return value < 0 ? `(${shortText(value)})` : shortText(value);
}

/** @param {Seen} model @param {number} channel */
function pooling(model, channel) {
  const { shown, slid } = model;
  const value = slid.output[channel][shown.at[0]][shown.at[1]];
  const seen = tapsAt(slid, shown.image[channel], ...shown.at);
  const inside = seen.filter((tap) => tap.isInside);
  const isMost = (/** @type {{y: number, x: number}} */ tap) =>
    shown.mode === "max" && winners(model, channel).some(({ y, x }) => y === tap.y && x === tap.x);
  const text =
    shown.mode === "max"
      ? `max(${inside.map((tap) => shortText(tap.value)).join(", ")}) = ${shortText(value)}`
      : `(${inside.map((tap) => factor(tap.value)).join(" + ")})/${seen.length} = ${shortText(value)}`;
  return html`
    <div class="sums">
      <div class="terms" .style=${`--columns:${slid.columns.size}`}>
        ${seen.map((tap) => html`<span
          class="term ${tap.isInside ? "" : "padding"} ${isMost(tap) ? "most"
            : ""}">${cellText(tap.value)}</span>`)}
      </div>
      <span class="sign">${shown.mode} →</span>${part(t("output"), value, "made")}
    </div>
    <div class="lines"><p>${text}</p></div>`;
}
