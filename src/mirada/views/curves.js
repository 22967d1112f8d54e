// @ts-check
/** Training curves: loss and accuracy by epoch, also of a run that goes on. */

import { numberText, percentText, t } from "./language.js";
import { roundRange, roundTicks, tickText } from "./ticks.js";
import { html, nothing, svg } from "./vendor/lit-html.js";
import { tell, view } from "./view.js";

/** @import { View } from "./view.js" */

/**
 * One epoch, as a line "epoch" of `metrics.jsonl` has it.
 *
 * @typedef {object} EpochRow
 * @property {number} epoch
 * @property {number} train_loss
 * @property {number} train_accuracy
 * @property {number | null} validation_loss
 * @property {number | null} validation_accuracy
 * @property {boolean} best
 */

/**
 * `epochs` is how many there will be. `steps` are the losses of single batches, as
 * [step, loss]; they are drawn where `steps_per_epoch` is known. `rates` are the steps
 * after which the learning rate was changed by hand.
 *
 * @typedef {object} Curves
 * @property {EpochRow[]} rows
 * @property {number} [epochs]
 * @property {number} [steps_per_epoch]
 * @property {[number, number][]} [steps]
 * @property {{step: number, factor: number}[]} [rates]
 */

/**
 * @typedef {object} Chart
 * @property {string} title
 * @property {[number, number][][]} lines training, then validation: [epoch, value]
 * @property {[number, number][]} steps
 * @property {boolean} isShare
 */

/** @typedef {(value: number) => number} Scale */

const HEIGHT = 250;
const [NARROWEST, USUAL, WIDEST, GAP] = [280, 420, 760, 20];
const [TOP, RIGHT, BOTTOM, LEFT] = [16, 12, 36, 52];
const LARGEST = 1e30;

/** @type {WeakMap<HTMLElement, number>} the epoch that is pointed at, for each view */
const pointed = new WeakMap();
/** @type {WeakMap<HTMLElement, {width: number, data: Curves}>} how wide each view is, and its data */
const sizes = new WeakMap();

/**
 * The curves of a run. Event "pick": {epoch} when one is pointed at or chosen by arrow
 * keys.
 */
export const curves = view("curves", draw);

/**
 * @param {Curves} data
 * @param {object} options
 * @param {View<Curves, object>} element
 */
function draw(data, options, element) {
  const [loss, accuracy] = chartsOf(data);
  const domain = domainOf(data);
  const width = chartWidth(element, data);
  const rows = data.rows;
  const at = rows.findIndex((row) => row.epoch === pointed.get(element));
  const row = rows[at] ?? rows[rows.length - 1];
  const point = (/** @type {number} */ epoch) => {
    if (!rows.length || pointed.get(element) === epoch) return;
    pointed.set(element, epoch);
    element.update(data);
    tell(element, "pick", { epoch });
  };
  const spoken = [loss, accuracy].map((chart) => describe(chart)).join(" ");
  return html`
    <div class="charts" role="group" tabindex="0" aria-label=${`${t("Training curves")}. ${spoken}`}
      @keydown=${(/** @type {KeyboardEvent} */ event) => step(event, rows, row, point)}>
      ${[loss, accuracy].map((chart) => panel(chart, width, domain, data, at < 0 ? undefined : row, point))}
    </div>
    <p class="legend">
      <span class="key training">${t("training")}</span>
      <span class="key validation">${t("validation")}</span>
      ${loss.steps.length ? html`<span class="key batch">${t("single batches")}</span>` : nothing}
      ${rows.length > 1 ? html`<span class="key best">${t("best epoch")}</span>` : nothing}
      ${data.rates?.length ? html`<span class="key rate">${t("learning rate changed")}</span>` : nothing}
    </p>
    <p class="readout">${row ? readout(row) : t("The first epoch is not done yet.")}</p>`;
}

/**
 * The width of one of two charts, so that letters have one size wherever they stand.
 *
 * @param {View<Curves, object>} element
 * @param {Curves} data
 */
function chartWidth(element, data) {
  const known = sizes.get(element);
  if (known) {
    known.data = data;
    return known.width;
  }
  const size = { width: USUAL, data };
  sizes.set(element, size);
  new ResizeObserver(([{ contentRect }]) => {
    const whole = contentRect.width;
    const own = whole > 2 * 300 + GAP ? (whole - GAP) / 2 : whole;
    const width = Math.max(NARROWEST, Math.min(WIDEST, Math.round(own)));
    if (!whole || width === size.width) return;
    size.width = width;
    element.update(size.data);
  }).observe(element);
  return size.width;
}

/** @param {Curves} data @returns {[Chart, Chart]} */
function chartsOf(data) {
  const perEpoch = data.steps_per_epoch ?? 0;
  /** @type {[number, number][]} */
  const steps = perEpoch ? (data.steps ?? []).map(([step, loss]) => [step / perEpoch, loss]) : [];
  const line = (/** @type {keyof EpochRow} */ name) =>
    /** @type {[number, number][]} */ (
      data.rows.map((row) => [row.epoch, row[name]]).filter(([, value]) => isDrawable(value))
    );
  return [
    {
      title: t("Loss"),
      lines: [line("train_loss"), line("validation_loss")],
      steps: steps.filter(([, loss]) => isDrawable(loss)),
      isShare: false,
    },
    {
      title: t("Accuracy"),
      lines: [line("train_accuracy"), line("validation_accuracy")],
      steps: [],
      isShare: true,
    },
  ];
}

/** @param {unknown} value */
function isDrawable(value) {
  return typeof value === "number" && Number.isFinite(value) && Math.abs(value) < LARGEST;
}

/** The first and last epoch of the axis. @param {Curves} data @returns {[number, number]} */
function domainOf(data) {
  const first = data.steps?.length && data.steps_per_epoch ? 0 : (data.rows[0]?.epoch ?? 0);
  const last = data.rows[data.rows.length - 1]?.epoch ?? 1;
  return [first, Math.max(data.epochs ?? 0, last, first + 1)];
}

/** @param {Chart} chart @returns {[number, number]} */
function rangeOf(chart) {
  const values = [...chart.lines.flat(), ...chart.steps].map(([, value]) => value);
  const low = values.length ? Math.min(...values) : 0;
  const high = values.length ? Math.max(...values) : 1;
  if (chart.isShare) return [roundRange(Math.min(low, 0.9), 1)[0], 1];
  return roundRange(Math.min(low, 0), high > 0 ? high : 1);
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
function panel(chart, width, domain, data, row, point) {
  const [low, high] = rangeOf(chart);
  const across = scale(domain[0], domain[1], LEFT, width - RIGHT);
  const up = scale(low, high, HEIGHT - BOTTOM, TOP);
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

/**
 * @param {KeyboardEvent} event
 * @param {EpochRow[]} rows
 * @param {EpochRow | undefined} row
 * @param {(epoch: number) => void} point
 */
function step(event, rows, row, point) {
  const by = { ArrowLeft: -1, ArrowRight: 1, Home: -rows.length, End: rows.length }[event.key];
  if (by === undefined || row === undefined) return;
  event.preventDefault();
  const place = Math.max(0, Math.min(rows.length - 1, rows.indexOf(row) + by));
  point(rows[place].epoch);
}

/** @param {EpochRow} row */
function readout(row) {
  const words = {
    epoch: row.epoch,
    loss: numberText(row.train_loss, 4),
    accuracy: percentText(row.train_accuracy),
    other_loss: numberText(row.validation_loss ?? NaN, 4),
    other: percentText(row.validation_accuracy ?? NaN),
  };
  if (row.validation_loss === null)
    return t("Epoch {epoch}: training loss {loss}, accuracy {accuracy}.", words);
  return t(
    "Epoch {epoch}: training loss {loss}, accuracy {accuracy}; validation {other_loss}, {other}.",
    words,
  );
}

/** A chart in sentences, for who cannot see it. @param {Chart} chart */
function describe(chart) {
  const labels = [t("training"), t("validation")];
  const shown = (/** @type {number} */ value) =>
    chart.isShare ? percentText(value) : numberText(value, 4);
  const spoken = chart.lines.map((line, place) => {
    if (!line.length) return t("{label}: no values.", { label: labels[place] });
    const [[first, start], [last, end]] = [line[0], line[line.length - 1]];
    return t("{label}: {start} at epoch {first}, {end} at epoch {last}.", {
      label: labels[place],
      start: shown(start),
      first,
      end: shown(end),
      last,
    });
  });
  return `${chart.title}. ${spoken.join(" ")}`;
}
