// @ts-check
/** Views as widgets of a notebook: their data comes from Python, what is done goes back. */

import { speak } from "./language.js";

/** @import { View } from "./view.js" */

/**
 * What stands for a widget's Python here, as anywidget gives it.
 *
 * @typedef {object} Model
 * @property {(name: string) => any} get
 * @property {(name: string, value: unknown) => void} set
 * @property {() => void} save_changes
 * @property {(event: string, heard: () => void) => void} on
 * @property {(event: string, heard: () => void) => void} off
 */

/** @typedef {{model: Model, el: HTMLElement}} Place */

/**
 * Shows a view of the model's `data` and `options` and keeps it in step with them. What
 * is done in it is set as `told`: {kind, detail}; of a "change" the detail is also the
 * new `data`. Gives what ends it.
 *
 * @template Data, Options
 * @param {(data: Data, options: Options) => View<Data, Options>} make
 * @param {Place} place
 * @param {(model: Model) => Data} [dataOf]
 */
export function shown(make, { model, el }, dataOf = (each) => each.get("data")) {
  const { language, words } = model.get("spoken");
  speak(language, words);
  const view = make(dataOf(model), model.get("options"));
  const redraw = () => view.update(dataOf(model), model.get("options"));
  const heard = (/** @type {Event} */ event) => {
    const { type, detail } = /** @type {CustomEvent} */ (event);
    if (detail === undefined || detail === null) return;
    model.set("told", { kind: type, detail });
    if (type === "change") model.set("data", detail);
    model.save_changes();
  };
  for (const kind of ["pick", "change"]) view.addEventListener(kind, heard);
  for (const name of ["data", "options"]) model.on(`change:${name}`, redraw);
  el.classList.add("mirada-widget");
  el.append(view);
  dress(el);
  return () => {
    for (const name of ["data", "options"]) model.off(`change:${name}`, redraw);
  };
}

/**
 * Light on a light page, dark on a dark one: notebooks have themes of their own, whatever
 * the system prefers.
 *
 * @param {HTMLElement} el
 */
function dress(el) {
  requestAnimationFrame(() => {
    el.style.colorScheme = isDark(el.parentElement) ? "dark" : "light";
  });
}

/** @param {HTMLElement | null} element whose background is asked for */
function isDark(element) {
  for (let each = element; each; each = each.parentElement) {
    const [red, green, blue, alpha = 1] = (
      getComputedStyle(each).backgroundColor.match(/[\d.]+/g) ?? []
    ).map(Number);
    if (alpha > 0.5) return 0.299 * red + 0.587 * green + 0.114 * blue < 128;
  }
  return false;
}
