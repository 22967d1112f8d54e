// @ts-check
/** Images of one's own: collections with their classes, and the images of each. */

import { t } from "../../../views/language.js";
import { imageSource } from "../../../views/image_source.js";
import { refusedFile } from "../../../views/image_file.js";
import { render } from "../../../views/vendor/lit-html.js";
import { ownTemplate } from "./data_own_parts.js";
import { keepSettings, optionsOf } from "./data_settings.js";
import { Tiles } from "./data_tiles.js";

/** @import { Lab } from "../lab.js" */
/** @import { Settings } from "./data_settings.js" */

/** @typedef {{name: string, images: string[]}} OwnClass */
/**
 * @typedef {{name: string, path: string, classes: OwnClass[], count: number, advice: string[],
 *   trash: number}} Collection
 */
/** @typedef {{text: string, undo: number}} Removed */

export class OwnImages {
  /** @param {Lab} lab @param {Settings} settings @param {(source: string) => void} look */
  constructor(lab, settings, look) {
    this.lab = lab;
    this.settings = settings;
    this.look = look;
    this.element = document.createElement("div");
    this.element.className = "data-own";
    /** @type {{name: string}[] | null} */
    this.names = null;
    /** @type {Collection | null} */
    this.collection = null;
    /** @type {Removed | null} */
    this.removed = null;
    this.refusal = "";
    this.naming = "";
    this.over = "";
    /** @type {Set<string>} classes of which all images are shown */
    this.whole = new Set();
    /** @type {{label: string, blob: Blob, name: string}[]} */
    this.queue = [];
    this.sent = 0;
    this.isSending = false;
    /** @type {string[]} */
    this.refused = [];
    /** @type {Map<string, Tiles>} */
    this.tiles = new Map();
    this.source = imageSource({}, { pad: true, camera: true, many: true });
    this.source.addEventListener("image", (event) => {
      const { blob, name } = /** @type {CustomEvent} */ (event).detail;
      this.add(this.settings.label, blob, name);
    });
    this.draw();
  }

  /** Trains on a collection from now on, divided and changed as the room shows. @param {string} source */
  use(source) {
    return this.lab.store.change({ data: source, options: optionsOf({ ...this.settings, by: "" }) });
  }

  /** Reads what is there, when the images are shown. */
  async begin() {
    await this.doing(async () => {
      this.names = (await this.lab.api.get("/api/data")).sets;
      const names = (this.names ?? []).map((each) => each.name);
      const name = names.includes(this.settings.collection) ? this.settings.collection : names[0];
      if (name) await this.open(name);
      else this.collection = null;
    });
  }

  /** What is not shown takes no camera. */
  rest() {
    this.source.stop();
  }

  leave() {
    this.rest();
    for (const tiles of this.tiles.values()) tiles.close();
  }

  /** Does something that may be refused, and says so in place. @param {() => Promise<void>} work */
  async doing(work) {
    this.refusal = "";
    try {
      await work();
    } catch (error) {
      this.refusal = /** @type {Error} */ (error).message;
    }
    this.draw();
  }

  /** @param {string} name */
  async open(name) {
    const query = new URLSearchParams({ set: name });
    this.take(await this.lab.api.get(`/api/data/own?${query}`));
  }

  /** @param {Collection} collection */
  take(collection) {
    if (this.collection?.name !== collection.name) {
      for (const tiles of this.tiles.values()) tiles.close();
      this.tiles.clear();
    }
    this.collection = collection;
    this.settings.collection = collection.name;
    const labels = collection.classes.map((each) => each.name);
    if (!labels.includes(this.settings.label)) this.settings.label = labels[0] ?? "";
    keepSettings(this.settings);
    this.draw();
  }

  /** The small images of a class. @param {string} label */
  tilesOf(label) {
    const collection = this.collection?.name ?? "";
    let tiles = this.tiles.get(label);
    if (!tiles) {
      const ask = (/** @type {string[]} */ names) =>
        this.lab.api.post("/api/data/own/tiles", { set: collection, class: label, names, side: 96 });
      tiles = new Tiles(ask, () => this.draw());
      this.tiles.set(label, tiles);
    }
    return tiles;
  }

  /** @param {string} name */
  addCollection(name) {
    return this.doing(async () => {
      this.take(await this.lab.api.post("/api/data/own", { name }));
      this.names = (await this.lab.api.get("/api/data")).sets;
    });
  }

  /** A collection with a class for each digit, to be drawn. */
  addDigits() {
    return this.doing(async () => {
      const name = t("my digits");
      const { added } = await this.lab.api.post("/api/data/own", { name });
      let last;
      for (let digit = 0; digit < 10; digit++)
        last = await this.lab.api.post("/api/data/own", { set: added, name: String(digit) });
      this.take(last);
      this.names = (await this.lab.api.get("/api/data")).sets;
    });
  }

  /** @param {string} name */
  addClass(name) {
    return this.doing(async () => {
      const found = await this.lab.api.post("/api/data/own", { set: this.collection?.name, name });
      this.settings.label = found.added;
      this.take(found);
    });
  }

  /** Renames a class, or without a label the collection. @param {string} label @param {string} to */
  rename(label, to) {
    return this.doing(async () => {
      const found = await this.lab.api.post("/api/data/own/rename",
        { set: this.collection?.name, class: label, to });
      this.tiles.get(label)?.close();
      this.tiles.delete(label);
      if (this.settings.label === label) this.settings.label = found.named;
      this.naming = "";
      this.take(found);
      this.names = (await this.lab.api.get("/api/data")).sets;
    });
  }

  /**
   * Moves to the trash an image, a class, or without a label the collection.
   *
   * @param {string} [label]
   * @param {string} [image]
   */
  remove(label = "", image = "") {
    return this.doing(async () => {
      const set = this.collection?.name ?? "";
      const { undo } = await this.lab.api.post("/api/data/own/remove", { set, class: label, image });
      this.removed = { text: t("Removed: '{name}'", { name: image || label || set }), undo };
      if (!label) await this.begin();
      else await this.open(set);
    });
  }

  undo() {
    const { removed } = this;
    if (!removed) return;
    this.removed = null;
    return this.doing(async () => {
      this.take(await this.lab.api.post("/api/data/own/undo", { undo: removed.undo }));
      this.names = (await this.lab.api.get("/api/data")).sets;
    });
  }

  emptyTrash() {
    return this.doing(async () => {
      await this.lab.api.post("/api/data/own/empty-trash");
      this.removed = null;
      if (this.collection) await this.open(this.collection.name);
    });
  }

  /** @param {string} label @param {FileList | undefined} files */
  async drop(label, files) {
    this.over = "";
    this.draw();
    for (const file of files ?? []) {
      const refusal = await refusedFile(file);
      if (refusal) this.refuse(refusal);
      else this.add(label, file, file.name);
    }
  }

  /** @param {string} text */
  refuse(text) {
    this.refused.push(text);
    this.draw();
  }

  /**
   * Puts an image in the row of those that are sent.
   *
   * @param {string} label
   * @param {Blob} blob
   * @param {string} name
   */
  add(label, blob, name) {
    if (!label) return this.refuse(t("Add a class first: an image belongs to one."));
    if (!this.isSending) Object.assign(this, { sent: 0, refused: [] });
    this.queue.push({ label, blob, name });
    if (!this.isSending) this.send();
  }

  async send() {
    const set = this.collection?.name ?? "";
    this.isSending = true;
    for (let item = this.queue.shift(); item; item = this.queue.shift()) {
      this.draw();
      const query = new URLSearchParams({ set, class: item.label, name: item.name.slice(0, 200) });
      try {
        const { image } = await this.lab.api.put(`/api/data/own/image?${query}`, item.blob);
        this.sent += 1;
        this.collection?.classes.find(({ name }) => name === item.label)?.images.push(image);
      } catch (error) {
        this.refused.push(/** @type {Error} */ (error).message);
      }
    }
    this.isSending = false;
    await this.doing(() => this.open(set));
  }

  draw() {
    render(ownTemplate(this), this.element);
  }
}
