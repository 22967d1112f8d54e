// @ts-check
/** What all rooms share: the network being built, the data and the run in use. */

/** @import { Api } from "./api.js" */

/** @typedef {{revision: number, network: string, data: string, run: string}} State */

/**
 * The state as the server keeps it. Events: "change" when it has changed here, and
 * "conflict" (detail: the values that were to be set) when another tab was faster.
 */
export class Store extends EventTarget {
  /** @param {Api} api */
  constructor(api) {
    super();
    this.api = api;
    /** @type {State} */
    this.state = { revision: 0, network: "", data: "", run: "" };
    /** @type {Promise<unknown>} */
    this.writing = Promise.resolve();
  }

  /** Reads the state from the server. */
  async read() {
    this.take(await this.api.get("/api/state"));
  }

  /**
   * Sets some values, here at once and on the server in the order of calls.
   *
   * @param {Partial<Omit<State, "revision">>} changes
   */
  change(changes) {
    Object.assign(this.state, changes);
    this.dispatchEvent(new Event("change"));
    this.writing = this.writing.catch(() => {}).then(() => this.write(changes));
    return this.writing;
  }

  /** @param {Partial<Omit<State, "revision">>} changes */
  async write(changes) {
    const { revision } = this.state;
    try {
      const state = await this.api.put("/api/state", { ...changes, revision });
      this.state.revision = state.revision;
    } catch (error) {
      if (/** @type {{code?: string}} */ (error).code !== "lab-changed-elsewhere") throw error;
      this.dispatchEvent(new CustomEvent("conflict", { detail: changes }));
    }
  }

  /** Sets them again on whatever is there now. @param {Partial<State>} changes */
  async keep(changes) {
    this.state.revision = (await this.api.get("/api/state")).revision;
    await this.change(changes);
  }

  /** @param {State} state */
  take(state) {
    this.state = state;
    this.dispatchEvent(new Event("change"));
  }
}
