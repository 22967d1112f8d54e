// @ts-check
/** A network's shapes as blocks, to scale: the whole of it, or one layer's. */

import { countText, t } from "./language.js";
import { drawing, faces, roleOf, scales, shapeText, sizeOf } from "./network_drawing.js";
import { html, svg } from "./vendor/lit-html.js";
import { tell, view } from "./view.js";

/** @import { Described, Part } from "./network_drawing.js" */

/**
 * The whole network. Tells "pick" with the place of a layer whose block is clicked;
 * `chosen` is marked.
 *
 * @type {(data: Described, options?: {chosen?: number | null}) => import("./view.js").View<Described,
 *   {chosen?: number | null}>}
 */
export const networkBlocks = view("network-blocks", (data, { chosen = null }, element) => {
  const drawn = drawing(data);
  const group = drawn.groups.find((each) => chosen !== null && each.places.includes(chosen));
  const marked = group ? group.places[0] : null;
  /** @param {Event} event */
  const pick = (event) => {
    const place = Number(/** @type {Element} */ (event.target).getAttribute("data-place") ?? -1);
    if (place >= 0) tell(element, "pick", place);
  };
  return html`<svg
    role="img" aria-label=${spoken(data)} width=${drawn.width} height=${drawn.height}
    viewBox="0 0 ${drawn.width} ${drawn.height}" @click=${pick}
  >${drawn.parts.map((part) => drawnPart(part, marked))}</svg>`;
});

/** @param {Part} part @param {number | null} marked */
function drawnPart(part, marked) {
  const { tag, kind, place, text, attributes } = part;
  const name = `${kind}${place === marked ? " marked" : ""}`;
  if (tag === "text")
    return svg`<text class=${name} data-place=${place} x=${attributes.x} y=${attributes.y}
      text-anchor="middle">${text}</text>`;
  return svg`<path class=${name} data-place=${place} d=${attributes.d}></path>`;
}

/** The network in a sentence, for who cannot see it. @param {Described} data */
function spoken(data) {
  const steps = data.layers.map((layer) => `${layer.name} ${shapeText(layer.output_shape)}`);
  const listed = steps.length > 40 ? [...steps.slice(0, 20), "…", ...steps.slice(-19)] : steps;
  return t("{name}: {count} layers. Input {input}, then {steps}.", {
    name: data.name || t("Network"),
    count: countText(steps.length),
    input: shapeText(data.input_shape),
    steps: listed.join(", "),
  });
}

/**
 * One layer's output as a small block, in the scale of its network.
 *
 * @param {{kind: string, output_shape: number[] | null, error?: string | null}} layer
 * @param {ReturnType<typeof scales>} scale
 * @param {number} side the side of the square that it is drawn in
 */
export function smallBlock(layer, scale, side) {
  const size = sizeOf(layer.output_shape, scale);
  const role = layer.error ? "wrong" : layer.output_shape ? roleOf(layer.kind) : "unknown";
  const x = (side - size[0] - size[2]) / 2;
  const y = (side - size[1] + size[2]) / 2;
  return html`<svg class="small-block" width=${side} height=${side} viewBox="0 0 ${side} ${side}"
    aria-hidden="true" role="presentation">
    ${faces(x, y, size).map(([face, d]) => svg`<path class="block ${role} ${face}" d=${d}></path>`)}
  </svg>`;
}

/** The scale of the small blocks of a network. @param {Described} data @param {number} side */
export function smallScales(data, side) {
  const shapes = [data.input_shape, ...data.layers.map((layer) => layer.output_shape)];
  return scales(shapes, side * 0.72, side * 0.6);
}
