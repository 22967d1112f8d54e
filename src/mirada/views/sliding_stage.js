// @ts-check
/** The picture of a sliding window: image, kernel and what comes out, cell by cell. */

import { draw, editingKeys, outputKeys } from "./grid_keys.js";
import { t } from "./language.js";
import { shortText } from "./matrix_text.js";
import { largest, numberGrid } from "./number_grid.js";
import { html, nothing } from "./vendor/lit-html.js";
import { isPooling, position, tapsAt } from "./window_arithmetic.js";
import { positionsRead } from "./window_size.js";

/** @import { Frame } from "./number_grid.js" */
/** @import { SlidingModel } from "./sliding_model.js" */
/** @import { Matrix } from "./window_arithmetic.js" */

/** @type {Record<string, string>} */
const SIGNS = { correlation: "⋆", convolution: "∗", max: "max", mean: "mean" };

/** @param {SlidingModel} model */
export function stage(model) {
  const { shown, slid } = model;
  const results = resultGrids(model);
  const width = shown.image[0][0].length + slid.columns.start + slid.columns.end;
  const kernel = slid.kernel ? slid.columns.size : 0;
  const flipped = isTurned(model) ? slid.columns.size : 0;
  const across = width + kernel + flipped + slid.columns.output * (results.length ? 2 : 1);
  const gaps = 150 + (flipped ? 30 : 0) + (results.length ? 60 : 0);
  const style = `--across:${across};--gaps:${gaps}px;--widest:${width};--pair:${width + kernel}`;
  return html`
    <div class="stage" .style=${style}>
      <div class="channels">
        ${shown.image.map((_, channel) => channelRow(model, channel))}
      </div>
      ${results.length
        ? html`<div class="results">${sign(shown.image.length > 1 ? "Σ" : "→")}<div
          class="stack">${results}</div></div>`
        : nothing}
    </div>`;
}

/** Whether the kernel that slides is not the one that was given. @param {SlidingModel} model */
function isTurned({ shown }) {
  return shown.mode === "convolution";
}

/** @param {SlidingModel} model @param {number} channel */
function channelRow(model, channel) {
  const { shown, slid } = model;
  const map = slid.maps[channel];
  return html`
    <div class="channel">
      ${imageGrid(model, channel)}
      ${slid.kernel ? [sign(SIGNS[shown.mode]), kernelGrids(model, slid.kernel[channel], channel)] : nothing}
      ${map
        ? [
            sign(slid.kernel ? "=" : SIGNS[shown.mode]),
            outputGrid(model, `map-${channel}`, map, mapCaption(model, channel)),
          ]
        : nothing}
    </div>`;
}

/** @param {string} text */
export function sign(text) {
  return html`<span class="sign ${text === "⋆" ? "star" : ""}" aria-hidden="true">${text}</span>`;
}

/** @param {SlidingModel} model @param {number} channel */
function imageGrid(model, channel) {
  const { shown, slid } = model;
  const { rows, columns } = slid;
  const name = `image-${channel}`;
  const down = positionsRead(rows);
  const across = positionsRead(columns);
  return numberGrid({
    name,
    caption: shown.image.length === 1 ? t("image") : t("channel {number}", { number: channel }),
    values: shown.image[channel],
    sides: [rows.start, rows.end, columns.start, columns.end],
    isUnread: (row, column) => !slid.refusal && !(down[row] && across[column]),
    frames: model.count ? windowFrames(model, channel) : [],
    largest: Math.max(...shown.image.map(largest)),
    kind: model.tool === "paint" ? "image painted" : "image",
    ...typing(model, name),
    pointed: (kind, row, column, event) => imagePointed(model, name, kind, row, column, event),
  });
}

/** @param {SlidingModel} model @param {string} name */
function typing(model, name) {
  return {
    cursor: model.cursors[name] ?? /** @type {[number, number]} */ ([0, 0]),
    typing: model.typing?.grid === name ? model.typing : null,
    pressed: editingKeys(model, name),
    /** @type {(row: number, column: number, text: string) => void} */
    pasted: (row, column, text) => model.paste(name, row, column, text),
    /** @type {(row: number, column: number, text: string, done: boolean) => void} */
    typed: (_row, _column, text, done) => void model.typed(text, done),
  };
}

/**
 * @param {SlidingModel} model
 * @param {string} name
 * @param {string} kind
 * @param {number} row
 * @param {number} column
 * @param {PointerEvent} event
 */
function imagePointed(model, name, kind, row, column, event) {
  const isInside = model.matrix(name)[row]?.[column] !== undefined;
  if (isInside && kind !== "double") model.cursors[name] = [row, column];
  if (model.tool === "paint") {
    if (kind === "down") draw(model, name, row, column);
    else if (kind === "move" && isInside) model.put(name, row, column, model.brush);
    return;
  }
  if (kind === "down" || kind === "move") model.moveOver(row, column);
  else if (kind === "double" && isInside) model.type(name, row, column);
  else if (kind === "click" && isInside && event.pointerType !== "touch") model.focus(name, row, column);
}

/** @param {SlidingModel} model @param {Matrix} sliding @param {number} channel */
export function kernelGrids(model, sliding, channel) {
  const name = `kernel-${channel}`;
  const { kernel } = model.shown;
  const most = Math.max(...kernel.map(largest));
  const given = numberGrid({
    name,
    caption: t("kernel"),
    values: kernel[channel],
    largest: most,
    kind: "kernel",
    frames: isTurned(model) ? [] : [whole(sliding)],
    ...typing(model, name),
    pointed: (kind, row, column) => kind === "click" && model.type(name, row, column),
  });
  if (!isTurned(model)) return given;
  return html`${given}<span class="sign turned" aria-hidden="true">↻</span>${numberGrid({
    name: `turned-${channel}`,
    caption: t("flipped"),
    values: sliding,
    largest: most,
    kind: "kernel",
    frames: [whole(sliding)],
  })}`;
}

/** @param {Matrix} matrix @returns {Frame} */
function whole(matrix) {
  return { kind: "in", row: 0, column: 0, height: matrix.length, width: matrix[0].length };
}

/** @param {SlidingModel} model @param {number} channel @returns {Frame[]} */
function windowFrames(model, channel) {
  const { shown, slid } = model;
  const { rows, columns } = slid;
  const [row, column] = shown.at;
  const tap = (/** @type {number} */ y, /** @type {number} */ x, /** @type {string} */ kind) => ({
    kind, row: position(rows, row, y), column: position(columns, column, x), height: 1, width: 1,
  });
  const frames = [{ ...tap(0, 0, "in"), height: rows.span, width: columns.span }];
  if (rows.dilation > 1 && rows.size * columns.size > 1) {
    frames[0].kind = "in wide";
    for (const { y, x } of tapsAt(slid, shown.image[channel], row, column)) frames.push(tap(y, x, "tap"));
  }
  if (shown.mode === "max")
    for (const { y, x } of winners(model, channel)) frames.push(tap(y, x, "most"));
  return frames;
}

/**
 * The taps whose value is the largest.
 *
 * @param {Pick<SlidingModel, "shown" | "slid">} model
 * @param {number} channel
 */
export function winners({ shown, slid }, channel) {
  const seen = tapsAt(slid, shown.image[channel], ...shown.at);
  const most = slid.output[channel][shown.at[0]][shown.at[1]];
  return seen.filter((tap) => tap.isInside && tap.value === most);
}

/** @param {SlidingModel} model @param {string} name @param {Matrix} values @param {string} caption */
function outputGrid(model, name, values, caption) {
  const [row, column] = model.shown.at;
  return numberGrid({
    name,
    caption,
    values,
    kind: "output",
    cursor: model.shown.at,
    later: model.isPlaying ? model.place + 1 : undefined,
    frames: [{ kind: "out", row, column, height: 1, width: 1 }],
    pressed: outputKeys(model, name),
    pointed: (kind, at, across) => (kind === "down" || kind === "move") && model.moveTo(at, across),
  });
}

/** @param {SlidingModel} model @param {number} channel */
function mapCaption({ shown }, channel) {
  if (shown.image.length > 1) return t("map {number}", { number: channel });
  return shown.bias || shown.activation ? t("sum") : t("output");
}

/** The sum, the bias and the activation of it, where they are not the one map. @param {SlidingModel} model */
function resultGrids(model) {
  const { shown, slid } = model;
  if (isPooling(shown.mode) || !slid.total || !slid.biased) return [];
  /** @type {[string, Matrix, string][]} */
  const found = [];
  let caption = t("sum");
  if (shown.image.length > 1) found.push(["sum", slid.total, caption]);
  if (shown.bias) {
    caption += ` ${shown.bias > 0 ? "+" : "−"} ${shortText(Math.abs(shown.bias))}`;
    found.push(["biased", slid.biased, caption]);
  }
  if (shown.activation) found.push(["output", slid.output[0], `${shown.activation}(${caption})`]);
  return found.map(([name, values, words]) => outputGrid(model, name, values, words));
}
