// @ts-check
/** ReLU as a curve: what is negative becomes 0, or is made small; the rest stays. */

import { numberText, t } from "./language.js";
import { html, nothing, svg } from "./vendor/lit-html.js";

/** @typedef {{slope: number, bias: number, reach: number}} Curve */

const SIDE = 110;

/** @param {Curve} curve */
export function curve({ slope, bias, reach }) {
  const y = (/** @type {number} */ value) => -value * SIDE;
  const words = slope
    ? t("A curve: negative numbers are multiplied by {slope}, others stay.", { slope: numberText(slope) })
    : t("A curve: negative numbers become 0, others stay.");
  return html`<figure class="curve">
    <svg viewBox=${`${-SIDE - 34} ${-SIDE - 16} ${2 * SIDE + 68} ${SIDE + 62}`} role="img"
      aria-label=${words}>
      <path class="axis" d="M${-SIDE - 12} 0h${2 * SIDE + 24}M0 34v${-SIDE - 44}"></path>
      <path class="line" d="M${-SIDE} ${y(-slope)}L0 0L${SIDE} ${-SIDE}"></path>
      ${[-1, 1].map((end) => svg`<text class="soft" x=${end * SIDE} y=${end < 0 && slope ? 30 : 18} text-anchor="middle">${numberText(end * reach, 1)}</text>`)}
      <text class="soft" x="-9" y="18" text-anchor="middle">0</text>
      <text x=${SIDE + 14} y="-6">x</text>
    </svg>
    <figcaption
      class="note">${words}${bias
        ? html` ${t("The bias of {bias} is added before.", { bias: numberText(bias) })}`
          : nothing}</figcaption>
  </figure>`;
}
