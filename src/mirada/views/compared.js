// @ts-check
/** Two runs beside each other: their curves over one another, and who was right. */

import { numberText, percentText, t } from "./language.js";
import { roundRange, roundTicks, tickText } from "./ticks.js";
import { html, nothing, svg } from "./vendor/lit-html.js";
import { view } from "./view.js";

/** @import { EpochRow } from "./curves.js" */
/** @import { View } from "./view.js" */

/** @typedef {{name: string, rows: EpochRow[]}} ComparedRun */

const [WIDTH, HEIGHT] = [420, 240];
const [TOP, RIGHT, BOTTOM, LEFT] = [14, 12, 34, 52];

/** The loss and the accuracy of both, by epoch: of validation, or of training without. */
export const comparedCurves = view("compared", draw);

/**
 * @param {ComparedRun[]} data
 * @param {object} _options
 * @param {View<ComparedRun[], object>} _element
 */
function draw(data, _options, _element) {
  const [loss, accuracy] = [lines(data, "loss"), lines(data, "accuracy")];
  return html`
    <div class="charts">${chart(t("Loss"), loss, false)} ${chart(t("Accuracy"), accuracy, true)}</div>
    <p class="legend">${data.map((run, place) => html`<span class="key run-${place}">${run.name}</span>`)}
      <span class="soft">${data.some((run) => run.rows.some((row) => row.validation_loss === null)) ? t("of training where nothing was validated") : t("of validation")}</span></p>`;
}

/**
 * The points [epoch, value] of every run.
 *
 * @param {ComparedRun[]} runs
 * @param {"loss" | "accuracy"} measure
 * @returns {[number, number][][]}
 */
export function lines(runs, measure) {
  return runs.map((run) =>
    run.rows.flatMap((row) => {
      const value = row[`validation_${measure}`] ?? row[`train_${measure}`];
      return Number.isFinite(value) ? [/** @type {[number, number]} */ ([row.epoch, value])] : [];
    }),
  );
}

/** @param {string} title @param {[number, number][][]} all @param {boolean} isShare */
function chart(title, all, isShare) {
  const values = all.flat().map(([, value]) => value);
  if (!values.length) return nothing;
  const last = Math.max(...all.flat().map(([epoch]) => epoch), 2);
  const [low, high] = isShare ? [roundRange(Math.min(...values, 0.9), 1)[0], 1]
    : roundRange(Math.min(...values, 0), Math.max(...values));
  const across = (/** @type {number} */ x) => LEFT + ((x - 1) / (last - 1)) * (WIDTH - RIGHT - LEFT);
  const up = (/** @type {number} */ y) =>
    HEIGHT - BOTTOM - ((y - low) / (high - low || 1)) * (HEIGHT - BOTTOM - TOP);
  const ticks = roundTicks(low, high, 5);
  return html`<figure><figcaption>${title}</figcaption>
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label=${`${title}. ${spoken(all, isShare)}`}>
      ${ticks.map(
        (tick) => svg`<line class="grid" x1=${LEFT} x2=${WIDTH - RIGHT} y1=${up(tick)} y2=${up(tick)}></line>
          <text class="soft" x=${LEFT - 7} y=${up(tick) + 4} text-anchor="end">${isShare
            ? percentText(tick, 0) : tickText(tick, ticks)}</text>`,
      )}
      ${roundTicks(1, last, 7).filter(Number.isInteger).map((tick) => svg`<text class="soft"
        x=${across(tick)} y=${HEIGHT - 18} text-anchor="middle">${tick}</text>`)}
      <text class="soft" x=${(LEFT + WIDTH - RIGHT) / 2} y=${HEIGHT - 3} text-anchor="middle">${t("epoch")}</text>
      ${all.map((line, place) =>
        line.length
          ? svg`<path class="run-${place}" d=${`M${line.map(([x, y]) => `${across(x).toFixed(1)} ${up(y).toFixed(1)}`).join("L")}`}></path>
              <circle class="run-${place}" cx=${across(line[line.length - 1][0])} cy=${up(line[line.length - 1][1])} r="3.5"></circle>`
          : nothing,
      )}
    </svg></figure>`;
}

/** @param {[number, number][][]} all @param {boolean} isShare */
function spoken(all, isShare) {
  return all
    .map((line) => line[line.length - 1])
    .map((end) => (end ? (isShare ? percentText(end[1]) : numberText(end[1], 4)) : "–"))
    .join(", ");
}
