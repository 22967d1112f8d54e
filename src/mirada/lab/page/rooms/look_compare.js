// @ts-check
/** Two runs beside each other: one image through both, their curves, who was right. */

import { classBars } from "../../../views/class_bars.js";
import { comparedCurves } from "../../../views/compared.js";
import { percentText, t } from "../../../views/language.js";
import { layerMaps } from "../../../views/maps.js";
import { mistakes } from "../../../views/mistakes.js";
import { html, nothing, render } from "../../../views/vendor/lit-html.js";
import { refusalText } from "../api.js";
import { Looking } from "./look_model.js";

/** @import { Tab } from "./look.js" */

/** @param {Looking} model @param {(sample: number) => void} open @returns {Tab} */
export function compareTab(model, open) {
  const page = new Compare(model, open);
  return { element: page.element, update: () => page.draw(), enter: () => page.start(),
    leave: () => page.leave() };
}

class Compare {
  /** @param {Looking} model @param {(sample: number) => void} open */
  constructor(model, open) {
    this.model = model;
    this.other = new Looking(model.api);
    this.element = document.createElement("div");
    this.element.className = "look-page";
    this.asked = "";
    this.refusal = "";
    this.isWorking = false;
    this.layers = ["", ""];
    /** @type {any} */
    this.curves = null;
    /** @type {string[][] | null} */
    this.differences = null;
    /** @type {any} */
    this.answers = null;
    this.bars = [classBars({ answers: [] }), classBars({ answers: [] })];
    const none = { layer: "", shape: [0], count: 0, values: [] };
    this.maps = [layerMaps(none), layerMaps(none)];
    this.chart = comparedCurves([]);
    this.lists = [mistakes([]), mistakes([])];
    const opened = (/** @type {Event} */ event) => open(/** @type {CustomEvent} */ (event).detail.sample);
    for (const list of this.lists) list.addEventListener("open", opened);
    this.changed = () => this.draw();
    this.other.addEventListener("change", this.changed);
    this.looked = () => {
      if (this.element.isConnected) this.showOther();
    };
    model.addEventListener("look", this.looked);
    this.opened = () => {
      if (this.element.isConnected) this.start();
    };
    model.addEventListener("run", this.opened);
  }

  leave() {
    for (const going of [this.model.going.compared, ...Object.values(this.other.going)]) going?.abort();
    this.model.removeEventListener("look", this.looked);
    this.model.removeEventListener("run", this.opened);
  }

  /** The runs there are to compare with. */
  choices() {
    return (this.model.runs ?? []).filter((run) => run.run !== this.model.run && run.has_weights);
  }

  async start() {
    const { run, network } = this.model;
    const others = this.choices();
    if (!network || (!others.length && !this.other.run)) return this.draw();
    const first = others.find((other) => other.data === network.data) ?? others[0];
    if (!this.other.run || this.other.run === run) await this.other.open(first?.run ?? "");
    await this.compare();
  }

  /** @param {string} name */
  async choose(name) {
    await this.other.open(name);
    await this.compare();
  }

  async compare() {
    const { run } = this.model;
    const asked = [run, this.other.run, document.documentElement.lang].join();
    if (!this.other.network) return this.draw();
    await this.showOther();
    if (asked === this.asked) return this.draw();
    this.asked = asked;
    const signal = this.model.signal("compared");
    Object.assign(this, { curves: null, differences: null, answers: null, refusal: "", isWorking: true });
    this.draw();
    try {
      const heard = (/** @type {string} */ kind, /** @type {any} */ value) => {
        if (!signal.aborted) this.heard(kind, value);
      };
      await this.model.api.events("/api/look/compared", heard, { run, other: this.other.run }, signal);
    } catch (error) {
      if (signal.aborted) return;
      Object.assign(this, { asked: "", refusal: refusalText(error) });
    }
    if (signal.aborted) return;
    this.isWorking = false;
    this.draw();
  }

  /** @param {string} kind @param {any} value */
  heard(kind, value) {
    if (kind === "curves") this.curves = value.runs;
    if (kind === "differences") this.differences = value.rows;
    if (kind === "answers") this.answers = value;
    this.draw();
  }

  async showOther() {
    const { look } = this.model;
    if (look && this.other.network && this.other.look?.image !== look.image)
      await this.other.showAgain(look.image);
  }

  draw() {
    const others = this.choices();
    if (!others.length && !this.other.run) {
      render(
        html`<div class="empty"><p>${t("There is one run alone. Train another one, with something changed, and see here what it did.")}</p>
          <p><a class="button main" href="#/train">${t("To the training")}</a></p></div>`,
        this.element,
      );
      return;
    }
    const choose = (/** @type {Event} */ event) =>
      this.choose(/** @type {HTMLSelectElement} */ (event.target).value);
    render(
      html`
        <label class="field look-choice"><span>${t("Compare with")}</span>
          <select name="other" @change=${choose}>${others.map(
            (run) => html`<option value=${run.run}
              ?selected=${run.run === this.other.run}>${run.title}</option>`,
          )}</select></label>
        ${this.refusal || this.other.refusal ? html`<p class="refusal"
          role="alert">${this.refusal || this.other.refusal}</p>` : nothing}
        ${this.imagePart()}
        ${this.curves ? this.curvePart() : nothing}
        ${this.differences ? this.differencePart(this.differences) : nothing}
        ${this.answers ? this.answerPart(this.answers) : nothing}
        ${this.isWorking ? html`<p class="note" role="status">${t("Comparing…")}</p>` : nothing}`,
      this.element,
    );
  }

  imagePart() {
    const both = [this.model, this.other];
    if (!this.model.look) return nothing;
    return html`<section class="panel"><h2>${t("The same image through both")}</h2>
      <p class="note">${this.model.look.name}</p>
      <div class="columns even">${both.map((model, at) => html`<div>${this.half(model, at)}</div>`)}</div>
      ${this.other.imageRefusal ? html`<p class="refusal" role="alert">${this.other.imageRefusal}</p>`
        : nothing}
    </section>`;
  }

  /** @param {Looking} model @param {number} at */
  half(model, at) {
    const { look, network } = model;
    if (!look || !network) return html`<h3>${model.run}</h3>`;
    this.bars[at].update({ answers: look.answers, label: look.label },
      { caption: t("What {run} answers", { run: model.run }) });
    const layers = network.layers.filter(({ shape }) => shape.length === 3);
    const chosen =
      layers.find(({ layer }) => layer === this.layers[at])
        ?? layers.find(({ layer }) => layer === network.convolutions[0]) ?? layers[0];
    const maps = model.maps.get(chosen.layer);
    if (maps) this.maps[at].update({ ...chosen, ...maps },
      { width: Math.max(240, Math.min(520, this.element.clientWidth / 2 - 60)) });
    const choose = (/** @type {Event} */ event) => {
      this.layers[at] = /** @type {HTMLSelectElement} */ (event.target).value;
      this.draw();
    };
    return html`<h3>${model.run}</h3>${this.bars[at]}
      <label class="field"><span>${t("Maps of")}</span><select @change=${choose}>
        ${layers.map(({ layer, text }) => html`<option value=${layer}
          ?selected=${layer === chosen.layer}>${layer} · ${text}</option>`)}</select></label>
      ${this.maps[at]}`;
  }

  curvePart() {
    this.chart.update(this.curves.map((/** @type {any} */ rows, /** @type {number} */ at) => ({ name: at
      ? this.other.run : this.model.run, rows })));
    return html`<section class="panel"><h2>${t("How they learned")}</h2>${this.chart}</section>`;
  }

  /** @param {string[][]} rows */
  differencePart(rows) {
    return html`<section class="panel"><h2>${t("What differs")}</h2>
      ${rows.length
        ? html`<div class="wide"><table><thead><tr><th scope="col">${t("Value")}</th><th
          scope="col">${this.model.run}</th><th scope="col">${this.other.run}</th></tr></thead>
          <tbody>${rows.map(
            ([name, ...cells]) => html`<tr><th
              scope="row"><code>${name}</code></th>${cells.map(
                (text) => html`<td>${text}</td>`)}</tr>`)}</tbody></table></div>`
        : html`<p>${t("Nothing: the same values end in the same bytes.")}</p>`}
    </section>`;
  }

  /** @param {any} found */
  answerPart(found) {
    if (!found.images) return html`<section class="panel"><h2>${t("Who was right?")}</h2><p
      class="note">${found.why}</p></section>`;
    const names = [this.model.run, this.other.run];
    this.lists.forEach((list, at) =>
      list.update(
        found.shown[at].map((/** @type {any} */ item) => ({ ...item, answer: item.answers[1 - at] })),
        { label: t("Only {run} is right", { run: names[at] }) },
      ),
    );
    return html`<section class="panel"><h2>${t("Who was right?")}</h2>
      <p>${t("Of {images} images both held out, {both} are answered rightly by both and {neither} by neither.", found)}</p>
      <div class="columns even">${names.map(
        (name, at) => html`<div><h3>${t("Only {run} is right: {count}",
          { run: name, count: found.only[at] })}</h3>
          <p class="note">${t("{share} right in all",
            { share: percentText(found.right[at] / found.images) })}</p>${this.lists[at]}</div>`,
      )}</div></section>`;
  }
}
