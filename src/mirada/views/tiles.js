// @ts-check
/** Small pictures of numbers on canvases: filters and maps, in the colours of signs. */

import { signed } from "./colours.js";

/** @type {WeakMap<HTMLElement, HTMLCanvasElement[]>} */
const kept = new WeakMap();

/**
 * The canvases of a view, the same ones at every drawing.
 *
 * @param {HTMLElement} element
 * @param {number} count
 */
export function canvases(element, count) {
  const found = kept.get(element) ?? [];
  while (found.length < count) {
    const canvas = document.createElement("canvas");
    canvas.className = "pixels";
    canvas.setAttribute("aria-hidden", "true");
    found.push(canvas);
  }
  kept.set(element, found);
  return found.slice(0, count);
}

/**
 * Paints maps side by side, a pixel a number and a free column between two of them.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {ArrayLike<number>} values maps, one after the other from `start` on
 * @param {{start: number, count: number, height: number, width: number}} where
 * @param {number} most the size that has the full colour
 */
export function paintMaps(canvas, values, { start, count, height, width }, most) {
  const whole = count * (width + 1) - 1;
  const image = sized(canvas, whole, height);
  for (let map = 0; map < count; map++)
    for (let row = 0; row < height; row++)
      for (let column = 0; column < width; column++) {
        const from = start + (map * height + row) * width + column;
        const to = 4 * (row * whole + map * (width + 1) + column);
        image.data.set(signed(values[from], most), to);
        image.data[to + 3] = 255;
      }
  canvas.getContext("2d")?.putImageData(image, 0, 0);
}

/**
 * Paints a filter of three channels as one picture in colour, grey where it is zero.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {ArrayLike<number>} values
 * @param {{start: number, height: number, width: number}} where
 * @param {number} most
 */
export function paintColours(canvas, values, { start, height, width }, most) {
  const image = sized(canvas, width, height);
  for (let pixel = 0; pixel < height * width; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      const value = values[start + channel * height * width + pixel];
      image.data[4 * pixel + channel] = Math.round(127.5 + (127.5 * value) / (most || 1));
    }
    image.data[4 * pixel + 3] = 255;
  }
  canvas.getContext("2d")?.putImageData(image, 0, 0);
}

/** @param {HTMLCanvasElement} canvas @param {number} width @param {number} height */
function sized(canvas, width, height) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  return new ImageData(width, height);
}
