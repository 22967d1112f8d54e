// @ts-check
/** What all rooms share: the network being built, the data and the run in use. */

/** @import { Api } from "./api.js" */

/** @typedef {{network: string, data: string, run: string, options: Record<string, any>}} Values */
/** @typedef {Values & {revision: number}} State */
/** @typedef {Partial<Omit<State, "revision">>} Changes */

/**
 * The state as the server keeps it. Events: "change" when it has changed here, and
 * "conflict" when another tab was faster: then nothing is written until `keep` or
 * `read` says which of the two stays. What could not be written is kept, and written
 * with the next change or by `save`.
 */
export class Store extends EventTarget {
  /** @param {Api} api */
  constructor(api) {
    super();
    this.api = api;
    /** @type {State} */
    this.state = { revision: 0, network: "", data: "", run: "", options: {} };
    /** @type {Changes} */
    this.unsaved = {};
    /** What is on its way to the server. @type {Changes} */
    this.sending = {};
    this.isInConflict = false;
    /** @type {Promise<unknown>} */
    this.writing = Promise.resolve();
  }

  /** Reads the state from the server; what was not written is given up. */
  async read() {
    const state = await this.api.get("/api/state");
    this.unsaved = {};
    this.isInConflict = false;
    this.state = state;
    this.dispatchEvent(new Event("change"));
  }

  /** Whether the server has another state than this page, and reads it if so. */
  async refresh() {
    await this.writing.catch(() => {});
    if (this.hasUnsaved()) return false;
    const state = await this.api.get("/api/state");
    const isOther = state.revision !== this.state.revision && !this.hasUnsaved();
    if (isOther) {
      this.state = state;
      this.dispatchEvent(new Event("change"));
    }
    return isOther;
  }

  /**
   * Sets some values, here at once and on the server in the order of calls.
   *
   * @param {Changes} changes
   */
  change(changes) {
    Object.assign(this.state, changes);
    Object.assign(this.unsaved, changes);
    this.dispatchEvent(new Event("change"));
    return this.save();
  }

  /** Writes what was not written yet. */
  save() {
    this.writing = this.writing.catch(() => {}).then(() => this.write());
    return this.writing;
  }

  hasUnsaved() {
    return Object.keys({ ...this.unsaved, ...this.sending }).length > 0;
  }

  async write() {
    const sent = this.unsaved;
    if (this.isInConflict || !Object.keys(sent).length) return;
    [this.unsaved, this.sending] = [{}, sent];
    try {
      const body = { ...sent, revision: this.state.revision };
      this.state.revision = (await this.api.put("/api/state", body)).revision;
    } catch (error) {
      this.unsaved = { ...sent, ...this.unsaved };
      if (/** @type {{code?: string}} */ (error).code !== "lab-changed-elsewhere") throw error;
      this.isInConflict = true;
      this.dispatchEvent(new Event("conflict"));
    } finally {
      this.sending = {};
    }
  }

  /** Writes what is here over whatever is there now. */
  async keep() {
    this.state.revision = (await this.api.get("/api/state")).revision;
    this.isInConflict = false;
    await this.save();
  }
}
