// @ts-check
/** What a layer has learned: filters before and after, what excites units, dead units. */

import { filterGrid } from "../../../views/filter_grid.js";
import { numberText, percentText, t } from "../../../views/language.js";
import { patches } from "../../../views/patches.js";
import { html, nothing, render } from "../../../views/vendor/lit-html.js";
import { refusalText } from "../api.js";

/** @import { Tab } from "./look.js" */
/** @import { Looking } from "./look_model.js" */

/** @param {Looking} model @param {(sample: number) => void} open @returns {Tab} */
export function learnedTab(model, open) {
  const learned = new Learned(model, open);
  return { element: learned.element, update: () => learned.draw(), enter: () => learned.start(),
    leave: () => learned.leave() };
}

class Learned {
  /** @param {Looking} model @param {(sample: number) => void} open */
  constructor(model, open) {
    this.model = model;
    this.element = document.createElement("div");
    this.element.className = "look-page";
    this.layer = "";
    this.asked = "";
    this.isWorking = false;
    this.refusal = "";
    /** @type {any} */
    this.filters = null;
    /** @type {any} */
    this.units = null;
    /** @type {any} */
    this.liked = null;
    /** @type {string[]} */
    this.told = [];
    this.before = filterGrid({ layer: "", shape: [0, 1, 1, 1], values: [] });
    this.after = filterGrid({ layer: "", shape: [0, 1, 1, 1], values: [] });
    this.patches = patches({ patches: [], units: 0 });
    this.patches.addEventListener("open", (event) => open(/** @type {CustomEvent} */ (event).detail.sample));
    this.opened = () => {
      this.layer = "";
      if (this.element.isConnected) this.start();
    };
    model.addEventListener("run", this.opened);
  }

  leave() {
    this.model.going.learned?.abort();
    this.model.removeEventListener("run", this.opened);
  }

  chosen() {
    const { network } = this.model;
    return this.layer || network?.convolutions[0] || network?.layers[1]?.layer || "";
  }

  async start() {
    const { network, run } = this.model;
    const layer = this.chosen();
    const asked = [run, layer, document.documentElement.lang].join();
    if (!network || !layer || asked === this.asked) return;
    this.asked = asked;
    const signal = this.model.signal("learned");
    Object.assign(this, { filters: null, units: null, liked: null, told: [], refusal: "", isWorking: true });
    this.draw();
    try {
      const heard = (/** @type {string} */ kind, /** @type {any} */ value) => {
        if (!signal.aborted) this.heard(kind, value);
      };
      await this.model.api.events("/api/look/learned", heard, { run, layer }, signal);
    } catch (error) {
      if (signal.aborted) return;
      Object.assign(this, { asked: "", isWorking: false, refusal: refusalText(error) });
      this.draw();
    }
  }

  /** @param {string} kind @param {any} value */
  heard(kind, value) {
    if (kind === "filters") this.filters = value;
    if (kind === "units") this.units = value;
    if (kind === "liked") this.liked = value;
    if (kind === "told") this.told = [...this.told, value.text];
    if (kind === "done") this.isWorking = false;
    this.draw();
  }

  draw() {
    const layers = this.model.network?.layers.slice(1) ?? [];
    const choose = (/** @type {Event} */ event) => {
      this.layer = /** @type {HTMLSelectElement} */ (event.target).value;
      this.start();
    };
    render(
      html`
        <label class="field look-choice"><span>${t("Layer")}</span>
          <select name="learned-layer" @change=${choose}>
            ${layers.map(({ layer, text }) => html`<option value=${layer}
              ?selected=${layer === this.chosen()}>${layer} · ${text}</option>`)}
          </select></label>
        ${this.told.map((text) => html`<p class="note">${text}</p>`)}
        ${this.refusal ? html`<p class="refusal" role="alert">${this.refusal}</p>` : nothing}
        ${this.filters ? this.filterPanel(this.filters) : nothing}
        ${this.units ? this.unitPanel(this.units) : nothing}
        ${this.isWorking ? html`<p class="note" role="status">${t("Looking through the images…")}</p>`
          : nothing}`,
      this.element,
    );
  }

  /** @param {any} found */
  filterPanel(found) {
    const layer = this.chosen();
    const data = { layer, shape: found.shape, filters: found.filters, channels: found.channels };
    this.after.update({ ...data, values: found.after });
    if (found.before) this.before.update({ ...data, values: found.before });
    const { gabor } = found;
    const moved = (found.moved ?? []).filter(Number.isFinite);
    const mean = moved.reduce((/** @type {number} */ sum, /** @type {number} */ each) => sum + each, 0)
      / (moved.length || 1);
    return html`<section class="panel"><h2>${t("Its filters")}</h2>
      <div class="columns even">
        ${found.before ? html`<div><h3>${t("Before training")}</h3>${this.before}</div>` : nothing}
        <div><h3>${t("After training")}</h3>${this.after}</div>
      </div>
      <p class="note">${t("Each filter at full contrast: blue below zero, orange above.")}
        ${moved.length ? t("On average each moved by {far} of its own length.",
          { far: numberText(mean, 2) }) : nothing}
        ${gabor ? t("{above} of {count} are more like a Gabor filter than 95 % of random filters are.",
          { above: gabor.above, count: gabor.count }) : nothing}</p>
    </section>`;
  }

  /** @param {any} found */
  unitPanel(found) {
    const { activity, probes } = found;
    this.patches.update(
      { patches: found.patches, units: found.units, liked: this.liked, dead: activity?.dead });
    const probe = probes[probes.length - 1];
    return html`<section class="panel"><h2>${t("What excites its units")}</h2>
      <p class="note">${t("For each unit, the images whose patch excites it most, of {count} images. The frame is what the unit sees; press an image to look at it.", { count: found.images })}</p>
      ${activity
        ? html`<p>${activity.dead.length
            ? t("Dead units, never above zero in {layer}: {count} of {units} ({which}).",
              { layer: activity.layer, count: activity.dead.length, units: activity.units,
                which: numbers(activity.dead) })
            : t("No unit is dead: each of the {units} is above zero in {layer} for some image.",
              { units: activity.units, layer: activity.layer })}</p>`
        : nothing}
      ${probe
        ? html`<p>${t("A linear reader of this layer alone answers {share} rightly; of the pixels alone {pixels}; by the commonest class {chance}.", {
            share: percentText(probe.accuracy),
            pixels: percentText(probes[0].accuracy),
            chance: percentText(found.chance),
          })}</p>`
        : nothing}
      ${this.patches}
      ${this.liked ? html`<p class="note">${this.liked.words}</p>` : nothing}
    </section>`;
  }
}

/** @param {number[]} all */
function numbers(all) {
  return all.slice(0, 12).join(", ") + (all.length > 12 ? ", …" : "");
}
