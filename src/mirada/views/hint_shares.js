// @ts-check
/** Exponentials as bars beside each other: a probability is a bar's part of them all. */

import { t } from "./language.js";
import { typeset } from "./typeset.js";
import { html, svg } from "./vendor/lit-html.js";

/** @typedef {{scores: number[], names: string[], asked: number}} Shares */

const WIDTH = 300;
const ROW = 26;

/** @param {Shares} shares */
export function shares({ scores, names, asked }) {
  const words = t("A bar for each score, as long as its exponential; class {number} is asked for.", { number: asked + 1 });
  return html`<figure class="shares">
    <svg viewBox="0 0 ${WIDTH} ${ROW * scores.length}" role="img" aria-label=${words}>
      ${scores.map((score, place) => {
        const length = Math.max((WIDTH - 80) * Math.exp(score), 2);
        const y = place * ROW;
        const name = names[place].replace("e^", "");
        return svg`<text x="48" y=${y + 17} text-anchor="end">e<tspan class="raised"
          dy="-5">${name.replace("-", "−")}</tspan></text>
          <rect class=${place === asked ? "bar asked" : "bar"} x="56" y=${y + 4} width=${length}
            height=${ROW - 8} rx="3"></rect>`;
      })}
    </svg>
    <figcaption class="note">${t("The probability is the coloured bar's part of all bars together:")} ${typeset(`${names[asked]} / (${names.join(" + ")})`)}</figcaption>
  </figure>`;
}
