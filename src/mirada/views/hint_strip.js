// @ts-check
/** One row of an image seen from the side: its padding, and the first two windows. */

import { countText, t } from "./language.js";
import { html, nothing, svg } from "./vendor/lit-html.js";

/**
 * @typedef {object} Strip
 * @property {string} name
 * @property {number} input
 * @property {number} kernel
 * @property {number} stride
 * @property {number} dilation
 * @property {number} start
 * @property {number} end
 */

const CELL = 22;
const MOST = 26;
const GAP = 2;

/** @param {Strip} strip */
export function strip(strip) {
  const { name, input, kernel, stride, dilation, start, end } = strip;
  const span = dilation * (kernel - 1) + 1;
  const cells = shownCells(strip, span);
  const place = (/** @type {number} */ at) => (cells.indexOf(at) + 0.5) * CELL;
  const width = cells.length * CELL;
  const windows =
    [0, stride].filter((at) => cells.includes(at + span - 1) && at + span <= start + input + end);
  const words = t("A row of {input} pixels with {start} zeros before and {end} after; the first window covers {kernel}, the next lies {stride} further.", { input, start, end, kernel, stride });
  return html`<figure class="strip">
    ${name ? html`<figcaption>${name}</figcaption>` : nothing}
    <div class="wide" tabindex="0" role="group" aria-label=${words}>
      <svg viewBox="-4 -6 ${width + 8} ${66 + 26 * windows.length}" width=${width + 8} role="img"
        aria-label=${words}>
        ${cells.map((at, index) => cell(strip, at, index))}
        ${brace(place(start) - CELL / 2, place(start + input - 1) + CELL / 2, CELL + 12,
          `I = ${countText(input)}`)}
        ${windows.map((at, index) => oneWindow(strip, at, place, 56 + 26 * index))}
      </svg>
    </div>
    <p class="note">${t("Dashed cells are padding. The first two windows are drawn: how many more fit?")}</p>
  </figure>`;
}

/**
 * The positions that are drawn, padding included; -1 stands for those left out.
 *
 * @param {Strip} strip
 * @param {number} span
 */
function shownCells({ input, stride, start, end }, span) {
  const all = start + input + end;
  if (all <= MOST) return Array.from({ length: all }, (_, at) => at);
  const first = Math.min(Math.max(stride + span + 1, start + 2), all - 4);
  const last = Math.max(all - Math.max(end + 2, 4), first + 1);
  const head = Array.from({ length: first }, (_, at) => at);
  const tail = Array.from({ length: all - last }, (_, at) => last + at);
  return [...head, -1, ...tail];
}

/** @param {Strip} strip @param {number} at @param {number} index */
function cell({ input, start }, at, index) {
  const x = index * CELL;
  if (at < 0) return svg`<text x=${x + CELL / 2} y=${CELL - 6} text-anchor="middle">…</text>`;
  const isPadding = at < start || at >= start + input;
  return svg`<rect class=${isPadding ? "cell padding" : "cell"} x=${x + GAP / 2} y="0" width=${CELL - GAP}
    height=${CELL - GAP} rx="2"></rect>
    ${isPadding ? svg`<text class="soft" x=${x + CELL / 2} y="15" text-anchor="middle">0</text>` : nothing}`;
}

/** @param {number} left @param {number} right @param {number} y @param {string} text */
function brace(left, right, y, text) {
  return svg`<path class="brace" d="M${left + 2} ${y - 5}v5H${right - 2}v-5"></path>
    <text x=${(left + right) / 2} y=${y + 15} text-anchor="middle">${text}</text>`;
}

/**
 * One position of the window, with the pixels that it reads.
 *
 * @param {Strip} strip
 * @param {number} at
 * @param {(at: number) => number} place
 * @param {number} y
 */
function oneWindow({ kernel, dilation }, at, place, y) {
  const taps = Array.from({ length: kernel }, (_, tap) => at + tap * dilation);
  const left = place(taps[0]) - CELL / 2 + 1;
  const right = place(taps[kernel - 1]) + CELL / 2 - 1;
  return svg`<rect class="window ${at ? "next" : ""}" x=${left} y=${y} width=${right - left} height="18"
    rx="4"></rect>
    ${taps.map((tap) => svg`<circle class="tap" cx=${place(tap)} cy=${y + 9} r="3.5"></circle>`)}`;
}
