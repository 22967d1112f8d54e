// @ts-check
/** The network while it is built: its text, what the server tells of it, and edits. */

import { t } from "../../../views/language.js";
import { History } from "./architect_history.js";

/** @import { Lab } from "../lab.js" */
/** @import { Field } from "../../../views/form.js" */
/** @import { Row, Totals } from "../../../views/summary.js" */

/**
 * @typedef {Row & {written: string, is_named: boolean, is_computed: boolean, line: number | null,
 *   error: string | null}} Layer
 */
/** @typedef {{words: string, text: string, is_whole: boolean}} Remedy */
/**
 * @typedef {{code: string, message: string, line: number | null, place: number | null, remedies: Remedy[]}}
 *   Refusal
 */
/**
 * @typedef {{place: number, fields: Field[], joins: boolean, sources: string[], explanation: string[]}}
 *   Chosen
 */

/**
 * What the server tells of a text.
 *
 * @typedef {object} Answer
 * @property {string} text
 * @property {string} form
 * @property {string} name
 * @property {string} toml
 * @property {number[] | null} input_shape
 * @property {number[] | null} output_shape
 * @property {Layer[]} layers
 * @property {Totals | null} totals
 * @property {{layer: string, message: string}[]} warnings
 * @property {Refusal | null} refusal
 * @property {boolean} can_edit
 * @property {boolean} has_recipe
 * @property {Chosen | null} chosen
 */

const TYPING_MS = 120;
const SAVING_MS = 400;

export class Build {
  /** @param {Lab} lab @param {() => void} draw */
  constructor(lab, draw) {
    this.lab = lab;
    this.draw = draw;
    this.history = new History();
    /** @type {Answer | null} */
    this.answer = null;
    /** @type {number | null} */
    this.chosen = null;
    /** Where a layer is being added. @type {number | null} */
    this.adding = null;
    /** What is wrong with what was set in a field. @type {Record<string, string>} */
    this.errors = {};
    this.turnsToToml = false;
    this.pending = 0;
    /** @type {Promise<void>} */
    this.queue = Promise.resolve();
    this.timers = { typing: 0, saving: 0 };
    /** @type {AbortController | null} */
    this.asking = null;
  }

  get text() {
    return this.history.text;
  }

  /** Whether what is there is only shown, and nobody's work yet. */
  get isSample() {
    const { saved, sample, text } = this.history;
    return !saved && sample !== "" && sample === text;
  }

  /**
   * Begins with what is kept here and on the server; nothing of either is lost.
   *
   * @returns {Promise<unknown>}
   */
  begin() {
    const { history } = this;
    const there = this.lab.store.state.network;
    if (history.at < 0 || (there !== history.saved && there !== "")) {
      if (there !== "") history.put(there);
      history.savedAs(there);
    }
    if (history.at < 0) return this.model("lenet5", {}, true);
    if (this.text !== history.saved) this.save();
    return this.describe();
  }

  /** What was typed in the editor. @param {string} text */
  type(text) {
    if (text === this.text) return;
    this.take(text, "typing");
  }

  /**
   * Another text, as a step of its own or with others of its key.
   *
   * @param {string} text
   * @param {string} [key]
   */
  take(text, key) {
    this.history.put(text, key);
    this.errors = {};
    this.save();
    clearTimeout(this.timers.typing);
    this.timers.typing = setTimeout(() => this.describe(), key === "typing" ? TYPING_MS : 0);
    this.draw();
  }

  /** Asks what the text says now. */
  async describe() {
    const { text } = this;
    this.asking?.abort();
    this.asking = new AbortController();
    if (text.trim() === "") {
      this.answer = null;
      this.draw();
      return;
    }
    const asked = { text, chosen: this.chosen };
    const answer = await this.lab.api.post("/api/architect/describe", asked, this.asking.signal);
    if (text === this.text) this.told(answer);
  }

  /** @param {Answer} answer */
  told(answer) {
    this.answer = answer;
    if (this.chosen !== null && this.chosen >= answer.layers.length) this.chosen = null;
    if (answer.form !== "toml" && answer.toml) this.save();
    this.draw();
    if (this.turnsToToml && answer.form !== "toml" && answer.toml) this.turn();
  }

  /** Writes what came as JSON or short strings as TOML, as all networks are here. */
  async turn() {
    this.turnsToToml = false;
    await this.edit({ do: "toml" });
    this.lab.say(t("Written as TOML now. Undo brings back what was pasted."));
  }

  /**
   * An edit, after those that are under way. `chosen` is the layer that is open then;
   * `refused` hears why it was not done.
   *
   * @param {Record<string, unknown>} edit
   * @param {{chosen?: number | null, key?: string, refused?: (message: string) => void}} [after]
   */
  edit(edit, after = {}) {
    this.pending += 1;
    this.queue = this.queue.then(() => this.edited(edit, after)).finally(() => {
      this.pending -= 1;
      if (this.pending === 0) this.draw();
    });
    return this.queue;
  }

  /**
   * @param {Record<string, unknown>} edit
   * @param {{chosen?: number | null, key?: string, refused?: (message: string) => void}} after
   * @returns {Promise<void>}
   */
  async edited(edit, after) {
    const { text } = this;
    const chosen = after.chosen === undefined ? this.chosen : after.chosen;
    try {
      const answer = await this.lab.api.post("/api/architect/edit", { text, edit, chosen });
      // What was typed in the meantime stays, and the edit is made on that.
      if (text !== this.text) return await this.edited(edit, after);
      if (answer.refused) return this.refuse(answer.refused.message, after);
      clearTimeout(this.timers.typing);
      this.asking?.abort();
      this.errors = {};
      this.chosen = chosen;
      this.answer = answer;
      this.history.put(answer.text, after.key);
      this.save();
    } catch (error) {
      const { message, code } = /** @type {{message: string, code?: string}} */ (error);
      if (code === undefined) throw error;
      this.refuse(message, after);
    }
  }

  /** @param {string} message @param {{refused?: (message: string) => void}} after */
  refuse(message, after) {
    if (after.refused) after.refused(message);
    else this.lab.say(message, "wrong");
  }

  /** Sets a field of the open layer. @param {string} name @param {unknown} value */
  set(name, value) {
    const at = this.chosen;
    if (at === null) return;
    const refused = (/** @type {string} */ message) => {
      this.errors = { ...this.errors, [name]: message };
    };
    this.edit({ do: "set", at, field: name, value }, { key: `set ${at} ${name}`, refused });
  }

  /**
   * A known network in the place of what is there; a `sample` is only to be looked at,
   * until something in it is changed.
   *
   * @param {string} name
   * @param {{input?: string, classes?: number}} [as]
   * @param {boolean} [isSample]
   * @returns {Promise<string>} why it cannot be, empty where it is there now
   */
  async model(name, as = {}, isSample = false) {
    const answer = await this.lab.api.post("/api/architect/model", { name, ...as });
    if (answer.refused) return answer.refused.message;
    this.history.sample = isSample ? answer.text : "";
    this.chosen = null;
    this.adding = null;
    this.take(answer.text);
    clearTimeout(this.timers.typing);
    this.told(answer);
    return "";
  }

  /** @param {-1 | 1} way */
  step(way) {
    if (!this.history.go(way)) return;
    this.errors = {};
    this.turnsToToml = false;
    this.save();
    this.describe();
    this.draw();
  }

  /** Opens a layer, or closes it. @param {number | null} place */
  choose(place) {
    this.chosen = place;
    this.errors = {};
    this.adding = null;
    this.draw();
    return place === null ? undefined : this.describe();
  }

  /** Keeps the text on the server, soon. */
  save() {
    clearTimeout(this.timers.saving);
    this.timers.saving = setTimeout(() => this.flush(), SAVING_MS);
  }

  /** What is only shown is to be the network in use. */
  own() {
    this.history.sample = "";
    return this.flush();
  }

  /** Keeps it now. */
  async flush() {
    clearTimeout(this.timers.saving);
    const { text, answer, history } = this;
    if (this.isSample) return;
    const isOther = answer?.text === text && answer.form !== "toml" && answer.toml !== "";
    const kept = isOther && answer ? answer.toml : text;
    if (kept === history.saved) return;
    const before = history.saved;
    history.savedAs(kept);
    try {
      await this.lab.store.change({ network: kept });
    } catch (error) {
      if (history.saved === kept) history.savedAs(before ?? "");
      throw error;
    }
  }

  /** The server has another network, as the user chose: what was here is a step back. */
  received() {
    const there = this.lab.store.state.network;
    if (there === this.history.saved) return;
    clearTimeout(this.timers.saving);
    this.history.savedAs(there);
    this.history.put(there);
    this.describe();
  }

  leave() {
    clearTimeout(this.timers.typing);
    this.asking?.abort();
    return this.flush();
  }
}
