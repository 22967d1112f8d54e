// @ts-check
import { form } from "../../../views/form.js";
import { t } from "../../../views/language.js";
import { networkBlocks } from "../../../views/network_blocks.js";
import { networkSvg } from "../../../views/network_svg.js";
import { facts } from "../../../views/summary.js";
import { html, nothing, render } from "../../../views/vendor/lit-html.js";
import { download } from "../download.js";
import { Build } from "./architect_build.js";
import { Column } from "./architect_column.js";
import { remediesOf } from "./architect_layer.js";
import { known } from "./architect_start.js";
import { TextPanel } from "./architect_text.js";
import { LIVE } from "./train_story.js";

/** @import { Lab } from "../lab.js" */
/** @import { Answer } from "./architect_build.js" */
/** @import { Family } from "./architect_start.js" */

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
    this.element.className = "architect";
    this.build = new Build(lab, () => this.draw());
    this.form = form([]);
    this.form.addEventListener("set", (event) => {
      const { name, value } = /** @type {CustomEvent} */ (event).detail;
      this.build.set(name, value);
    });
    this.form.addEventListener("redraw", () => this.draw());
    this.column = new Column(this.build, this.form);
    this.text = new TextPanel(this.build);
    this.blocks = networkBlocks({ name: "", input_shape: null, layers: [] });
    this.blocks.addEventListener("pick", (event) => this.pick(/** @type {CustomEvent} */ (event).detail));
    /** @type {Family[]} */
    this.families = [];
    /** Why a known network cannot be had as it was asked for. */
    this.cannotStart = "";
    this.isGone = false;
    this.isTraining = false;
    this.pressed = this.pressed.bind(this);
    this.received = () => this.build.received();
    this.leaving = () => { this.build.flush().catch(() => {}); };
  }

  async begin() {
    addEventListener("keydown", this.pressed);
    addEventListener("pagehide", this.leaving);
    this.draw();
    this.lab.api.get("/api/training").then(({ state }) => {
      this.isTraining = LIVE.includes(state);
      this.draw();
    }, () => {});
    const { kinds, families } = await this.lab.api.get("/api/architect");
    this.column.kinds = kinds;
    this.families = families;
    await this.build.begin();
    if (!this.isGone) this.lab.store.addEventListener("change", this.received);
  }

  leave() {
    this.isGone = true;
    removeEventListener("keydown", this.pressed);
    removeEventListener("pagehide", this.leaving);
    this.lab.store.removeEventListener("change", this.received);
    this.column.leave();
    return this.build.leave();
  }

  /** Undo and redo, wherever one is in the room. @param {KeyboardEvent} event */
  pressed(event) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    const way = key === "z" ? (event.shiftKey ? 1 : -1) : key === "y" ? 1 : 0;
    if (!way || this.dialog?.open) return;
    event.preventDefault();
    this.build.step(way);
  }

  /** @returns {HTMLDialogElement | null} */
  get dialog() {
    return this.element.querySelector("dialog");
  }

  /** A block of the drawing was clicked. @param {number} place */
  async pick(place) {
    await this.build.choose(place);
    this.element.querySelector(`.layer[data-place="${place}"]`)?.scrollIntoView({ block: "center" });
  }

  /** @param {string} name @param {{input?: string, classes?: number}} as */
  async start(name, as) {
    this.cannotStart = await this.build.model(name, as);
    if (this.cannotStart === "") this.dialog?.close();
    this.draw();
  }

  async train() {
    await this.build.own();
    this.lab.go("train");
  }

  draw() {
    // While edits are under way the next one draws, so that nothing typed is overwritten.
    if (this.build.pending) return;
    const { answer } = this.build;
    if (answer) {
      this.blocks.update(answer, { chosen: this.build.chosen });
      this.blocks.querySelector("svg")?.setAttribute("tabindex", "-1");
    }
    this.text.draw();
    this.column.draw();
    render(
      html`
        ${this.bar(answer)}
        ${this.isTraining
          ? html`<p class="note architect-training">${t("A training goes on, with the network that it began with: what is changed here is for the next one.")}</p>`
          : nothing}
        ${this.build.text.trim() === "" ? this.empty() : nothing}
        ${answer ? html`<div class="panel overview">${facts(answer)}${this.drawing(answer)}</div>` : nothing}
        <div class="columns architect-columns">
          <div class="stack">${this.fault(answer)}${this.column.element}${this.remarks(answer)}</div>
          ${this.text.element}
        </div>
        ${this.networks()}`,
      this.element,
    );
  }

  /** @param {Answer | null} answer */
  bar(answer) {
    const { history } = this.build;
    const can = Boolean(answer?.can_edit);
    const shape = answer?.input_shape?.join("x") ?? "";
    /** @param {string} what */
    const set = (what) => (/** @type {Event} */ event) => {
      const value =
        /** @type {HTMLInputElement} */ (event.target).value.trim().replaceAll("×", "x").replaceAll(" ", "");
      this.build.edit({ do: what, value });
    };
    return html`<div class="row architect-bar">
      <button data-do="known" @click=${() => this.dialog?.showModal()}>${t("Known networks")}</button>
      <div class="segmented">
        <button data-do="undo" ?disabled=${!history.canUndo} title="Ctrl+Z"
          @click=${() => this.build.step(-1)}>↶ ${t("Undo")}</button>
        <button data-do="redo" ?disabled=${!history.canRedo} title="Ctrl+Shift+Z"
          @click=${() => this.build.step(1)}>↷ ${t("Redo")}</button>
      </div>
      <label class="inline">${t("Name")} <input data-set="title" size="14" .value=${answer?.name ?? ""}
        ?disabled=${!can} @change=${set("title")} spellcheck="false"></label>
      <label class="inline">${t("Input")} <input data-set="input" size="10" .value=${shape} ?disabled=${!can}
        @change=${set("input")} spellcheck="false" placeholder="3x32x32"></label>
      <span class="spacer"></span>
      <button class="main" ?disabled=${!answer || Boolean(answer.refusal)} @click=${() => this.train()}>${t("Train it")}</button>
      ${this.build.isSample
        ? html`<p class="note">${t("LeNet-5, to begin with: change what you like.")}</p>`
        : nothing}
    </div>`;
  }

  empty() {
    return html`<div class="panel"><h2>${t("Start from a known network")}</h2>
      <p class="note">${t("Or write one as text, a layer a line.")}</p>
      ${known(this.families, this.cannotStart, (name, as) => this.start(name, as))}</div>`;
  }

  networks() {
    const close = () => this.dialog?.close();
    return html`<dialog class="known-dialog" aria-label=${t("Known networks")}>
      <div class="row dialog-head"><h2>${t("Known networks")}</h2><button class="quiet"
        @click=${close}>${t("Close")}</button></div>
      <p class="note">${t("What you have now can be brought back with Undo.")}</p>
      ${known(this.families, this.cannotStart, (name, as) => this.start(name, as))}
    </dialog>`;
  }

  /** @param {Answer} answer */
  drawing(answer) {
    return html`<figure class="drawing">
      <div class="wide" tabindex="0" role="region"
        aria-label=${t("Drawing of the network")}>${this.blocks}</div>
      <figcaption class="note"><span>${t("To scale: height and width by one measure, channels by another, the length of vectors by a third.")}</span>
        <button class="small" data-do="svg" @click=${() => download(networkSvg(answer), `${answer.name || "network"}.svg`)}>${t("Save as SVG")}</button></figcaption>
    </figure>`;
  }

  /**
   * What is wrong: here, or in a layer of the column, which is then pointed to.
   *
   * @param {Answer | null} answer
   */
  fault(answer) {
    const refusal = answer?.refusal;
    if (!refusal) return nothing;
    const layer = refusal.place === null ? null : answer.layers[refusal.place];
    if (layer)
      return html`<p class="refusal row"
        role="alert"><span>${t("{name} cannot be: see there why, and what would help.",
          { name: layer.name || layer.written })}</span>
        <button class="small" @click=${() => this.pick(refusal.place ?? 0)}>${t("Go there")}</button></p>`;
    return html`<div role="alert">${remediesOf(this.build, refusal)}
      ${answer.can_edit ? nothing : html`<p class="note">${t("The column shows what can be read. Correct the text, or undo, to edit here again.")}</p>`}</div>`;
  }

  /** @param {Answer | null} answer */
  remarks(answer) {
    if (!answer?.warnings.length) return nothing;
    return html`<section class="remarks"><h2>${t("Worth knowing")}</h2>
      <ul>${answer.warnings.map((each) => html`<li>${each.message}</li>`)}</ul></section>`;
  }
}
