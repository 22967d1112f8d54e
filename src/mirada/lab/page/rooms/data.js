// @ts-check
/** Data: a source on this machine or images of one's own, looked at before training. */

import { countText, t } from "../../../views/language.js";
import { html, nothing, render } from "../../../views/vendor/lit-html.js";
import { AugmentPanel } from "./data_augment.js";
import { findingsTemplate } from "./data_findings.js";
import { OwnImages } from "./data_own.js";
import { PathField } from "./data_path.js";
import { keepSettings, optionsOf, readSettings, settingsOf } from "./data_settings.js";
import { SplitPanel } from "./data_split.js";
import { Tiles } from "./data_tiles.js";

/** @import { Lab } from "../lab.js" */
/** @import { Report } from "./data_findings.js" */

const DIGITS = "digits";

/**
 * @typedef {{folder: string, in_use: {source: string, is_there: boolean}, recent: {source: string,
 *   is_there: boolean}[], sets: {name: string, path: string, classes: number, images: number}[],
 *   scanned: string}} Here
 */

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
    this.element.className = "data-room";
    this.settings = readSettings();
    /** @type {Here | null} */
    this.here = null;
    /** @type {Report | null} */
    this.report = null;
    /** @type {{done: number, total: number} | null} */
    this.progress = null;
    this.refusal = "";
    this.isWhole = false;
    this.path = new PathField(lab, (source) => this.look(source));
    this.augment = new AugmentPanel(lab, this.settings, () => this.keep());
    this.split = new SplitPanel(lab, this.settings, () => { this.keep(); this.augment.ask(); });
    this.augment.by = () => this.split.by();
    this.own = new OwnImages(lab, this.settings,
      (source) => { this.look(source, true); this.choose("source"); });
    /** @type {Tiles | null} */
    this.tiles = null;
    this.ending = new AbortController();
    /** @type {AbortController | null} */
    this.looking = null;
    this.changed = () => this.draw();
  }

  async begin() {
    this.lab.store.addEventListener("change", this.changed);
    const { view, source: wanted } = this.lab.params;
    if (view || wanted) this.settings.view = view ?? "source";
    if (this.settings.view === "own") this.own.begin();
    this.draw();
    try {
      this.here = /** @type {Here} */ (await this.lab.api.get("/api/data", this.ending.signal));
    } catch (error) {
      this.refuse(error);
      return;
    }
    const source = this.lab.params.source || this.settings.source || this.lab.store.state.data || DIGITS;
    this.settings.source = source;
    this.path.set(source === DIGITS ? "" : source);
    this.draw();
    if (this.settings.view === "source") this.arrive();
  }

  /** Looks at once where that takes no time, or was asked for by the address. */
  arrive() {
    const { source } = this.settings;
    if (!source || this.report || this.progress) return;
    if (source === DIGITS || source === this.here?.scanned || this.lab.params.source) this.look(source);
  }

  leave() {
    this.lab.store.removeEventListener("change", this.changed);
    this.ending.abort();
    this.looking?.abort();
    this.tiles?.close();
    this.augment.close();
    this.own.leave();
    this.path.close();
  }

  /** @param {string} view */
  choose(view) {
    this.settings.view = view;
    keepSettings(this.settings);
    if (view === "own") this.own.begin();
    else this.own.rest();
    this.draw();
    if (view === "source") this.arrive();
  }

  /**
   * Looks at every image of a source, or asks again for what was found.
   *
   * @param {string} source
   * @param {boolean} [anew]
   */
  async look(source, anew = false) {
    this.looking?.abort();
    const looking = (this.looking = new AbortController());
    this.settings.source = source;
    keepSettings(this.settings);
    Object.assign(this, { report: null, refusal: "", isWhole: false, progress: { done: 0, total: 0 } });
    this.path.set(source === DIGITS ? "" : source);
    this.draw();
    try {
      const heard = (/** @type {string} */ kind, /** @type {any} */ values) => this.heard(kind, values);
      await this.lab.api.events("/api/data/scan", heard, { source, anew }, looking.signal);
      if (!this.report) this.progress = null;
    } catch (error) {
      if (looking.signal.aborted) return;
      this.refuse(error);
    }
    this.draw();
  }

  /** @param {string} kind @param {any} values */
  heard(kind, values) {
    if (kind === "progress") this.progress = values;
    else if (kind === "report") this.take(values);
    this.draw();
  }

  /** @param {Report} report */
  take(report) {
    Object.assign(this, { report, progress: null });
    this.settings.source = report.source;
    keepSettings(this.settings);
    this.path.set(report.source === DIGITS ? "" : report.source);
    this.tiles?.close();
    this.tiles = new Tiles(
      (names) => this.lab.api.post("/api/data/tiles", { source: report.source, names, side: 96 }),
      this.changed,
    );
    if (this.isInUse()) Object.assign(this.settings, settingsOf(this.lab.store.state.options));
    if (report.used) {
      this.split.show(report);
      this.augment.show(report);
    }
  }

  /** @param {unknown} error */
  refuse(error) {
    if (this.ending.signal.aborted) return;
    this.progress = null;
    this.refusal = /** @type {Error} */ (error).message;
    this.draw();
  }

  async cancel() {
    await this.lab.api.remove("/api/data/scan");
  }

  /** @param {string} source */
  async use(source) {
    await this.lab.store.change({ data: source, options: this.options() });
    if (this.here) this.here.in_use = { source, is_there: true };
    this.draw();
  }

  /** Whether training takes the source that is shown; the digits where none was chosen. */
  isInUse() {
    return this.report?.source === (this.lab.store.state.data || DIGITS);
  }

  /** What training is asked for. */
  options() {
    const { by } = this.settings;
    return optionsOf({ ...this.settings, by: this.report?.ways.includes(by) ? by : "" });
  }

  /** Keeps what was chosen for the source, for training too where that takes it. */
  keep() {
    keepSettings(this.settings);
    if (this.isInUse()) this.lab.store.change({ options: this.options() });
  }

  draw() {
    render(roomTemplate(this), this.element);
  }
}

/** @param {Room} room */
function roomTemplate(room) {
  const { view } = room.settings;
  return html`
    <div class="row data-top">
      <div class="segmented" role="group" aria-label=${t("Where the images come from")}>
        <button class="data-view-source" aria-pressed=${view === "source"}
          @click=${() => room.choose("source")}>${t("On this machine")}</button>
        <button class="data-view-own" aria-pressed=${view === "own"}
          @click=${() => room.choose("own")}>${t("My own images")}</button>
      </div>
      ${inUseTemplate(room)}
    </div>
    ${view === "own" ? room.own.element : sourceTemplate(room)}`;
}

/** @param {Room} room */
function inUseTemplate(room) {
  const source = room.lab.store.state.data;
  if (!source) return html`<span class="note">${t("Nothing is chosen for training yet.")}</span>`;
  const used = room.here?.in_use;
  const isGone = used?.source === source && !used.is_there;
  return html`<span class="data-in-use">${t("In use for training:")} <code>${source}</code></span>
    ${isGone ? html`<span class="chip wrong">${t("it is no longer there")}</span>` : nothing}`;
}

/** @param {Room} room */
function sourceTemplate(room) {
  const { here, progress, refusal, report, settings } = room;
  return html`
    <div class="panel">
      ${room.path.element}
      ${here ? startsTemplate(room, here) : nothing}
    </div>
    ${progress ? progressTemplate(room, progress) : nothing}
    ${refusal
      ? html`<div class="panel"><p class="refusal" role="alert">${refusal}</p>
        <button @click=${() => room.look(settings.source, true)}>${t("Try again")}</button></div>`
      : nothing}
    ${report ? reportTemplate(room, report) : nothing}
    ${here && !report && !progress && !refusal
      ? html`<div class="empty"><p>${t("Every image is opened, and told what is there, what is left out and what would spoil training.")}</p>
        <button class="main"
          @click=${() => room.look(settings.source)}>${t("Look at the images of {source}",
            { source: settings.source })}</button></div>`
      : nothing}`;
}

/** What can be looked at by one press. @param {Room} room @param {Here} here */
function startsTemplate(room, here) {
  const own = here.sets.filter((each) => each.images);
  const paths = new Set(own.map((each) => each.path));
  const recent = here.recent.filter((each) => !paths.has(each.source));
  return html`<div class="row data-starts">
    <span class="note">${t("Or:")}</span>
    ${start(room, DIGITS, t("the digits that come with mirada"))}
    ${own.map((each) => start(room, each.path, each.name))}
    ${recent.map((each) => start(room, each.source, each.source, !each.is_there))}
  </div>`;
}

/** @param {Room} room @param {string} source @param {string} word @param {boolean} [isGone] */
function start(room, source, word, isGone = false) {
  const isShown = room.report?.source === source;
  return html`<button class="data-start" data-source=${source} aria-pressed=${isShown} ?disabled=${isGone}
    title=${isGone ? t("it is no longer there") : source} @click=${() => room.look(source)}>${word}</button>`;
}

/** @param {Room} room @param {{done: number, total: number}} progress */
function progressTemplate(room, { done, total }) {
  const isComparing = total > 0 && done >= total - 1;
  const values = { done: countText(done), total: countText(total) };
  const text = total === 0 ? t("Looking for images…") : t("Images opened: {done} of {total}", values);
  return html`<div class="panel data-progress">
    <p role="status">${isComparing ? t("Comparing the images…") : text}</p>
    <progress max=${Math.max(total, 1)} .value=${done} aria-label=${t("Images opened")}></progress>
    <div class="row"><button class="data-cancel" @click=${() => room.cancel()}>${t("Cancel")}</button></div>
  </div>`;
}

/** @param {Room} room @param {Report} report */
function reportTemplate(room, report) {
  const isUsed = room.lab.store.state.data === report.source;
  const options = { isWhole: room.isWhole, showAll: () => { room.isWhole = true; room.draw(); } };
  const word = report.source === DIGITS ? t("The digits that come with mirada") : report.name;
  return html`
    <div class="panel data-report">
      <div class="row data-head">
        <h2>${word}</h2>
        ${isUsed
          ? html`<span class="chip good">${t("in use for training")}</span><button
            @click=${() => room.lab.go("train")}>${t("Train")}</button>`
          : html`<button class="main data-use" ?disabled=${!report.used} @click=${() => room.use(report.source)}>${t("Use for training")}</button>`}
        <button class="quiet" @click=${() => room.look(report.source, true)}>${t("Look again")}</button>
      </div>
      ${room.tiles ? findingsTemplate(report, room.tiles, options) : nothing}
    </div>
    ${report.used
      ? html`<div class="columns left data-below">${room.split.element}${room.augment.element}</div>`
        : nothing}`;
}
