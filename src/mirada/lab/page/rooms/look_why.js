// @ts-check
/** Why this answer: every method's map over the image, each as soon as it is there. */

import { t } from "../../../views/language.js";
import { reasons, reasonTitle } from "../../../views/reasons.js";
import { html, nothing, render } from "../../../views/vendor/lit-html.js";
import { refusalText } from "../api.js";
import { pixelsOf } from "../pixels.js";

/** @import { Reason } from "../../../views/reasons.js" */
/** @import { Tab } from "./look.js" */
/** @import { Looking } from "./look_model.js" */

/** @param {Looking} model @returns {Tab} */
export function whyTab(model) {
  const why = new Why(model);
  return { element: why.element, update: () => why.draw(), enter: () => why.start(),
    leave: () => why.leave() };
}

class Why {
  /** @param {Looking} model */
  constructor(model) {
    this.model = model;
    this.element = document.createElement("div");
    this.element.className = "look-why";
    this.place = -1;
    this.method = "";
    this.layer = "";
    /** @type {Reason[]} */
    this.found = [];
    this.waiting = "";
    this.refusal = "";
    this.asked = "";
    this.isHere = false;
    this.view = reasons({ pixels: new Uint8ClampedArray(), size: [1, 1], reasons: [] });
    /** @type {Uint8ClampedArray} */
    this.pixels = new Uint8ClampedArray();
    this.looked = () => {
      this.place = -1;
      if (this.element.isConnected) this.start();
    };
    model.addEventListener("look", this.looked);
    this.opened = () => Object.assign(this, { layer: "", method: "", place: -1, found: [], asked: "" });
    model.addEventListener("run", this.opened);
  }

  leave() {
    this.model.going.why?.abort();
    this.model.removeEventListener("look", this.looked);
    this.model.removeEventListener("run", this.opened);
  }

  /** Explains the image once; again where something else is asked. */
  async start() {
    const { look, network, run } = this.model;
    if (!look || !network) return;
    const asked =
      [run, look.image, this.place, this.method, this.layer, document.documentElement.lang].join();
    if (asked === this.asked) return;
    this.asked = asked;
    const signal = this.model.signal("why");
    Object.assign(this, { found: [], waiting: t("The image"), refusal: "" });
    this.draw();
    const methods = this.method ? [this.method] : network.methods.map(({ method }) => method);
    try {
      this.pixels = (await pixelsOf(look.pixels)).data;
      await this.model.api.events(
        "/api/look/why",
        (kind, value) => {
          if (!signal.aborted) this.heard(kind, value);
        },
        { run, image: look.image, class: this.place, methods, layer: this.layer },
        signal,
      );
    } catch (error) {
      if (signal.aborted) return;
      this.waiting = "";
      this.asked = "";
      this.refusal = refusalText(error);
      this.draw();
    }
  }

  /** @param {string} kind @param {any} value */
  heard(kind, value) {
    if (kind === "began") this.waiting = value.method;
    if (kind === "reason") this.found = [...this.found, value];
    if (kind === "done") this.waiting = "";
    this.draw();
  }

  draw() {
    const { look, network } = this.model;
    if (!look || !network) return render(html`<p
      class="note">${t("Show the network an image.")}</p>`, this.element);
    this.view.update({ pixels: this.pixels, size: look.size, reasons: this.found, waiting: this.waiting });
    const passed = this.found.filter((reason) => reason.trusted).length;
    render(
      html`
        ${this.choices()}
        ${this.refusal ? html`<p class="refusal" role="alert">${this.refusal}</p>` : nothing}
        ${this.found.length
          ? html`<h2>${reasonTitle(this.found[0])}</h2>
            <p role="status">${t("{passed} of {count} maps pass all three checks. A map that fails one may show something else than the reason.", { passed, count: this.found.length })}</p>`
          : nothing}
        ${this.view}`,
      this.element,
    );
  }

  choices() {
    const { network } = this.model;
    if (!network) return nothing;
    const set = (/** @type {"place" | "method" | "layer"} */ name) => (/** @type {Event} */ event) => {
      const { value } = /** @type {HTMLSelectElement} */ (event.target);
      Object.assign(this, { [name]: name === "place" ? Number(value) : value });
      this.start();
    };
    return html`<div class="row">
      <label class="field"><span>${t("Class to explain")}</span>
        <select name="class" @change=${set("place")}>
          <option value="-1" ?selected=${this.place < 0}>${t("the one answered")}</option>
          ${network.classes.map((name, at) => html`<option value=${at}
            ?selected=${at === this.place}>${name}</option>`)}
        </select></label>
      <label class="field"><span>${t("Method")}</span>
        <select name="method" @change=${set("method")}>
          <option value="" ?selected=${this.method === ""}>${t("all")}</option>
          ${network.methods.map(({ method }) => html`<option value=${method}
            ?selected=${method === this.method}>${method}</option>`)}
        </select></label>
      ${network.cam_layers.length
        ? html`<label class="field"><span>${t("Layer of the CAMs")}</span>
          <select name="layer" @change=${set("layer")}>
            <option value="" ?selected=${this.layer === ""}>${t("chosen: {layer}",
              { layer: network.cam_layer ?? "" })}</option>
            ${network.cam_layers.map((name) => html`<option value=${name}
              ?selected=${name === this.layer}>${name}</option>`)}
          </select></label>`
        : nothing}
    </div>`;
  }
}
