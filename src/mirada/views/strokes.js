// @ts-check
/** Strokes of a pen in a square of side 1, painted at any size. */

/**
 * Points across and down, from 0 to 1, each with how hard the pen presses (1 as a mouse).
 *
 * @typedef {[number, number, number][]} Stroke
 */

/** Of the side: a stroke as wide as those of MNIST's digits. */
const WIDTH = 0.085;
/** Of the side: the box that MNIST's digits were scaled into, 20 pixels of 28. */
const BOX = 20 / 28;

/**
 * Paints strokes white on black on a square of so many pixels.
 *
 * @param {CanvasRenderingContext2D} ink
 * @param {Stroke[]} strokes
 * @param {number} side
 */
export function painted(ink, strokes, side) {
  ink.globalCompositeOperation = "source-over";
  ink.fillStyle = "#000";
  ink.fillRect(0, 0, side, side);
  ink.fillStyle = ink.strokeStyle = "#fff";
  ink.lineCap = ink.lineJoin = "round";
  for (const stroke of strokes) {
    const [first] = stroke;
    dot(ink, first, side);
    for (let place = 1; place < stroke.length; place++) line(ink, stroke[place - 1], stroke[place], side);
  }
}

/** @param {CanvasRenderingContext2D} ink @param {[number, number, number]} point @param {number} side */
function dot(ink, [x, y, pressure], side) {
  ink.beginPath();
  ink.arc(x * side, y * side, (WIDTH * pressure * side) / 2, 0, 2 * Math.PI);
  ink.fill();
}

/**
 * @param {CanvasRenderingContext2D} ink
 * @param {[number, number, number]} from
 * @param {[number, number, number]} to
 * @param {number} side
 */
function line(ink, from, to, side) {
  ink.lineWidth = (WIDTH * (from[2] + to[2]) * side) / 2;
  ink.beginPath();
  ink.moveTo(from[0] * side, from[1] * side);
  ink.lineTo(to[0] * side, to[1] * side);
  ink.stroke();
}

/**
 * The strokes moved to the middle and scaled, so that they and their width fill MNIST's
 * box on their longer side.
 *
 * @param {Stroke[]} strokes
 * @returns {Stroke[]}
 */
export function centred(strokes) {
  const points = strokes.flat();
  if (!points.length) return strokes;
  const [xs, ys] = [points.map((point) => point[0]), points.map((point) => point[1])];
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [top, bottom] = [Math.min(...ys), Math.max(...ys)];
  const longer = Math.max(right - left, bottom - top);
  const scale = longer > 0.02 ? (BOX - WIDTH) / longer : 1;
  return strokes.map((stroke) =>
    stroke.map(([x, y, pressure]) => [
      0.5 + (x - (left + right) / 2) * scale,
      0.5 + (y - (top + bottom) / 2) * scale,
      pressure,
    ]),
  );
}
