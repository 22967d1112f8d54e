// @ts-check
/** The confusion matrix: what the images of each class were taken for. */

import { countText, percentText, t } from "./language.js";
import { html, nothing } from "./vendor/lit-html.js";
import { tell, view } from "./view.js";

/** @import { View } from "./view.js" */

/**
 * `counts[i][j]` are the images of class i that were taken for class j.
 *
 * @typedef {object} Confusion
 * @property {string[]} classes
 * @property {number[][]} counts
 */

const MOST = 20;

/** @type {WeakMap<HTMLElement, [number, number]>} the cell that is chosen, by place */
const chosen = new WeakMap();

/**
 * The matrix, rows true and columns predicted, right answers and mistakes in colours of
 * their own, shaded by the share of the row. Of many classes those with most mistakes
 * are shown. Event "pick": {true, predicted, count}, the places of two classes.
 */
export const confusion = view("confusion", draw);

/**
 * @param {Confusion} data
 * @param {{most?: number}} options
 * @param {View<Confusion, {most?: number}>} element
 */
function draw(data, options, element) {
  const shown = mostConfused(data.counts, options.most ?? MOST);
  const [row, column] = chosen.get(element) ?? [-1, -1];
  const choose = (/** @type {number} */ i, /** @type {number} */ j) => {
    const found = [i, j].map((place) => Math.max(0, Math.min(shown.length - 1, place)));
    chosen.set(element, /** @type {[number, number]} */ (found));
    element.update(data);
    const [truth, taken] = found.map((place) => shown[place]);
    tell(element, "pick", { true: truth, predicted: taken, count: data.counts[truth][taken] });
  };
  const move = (/** @type {KeyboardEvent} */ event) => {
    const by = MOVES[event.key];
    if (!by) return;
    event.preventDefault();
    choose(row + by[0], column + by[1]);
  };
  return html`
    <div class="scroll" tabindex="0" role="group" @keydown=${move}
      aria-label=${`${t("Confusion matrix")}. ${diagonal(data.counts)}`}>
      <table>
        <thead>
          <tr><td></td><th class="axis" scope="colgroup" colspan=${shown.length}>${t("predicted")}</th></tr>
          <tr><th class="axis" scope="col">${t("true")}</th>
            ${shown.map((place) => name("col", data.classes[place]))}
          </tr>
        </thead>
        <tbody>
          ${shown.map(
            (truth, i) => html`<tr>
              ${name("row", data.classes[truth])}
              ${shown.map((taken, j) =>
                cell(data, truth, taken, i === row && j === column, () => choose(i, j)),
              )}
            </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <p class="readout">${row < 0 ? diagonal(data.counts) : told(data, shown[row], shown[column])}</p>
    ${shown.length < data.classes.length
      ? html`<p class="readout">${t("The {count} of {total} classes with most mistakes.", {
          count: shown.length,
          total: data.classes.length,
        })}</p>`
      : nothing}`;
}

/** @type {Record<string, [number, number]>} */
const MOVES = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

/**
 * @param {Confusion} data
 * @param {number} truth
 * @param {number} taken
 * @param {boolean} isChosen
 * @param {() => void} choose
 */
function cell(data, truth, taken, isChosen, choose) {
  const count = data.counts[truth][taken];
  const kind = truth === taken ? "right" : "wrong";
  // Up to 45 % of the colour, so that the number is read on it in light and in dark.
  const share = count ? 0.08 + 0.37 * shareOf(data.counts[truth], count) : 0;
  return html`<td class="${kind} ${isChosen ? "chosen" : ""} ${count ? "" : "none"}"
    title=${told(data, truth, taken)} @click=${choose}>
    <i class="shade" .style=${`opacity: ${share.toFixed(3)}`}></i>
    <span>${count ? countText(count) : "·"}</span></td>`;
}

/** @param {number[]} row @param {number} count */
function shareOf(row, count) {
  const total = row.reduce((sum, each) => sum + each, 0);
  return total ? count / total : 0;
}

/** @param {Confusion} data @param {number} truth @param {number} taken */
function told(data, truth, taken) {
  const count = data.counts[truth][taken];
  return t("{true} taken for {predicted}: {count} ({share})", {
    true: data.classes[truth],
    predicted: data.classes[taken],
    count: countText(count),
    share: percentText(shareOf(data.counts[truth], count)),
  });
}

/** @param {number[][]} counts */
function diagonal(counts) {
  const right = counts.reduce((sum, row, place) => sum + row[place], 0);
  const all = counts.flat().reduce((sum, each) => sum + each, 0);
  return t("{right} of {all} images lie on the diagonal.", {
    right: countText(right),
    all: countText(all),
  });
}

/**
 * The places of the at most `most` classes with most mistakes, in order.
 *
 * @param {number[][]} counts
 * @param {number} most
 */
export function mostConfused(counts, most) {
  const wrong = counts.map((row, place) => {
    const missed = row.reduce((sum, each) => sum + each, 0);
    const taken = counts.reduce((sum, each) => sum + each[place], 0);
    return missed + taken - 2 * row[place];
  });
  const order = wrong.map((_, place) => place).sort((a, b) => wrong[b] - wrong[a] || a - b);
  return order.slice(0, most).sort((a, b) => a - b);
}

/** The name of a class beside its row or over its column. @param {string} scope @param {string} text */
function name(scope, text) {
  const short = text.length > 12 ? `${text.slice(0, 11)}…` : text;
  return html`<th scope=${scope} title=${text}>${short}</th>`;
}
