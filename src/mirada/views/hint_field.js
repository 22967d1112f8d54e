// @ts-check
/** What one output sees: its window in the layer before, and that one's before it. */

import { t } from "./language.js";
import { html, nothing, svg } from "./vendor/lit-html.js";

/** @typedef {{layers: {kernel: number, stride: number, dilation: number}[]}} Field */

const WIDTH = 420;
const ROW = 46;
const MOST = 15;

/** @param {Field} field */
export function field({ layers }) {
  const last = layers[layers.length - 1];
  const height = ROW * (layers.length + 1);
  const words = t("One output of the last layer sees a window of {kernel} in the layer before; how much of the image those see is open.", { kernel: last.kernel });
  return html`<figure class="field">
    <svg viewBox="0 -4 ${WIDTH} ${height}" role="img" aria-label=${words}>
      ${row(0, 1, t("one output"), true)}
      ${layers.map((_, place) => {
        const { kernel, dilation } = layers[layers.length - 1 - place];
        return place === 0
          ? svg`${fan(0, 1, Math.min(kernel, MOST))}${row(1, Math.min(kernel, MOST),
            t("window of {kernel}", { kernel: dilation > 1 ? `${kernel}, D = ${dilation}` : kernel }), true)}`
          : svg`${fan(place, Math.min(last.kernel, MOST) + 2 * (place - 1),
            Math.min(last.kernel, MOST) + 2 * place)}${row(place + 1, Math.min(last.kernel, MOST) + 2 * place,
              "?", false)}`;
      })}
    </svg>
    <figcaption class="note">${t("From the last layer (above) down to the image: every step adds F − 1 cells, as far apart as the strides before it lie.")}</figcaption>
  </figure>`;
}

/** The width of so many cells. @param {number} count */
function spread(count) {
  return Math.min(count * 18, WIDTH * 0.62);
}

/** @param {number} place @param {number} count @param {string} text @param {boolean} isKnown */
function row(place, count, text, isKnown) {
  const width = spread(count);
  const left = WIDTH * 0.36 - width / 2 + 8;
  const cell = width / count;
  const y = place * ROW;
  return svg`${isKnown
    ? Array.from({ length: count },
      (_, at) => svg`<rect class="cell" x=${left + at * cell + 1} y=${y} width=${cell - 2} height="16"
        rx="2"></rect>`)
    : svg`<rect class="cell open" x=${left} y=${y} width=${width} height="16" rx="3"></rect>`}
    <text x=${left + width + 10} y=${y + 13}>${text}</text>`;
}

/** @param {number} place @param {number} above @param {number} below */
function fan(place, above, below) {
  const middle = WIDTH * 0.36 + 8;
  const y = place * ROW + 17;
  const [narrow, wide] = [spread(above) / 2, spread(below) / 2];
  if (wide <= 0) return nothing;
  return svg`<path class="fan" d="M${middle - narrow} ${y}L${middle - wide} ${y + ROW - 18}H${middle + wide}L${middle + narrow} ${y}z"></path>`;
}
