// @ts-check
/** A trained network on a page of its own: an image in, class bars and feature maps out. */

import { classBars } from "./class_bars.js";
import { compiled } from "./compiled.js";
import { fitted } from "./fitting.js";
import { imagePixels } from "./image_pixels.js";
import { imageSource } from "./image_source.js";
import { bytesText, countText, language, numberText, speak, t } from "./language.js";
import { mapGrid } from "./map_grid.js";
import { html, nothing } from "./vendor/lit-html.js";
import { view } from "./view.js";

/** @import { About, Answer } from "./compiled.js" */
/** @import { View } from "./view.js" */

/**
 * What the page carries besides its code and weights.
 *
 * @typedef {About & {parameters: number, bytes: number, made: string, spanish: Record<string, string>}} Told
 */

/** @typedef {[number, number, number]} Shape */
/** @typedef {{name: string, pixels: Uint8Array, answer: Answer, ms: number}} Seen */

/** Maps of a layer that are shown. */
const MOST_MAPS = 32;
const MAP = 56;
const MOST_CLASSES = 5;
const TIMING_MS = 5;

/**
 * Fills the page: data blocks `about`, `code`, `weights` and `example` of the document
 * hold everything, so that nothing has to be fetched.
 *
 * @param {Document} page
 */
export async function begin(page) {
  const block = (/** @type {string} */ name) => page.getElementById(name)?.textContent ?? "";
  /** @type {Told} */
  const about = JSON.parse(block("about"));
  const name = navigator.language.startsWith("es") ? "es" : "en";
  speak(name, name === "es" ? about.spanish : {});
  try {
    const run = await compiled(about, bytesOf(block("code")), bytesOf(block("weights")));
    const room = new Room(about, run, new Blob([bytesOf(block("example"))], { type: "image/png" }));
    room.speak(name);
    page.body.append(room.element);
    await room.look(room.example, "");
  } catch (error) {
    const told = page.createElement("p");
    told.className = "refusal";
    told.textContent = t("This browser does not run the network ({why}). Open the page in a newer one.",
      { why: /** @type {Error} */ (error).message });
    page.body.append(told);
  }
}

/** @param {string} text in base64 */
function bytesOf(text) {
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let at = 0; at < letters.length; at++) bytes[at] = letters.charCodeAt(at);
  return bytes;
}

/** What the page keeps: the network, its parts, and what was looked at last. */
class Room {
  /** @param {Told} about @param {(pixels: Uint8Array) => Answer} run @param {Blob} example */
  constructor(about, run, example) {
    this.about = about;
    this.run = run;
    this.example = example;
    /** @type {Seen | null} */
    this.seen = null;
    this.most = MOST_CLASSES;
    this.turn = 0;
    this.source = imageSource();
    this.source.addEventListener("image", (event) => {
      const { blob, name } = /** @type {CustomEvent} */ (event).detail;
      this.look(blob, name);
    });
    this.bars = classBars({ answers: [] });
    this.bars.addEventListener("more", () => {
      this.most = about.classes.length;
      this.draw();
    });
    this.grids = new Map(about.layers.map(({ layer, shape }) =>
      [layer, mapGrid({ layer, shape: [0, shape[1], shape[2]], values: [] })]));
    this.canvas = document.createElement("canvas");
    this.canvas.className = "pixels seen";
    this.element = page(this, {});
  }

  /** @param {string} name "en" or "es" */
  speak(name) {
    speak(name, name === "es" ? this.about.spanish : {});
    document.documentElement.lang = name;
    const isGrey = this.about.input.channels === 1;
    const samples = [{ name: t("Example"), blob: this.example }];
    const first = isGrey ? "pad" : "file";
    this.source.update({}, { pad: isGrey, isLive: true, camera: true, samples, first });
    for (const part of this.source.querySelectorAll(".view-pad, .view-camera"))
      /** @type {View<object, object>} */ (part).update({});
    this.draw();
  }

  /** Answers an image. @param {Blob} blob @param {string} name */
  async look(blob, name) {
    const turn = ++this.turn;
    try {
      const pixels = fitted(await imagePixels(blob, name), this.about.input);
      if (turn !== this.turn) return;
      this.source.refuse("");
      this.seen = { name, pixels, ...this.timed(pixels) };
      this.draw();
    } catch (error) {
      if (turn === this.turn) this.source.refuse(/** @type {Error} */ (error).message);
    }
  }

  /** The answer and the time that it takes; a short one is repeated. @param {Uint8Array} pixels */
  timed(pixels) {
    const began = performance.now();
    let answer = this.run(pixels);
    let turns = 1;
    for (; performance.now() - began < TIMING_MS; turns++) answer = this.run(pixels);
    return { answer, ms: (performance.now() - began) / turns };
  }

  draw() {
    if (this.seen) {
      const { classes, layers, input } = this.about;
      const { probabilities, maps } = this.seen.answer;
      const answers = classes.map((name, at) => /** @type {[string, number]} */ ([name, probabilities[at]]));
      answers.sort((one, other) => other[1] - one[1]);
      this.bars.update({ answers }, { most: this.most, canMore: true });
      paint(this.canvas, this.seen.pixels, input);
      for (const { layer, shape: [count, height, width] } of layers) {
        const shown = Math.min(count, MOST_MAPS);
        const values = maps.get(layer)?.subarray(0, shown * height * width) ?? [];
        const data = { layer, shape: /** @type {Shape} */ ([shown, height, width]), values, maps: count };
        this.grids.get(layer)?.update(data, { size: MAP });
      }
    }
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", t("What the network sees"));
    this.element.update(this);
  }
}

const page = view("network-page", (/** @type {Room} */ room) => html`
  <header class="row">
    <h1>${room.about.name}</h1>
    <div class="segmented" role="group" aria-label=${t("Language")}>
      ${[["en", "English"], ["es", "Español"]].map(([name, word]) => html`<button type="button" lang=${name}
        aria-pressed=${language() === name} @click=${() => room.speak(name)}>${word}</button>`)}
    </div>
  </header>
  <main>
    <p class="lead">${t("A network that tells {count} classes of images apart.",
      { count: countText(room.about.classes.length) })}
      ${t("It runs in this page: no image leaves this computer.")}</p>
    <div class="columns left">
      <section class="panel"><h2>${t("Image")}</h2>${room.source}</section>
      <section class="panel"><h2>${t("What the network answers")}</h2>${answerOf(room)}</section>
    </div>
    ${room.about.layers.length && room.seen ? html`<section class="panel maps"><h2>${t("Feature maps")}</h2>
      <p class="note">${t("What each layer makes of the image: blue below zero, white at zero, orange above.")}</p>
      ${room.about.layers.map(({ layer, text, shape }) => html`<div class="layer">
        <h3><span class="code">${layer}</span> <span class="soft">${text}, ${shape.join("×")}</span></h3>
        ${room.grids.get(layer)}</div>`)}</section>` : nothing}
    <section class="panel"><h2>${t("The network")}</h2>${factsOf(room.about)}</section>
  </main>`);

/** @param {Room} room */
function answerOf(room) {
  if (!room.seen) return html`<p class="note">${t("Draw or choose an image.")}</p>`;
  const { height, width } = room.about.input;
  const name = room.seen.name || t("Example");
  const { ms } = room.seen;
  return html`<div class="answer">
      <figure>${room.canvas}<figcaption class="note" title=${name}>${name}</figcaption></figure>
      ${room.bars}
    </div>
    <p class="note" role="status">${t("The network sees {width}×{height} pixels and answers in {ms} ms.",
      { width, height, ms: numberText(ms, ms < 1 ? 2 : 1) })}</p>`;
}

/** @param {Told} about */
function factsOf({ input, classes, parameters, bytes, made }) {
  const facts = [
    [t("Input"), `${input.channels}×${input.height}×${input.width}`],
    [t("Classes"), countText(classes.length)],
    [t("Parameters"), countText(parameters)],
    [t("Memory"), bytesText(bytes)],
    [t("Made with"), made],
  ];
  return html`<dl class="facts">
    ${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** @param {HTMLCanvasElement} canvas @param {Uint8Array} pixels @param {About["input"]} input */
function paint(canvas, pixels, { height, width, channels }) {
  const image = new ImageData(width, height);
  for (let at = 0; at < width * height; at++) {
    for (let channel = 0; channel < 3; channel++)
      image.data[4 * at + channel] = pixels[channels * at + (channels === 1 ? 0 : channel)];
    image.data[4 * at + 3] = 255;
  }
  [canvas.width, canvas.height] = [width, height];
  canvas.getContext("2d")?.putImageData(image, 0, 0);
}
