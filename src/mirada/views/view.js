// @ts-check
/** What every view is: a function from data and options to an element. */

import { render } from "./vendor/lit-html.js";

/**
 * An element that shows data, and other data when it is told to.
 *
 * @template Data, Options
 * @typedef {HTMLElement & {update(data: Data, options?: Options): void}} View
 */

/**
 * Makes a view of a drawing function, which gives a template of lit-html. The function
 * is also given the element, to send events from and to redraw:
 *
 *     export const bars = view("bars", (data, options, element) => html`...`);
 *     const element = bars([1, 2, 3]);
 *     element.update([1, 2, 4]);
 *
 * @template Data
 * @template [Options=object]
 * @param {string} name the class of the element, `view-<name>`
 * @param {(data: Data, options: Options, element: View<Data, Options>) => unknown} draw
 * @returns {(data: Data, options?: Options) => View<Data, Options>}
 */
export function view(name, draw) {
  return (data, options) => {
    /** @type {View<Data, Options>} */
    const element = /** @type {any} */ (document.createElement("div"));
    element.className = `view view-${name}`;
    let used = options ?? /** @type {Options} */ ({});
    element.update = (next, others) => {
      used = others ?? used;
      render(draw(next, used, element), element);
    };
    element.update(data, options);
    return element;
  };
}

/**
 * Tells who uses a view that something was done in it: an event that bubbles.
 *
 * @param {HTMLElement} element
 * @param {string} kind
 * @param {unknown} [detail]
 */
export function tell(element, kind, detail) {
  element.dispatchEvent(new CustomEvent(kind, { bubbles: true, detail }));
}
