// @ts-check
/** One chart of training curves: lines over epochs, axes, and marks. */

import { percentText, t } from "./language.js";
import { roundRange, roundTicks, tickText } from "./ticks.js";
import { html, nothing, svg } from "./vendor/lit-html.js";

/** @import { Curves, EpochRow } from "./curves.js" */

/**
 * @typedef {object} Chart
 * @property {string} title
 * @property {[number, number][][]} lines training, then validation: [epoch, value]
 * @property {[number, number][]} steps
 * @property {boolean} isShare
 */

/** @typedef {(value: number) => number} Scale */

const HEIGHT = 250;
const [TOP, RIGHT, BOTTOM, LEFT] = [16, 12, 36, 52];
const LARGEST = 1e30;
/** How many times the median, or 1, a loss may be and still have a place on the axis. */
const FAR = 20;

/** Whether a value is a number that has a place on an axis. @param {unknown} value */
export function isDrawable(value) {
  return typeof value === "number" && Number.isFinite(value) && Math.abs(value) < LARGEST;
}

/** @param {Chart} chart @returns {[number, number]} */
function rangeOf(chart) {
  const values = [...chart.lines.flat(), ...chart.steps].map(([, value]) => value);
  const low = values.length ? Math.min(...values) : 0;
  const high = values.length ? topOf(values) : 1;
  if (chart.isShare) return [roundRange(Math.min(low, 0.9), 1)[0], 1];
  return roundRange(Math.min(low, 0), high > 0 ? high : 1);
}

/** The largest value that the others leave room for. @param {number[]} values */
function topOf(values) {
  const median = [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)];
  const most = FAR * Math.max(1, median);
  return Math.max(...values.filter((value) => value <= most));
}

/** The largest loss, where the axis ends before it lest it squash all others. @param {Chart} chart */
export function cutOff(chart) {
  const values = [...chart.lines.flat(), ...chart.steps].map(([, value]) => value);
  const largest = Math.max(...values);
  return values.length && largest > topOf(values) ? largest : null;
}

/** @param {number} low @param {number} high @param {number} start @param {number} end @returns {Scale} */
function scale(low, high, start, end) {
  return (value) => start + ((value - low) / (high - low)) * (end - start);
}

/**
 * @param {Chart} chart
 * @param {number} width
 * @param {[number, number]} domain
 * @param {Curves} data
 * @param {EpochRow | undefined} row
 * @param {(epoch: number) => void} point
 */
export function chartPanel(chart, width, domain, data, row, point) {
  const [low, high] = rangeOf(chart);
  const across = scale(domain[0], domain[1], LEFT, width - RIGHT);
  const whole = scale(low, high, HEIGHT - BOTTOM, TOP);
  const up = (/** @type {number} */ value) => whole(Math.min(value, high));
  const best = data.rows.filter((each) => each.best).pop();
  const move = (/** @type {PointerEvent} */ event) => {
    const box = /** @type {SVGElement} */ (event.currentTarget).getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * width;
    const near = data.rows.map((each) => Math.abs(across(each.epoch) - x));
    if (near.length) point(data.rows[near.indexOf(Math.min(...near))].epoch);
  };
  return html`<figure>
    <figcaption>${chart.title}</figcaption>
    <svg viewBox="0 0 ${width} ${HEIGHT}" aria-hidden="true" @pointermove=${move} @pointerdown=${move}>
      ${valueAxis(chart, low, high, up, width)} ${epochAxis(domain, across, width)}
      ${rateMarks(data, across)}
      ${best && data.rows.length > 1 ? upright("best", across(best.epoch)) : nothing}
      ${chart.steps.length ? svg`<path class="batch" d=${path(chart.steps, across, up)}></path>` : nothing}
      ${chart.lines.map((line, place) => lineOf(line, place ? "validation" : "training", across, up))}
      ${row ? upright("pointed", across(row.epoch)) : nothing}
    </svg>
  </figure>`;
}

/** @param {string} kind @param {number} x */
function upright(kind, x) {
  return svg`<line class=${kind} x1=${x} x2=${x} y1=${TOP} y2=${HEIGHT - BOTTOM}></line>`;
}

/** @param {Chart} chart @param {number} low @param {number} high @param {Scale} up @param {number} width */
function valueAxis(chart, low, high, up, width) {
  const ticks = roundTicks(low, high, 5);
  return ticks.map((tick) => {
    const y = up(tick);
    const text = chart.isShare ? shareText(tick) : tickText(tick, ticks);
    return svg`<line class="grid" x1=${LEFT} x2=${width - RIGHT} y1=${y} y2=${y}></line>
      <text class="soft" x=${LEFT - 7} y=${y + 4} text-anchor="end">${text}</text>`;
  });
}

/** @param {number} share */
function shareText(share) {
  const percent = Math.round(1000 * share) / 10;
  return percentText(share, Number.isInteger(percent) ? 0 : 1);
}

/** @param {[number, number]} domain @param {Scale} across @param {number} width */
function epochAxis([first, last], across, width) {
  const y = HEIGHT - BOTTOM;
  const ticks = roundTicks(first, last, 8).filter((tick) => Number.isInteger(tick));
  return svg`<line class="axis" x1=${LEFT} x2=${width - RIGHT} y1=${y} y2=${y}></line>
    ${ticks.map((tick) => below(String(tick), across(tick), y + 16))}
    ${below(t("epoch"), (LEFT + width - RIGHT) / 2, HEIGHT - 4)}`;
}

/** @param {string} text @param {number} x @param {number} y */
function below(text, x, y) {
  return svg`<text class="soft" x=${x} y=${y} text-anchor="middle">${text}</text>`;
}

/** @param {Curves} data @param {Scale} across */
function rateMarks(data, across) {
  const perEpoch = data.steps_per_epoch;
  if (!perEpoch || !data.rates) return nothing;
  return data.rates.map((change) => upright("rate", across(change.step / perEpoch)));
}

/** @param {[number, number][]} points @param {string} kind @param {Scale} across @param {Scale} up */
function lineOf(points, kind, across, up) {
  if (!points.length) return nothing;
  const [epoch, value] = points[points.length - 1];
  return svg`<path class=${kind} d=${path(points, across, up)}></path>
    <circle class=${kind} cx=${across(epoch)} cy=${up(value)} r="3"></circle>`;
}

/** @param {[number, number][]} points @param {Scale} across @param {Scale} up */
function path(points, across, up) {
  const placed = points.map(([x, y]) => `${across(x).toFixed(1)} ${up(y).toFixed(1)}`);
  return `M${placed.join("L")}`;
}
