// @ts-check
/** Images with what they are and what they were taken for; each can be looked at. */

import { percentText, t } from "./language.js";
import { html } from "./vendor/lit-html.js";
import { tell, view } from "./view.js";

/** @import { View } from "./view.js" */

/**
 * `image` is an address, `answer` what the network says and `probability` how sure it
 * is, where that is known; `others` what another network says.
 *
 * @typedef {object} Judged
 * @property {number} sample
 * @property {string} name
 * @property {string} label
 * @property {string} answer
 * @property {number} [probability]
 * @property {string} image
 */

/** @typedef {{label?: string, chosen?: number}} MistakesOptions */

/** The images. Event: "open" {sample} when one is to be looked at. */
export const mistakes = view("mistakes", draw);

/**
 * @param {Judged[]} data
 * @param {MistakesOptions} options
 * @param {View<Judged[], MistakesOptions>} element
 */
function draw(data, options, element) {
  return html`<ul aria-label=${options.label ?? t("Images")}>${data.map((item) => {
    const isRight = item.label === item.answer;
    return html`<li><button type="button" class=${isRight ? "right" : "wrong"} data-sample=${item.sample}
      aria-pressed=${item.sample === options.chosen}
      title=${item.name} @click=${() => tell(element, "open", { sample: item.sample })}>
      <img class="pixels" src=${item.image} alt="">
      <span>${told(item, isRight)}</span>
    </button></li>`;
  })}</ul>`;
}

/** @param {Judged} item @param {boolean} isRight */
function told(item, isRight) {
  const share = item.probability === undefined ? "" : ` ${percentText(item.probability, 0)}`;
  if (isRight) return html`<b>${item.label}</b> ✓${share}`;
  return html`<b>${item.label}</b> ✗ ${t("taken for {name}", { name: item.answer })}${share}`;
}
