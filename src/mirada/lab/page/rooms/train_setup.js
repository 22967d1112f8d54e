// @ts-check
/** Before a training: what is trained on what, what was chosen and why, what it takes. */

import { t } from "../../../views/language.js";
import { html, nothing } from "../../../views/vendor/lit-html.js";
import { keep, kept } from "../kept.js";
import { beginningFields, DRAWN, engineField, ordered } from "./train_beginning.js";
import { rateText, remedyButton } from "./train_live.js";
import { planned } from "./train_plan.js";

/** @import { Beginning, Choices } from "./train_beginning.js" */
/** @import { Plan } from "./train_plan.js" */
/** @import { Remedy } from "../api.js" */
/** @import { Lab } from "../lab.js" */

const KEY = "room.train";
/** @type {{fields: Record<string, string>, beginning: Beginning, isAutomatic: boolean, isOpen: boolean}} */
const PLAIN = { fields: {}, beginning: DRAWN, isAutomatic: false, isOpen: false };
const LATER_MS = 500;
const DIGITS = "digits";
const LARGEST_SEED = 2147483647;

export class Setup {
  /**
   * @param {Lab} lab
   * @param {{redraw: () => void, start: (order: object) => Promise<unknown>, isBusy: () => boolean}} room
   */
  constructor(lab, room) {
    this.lab = lab;
    this.room = room;
    const { fields, beginning, isAutomatic, isOpen } = kept(KEY, PLAIN);
    /** The fields as they are typed. */
    this.fields = { ...fields };
    this.beginning = { ...beginning };
    /** @type {Choices} */
    this.choices = { weights: [], engines: [] };
    this.isAutomatic = isAutomatic;
    this.isOpen = isOpen;
    /** @type {Plan | null} */
    this.plan = null;
    this.isPlanning = false;
    /** @type {{message: string, code: string, remedy?: Remedy | null} | null} */
    this.refused = null;
    this.asking = new AbortController();
    this.later = 0;
  }

  /** What the server is asked to train. */
  order() {
    const { network, data, options } = this.lab.store.state;
    const { engine } = this.beginning;
    return {
      network: this.isAutomatic ? "" : network,
      data: data || DIGITS,
      options: { ...options, ...optionsOf(this.fields), ...(engine ? { engine } : {}) },
      ...ordered(this.beginning),
    };
  }

  /** What Data has a part in is one for both rooms; what is refused stays here. @param {string} name */
  share(name) {
    const { [name]: before, ...options } = this.lab.store.state.options;
    const value = optionsOf(this.fields)[name];
    const number = Number(value ?? 0);
    const isFine = name !== "seed" || (Number.isInteger(number) && number >= 0 && number <= LARGEST_SEED);
    if (!(name in this.fields) || !isFine) return;
    delete this.fields[name];
    this.keep();
    this.lab.store.change({ options: value === undefined ? options : { ...options, [name]: value } });
    this.room.redraw();
  }

  keep() {
    const { fields, beginning, isAutomatic, isOpen } = this;
    keep(KEY, { fields, beginning, isAutomatic, isOpen });
  }

  /** Reads what there is to begin with; a run that has ended is one more. */
  async readChoices() {
    this.choices = await this.lab.api.get("/api/training/choices");
    this.room.redraw();
  }

  /** @param {Partial<Beginning>} changed */
  begin(changed) {
    Object.assign(this.beginning, changed);
    this.planSoon();
    this.room.redraw();
  }

  /** Asks what would be trained, once nobody has typed for a moment. */
  planSoon() {
    this.keep();
    clearTimeout(this.later);
    this.asking.abort();
    this.later = setTimeout(() => this.ask(), LATER_MS);
  }

  /** Asks what would be trained, and what it would take. */
  async ask() {
    const own = (this.asking = new AbortController());
    Object.assign(this, { isPlanning: true, refused: null });
    this.room.redraw();
    try {
      const order = { ...this.order(), measure: true };
      const heard = (/** @type {string} */ kind, /** @type {any} */ values) => {
        if (own.signal.aborted) return;
        if (kind === "plan") this.plan = values;
        if (kind === "pace" && this.plan) this.plan = { ...this.plan, ...values };
        this.room.redraw();
      };
      await this.lab.api.events("/api/training/plan", heard, order, own.signal);
    } catch (error) {
      if (own.signal.aborted) return;
      this.plan = null;
      this.refused = /** @type {any} */ (error);
    }
    if (own.signal.aborted) return;
    this.isPlanning = false;
    this.room.redraw();
  }

  /** Takes a network in the place of the one that was refused. @param {string} network */
  mend(network) {
    this.lab.store.change({ network });
    this.isAutomatic = false;
    this.refused = null;
    this.planSoon();
    this.room.redraw();
  }

  close() {
    clearTimeout(this.later);
    this.asking.abort();
  }

  async start() {
    this.close();
    this.refused = null;
    try {
      await this.room.start(this.order());
    } catch (error) {
      this.refused = /** @type {any} */ (error);
      // Of another tab that was faster; its training is shown in the place of this.
      if (this.refused?.code === "training-busy") this.lab.say(this.refused.message, "wrong");
    }
    this.isPlanning = false;
    this.room.redraw();
  }

  draw() {
    const busy = t("One network is trained at a time: stop the other one first, or wait.");
    return html`<section class="panel setup" aria-label=${t("A new training")}>
      <div class="columns left">
        <div class="stack">
          <h2>${t("Train a network")}</h2>
          ${this.subject()}
          ${beginningFields(this.choices, this.beginning, (changed) => this.begin(changed))}
          ${this.options()}
          <div class="row">
            <button class="main" name="start" ?disabled=${this.room.isBusy()}
              @click=${() => this.start()}>${t("Start training")}</button>
          </div>
          ${this.room.isBusy() ? html`<p class="note">${busy}</p>` : nothing}
        </div>
        <div class="plan" aria-live="polite">${this.foretold()}</div>
      </div>
    </section>`;
  }

  subject() {
    const { network, data, options } = this.lab.store.state;
    const { weights } = this.beginning;
    const own = /^\s*name\s*=\s*"([^"]*)"/m.exec(network)?.[1] ?? t("your network");
    const choose = (/** @type {boolean} */ isAutomatic) => () => {
      this.isAutomatic = isAutomatic;
      this.planSoon();
      this.room.redraw();
    };
    const isAutomatic = this.isAutomatic || !network;
    const chosen = html`<div class="segmented" role="group" aria-label=${t("Network")}>
      <button aria-pressed=${!isAutomatic} @click=${choose(false)}>${own}</button>
      <button name="automatic" aria-pressed=${isAutomatic}
        @click=${choose(true)}>${this.automaticName()}</button></div>`;
    const change = network ? t("Change it in the Architect") : t("Build your own in the Architect");
    return html`<dl class="subject">
      <div><dt>${t("Network")}</dt><dd>
        ${network ? chosen : weights ? t("That of the weights") : t("One that is chosen for the images")}
        <a href="#/architect">${change}</a></dd></div>
      <div><dt>${t("Images")}</dt><dd>
        ${data ? data : t("The digits that come with mirada: 1,797 images in ten classes")}
        ${Object.keys(options).length
          ? html`<span class="note">${t("Divided and changed as chosen in Data.")}</span>`
          : nothing}
        <a href="#/data">${t("Choose others in Data")}</a></dd></div>
    </dl>`;
  }

  /** What is trained where no network of one's own is. */
  automaticName() {
    return this.beginning.weights ? t("That of the weights") : t("Chosen for the images");
  }

  options() {
    const toggled = (/** @type {Event} */ event) => {
      this.isOpen = /** @type {HTMLDetailsElement} */ (event.target).open;
      this.keep();
    };
    const { plan } = this;
    const rate = plan ? rateText(plan.learning_rate) : "";
    return html`<details ?open=${this.isOpen} @toggle=${toggled}>
      <summary>${t("Choose more yourself")}</summary>
      <p class="note">${t("What is left empty is chosen for you, and the reason told.")}</p>
      <div class="options">
        ${this.field("epochs", t("Epochs"), String(plan?.epochs ?? ""), "numeric")}
        ${this.field("learning_rate", t("Learning rate"), rate, "decimal")}
        ${this.field("batch_size", t("Batch"), this.value("batch"), "numeric")}
        ${this.field("seconds", t("Time limit in seconds"), "", "decimal")}
        ${this.field("optimizer", t("Optimizer"), this.value("optimizer"), "text")}
        ${this.field("schedule", t("Schedule"), this.value("schedule"), "text")}
        ${this.field("augment", t("Augmentation"), this.value("augmentation"), "text")}
        ${this.field("class_weights", t("Class weights"), this.value("weights"), "text")}
        ${this.field("seed", t("Seed"), "0", "numeric")}
        ${engineField(this.choices, this.beginning, (changed) => this.begin(changed))}
      </div>
    </details>`;
  }

  /**
   * What was chosen for a field.
   *
   * @param {"batch" | "optimizer" | "schedule" | "augmentation" | "weights"} name
   */
  value(name) {
    const names = {
      ...{ batch: t("batch"), optimizer: t("optimizer") },
      ...{ schedule: t("schedule"), augmentation: t("augmentation") },
      weights: t("class weights"),
    };
    return this.plan?.settings.find((row) => row.name === names[name])?.value ?? "";
  }

  /** @param {string} name @param {string} label @param {string} shown @param {string} mode */
  field(name, label, shown, mode) {
    const { options } = this.lab.store.state;
    const isShared = name === "augment" || name === "seed";
    const typed = (/** @type {Event} */ event) => {
      this.fields[name] = /** @type {HTMLInputElement} */ (event.target).value;
      this.planSoon();
    };
    return html`<label class="field"><span>${label}</span>
      <input name=${name} inputmode=${mode} placeholder=${shown} autocomplete="off" spellcheck="false"
        .value=${this.fields[name] ?? (isShared ? options[name] ?? "" : "")} @input=${typed}
        @change=${isShared ? () => this.share(name) : nothing}></label>`;
  }

  foretold() {
    if (this.refused) return this.refusal(this.refused);
    if (this.plan) return planned(this.plan, this.isPlanning);
    return html`<p class="note">${this.isPlanning ? t("Looking at the images ...") : nothing}</p>`;
  }

  /** @param {{message: string, remedy?: Remedy | null}} refused */
  refusal({ message, remedy }) {
    const canChoose = Boolean(this.lab.store.state.network) && !this.isAutomatic;
    const automatic = () => {
      this.isAutomatic = true;
      this.refused = null;
      this.planSoon();
      this.room.redraw();
    };
    const { weights } = this.beginning;
    const drawn = () => this.begin(DRAWN);
    const words = weights
      ? t("Take the network of the weights")
      : t("Let a network be chosen for the images");
    return html`<p class="refusal" role="alert">${message}</p>
      ${remedy ? remedyButton(remedy, (network) => this.mend(network)) : nothing}
      ${canChoose ? html`<button name="choose" @click=${automatic}>${words}</button>` : nothing}
      ${weights
        ? html`<button name="drawn" @click=${drawn}>${t("Begin with drawn weights")}</button>`
        : nothing}`;
  }
}

/** The network that would be trained, or nothing where one is chosen. @param {Lab} lab */
export function trainedNetwork(lab) {
  const { isAutomatic } = JSON.parse(sessionStorage.getItem(KEY) ?? "{}");
  return isAutomatic ? "" : lab.store.state.network;
}

/**
 * The options that fields stand for; numbers as numbers, what is empty left out.
 *
 * @param {Record<string, string>} fields
 */
function optionsOf(fields) {
  const numbers = ["epochs", "learning_rate", "batch_size", "seconds", "seed"];
  const given = Object.entries(fields).filter(([, text]) => text.trim());
  return Object.fromEntries(
    given.map(([name, text]) => {
      const value = Number(text.trim().replace(",", "."));
      return [name, numbers.includes(name) && Number.isFinite(value) ? value : text.trim()];
    }),
  );
}
