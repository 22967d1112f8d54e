// @ts-check
/** Whether something computes the same: differences beside what rounding explains. */

import { countText, numberText, percentText, raised, small, t } from "./language.js";
import { html, nothing, svg } from "./vendor/lit-html.js";
import { view } from "./view.js";

/**
 * One comparison, as `parity.json` of an export has it, and what is compared.
 *
 * @typedef {object} Comparison
 * @property {string} name
 * @property {number | null} max_abs
 * @property {number | null} max_rel
 * @property {number | null} top1_agreement
 * @property {number} images
 * @property {number | null} bound
 * @property {boolean | null} passed
 * @property {string} reason
 * @property {number | null} [latency_ms] what one image takes
 */

/** @typedef {{comparisons: Comparison[]}} Parities */

const WIDTH = 260;
const LEAST = -9;

/**
 * Parities as a table with a verdict in words and a scale for each.
 *
 * @type {(data: Parities, options?: object) => import("./view.js").View<Parities, object>}
 */
export const parity = view("parity", draw);

/** @param {Parities} data */
function draw({ comparisons }) {
  return html`
    <div class="wide">
      <table>
        <caption class="unseen">${t("Differences from the exact computation")}</caption>
        <thead><tr>
          <th scope="col">${t("What")}</th>
          <th scope="col">${t("Verdict")}</th>
          <th scope="col" class="number">${t("Largest difference")}</th>
          <th scope="col" class="number">${t("Rounding explains")}</th>
          <th scope="col" class="number">${t("Same first place")}</th>
        </tr></thead>
        <tbody>${comparisons.map(row)}</tbody>
      </table>
    </div>
    ${comparisons.filter((one) => one.passed !== null).map(scale)}
    ${comparisons.map((one) => html`<p class="verdict">${one.name}: ${verdict(one)}</p>`)}`;
}

/** @param {Comparison} one */
function row(one) {
  const share = one.top1_agreement === null ? "–" : percentText(one.top1_agreement);
  const of = one.images ? t("{share} of {count}", { share, count: countText(one.images) }) : "–";
  return html`<tr>
    <th scope="row">${one.name}</th>
    <td>${chip(one.passed)}</td>
    <td class="number">${small(one.max_abs)}</td>
    <td class="number">${small(one.bound)}</td>
    <td class="number">${of}</td>
  </tr>`;
}

/** @param {boolean | null} passed */
function chip(passed) {
  if (passed === null) return html`<span class="chip warm">${t("not checked")}</span>`;
  if (passed) return html`<span class="chip good">${t("the same")}</span>`;
  return html`<span class="chip wrong">${t("different")}</span>`;
}

/**
 * A comparison in one sentence, as `mirada export` says it.
 *
 * @param {Comparison} one
 */
export function verdict(one) {
  if (one.passed === null) return one.reason;
  const values = {
    most: small(one.max_abs),
    bound: small(one.bound),
    same: one.top1_agreement === null ? "–" : percentText(one.top1_agreement),
    count: countText(one.images),
  };
  const time = milliseconds(one.latency_ms ?? 0);
  const told = one.latency_ms ? ` ${t("One image takes {time}.", { time })}` : "";
  if (one.passed)
    return t("agrees with the exact computation. The largest difference is {most}; rounding explains up to {bound}. The first place is the same for {same} of {count} images.", values) + told;
  return t("does not agree with the exact computation. The largest difference is {most}, but rounding explains only {bound}. The first place is the same for {same} of {count} images.", values) + told;
}

/** A short time with the two digits that count. @param {number} time */
function milliseconds(time) {
  return `${numberText(time >= 100 ? Math.round(time) : Number(time.toPrecision(2)), 9)} ms`;
}

/** The difference and the bound on a scale of powers of ten. @param {Comparison} one */
function scale(one) {
  const bound = Math.log10(Math.max(one.bound ?? 0, 1e-12));
  const away = Math.log10(Math.max(one.max_abs ?? 1e12, 1e-12));
  const most = Math.ceil(Math.max(bound, Math.min(away, bound + 4)) + 0.5);
  const place = (/** @type {number} */ power) =>
    (WIDTH * (Math.min(Math.max(power, LEAST), most) - LEAST)) / (most - LEAST);
  const powers = Array.from({ length: most - LEAST + 1 }, (_, index) => LEAST + index);
  return html`<figure class="scale">
    <figcaption>${one.name}</figcaption>
    <svg viewBox="-14 0 ${WIDTH + 28} 46" role="img" aria-label="${one.name}: ${verdict(one)}">
      <rect class="allowed" x="0" y="12" width=${place(bound)} height="8"></rect>
      <rect class="beyond" x=${place(bound)} y="12" width=${WIDTH - place(bound)} height="8"></rect>
      ${powers.map((power) => tick(power, place(power), power % 3 === 0))}
      <path class="bound" d="M${place(bound)} 7v18"></path>
      <path class="difference ${one.passed ? "" : "wrong"}" d="M${place(away)} 9l6 7l-6 7l-6 -7z"></path>
    </svg>
  </figure>`;
}

/** @param {number} power @param {number} x @param {boolean} isNamed */
function tick(power, x, isNamed) {
  return svg`<path class="tick" d="M${x} 21v4"></path>
    ${isNamed
      ? svg`<text class="soft" x=${x} y="38" text-anchor="middle">10${raised(power)}</text>`
      : nothing}`;
}
