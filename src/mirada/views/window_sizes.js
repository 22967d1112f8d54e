// @ts-check
/** The size formula with the numbers put in, and what rounding leaves out. */

import { countText, t } from "./language.js";
import { html, nothing } from "./vendor/lit-html.js";
import { formula, fractionText, letters, positionsRead, sentences } from "./window_size.js";

/** @import { SlidingModel } from "./sliding_model.js" */
/** @import { Axis } from "./window_size.js" */

/** @param {Pick<SlidingModel, "shown" | "slid">} model */
export function sizes({ slid, shown }) {
  if (slid.refusal) return nothing;
  const { rows, columns } = slid;
  const isAlike = JSON.stringify(rows) === JSON.stringify(columns);
  const isUnread = [rows, columns].some((axis) => positionsRead(axis).includes(false));
  const output = `${rows.output}x${columns.output}`;
  return html`
    <section class="sizes" aria-label=${t("Size of the output")}>
      <h2>${t("Size of the output")}</h2>
      <p class="letters">${letters(rows.dilation > 1)}</p>
      ${isAlike
        ? axisLine(t("Height and width"), rows)
        : [axisLine(t("Height"), rows), axisLine(t("Width"), columns)]}
      <p class="result">${t("Output: {size} (height x width)", { size: output })}</p>
      ${isUnread ? html`<p class="hint"><span class="hatch"
        aria-hidden="true"></span> ${t("Hatched cells are read by no window.")}</p>` : nothing}
      ${slid.kernel ? html`<p
        class="hint">${operations(slid.kernel.flat(2).length, rows.output * columns.output)}</p>` : nothing}
      ${shown.mode === "mean" && [rows, columns].some((axis) => axis.start || axis.end) ? html`<p
        class="hint">${t("The zeros of the padding count in the mean.")}</p>` : nothing}
    </section>`;
}

/** @param {string} label @param {Axis} axis */
function axisLine(label, axis) {
  const isWhole = axis.exact[1] === 1;
  return html`
    <p class="axis"><span class="label">${label}</span>
      <span class="formula">O = ${formula(axis)}</span>
      ${isWhole ? nothing : html`<span
        class="formula">floor(${fractionText(axis.exact)}) = ${axis.output}</span>`}
      ${sentences(axis).map((sentence) => html`<span class="sentence">${sentence}</span>`)}</p>`;
}

/** @param {number} weights @param {number} windows */
function operations(weights, windows) {
  const times = weights * windows;
  const plus = (weights - 1) * windows;
  return t("Operations: {all} ({times} multiplications, {plus} additions)", {
    all: countText(times + plus), times: countText(times), plus: countText(plus),
  });
}
