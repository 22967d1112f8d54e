// @ts-check
/** What excites single units: the images, with what the unit sees of them, and its liking. */

import { numberText, t } from "./language.js";
import { html, nothing } from "./vendor/lit-html.js";
import { tell, view } from "./view.js";

/** @import { View } from "./view.js" */

/**
 * One image that excites a unit: `image` and its `patch` are addresses, `box` the top,
 * left, bottom and right of what the unit sees in an image of `size`.
 *
 * @typedef {object} Patch
 * @property {number} sample
 * @property {string} label
 * @property {number | null} value
 * @property {[number, number]} size
 * @property {[number, number, number, number]} box
 * @property {string} image
 * @property {string} patch
 */

/**
 * `liked` are the images that were climbed to, one a unit, `after` what the units say of
 * them; `dead` are the units that were never above zero.
 *
 * @typedef {object} Patches
 * @property {Patch[][]} patches
 * @property {number} units how many there are in all
 * @property {{images: string[], after: number[]} | null} [liked]
 * @property {number[]} [dead]
 */

/** The units. Event: "open" {sample} when an image is to be looked at. */
export const patches = view("patches", draw);

/**
 * @param {Patches} data
 * @param {object} _options
 * @param {View<Patches, object>} element
 */
function draw(data, _options, element) {
  const dead = new Set(data.dead ?? []);
  return html`
    ${data.units > data.patches.length
      ? html`<p class="note">${t("The first {shown} of {total}.",
        { shown: data.patches.length, total: data.units })}</p>`
      : nothing}
    <ol class="units">${data.patches.map(
      (unit, number) => html`<li>
        <h3>${t("unit {number}", { number })}${dead.has(number) ? html` <span
          class="chip wrong">${t("dead")}</span>` : nothing}</h3>
        <div class="excited">
          ${liking(data.liked ?? null, number)}
          ${unit.map((patch) => one(patch, element))}
        </div>
      </li>`,
    )}</ol>`;
}

/** @param {{images: string[], after: number[]} | null} liked @param {number} number */
function liking(liked, number) {
  if (!liked || number >= liked.images.length) return nothing;
  return html`<figure class="liking"><img class="pixels"
    src=${liked.images[number]} alt=${t("what unit {number} likes", { number })}>
    <figcaption>${t("likes this: {value}",
      { value: numberText(liked.after[number], 2) })}</figcaption></figure>`;
}

/** @param {Patch} patch @param {HTMLElement} element */
function one(patch, element) {
  const [height, width] = patch.size;
  const [top, left, bottom, right] = patch.box;
  const words = t("{label}: {value}", { label: patch.label, value: numberText(patch.value ?? NaN, 2) });
  const isWhole = bottom - top === height && right - left === width;
  return html`<button type="button" class="patch" title=${t("Look at this image")}
    @click=${() => tell(element, "open", { sample: patch.sample })}>
    <svg viewBox="0 0 ${width} ${height}" role="img" aria-label=${words}>
      <image class="pixels" href=${patch.image} width=${width} height=${height}></image>
      <rect class="outer" x=${left} y=${top} width=${right - left} height=${bottom - top}></rect>
      <rect class="inner" x=${left} y=${top} width=${right - left} height=${bottom - top}></rect>
    </svg>
    ${isWhole ? nothing : html`<img class="pixels" src=${patch.patch} alt="">`}
    <span>${words}</span>
  </button>`;
}
