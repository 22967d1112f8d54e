// @ts-check
/** Every layer's maps of the image, and the arithmetic behind the number that is chosen. */

import { arithmetic, placeText } from "../../../views/arithmetic.js";
import { t } from "../../../views/language.js";
import { layerMaps } from "../../../views/maps.js";
import { joinedPlaces } from "../../../views/term_list.js";
import { html, nothing, render } from "../../../views/vendor/lit-html.js";

/** @import { Tab } from "./look.js" */
/** @import { Layer, Looking, Step } from "./look_model.js" */
/** @import { LayerMaps, MapsOptions, Window } from "../../../views/maps.js" */
/** @import { View } from "../../../views/view.js" */

/** @param {Looking} model @returns {Tab} */
export function mapsTab(model) {
  const column = new Column(model);
  return { element: column.element, update: () => column.draw(), leave: () => column.leave() };
}

class Column {
  /** @param {Looking} model */
  constructor(model) {
    this.model = model;
    this.element = document.createElement("div");
    this.element.className = "look-layers";
    /** @type {Map<string, View<LayerMaps, MapsOptions>>} */
    this.views = new Map();
    /** @type {Map<string, unknown[]>} what each of them shows, so that nothing is drawn twice */
    this.shown = new Map();
    /** @type {ReturnType<typeof arithmetic> | null} */
    this.sum = null;
    this.width = 0;
    this.shownStep = "";
    this.sizes = new ResizeObserver(() => this.resized());
    this.sizes.observe(this.element);
    this.element.addEventListener("pick",
      (event) => model.choose(/** @type {CustomEvent<Step>} */ (event).detail));
    this.element.addEventListener("back", () => model.back());
    this.element.addEventListener("walk",
      (event) => this.walk(/** @type {CustomEvent<Step>} */ (event).detail));
    this.element.addEventListener("more", (event) => {
      const { layer } = /** @type {CustomEvent} */ (event).detail;
      model.more(layer, model.shape(layer)[0]);
    });
  }

  leave() {
    this.sizes.disconnect();
  }

  resized() {
    const column = this.element.querySelector(".layers");
    const width = Math.floor(column?.clientWidth ?? 0);
    if (!width || width === this.width) return;
    this.width = width;
    this.draw();
  }

  /** @param {Step} step */
  async walk(step) {
    await this.model.walk(step);
    this.sum?.querySelector("p")?.scrollIntoView({ block: "nearest" });
  }

  /** The view of a layer, made once. @param {Layer} layer */
  layerView({ layer, text, shape }) {
    const maps = this.model.maps.get(layer);
    if (!maps) return null;
    const data = { layer, text, shape, count: maps.count, values: maps.values };
    const { step, found } = this.model;
    const options = {
      width: this.width || 560,
      picked: step?.layer === layer ? step.place : null,
      window: found && step ? windowIn(found, layer) : null,
      canMore: true,
    };
    const made = this.views.get(layer);
    const shown = [maps.values, options.width, String(options.picked), JSON.stringify(options.window)];
    if (made && shown.every((part, at) => part === this.shown.get(layer)?.[at])) return made;
    this.shown.set(layer, shown);
    if (made) made.update(data, options);
    else this.views.set(layer, layerMaps(data, options));
    return this.views.get(layer);
  }

  draw() {
    const { model } = this;
    const layers = model.network?.layers ?? [];
    const { look, found, step } = model;
    if (!look) return render(html`<div class="layers"><p class="note">${model.isLooking
      ? t("Looking…") : nothing}</p></div>`, this.element);
    if (found && step) {
      const options = { classes: model.network?.classes };
      if (this.sum) this.sum.update(found, options);
      else this.sum = arithmetic(found, options);
    }
    render(
      html`
        <div class="layers">
          ${step ? nothing
            : html`<p class="note">${t("Press any number of any map to see how it came about.")}</p>`}
          ${layers.map((layer) => html`<section
            data-layer=${layer.layer}>${this.layerView(layer)}</section>`)}
        </div>
        ${found && step ? this.panel() : nothing}`,
      this.element,
    );
    if (!this.width) this.resized();
    this.followed();
  }

  /** Brings the layer that was walked to into view. */
  followed() {
    const { step, trail } = this.model;
    const told = step ? `${trail.length} ${step.layer}` : "";
    if (told === this.shownStep) return;
    this.shownStep = told;
    if (trail.length < 2 || !step) return;
    const section = this.element.querySelector(`[data-layer="${CSS.escape(step.layer)}"]`);
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    section?.scrollIntoView({ block: "nearest", behavior: isCalm ? "auto" : "smooth" });
  }

  panel() {
    const { model } = this;
    const key = (/** @type {KeyboardEvent} */ event) => {
      if (event.key === "Escape") model.leaveNumber();
      if (event.key !== "Backspace") return;
      event.preventDefault();
      model.back();
    };
    return html`<aside class="look-sum" aria-label=${t("The arithmetic of one number")} @keydown=${key}>
      <div class="look-sum-head">
        <nav aria-label=${t("The way walked")}>
          <ol class="crumbs">${model.trail.map(
            ({ layer, place }, at) => html`<li>${
              at === model.trail.length - 1
                ? html`<span aria-current="step">${layer}${placeText(place)}</span>`
                : html`<button type="button" class="link"
                  @click=${() => model.returnTo(at)}>${layer}${placeText(place)}</button>`
            }</li>`,
          )}</ol>
        </nav>
        <button type="button" class="quiet" aria-label=${t("Close")}
          @click=${() => model.leaveNumber()}>×</button>
      </div>
      ${this.sum}
    </aside>`;
  }
}

/**
 * What the chosen number reads of a layer.
 *
 * @param {import("../../../views/arithmetic.js").Arithmetic} found
 * @param {string} layer
 * @returns {Window | null}
 */
function windowIn(found, layer) {
  if (found.kind === "input") return null;
  if (found.reads === null) {
    return found.sources.includes(layer) ? joinedPlaces(found, found.sources.indexOf(layer)) : null;
  }
  return found.sources[found.reads] === layer ? found.positions : null;
}
