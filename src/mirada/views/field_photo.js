// @ts-check
/** An image with the pixels that a number was made of framed on it. */

import { t } from "./language.js";
import { html, nothing, svg } from "./vendor/lit-html.js";
import { tell, view } from "./view.js";

/** @import { View } from "./view.js" */

/** First and last, both inside. @typedef {[number, number]} Span */

/**
 * `box` are the pixels that count, cut at the edges of the image.
 *
 * @typedef {object} FieldPhoto
 * @property {string} image an address
 * @property {string} name
 * @property {[number, number]} size height and width
 * @property {{rows: Span, columns: Span} | null} [box]
 */

/** The image. Event: "pick" {row, column} when a pixel is chosen. */
export const fieldPhoto = view("field-photo", draw);

/**
 * @param {FieldPhoto} data
 * @param {object} _options
 * @param {View<FieldPhoto, object>} element
 */
function draw(data, _options, element) {
  const [height, width] = data.size;
  const pick = (/** @type {PointerEvent} */ event) => {
    const box = /** @type {SVGElement} */ (event.currentTarget).getBoundingClientRect();
    const row = Math.floor(((event.clientY - box.top) / box.height) * height);
    const column = Math.floor(((event.clientX - box.left) / box.width) * width);
    if (row >= 0 && column >= 0 && row < height && column < width) tell(element, "pick", { row, column });
  };
  return html`
    <svg viewBox="0 0 ${width} ${height}" role="img" aria-label=${spoken(data)} @pointerdown=${pick}>
      <image href=${data.image} width=${width} height=${height} class="pixels"></image>
      ${data.box ? framed(data.box, data.size) : nothing}
    </svg>`;
}

/** @param {{rows: Span, columns: Span}} box @param {[number, number]} size */
function framed({ rows, columns }, [height, width]) {
  const [top, left] = [rows[0], columns[0]];
  const [high, wide] = [rows[1] - top + 1, columns[1] - left + 1];
  const around = `M0 0h${width}v${height}h${-width}zM${left} ${top}v${high}h${wide}v${-high}z`;
  return svg`<path class="veil" d=${around}></path>
    <rect class="outer" x=${left} y=${top} width=${wide} height=${high}></rect>
    <rect class="inner" x=${left} y=${top} width=${wide} height=${high}></rect>`;
}

/** @param {FieldPhoto} data */
function spoken(data) {
  if (!data.box) return data.name;
  const [rows, columns] = [data.box.rows, data.box.columns];
  return t("{name}; framed: rows {top} to {bottom}, columns {left} to {right}", {
    name: data.name,
    top: rows[0],
    bottom: rows[1],
    left: columns[0],
    right: columns[1],
  });
}
