// @ts-check
/** The lines beside the column, from a layer to a later one that reads it. */

import { lanesOf } from "../../../views/network_drawing.js";

/** @import { Answer } from "./architect_build.js" */

const LANE = 9;
const SVG = "http://www.w3.org/2000/svg";

/**
 * The pairs of places, source and reader, that are no neighbours.
 *
 * @param {Answer} answer
 * @returns {[number, number][]}
 */
export function skipsOf(answer) {
  const places = new Map(answer.layers.map((layer, place) => [layer.name, place]));
  return answer.layers.flatMap((layer, place) =>
    layer.inputs
      .map((name) => (name === "input" ? -1 : places.get(name) ?? place))
      .filter((from) => from < place - 1)
      .map((from) => /** @type {[number, number]} */ ([from, place])),
  );
}

/** How much room the lines take beside the column. @param {[number, number][]} skips */
export function skipRoom(skips) {
  return skips.length ? (Math.max(...lanesOf(skips)) + 1) * LANE + 10 : 0;
}

/**
 * Draws the lines where the rows stand now.
 *
 * @param {SVGElement} lines
 * @param {HTMLElement} column
 * @param {[number, number][]} skips
 */
export function drawSkips(lines, column, skips) {
  const room = skipRoom(skips);
  const lanes = lanesOf(skips);
  const top = column.getBoundingClientRect().top;
  lines.setAttribute("width", String(room));
  lines.setAttribute("height", String(column.offsetHeight));
  lines.replaceChildren(
    ...skips.map(([from, to], number) => {
      const start = middle(column, from, top);
      const end = middle(column, to, top);
      const x = 4 + lanes[number] * LANE;
      const path = document.createElementNS(SVG, "path");
      path.setAttribute("d",
        `M${room} ${start}H${x + 5}q-5 0 -5 5V${end - 5}q0 5 5 5H${room - 1}m-5 -3.500l5 3.500l-5 3.500`);
      return path;
    }),
  );
}

/** @param {HTMLElement} column @param {number} place @param {number} top */
function middle(column, place, top) {
  const row = column.querySelector(`[data-place="${place}"] .layer-head`);
  if (!row) return 0;
  const box = row.getBoundingClientRect();
  return Math.round(box.top - top + box.height / 2);
}
