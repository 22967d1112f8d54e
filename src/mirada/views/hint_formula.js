// @ts-check
/** A formula with its numbers in boxes; what is to be found has a question mark. */

import { t } from "./language.js";
import { typeset } from "./typeset.js";
import { html, nothing } from "./vendor/lit-html.js";

/** @typedef {string | {name: string, value: string, about: string}} Part */

const BREAK = "·break";

/** @param {Part[]} parts */
export function formula(parts) {
  if (!parts.length) return nothing;
  const spoken =
    parts.filter((part) => part !== BREAK).map((part) => (typeof part === "string" ? part : part.value));
  return html`<div class="formula" role="img"
    aria-label=${t("Formula: {formula}", { formula: spoken.join(" ") })}>
    ${lines(parts).map((line) => html`<div class="line">${line.map(part)}</div>`)}
  </div>`;
}

/** @param {Part[]} parts */
function lines(parts) {
  /** @type {Part[][]} */
  const found = [[]];
  for (const each of parts) {
    if (each === BREAK) found.push([]);
    else found[found.length - 1].push(each);
  }
  return found;
}

/** @param {Part} each */
function part(each) {
  if (typeof each === "string") return html`<span class="sign">${each}</span>`;
  const isOpen = each.value === "?";
  return html`<span class="box ${isOpen ? "open" : ""}">
    <span class="value">${typeset(each.value)}</span>
    <span class="about">${each.about}</span>
  </span>`;
}
