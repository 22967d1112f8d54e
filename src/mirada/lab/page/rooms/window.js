// @ts-check
/** The room of the sliding window: over numbers, or over a photo. */

import { refusedFile } from "../../../views/image_file.js";
import { imageSource } from "../../../views/image_source.js";
import { t } from "../../../views/language.js";
import { photoFilter } from "../../../views/photo_filter.js";
import { completed } from "../../../views/sliding_data.js";
import { sliding } from "../../../views/sliding.js";
import { html, nothing, render } from "../../../views/vendor/lit-html.js";
import { pixelsOf } from "../pixels.js";
import { addressOf, keepShown, shownBefore } from "./window_kept.js";

/** @import { Lab } from "../lab.js" */
/** @import { Named } from "../../../views/kernel_editor.js" */
/** @import { PhotoGiven } from "../../../views/photo_model.js" */
/** @import { Given } from "../../../views/sliding_data.js" */

/** The rim of the sun in the photo that is drawn. @type {[number, number]} */
const EDGE = [62, 204];

/** @typedef {{name: string, title: string, about: string, data: Given}} Example */

/**
 * The room. It is drawn at once with what was there last, or with the lecture's example;
 * what the server has comes when it comes.
 *
 * @param {Lab} lab
 * @returns {{element: HTMLElement, leave?: () => void}}
 */
export function enter(lab) {
  const room = new WindowRoom(lab);
  room.start();
  return { element: room.element, leave: () => room.leave() };
}

class WindowRoom {
  /** @param {Lab} lab */
  constructor(lab) {
    this.lab = lab;
    this.element = document.createElement("div");
    this.element.className = "window-room";
    this.kept = shownBefore();
    /** @type {Named[]} */
    this.kernels = [];
    /** @type {Example[]} */
    this.examples = [];
    this.source = imageSource({}, { camera: true });
    this.isRefused = false;
    this.isReading = false;
    this.gone = new AbortController();
    /** What the numbers were last. @type {Given} */
    this.shown = completed(this.kept.numbers);
    this.numbers = sliding(this.kept.numbers, this.options);
    /** @type {ReturnType<typeof photoFilter> | null} */
    this.photo = null;
  }

  get options() {
    /** @type {(name: string, options: Record<string, number>) => Promise<number[][]>} */
    const shaped = async (name, options) =>
      (await this.lab.api.post("/api/window/kernel", { name, ...options })).values;
    return { kernels: this.kernels ?? [], shaped };
  }

  start() {
    const { signal } = this.gone;
    this.numbers.addEventListener("change", (event) => {
      this.changed(/** @type {CustomEvent} */ (event).detail);
    });
    this.source.addEventListener("image", (event) => {
      const { blob, name } = /** @type {CustomEvent} */ (event).detail;
      void this.read(blob, name);
    });
    addEventListener("paste", (event) => this.pasted(event), { signal });
    addEventListener("drop", (event) => this.dropped(event), { signal });
    this.draw();
    void this.learn();
    if (this.kept.shown === "photo") void this.openPhoto();
  }

  leave() {
    this.gone.abort();
    this.source.stop();
  }

  /** Asks for what the server has; without it the window slides all the same. */
  async learn() {
    const { api } = this.lab;
    const [{ kernels }, { examples }] = await Promise.all([
      api.get("/api/window/kernels", this.gone.signal),
      api.get("/api/window/examples", this.gone.signal),
    ]);
    this.kernels = kernels;
    this.examples = examples;
    this.numbers.update(this.kept.numbers, this.options);
    if (this.kept.photo) this.photo?.update(this.kept.photo, this.options);
    this.draw();
  }

  /** An example that was changed is none any more; one whose window moved still is. @param {Given} numbers */
  changed(numbers) {
    const { example } = this.kept;
    const isOther = JSON.stringify({ ...numbers, at: 0 }) !== JSON.stringify({ ...this.shown, at: 0 });
    this.shown = numbers;
    this.change({ numbers, example: isOther ? "" : example });
    if (isOther && example) this.draw();
  }

  /** @param {Partial<import("./window_kept.js").Kept>} changes */
  change(changes) {
    Object.assign(this.kept, changes);
    keepShown(this.kept);
  }

  /** @param {"numbers" | "photo"} shown */
  async show(shown) {
    this.change({ shown });
    if (shown === "photo") await this.openPhoto();
    else this.source.stop();
    this.draw();
  }

  /** The photo that was there, else the drawn one. */
  async openPhoto() {
    if (this.photo) return;
    const source = this.kept.picture
      || (await this.lab.api.blob("/api/window/photo", undefined, this.gone.signal));
    await this.takePhoto(source);
  }

  /** @param {Blob | string} source @param {boolean} [isOther] than the one before */
  async takePhoto(source, isOther = false) {
    const picture = await addressOf(source);
    const pixels = await pixelsOf(picture);
    /** @type {PhotoGiven} */
    const start = { pixels, kernel: [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], padding: "same", at: EDGE };
    const data = { ...(this.kept.photo ?? start), pixels };
    if (isOther) data.at = undefined;
    this.change({ photo: data, picture });
    if (this.photo) this.photo.update(data, this.options);
    else this.photo = this.madePhoto(data);
    this.draw();
  }

  /** @param {PhotoGiven} data */
  madePhoto(data) {
    const made = photoFilter(data, this.options);
    made.addEventListener("change",
      (event) => this.change({ photo: /** @type {CustomEvent} */ (event).detail }));
    made.addEventListener("numbers", (event) => {
      const { image } = /** @type {CustomEvent} */ (event).detail;
      const { pixels, isGrey, way, at, padding, ...settings } = this.kept.photo
        ?? /** @type {PhotoGiven} */ ({});
      this.begin({ ...settings, image });
      void this.show("numbers");
    });
    return made;
  }

  /** @param {Given} data */
  begin(data) {
    this.shown = completed(data);
    this.change({ numbers: data });
    this.numbers.update(data, this.options);
  }

  /** A file that was not given to the source itself. @param {File} file */
  async given(file) {
    const refusal = await refusedFile(file);
    if (!refusal) return this.read(file, file.name);
    this.refuse(refusal);
    await this.show("photo");
  }

  /** @param {string} text */
  refuse(text) {
    this.isRefused = text !== "";
    this.source.refuse(text);
  }

  /** @param {Blob} blob @param {string} name */
  async read(blob, name) {
    this.refuse("");
    this.isReading = true;
    this.change({ shown: "photo" });
    this.draw();
    try {
      const path = `/api/window/photo?name=${encodeURIComponent(name)}`;
      await this.takePhoto(await this.lab.api.blob(path, blob, this.gone.signal), true);
    } catch (error) {
      if (this.gone.signal.aborted) return;
      this.refuse(/** @type {Error} */ (error).message);
      if (!this.photo) await this.openPhoto();
    } finally {
      this.isReading = false;
      this.draw();
    }
  }

  /** An image pasted while numbers are shown; else its source takes it. @param {ClipboardEvent} event */
  pasted(event) {
    const file = event.clipboardData?.files[0];
    if (!file || event.defaultPrevented || this.kept.shown === "photo") return;
    event.preventDefault();
    void this.given(file);
  }

  /** What is dropped anywhere else on the page. @param {DragEvent} event */
  dropped(event) {
    const file = event.dataTransfer?.files[0];
    if (!file || event.composedPath().includes(this.source)) return;
    void this.given(file);
  }

  draw() {
    const { shown } = this.kept;
    render(
      html`
        <div class="row window-kinds">
          <div class="segmented" role="group" aria-label=${t("What the window slides over")}>
            <button type="button" data-shown="numbers" aria-pressed=${shown === "numbers"}
              @click=${() => this.show("numbers")}>${t("Numbers")}</button>
            <button type="button" data-shown="photo" aria-pressed=${shown === "photo"}
              @click=${() => this.show("photo")}>${t("A photo")}</button>
          </div>
          ${shown === "numbers" ? this.examplesRow() : this.photoSource()}
        </div>
        ${shown === "numbers" ? html`${this.about()}${this.numbers}` : this.photo ?? html`<p class="note"
          role="status">${t("Reading the photo…")}</p>`}`,
      this.element,
    );
  }

  examplesRow() {
    return html`<div class="row examples" role="group" aria-label=${t("Examples")}>
      ${this.examples.map(
        (example) => html`<button type="button" class="quiet" data-example=${example.name}
          aria-pressed=${this.kept.example === example.name}
          @click=${() => this.choose(example)}>${example.title}</button>`,
      )}
    </div>`;
  }

  /** @param {Example} example */
  choose(example) {
    this.change({ example: example.name });
    this.begin(example.data);
    this.draw();
  }

  about() {
    const chosen = this.examples.find(({ name }) => name === this.kept.example);
    return html`<p class="note window-about">${chosen?.about ?? ""}</p>`;
  }

  /** Where another photo comes from. */
  photoSource() {
    return html`<details class="window-source" ?open=${this.isRefused}>
      <summary>${t("Another photo")}</summary>${this.source}</details>
      <p class="note" role="status">${this.isReading ? t("Reading the photo…") : ""}</p>`;
  }
}
