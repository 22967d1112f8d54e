// @ts-check
/** Looking into a trained network: the run, the image, and five ways to look. */

import { percentText, t } from "../../../views/language.js";
import { turnTabs } from "../../../views/tab_keys.js";
import { html, nothing, render } from "../../../views/vendor/lit-html.js";
import { refusalText } from "../api.js";
import { keep, kept } from "../kept.js";
import { compareTab } from "./look_compare.js";
import { imagePanel } from "./look_image.js";
import { learnedTab } from "./look_learned.js";
import { mapsTab } from "./look_maps.js";
import { mistakesTab } from "./look_mistakes.js";
import { Looking } from "./look_model.js";
import { whyTab } from "./look_why.js";

/** @import { Lab } from "../lab.js" */
/** @import { Kept } from "./look_model.js" */

/**
 * A way to look. `update` draws it anew; `enter` is called when it is turned to, `leave`
 * when the room is left.
 *
 * @typedef {{element: HTMLElement, update: () => void, enter?: () => void, leave?: () => void}} Tab
 */

const KEPT = "room.look";
/** @type {{run: string, tab: string, image: Kept}} */
const NOTHING = { run: "", tab: "", image: {} };

/** @type {{model: Looking | null, tab: string}} */
const here = { model: null, tab: "" };

/** @returns {[string, string][]} */
function tabNames() {
  return [
    ["maps", t("Maps")],
    ["why", t("Why?")],
    ["learned", t("What it learned")],
    ["mistakes", t("Mistakes")],
    ["compare", t("Compare")],
  ];
}

/**
 * The room.
 *
 * @param {Lab} lab
 * @returns {{element: HTMLElement, leave?: () => void}}
 */
export function enter(lab) {
  const room = new Room(lab);
  room.begin();
  return { element: room.element, leave: () => room.leave() };
}

class Room {
  /** @param {Lab} lab */
  constructor(lab) {
    this.lab = lab;
    this.element = document.createElement("div");
    this.element.className = "look";
    if (here.model?.api !== lab.api) here.model = new Looking(lab.api);
    this.model = here.model;
    this.kept = kept(KEPT, NOTHING);
    const asked =
      [lab.params.tab, here.tab, this.kept.tab].find((name) => tabNames().some(([known]) => known === name));
    this.tab = asked ?? "maps";
    this.isPathOpen = false;
    this.image = imagePanel(lab, this.model);
    const open = (/** @type {number} */ sample) => this.openSample(sample);
    /** @type {Record<string, Tab>} */
    this.tabs = {
      maps: mapsTab(this.model),
      why: whyTab(this.model),
      learned: learnedTab(this.model, open),
      mistakes: mistakesTab(this.model, open),
      compare: compareTab(this.model, open),
    };
    this.change = () => this.draw();
    this.looked = () => this.remember();
  }

  async begin() {
    this.model.addEventListener("change", this.change);
    this.model.addEventListener("look", this.looked);
    this.draw();
    try {
      await this.model.readRuns();
    } catch (error) {
      this.model.refusal = refusalText(error);
      return this.draw();
    }
    const name = this.choice();
    if (name) await this.openRun(name, false);
    this.tabs[this.tab].enter?.();
  }

  leave() {
    this.model.removeEventListener("change", this.change);
    this.model.removeEventListener("look", this.looked);
    for (const tab of Object.values(this.tabs)) tab.leave?.();
    this.image.leave();
  }

  /** The run to begin with: the one asked for, the one in use, else the newest. */
  choice() {
    const runs = this.model.runs ?? [];
    const known = (/** @type {string | undefined} */ name) => name && runs.some((run) => run.run === name);
    const { params, store } = this.lab;
    if (params.run) return params.run;
    if (this.model.run) return this.model.run;
    if (this.kept.run) return this.kept.run;
    if (known(store.state.run)) return store.state.run;
    return (runs.find((run) => run.has_weights) ?? runs[0])?.run ?? "";
  }

  /** @param {string} name @param {boolean} isChosen by the person just now */
  async openRun(name, isChosen) {
    await this.model.open(name);
    if (isChosen && this.model.runs?.some((run) => run.run === name)) this.lab.store.change({ run: name });
    if (!this.model.network) return;
    this.remember();
    const tab = this.tabs[this.tab];
    await this.image.enter(isChosen ? {} : this.startingImage(name));
    tab.enter?.();
  }

  /** What was shown before, as far as it is known. @param {string} name */
  startingImage(name) {
    const { sample } = this.lab.params;
    if (sample) return { sample: Number(sample) };
    if (this.model.look) return this.model.kept;
    return this.kept.run === name ? this.kept.image : {};
  }

  remember() {
    const { run, kept: image } = this.model;
    keep(KEPT, { run, tab: this.tab, image });
  }

  /** @param {number} sample */
  async openSample(sample) {
    this.turnTo("maps");
    await this.model.showSample(sample);
    this.element.scrollIntoView({ block: "start" });
  }

  /** @param {string} name */
  turnTo(name) {
    this.tab = here.tab = name;
    this.remember();
    this.draw();
    this.tabs[name].enter?.();
  }

  draw() {
    const { model } = this;
    for (const tab of [this.tabs[this.tab], this.image]) tab.update();
    const isThere = model.network !== null;
    render(
      html`
        ${this.head()}
        ${model.refusal ? html`<p class="refusal" role="alert">${model.refusal}</p>` : nothing}
        ${model.runs && !model.runs.length && !isThere ? this.empty() : nothing}
        ${model.isOpening && !isThere ? html`<p class="note" role="status">${t("Opening the run…")}</p>`
          : nothing}
        ${isThere ? this.body() : nothing}`,
      this.element,
    );
  }

  body() {
    const isWithImage = this.tab === "maps" || this.tab === "why";
    return html`
      <div class="look-tabs" role="tablist" aria-label=${t("Ways to look")}
        @keydown=${(/** @type {KeyboardEvent} */ event) => this.tabKey(event)}>
        ${tabNames().map(
          ([name, word]) => html`<button type="button" role="tab" id="look-tab-${name}"
            aria-selected=${name === this.tab} aria-controls="look-panel"
            tabindex=${name === this.tab ? 0 : -1} @click=${() => this.turnTo(name)}>${word}</button>`,
        )}
      </div>
      <div id="look-panel" role="tabpanel" aria-labelledby="look-tab-${this.tab}"
        class=${isWithImage ? "look-split" : ""}>
        ${isWithImage ? this.image.element : nothing}
        ${this.tabs[this.tab].element}
      </div>`;
  }

  /** @param {KeyboardEvent} event */
  tabKey(event) {
    turnTabs(event, tabNames().map(([name]) => name), this.tab, (name) => this.turnTo(name));
  }

  head() {
    const { model } = this;
    if (!model.runs) return nothing;
    const runs = model.runs;
    const isOther = model.run !== "" && !runs.some((run) => run.run === model.run);
    if (!runs.length && !model.network) return nothing;
    const choose = (/** @type {Event} */ event) => {
      const name = /** @type {HTMLSelectElement} */ (event.target).value;
      this.openRun(name, true);
    };
    return html`<div class="row look-head">
      <label class="field"><span>${t("Run")}</span>
        <select name="run" .value=${model.run} @change=${choose}>
          ${isOther ? html`<option value=${model.run} ?selected=${true}>${model.run}</option>` : nothing}
          ${runs.map((run) => html`<option value=${run.run}
            ?selected=${run.run === model.run}>${runWords(run)}</option>`)}
        </select></label>
      <details class="look-path"
        ?open=${this.isPathOpen}><summary>${t("Open another")}</summary>${this.pathForm()}</details>
      ${model.network ? html`<span class="note">${factWords(model)}</span>` : nothing}
    </div>`;
  }

  pathForm() {
    const open = (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      const input =
        /** @type {HTMLInputElement} */ (/** @type {HTMLFormElement} */ (event.target).elements.namedItem(
          "path"));
      if (input.value.trim()) this.openRun(input.value.trim(), true);
    };
    return html`<form class="row" @submit=${open}>
      <label class="field"><span>${t("A run's folder, or a .safetensors file")}</span>
        <input name="path" spellcheck="false" autocomplete="off" placeholder="runs/example"></label>
      <button>${t("Open")}</button></form>`;
  }

  empty() {
    return html`<div class="empty">
      <p>${t("There is no trained network here yet. Train one first: with the digits that come with mirada it takes seconds.")}</p>
      <p><a class="button main" href="#/train">${t("To the training")}</a></p>
      <p>${t("Or open one that lies elsewhere:")}</p>
      ${this.pathForm()}
    </div>`;
  }
}

/** @param {import("./look_model.js").Run} run */
function runWords(run) {
  if (run.problem) return `${run.title} · ${t("cannot be read")}`;
  if (!run.has_weights) return `${run.title} · ${t("no weights yet")}`;
  return run.accuracy === null ? run.title : `${run.title} · ${percentText(run.accuracy)}`;
}

/** @param {Looking} model */
function factWords({ network }) {
  if (!network) return "";
  const words = [network.network, network.data, network.input.join("×")];
  return words.filter(Boolean).join(" · ");
}
