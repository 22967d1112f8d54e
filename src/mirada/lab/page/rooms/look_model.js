// @ts-check
/** What the room knows: the run, the image, every layer's maps, and the number chosen. */

import { refusalText } from "../api.js";

/** @import { Api } from "../api.js" */
/** @import { Arithmetic } from "../../../views/arithmetic.js" */

/**
 * @typedef {{run: string, title: string, network: string, data: string, accuracy: number | null,
 *   has_weights: boolean, state: string, problem: string}} Run
 */
/** @typedef {{layer: string, text: string, shape: number[], sources: string[]}} Layer */
/** @typedef {{method: string, about: string, takes_layer: boolean}} Method */
/**
 * @typedef {{run: string, network: string, data: string, classes: string[], input: number[], flips: boolean,
 *   layers: Layer[], convolutions: string[], methods: Method[], cam_layers: string[], cam_layer: string |
 *   null}} Network
 */
/**
 * @typedef {{run: string, image: string, name: string, label: string, size: [number, number],
 *   pixels: string, answers: [string, number][]}} Look
 */
/** @typedef {{layer: string, place: number[]}} Step */
/** @typedef {{count: number, values: Float32Array}} Maps */
/** @typedef {{sample?: number, key?: string}} Kept */

/** Numbers of one layer that are fetched at once, and the least and most maps of them. */
const NUMBERS = 100_000;
const [LEAST, MOST] = [4, 16];
const MOST_CELLS = 320;

/**
 * Events: "change" when something is to be drawn anew, "look" when another image is
 * shown, "run" when another run was opened, "step" when another number was chosen.
 */
export class Looking extends EventTarget {
  /** @param {Api} api */
  constructor(api) {
    super();
    this.api = api;
    /** @type {Run[] | null} */
    this.runs = null;
    this.run = "";
    /** @type {Network | null} */
    this.network = null;
    /** @type {Look | null} */
    this.look = null;
    /** @type {Map<string, Maps>} */
    this.maps = new Map();
    /** @type {Map<string, number>} */
    this.counts = new Map();
    /** @type {Step[]} the number chosen and those walked through to it, the first one first */
    this.trail = [];
    /** @type {Arithmetic | null} */
    this.found = null;
    this.refusal = "";
    this.imageRefusal = "";
    this.isOpening = false;
    this.isLooking = false;
    /** @type {Kept} */
    this.kept = {};
    /** @type {Record<string, AbortController>} */
    this.going = {};
  }

  /** The number that is looked at. */
  get step() {
    return this.trail[this.trail.length - 1] ?? null;
  }

  /** Ends the older work of a kind; its answer is never taken. @param {string} kind */
  signal(kind) {
    this.going[kind]?.abort();
    this.going[kind] = new AbortController();
    return this.going[kind].signal;
  }

  /** @param {string} [kind] */
  changed(kind = "change") {
    if (kind !== "change") this.dispatchEvent(new Event(kind));
    this.dispatchEvent(new Event("change"));
  }

  async readRuns() {
    this.runs = (await this.api.get("/api/look/runs")).runs;
    this.changed();
  }

  /** Opens a run by its name or its path. @param {string} name */
  async open(name) {
    const signal = this.signal("run");
    this.going.image?.abort();
    Object.assign(this, { run: name, isOpening: true, refusal: "" });
    this.changed();
    try {
      const network = await this.api.post("/api/look/network", { run: name }, signal);
      if (signal.aborted) return;
      const isOther = this.network?.run !== name;
      this.network = network;
      if (isOther) this.forget();
    } catch (error) {
      if (signal.aborted) return;
      this.network = null;
      this.forget();
      this.refusal = refusalText(error);
    }
    this.isOpening = false;
    this.changed("run");
  }

  forget() {
    Object.assign(this, { look: null, trail: [], found: null, imageRefusal: "" });
    this.maps = new Map();
    this.counts = new Map();
  }

  /** Shows an image file. @param {Blob} blob @param {string} name */
  showFile(blob, name) {
    const query = new URLSearchParams({ run: this.run, name: name.slice(0, 200) });
    return this.show(`/api/look/sent?${query}`, blob);
  }

  /** Shows an image of the run's own data. @param {number} sample */
  showSample(sample) {
    return this.show("/api/look/sample", { run: this.run, sample }, { sample });
  }

  /** Shows an image that the lab still holds. @param {string} key */
  showAgain(key) {
    return this.show("/api/look/image", { run: this.run, image: key });
  }

  /**
   * Asks for a look and the maps; older requests are dropped. Says whether it is shown.
   *
   * @param {string} path
   * @param {object | Blob} value
   * @param {Kept} [kept]
   */
  async show(path, value, kept) {
    const signal = this.signal("image");
    this.isLooking = true;
    this.changed();
    try {
      const look = await this.api.post(path, value, signal);
      const maps = await this.fetchMaps(look.image, this.wanted(), signal);
      if (signal.aborted) return false;
      this.look = look;
      this.maps = maps;
      this.kept = kept ?? { key: look.image };
      this.imageRefusal = "";
    } catch (error) {
      if (signal.aborted) return false;
      this.isLooking = false;
      this.imageRefusal = refusalText(error);
      this.changed();
      return false;
    }
    this.isLooking = false;
    this.changed("look");
    await this.compute();
    return true;
  }

  /** The layers with how many of their maps are shown. @returns {[string, number][]} */
  wanted() {
    return (this.network?.layers ?? []).map(({ layer, shape }) => [layer, this.count(layer, shape)]);
  }

  /** @param {string} layer @param {number[]} shape */
  count(layer, shape) {
    const [maps, height = 1, width = 1] = shape;
    const each = height * width;
    const first = each === 1 ? MOST_CELLS : Math.max(LEAST, Math.min(MOST, Math.floor(NUMBERS / each)));
    return Math.min(maps, Math.max(first, this.counts.get(layer) ?? 0));
  }

  /**
   * @param {string} image
   * @param {[string, number][]} wanted
   * @param {AbortSignal} [signal]
   * @returns {Promise<Map<string, Maps>>}
   */
  async fetchMaps(image, wanted, signal, run = this.run) {
    const layers = wanted;
    const blob = await this.api.blob("/api/look/maps", { run, image, layers }, signal);
    const all = new Float32Array(await blob.arrayBuffer());
    /** @type {Map<string, Maps>} */
    const found = new Map();
    let at = 0;
    for (const [layer, count] of wanted) {
      const length = count * this.each(layer);
      found.set(layer, { count, values: all.subarray(at, at + length) });
      at += length;
    }
    return found;
  }

  /** @param {string} layer */
  each(layer) {
    const [, height = 1, width = 1] = this.shape(layer);
    return height * width;
  }

  /** @param {string} layer @returns {number[]} */
  shape(layer) {
    return this.network?.layers.find((each) => each.layer === layer)?.shape ?? [];
  }

  /** Shows so many maps of a layer, at least. @param {string} layer @param {number} count */
  async more(layer, count) {
    const shape = this.shape(layer);
    if (!this.look || (this.maps.get(layer)?.count ?? 0) >= Math.min(count, shape[0])) return;
    this.counts.set(layer, count);
    const { image } = this.look;
    const found = await this.fetchMaps(image, [[layer, this.count(layer, shape)]]);
    if (this.look?.image !== image) return;
    for (const [name, maps] of found) this.maps.set(name, maps);
    this.changed();
  }

  /** Chooses a number; a new trail begins. @param {Step} step */
  async choose(step) {
    this.trail = [step];
    await this.compute();
  }

  /** Goes on to a number that the one looked at is made of. @param {Step} step */
  async walk(step) {
    this.trail = [...this.trail, step];
    await this.compute();
  }

  /** Walks back through what counts most. */
  async back() {
    const next = this.found?.strongest;
    if (next) await this.walk({ layer: next.layer, place: next.place });
  }

  /** Returns to a number of the trail. @param {number} place */
  async returnTo(place) {
    this.trail = this.trail.slice(0, place + 1);
    await this.compute();
  }

  leaveNumber() {
    this.going.number?.abort();
    this.trail = [];
    this.found = null;
    this.changed("step");
  }

  async compute() {
    const { step, look } = this;
    if (!step || !look) return this.changed();
    const signal = this.signal("number");
    try {
      const value = { run: this.run, image: look.image, ...step };
      const found = await this.api.post("/api/look/element", value, signal);
      if (signal.aborted) return;
      this.found = found;
    } catch (error) {
      if (signal.aborted) return;
      this.trail = [];
      this.found = null;
      this.imageRefusal = refusalText(error);
    }
    this.changed("step");
    if (this.step && this.step.place[0] >= (this.maps.get(this.step.layer)?.count ?? 0))
      await this.more(this.step.layer, this.step.place[0] + 1);
  }
}
