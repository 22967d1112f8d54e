// @ts-check
/** The room of the sliding window: over numbers, or over a photo. */

import { countText, t } from "../../../views/language.js";
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

const MOST_BYTES = 64 * 2 ** 20;

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

/** A word for a photo that the server would not take. @param {File | Blob} file */
function tooLarge(file) {
  const { name = "" } = /** @type {File} */ (file);
  return t("'{name}' has {size} MB, and a photo may have {most} MB. Save it smaller, or as JPEG.", {
    name, size: countText(file.size / 2 ** 20), most: MOST_BYTES / 2 ** 20,
  });
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
    this.refusal = "";
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
    addEventListener("paste", (event) => this.pasted(event), { signal });
    addEventListener("dragover", (event) => event.preventDefault(), { signal });
    addEventListener("drop", (event) => this.dropped(event), { signal });
    this.draw();
    void this.learn();
    if (this.kept.shown === "photo") void this.openPhoto();
  }

  leave() {
    this.gone.abort();
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

  /** @param {File | Blob} file */
  async read(file) {
    this.refusal = file.size > MOST_BYTES ? tooLarge(file) : "";
    if (this.refusal) return this.show("photo");
    this.isReading = true;
    this.change({ shown: "photo" });
    this.draw();
    try {
      const name = encodeURIComponent(/** @type {File} */ (file).name ?? "");
      const source = await this.lab.api.blob(`/api/window/photo?name=${name}`, file, this.gone.signal);
      await this.takePhoto(source, true);
    } catch (error) {
      if (this.gone.signal.aborted) return;
      this.refusal = /** @type {Error} */ (error).message;
      if (!this.photo) await this.openPhoto();
    } finally {
      this.isReading = false;
      this.draw();
    }
  }

  /** @param {ClipboardEvent} event */
  pasted(event) {
    const file = event.clipboardData?.files[0];
    if (!file) return;
    event.preventDefault();
    void this.read(file);
  }

  /** @param {DragEvent} event */
  dropped(event) {
    event.preventDefault();
    const file = event.dataTransfer?.files[0];
    if (file) void this.read(file);
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
          ${shown === "numbers" ? this.examplesRow() : this.photoRow()}
        </div>
        ${this.refusal && shown === "photo" ? html`<p class="refusal"
          role="alert">${this.refusal}</p>` : nothing}
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

  photoRow() {
    const take = (/** @type {Event} */ event) => {
      const input = /** @type {HTMLInputElement} */ (event.target);
      const file = input.files?.[0];
      if (file) void this.read(file);
      input.value = "";
    };
    return html`<div class="row">
      <label class="button file"><input type="file" class="unseen" accept="image/*"
        @change=${take}>${t("Open a photo…")}</label>
      <span class="note"
        role="status">${this.isReading ? t("Reading the photo…")
          : t("or drop or paste one here; it stays on this computer.")}</span>
    </div>`;
  }
}
