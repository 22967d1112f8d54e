// @ts-check
/** An input as a block to scale, and the layers it goes through to what is asked for. */

import { t } from "./language.js";
import { typeset } from "./typeset.js";
import { html, nothing, svg } from "./vendor/lit-html.js";

/** @typedef {{input: number[], label: string, steps: {text: string, is_vector: boolean}[]}} Blocks */

const MOST = 76;

/** @param {Blocks} blocks */
export function blocks({ input, label, steps }) {
  const words = t("A block of {size} goes through {count} layers; the sizes after them are open.", { size: label, count: steps.length });
  return html`<div class="blocks" role="group" aria-label=${words}>
    <figure>${block(input)}<figcaption>${typeset(label)}</figcaption></figure>
    ${steps.map(
      ({ text, is_vector: isVector }) => html`<span class="step"><span class="code">${text}</span><span
        aria-hidden="true">→</span></span>
        <figure>${isVector ? vector() : openBlock()}<figcaption>${isVector ? "?"
          : "? × ? × ?"}</figcaption></figure>`,
    )}
    ${steps.some(({ text }) => text === "flatten") ? html`<p class="note">${t("Flattening puts all numbers of the block behind each other: rows × columns × channels.")}</p>` : nothing}
  </div>`;
}

/** Height and width to scale, the channels as depth. @param {number[]} shape */
function block([channels, height, width]) {
  const most = Math.max(height, width);
  const [tall, broad] = [height, width].map((side) => Math.max((MOST * side) / most, 4));
  const depth = 6 + 5 * Math.log2(channels + 1);
  return solid(broad, tall, depth, "known");
}

function openBlock() {
  return solid(44, 44, 18, "open");
}

/** @param {number} broad @param {number} tall @param {number} depth @param {string} kind */
function solid(broad, tall, depth, kind) {
  const shift = depth * 0.6;
  const top = `M0 ${shift}l${depth} ${-shift}h${broad}l${-depth} ${shift}z`;
  const side = `M${broad} ${shift}l${depth} ${-shift}v${tall}l${-depth} ${shift}z`;
  return html`<svg class=${kind} viewBox="-2 -2 ${broad + depth + 4} ${tall + shift + 4}"
    width=${broad + depth + 4} aria-hidden="true">
    <rect x="0" y=${shift} width=${broad} height=${tall}></rect><path d=${top}></path><path d=${side}></path>
    ${kind === "open" ? svg`<text x=${broad / 2} y=${shift + tall / 2 + 6} text-anchor="middle">?</text>` : nothing}
  </svg>`;
}

function vector() {
  return html`<svg class="open" viewBox="-2 -2 20 92" width="20" aria-hidden="true">
    ${Array.from({ length: 8 }, (_, at) => svg`<rect x="0" y=${at * 11} width="16" height="11"></rect>`)}
  </svg>`;
}
