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
  const middles = middlesOf(column);
  lines.setAttribute("width", String(room));
  lines.setAttribute("height", String(column.offsetHeight));
  lines.replaceChildren(
    ...skips.map(([from, to], number) => {
      const start = middles.get(from) ?? 0;
      const end = middles.get(to) ?? 0;
      const x = 4 + lanes[number] * LANE;
      const path = document.createElementNS(SVG, "path");
      path.setAttribute("d",
        `M${room} ${start}H${x + 5}q-5 0 -5 5V${end - 5}q0 5 5 5H${room - 1}m-5 -3.500l5 3.500l-5 3.500`);
      return path;
    }),
  );
}

/** Where every row stands, measured once. @param {HTMLElement} column @returns {Map<number, number>} */
function middlesOf(column) {
  const { top } = column.getBoundingClientRect();
  const heads = [...column.querySelectorAll("[data-place] > .layer-head")];
  return new Map(
    heads.map((head) => {
      const box = head.getBoundingClientRect();
      const row = /** @type {HTMLElement} */ (head.parentElement);
      return [Number(row.dataset.place), Math.round(box.top - top + box.height / 2)];
    }),
  );
}
