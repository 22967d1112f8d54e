// @ts-check
/** Training curves: loss and accuracy by epoch, also of a run that goes on. */

import { chartPanel, cutOff, isDrawable } from "./epoch_chart.js";
import { percentText, shortText, t } from "./language.js";
import { html, nothing } from "./vendor/lit-html.js";
import { tell, view } from "./view.js";

/** @import { Chart } from "./epoch_chart.js" */
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

const [NARROWEST, USUAL, WIDEST, GAP] = [280, 420, 760, 20];

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
  const cut = cutOff(loss);
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
      ${[loss, accuracy].map(
        (chart) => chartPanel(chart, width, domain, data, at < 0 ? undefined : row, point))}
    </div>
    <p class="legend">
      <span class="key training">${t("training")}</span>
      <span class="key validation">${t("validation")}</span>
      ${loss.steps.length ? html`<span class="key batch">${t("single batches")}</span>` : nothing}
      ${rows.length > 1 ? html`<span class="key best">${t("best epoch")}</span>` : nothing}
      ${data.rates?.length ? html`<span class="key rate">${t("learning rate changed")}</span>` : nothing}
      ${cut === null ? nothing : html`<span class="cut">${cutText(cut)}</span>`}
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

/** The first and last epoch of the axis. @param {Curves} data @returns {[number, number]} */
function domainOf(data) {
  const first = data.steps?.length && data.steps_per_epoch ? 0 : (data.rows[0]?.epoch ?? 0);
  const last = data.rows[data.rows.length - 1]?.epoch ?? 1;
  return [first, Math.max(data.epochs ?? 0, last, first + 1)];
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

/** @param {number} largest */
function cutText(largest) {
  return t("The axis ends before the largest loss: {most}.", { most: shortText(largest) });
}

/** @param {EpochRow} row */
function readout(row) {
  const words = {
    epoch: row.epoch,
    loss: shortText(row.train_loss),
    accuracy: percentText(row.train_accuracy),
    other_loss: shortText(row.validation_loss ?? NaN),
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
    chart.isShare ? percentText(value) : shortText(value);
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
