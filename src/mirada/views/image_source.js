// @ts-check
/** Where an image comes from: a file, dropped or pasted; a drawing; the camera; samples. */

import { camera } from "./camera.js";
import { t } from "./language.js";
import { drawingPad } from "./pad.js";
import { refusedFile } from "./image_file.js";
import { turnTabs } from "./tab_keys.js";
import { html, nothing } from "./vendor/lit-html.js";
import { tell, view } from "./view.js";

/** @import { View } from "./view.js" */

/**
 * An image to choose by a press: its content, or where to get it.
 *
 * @typedef {{name: string, url?: string, blob?: Blob, load?: () => Promise<Blob>}} Sample
 */

/**
 * `many` takes several files at once and lets the camera be held. With `isLive` the
 * drawing is told after each stroke; without it a button gives it. `first` is the tab
 * shown first: "file", "pad", "camera" or "samples".
 *
 * @typedef {object} ImageSourceOptions
 * @property {boolean} [pad]
 * @property {number} [padSize] the side of the drawing's PNG
 * @property {boolean} [isLive]
 * @property {boolean} [camera]
 * @property {Sample[]} [samples]
 * @property {boolean} [many]
 * @property {string} [first]
 * @property {number} [mostBytes] of one file
 */

/** @typedef {{refuse(text: string): void, stop(): void}} ImageSource */

/**
 * The widget. Event: "image", detail `{blob, name}`, for each image. Files that are no
 * images, or too large, are refused in place; `refuse` shows another refusal there,
 * such as the server's, and "" takes it away. Pasting works wherever the focus is.
 *
 * @param {object} [data]
 * @param {ImageSourceOptions} [options]
 * @returns {View<object, ImageSourceOptions> & ImageSource}
 */
export function imageSource(data = {}, options = {}) {
  const desk = new Desk();
  const make = view("image-source", (_data, /** @type {ImageSourceOptions} */ used) => {
    desk.options = used;
    return sourceTemplate(desk);
  });
  const element = /** @type {any} */ (make(data, options));
  element.refuse = (/** @type {string} */ text) => desk.refuse(text ? [text] : []);
  element.stop = () => desk.camera?.stop();
  desk.begin(element);
  return element;
}

let count = 0;

/** What the widget keeps: the tab in use, what was refused, and its pad and camera. */
class Desk {
  constructor() {
    this.id = `image-source-${++count}`;
    /** @type {ImageSourceOptions} */
    this.options = {};
    /** @type {View<object, ImageSourceOptions> | null} */
    this.element = null;
    this.tab = "";
    /** @type {string[]} */
    this.refusals = [];
    this.isOver = false;
    this.wasThere = false;
    /** @type {ReturnType<typeof drawingPad> | null} */
    this.pad = null;
    /** @type {ReturnType<typeof camera> | null} */
    this.camera = null;
    this.pasted = this.pasted.bind(this);
  }

  /** @param {View<object, ImageSourceOptions>} element */
  begin(element) {
    this.element = element;
    document.addEventListener("paste", this.pasted);
  }

  /** @returns {[string, string][]} */
  tabs() {
    /** @type {[string, string][]} */
    const found = [["file", t("File")]];
    if (this.options.pad) found.push(["pad", t("Draw")]);
    if (this.options.camera) found.push(["camera", t("Camera")]);
    if (this.options.samples?.length) found.push(["samples", t("Samples")]);
    return found;
  }

  chosen() {
    const names = this.tabs().map(([name]) => name);
    return [this.tab, this.options.first ?? ""].find((name) => names.includes(name)) ?? "file";
  }

  /** @param {string} name */
  choose(name) {
    this.camera?.stop();
    this.tab = name;
    this.refuse([]);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    turnTabs(event, this.tabs().map(([name]) => name), this.chosen(), (name) => this.choose(name));
  }

  /** @param {string[]} texts */
  refuse(texts) {
    this.refusals = texts;
    this.element?.update({});
  }

  /** @param {Blob} blob @param {string} name */
  give(blob, name) {
    if (this.element) tell(this.element, "image", { blob, name });
  }

  /** @param {Iterable<File>} files */
  async take(files) {
    const all = [...files];
    const used = this.options.many ? all : all.slice(0, 1);
    this.refuse([]);
    const refusals = [];
    for (const file of used) {
      const refusal = await refusedFile(file, this.options.mostBytes);
      if (refusal) refusals.push(refusal);
      else this.give(file, file.name);
    }
    if (used.length < all.length) refusals.push(t("One image at a time: the first was taken."));
    if (refusals.length) this.refuse(refusals);
  }

  /** @param {ClipboardEvent} event */
  pasted(event) {
    if (!this.element?.isConnected) {
      if (this.wasThere) document.removeEventListener("paste", this.pasted);
      return;
    }
    this.wasThere = true;
    if (event.defaultPrevented || this.element.closest("[hidden]")) return;
    const files = event.clipboardData?.files;
    if (!files?.length) return;
    event.preventDefault();
    this.take(files);
  }

  /** @param {DragEvent} event */
  over(event) {
    event.preventDefault();
    if (this.isOver) return;
    this.isOver = true;
    this.element?.update({});
  }

  out() {
    this.isOver = false;
    this.element?.update({});
  }

  /** @param {DragEvent} event */
  drop(event) {
    event.preventDefault();
    this.out();
    const files = event.dataTransfer?.files;
    if (files?.length) this.take(files);
    else this.refuse([t("What was dropped is no file. Save the image first, or copy and paste it.")]);
  }

  /** @param {Sample} sample */
  async sample(sample) {
    try {
      const blob = sample.blob ?? (await sample.load?.()) ?? (await fetched(sample.url ?? ""));
      this.refuse([]);
      this.give(blob, sample.name);
    } catch (error) {
      this.refuse([/** @type {Error} */ (error).message]);
    }
  }

  async drawn() {
    if (!this.pad || this.pad.isEmpty()) return this.refuse([t("Nothing is drawn yet.")]);
    this.refuse([]);
    const painting = this.pad.blob();
    if (!this.options.isLive) this.pad.clear();
    this.give(await painting, "drawing.png");
  }

  /** @param {Event} event */
  strokes(event) {
    const { isEmpty, isDone } = /** @type {CustomEvent} */ (event).detail;
    if (this.options.isLive && isDone && !isEmpty) this.drawn();
  }
}

/** @param {Desk} desk */
function sourceTemplate(desk) {
  const [tabs, chosen] = [desk.tabs(), desk.chosen()];
  return html`
    ${tabs.length > 1
      ? html`<div class="source-tabs" role="tablist" aria-label=${t("Where the image comes from")}
        @keydown=${(/** @type {KeyboardEvent} */ event) => desk.key(event)}>
        ${tabs.map(
          ([name, word]) => html`<button type="button" role="tab" id="${desk.id}-${name}" data-tab=${name}
            aria-controls="${desk.id}-panel"
            aria-selected=${name === chosen} tabindex=${name === chosen ? 0 : -1}
              @click=${() => desk.choose(name)}>${word}</button>`,
        )}
      </div>`
      : nothing}
    <div class="source-panel ${desk.isOver ? "over" : ""}" id="${desk.id}-panel"
      role=${tabs.length > 1 ? "tabpanel" : "group"}
      aria-labelledby=${tabs.length > 1 ? `${desk.id}-${chosen}` : nothing}
      @dragover=${(/** @type {DragEvent} */ event) => desk.over(event)} @dragleave=${() => desk.out()}
      @drop=${(/** @type {DragEvent} */ event) => desk.drop(event)}>
      ${PANELS[chosen](desk)}
    </div>
    <div role="alert">${desk.refusals.map((text) => html`<p class="view-refusal">${text}</p>`)}</div>`;
}

/** @param {Desk} desk */
function filePanel(desk) {
  const choose = (/** @type {Event} */ event) => {
    const input = /** @type {HTMLInputElement} */ (event.target);
    desk.take([...(input.files ?? [])]);
    input.value = "";
  };
  const word = desk.options.many ? t("Choose images") : t("Choose an image");
  return html`
    <label class="source-file"><span class="source-word">${word}</span>
      <input type="file" accept="image/*,.ppm,.pgm,.pbm,.tga,.qoi,.psd,.jp2" ?multiple=${desk.options.many}
        @change=${choose}></label>
    <p class="view-note">${t("or drop it here, or paste it with Ctrl+V")}</p>`;
}

/** @param {Desk} desk */
function padPanel(desk) {
  const options = { size: desk.options.padSize };
  if (!desk.pad) {
    desk.pad = drawingPad({}, options);
    desk.pad.addEventListener("draw", (event) => desk.strokes(event));
  }
  return html`${desk.pad}
    ${desk.options.isLive ? nothing
      : html`<div class="view-buttons"><button type="button" class="source-use main"
        @click=${() => desk.drawn()}>${t("Use the drawing")}</button></div>`}`;
}

/** @param {Desk} desk */
function cameraPanel(desk) {
  desk.camera ??= camera({}, { many: desk.options.many });
  return desk.camera;
}

/** @param {Desk} desk */
function samplesPanel(desk) {
  return html`<ul class="source-samples">
    ${(desk.options.samples ?? []).map(
      (sample) => html`<li><button type="button" @click=${() => desk.sample(sample)}>
        ${picture(sample)}<span>${sample.name}</span></button></li>`,
    )}
  </ul>`;
}

/** @type {Record<string, (desk: Desk) => unknown>} */
const PANELS = { file: filePanel, pad: padPanel, camera: cameraPanel, samples: samplesPanel };

/** @type {WeakMap<Blob, string>} */
const addresses = new WeakMap();

/** @param {Sample} sample */
function picture({ url, blob }) {
  if (blob && !addresses.has(blob)) addresses.set(blob, URL.createObjectURL(blob));
  const address = blob ? addresses.get(blob) : url;
  return address ? html`<img src=${address} alt="" loading="lazy">` : nothing;
}

/** @param {string} url @returns {Promise<Blob>} */
async function fetched(url) {
  const found = await fetch(url);
  if (!found.ok) throw new Error(t("The sample could not be read."));
  return found.blob();
}
