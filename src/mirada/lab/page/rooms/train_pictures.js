// @ts-check
/** Filters and feature maps of chosen images, changing while the network learns. */

import { filterGrid } from "../../../views/filter_grid.js";
import { percentText, t } from "../../../views/language.js";
import { mapGrid } from "../../../views/map_grid.js";
import { html, nothing } from "../../../views/vendor/lit-html.js";

/** @import { Packed, Training, Watched } from "./train_story.js" */

const MOST = 4;
const LARGEST = 127;

/** Keeps the views of one room, so that they change and are not made anew. */
export class Pictures {
  /** @param {(samples: number[]) => void} watch told which images are to be looked at */
  constructor(watch) {
    this.watch = watch;
    /** @type {Map<string, HTMLElement & {update: (data: any, options?: any) => void}>} */
    this.views = new Map();
    /** @type {unknown} */
    this.shown = null;
  }

  /** @param {Training} training */
  draw(training) {
    const { pictures, images } = training;
    if (!pictures || !images) return nothing;
    const isNew = this.shown !== pictures;
    this.shown = pictures;
    const colours = t(
      "Blue is below zero, white is zero, orange is above zero. After step {step}.",
      { step: pictures.step },
    );
    return html`
      <section class="panel" aria-label=${t("Filters and maps")}>
        <h2>${t("What it is learning to see")}</h2>
        <p class="note">${colours}</p>
        ${this.chooser(training)}
        <div class="pictures">
          ${pictures.filters.map(
            (each) => html`<div><h3>${t("Filters of {layer}", { layer: each.layer })}</h3>
              ${this.view(`filters ${each.layer}`, filterGrid, each, isNew, { size: 44 })}</div>`,
          )}
        </div>
        ${pictures.images.map((each) => this.image(training, each, isNew))}
      </section>`;
  }

  /** @param {Training} training */
  chooser({ images, watched = [], state }) {
    const isLive = state === "running" || state === "paused";
    const label = t("Images to watch, at most {most}", { most: MOST });
    return html`<div class="thumbs" role="group" aria-label=${label}>
      ${images?.images.map(({ sample, class: place, png }) => {
        const isOn = watched.includes(sample);
        const name = images.classes[place];
        return html`<button aria-pressed=${isOn} ?disabled=${!isLive} title=${name}
          aria-label=${t("Watch an image of class {name}", { name })}
          @click=${() => this.toggle(watched, sample)}>
          <img src=${`data:image/png;base64,${png}`} alt=""></button>`;
      })}</div>`;
  }

  /** @param {number[]} watched @param {number} sample */
  toggle(watched, sample) {
    const others = watched.filter((each) => each !== sample);
    this.watch(others.length < watched.length ? others : [...others, sample].slice(-MOST));
  }

  /** @param {Training} training @param {Watched} found @param {boolean} isNew */
  image({ images }, found, isNew) {
    const own = images?.images.find((each) => each.sample === found.sample);
    const classes = images?.classes ?? [];
    const isRight = own && own.class === found.class;
    const words = {
      answer: classes[found.class],
      share: percentText(found.probability, 0),
      truth: own ? classes[own.class] : "",
    };
    const alt = t("An image of class {name}", { name: words.truth });
    return html`<div class="watched">
      <div class="seen">
        ${own ? html`<img src=${`data:image/png;base64,${own.png}`} alt=${alt}>` : nothing}
        <p class="answer ${isRight ? "right" : "wrong"}">${isRight
          ? t("✓ {answer}, {share}", words)
          : t("✗ {answer}, {share}; it is {truth}", words)}</p>
      </div>
      <div class="pictures">
        ${found.layers.map((each) => {
          const maps = { ...each, most: LARGEST };
          return html`<div><h3>${t("Maps of {layer}", { layer: each.layer })}</h3>
            ${this.view(`maps ${found.sample} ${each.layer}`, mapGrid, maps, isNew, { size: 48 })}</div>`;
        })}
      </div>
    </div>`;
  }

  /**
   * @param {string} key
   * @param {(data: any, options: any) => any} make
   * @param {any} packed
   * @param {boolean} isNew
   * @param {object} options
   */
  view(key, make, packed, isNew, options) {
    const found = this.views.get(key);
    if (found && !isNew) return found;
    const data = { ...packed, values: numbersOf(packed.values) };
    if (found) found.update(data, options);
    else this.views.set(key, make(data, options));
    return this.views.get(key);
  }
}

/** The bytes from -127 to 127 that a text in base64 holds. @param {string} text */
function numbersOf(text) {
  return Int8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
