// @ts-check
/**
 * A network laid out as blocks from left to right: what goes where, in plain numbers.
 *
 * A block is as high as its image, as deep as the image is wide, and as thick as it has
 * channels; a vector is a bar as high as it is long. Each of the three has one scale for
 * the whole network, so that blocks can be compared.
 */

import { t } from "./language.js";

/**
 * A layer as `mirada summary --json` has it, or one that could not be computed.
 *
 * @typedef {object} Layer
 * @property {string} name
 * @property {string} kind
 * @property {string} text
 * @property {string[]} inputs
 * @property {number[] | null} output_shape
 * @property {string | null} [error]
 */

/** @typedef {{name: string, input_shape: number[] | null, layers: Layer[]}} Described */
/**
 * @typedef {{tag: "path" | "text", kind: string, place: number, text?: string, attributes: Record<string,
 *   string | number>}} Part
 */
/** @typedef {{width: number, height: number, title: string, parts: Part[], groups: Group[]}} Drawing */
/**
 * @typedef {{places: number[], name: string, shape: number[] | null, role: string, words: string[],
 *   inputs: string[], error: boolean}} Group
 */

const KEEP = [
  ...["relu", "leakyrelu", "relu6", "sigmoid", "tanh", "gelu", "silu", "hardsigmoid", "hardswish", "softmax"],
  ...["batchnorm", "dropout"],
];
const ROLES = {
  learn: ["conv", "convtranspose", "linear", "batchnorm"],
  pool: ["maxpool", "avgpool", "globalavgpool", "upsample"],
  join: ["add", "multiply", "concat"],
};
const TALL = 130;
const THICK = 60;
const DEPTH = 0.32;
const GAP = 32;
const LANE = 13;
const LINE = 15;
const FOOT = 22;

/** What a kind of layer is for: "learn", "pool", "join" or "other". @param {string} kind */
export function roleOf(kind) {
  return Object.entries(ROLES).find(([, kinds]) => kinds.includes(kind))?.[0] ?? "other";
}

/** A shape in words: 16×5×5. @param {number[] | null | undefined} shape */
export function shapeText(shape) {
  return shape ? shape.join("×") : "?";
}

/**
 * The scales of some shapes: pixels of the drawing for a pixel, a channel, a number.
 *
 * @param {(number[] | null)[]} shapes
 * @param {number} tall
 * @param {number} thick
 */
export function scales(shapes, tall = TALL, thick = THICK) {
  const known = /** @type {number[][]} */ (shapes.filter((shape) => shape !== null));
  const images = known.filter((shape) => shape.length === 3);
  const vectors = known.filter((shape) => shape.length === 1);
  return {
    pixel: tall / Math.max(1, ...images.flatMap((shape) => shape.slice(1))),
    channel: thick / Math.max(1, ...images.map((shape) => shape[0])),
    number: tall / Math.max(1, ...vectors.map((shape) => shape[0])),
    bar: thick / 8,
  };
}

/**
 * The thickness, height and depth of a block.
 *
 * @param {number[] | null} shape
 * @param {ReturnType<typeof scales>} scale
 * @returns {[number, number, number]}
 */
export function sizeOf(shape, scale) {
  if (!shape) return [scale.bar * 2, scale.bar * 4, 0];
  if (shape.length === 1) return [scale.bar, Math.max(2, shape[0] * scale.number), 0];
  const [channels, height, width] = shape;
  return [
    Math.max(1.5, channels * scale.channel),
    Math.max(1.5, height * scale.pixel),
    Math.max(1, width * scale.pixel * DEPTH),
  ];
}

/**
 * The three faces of a block whose front stands at (x, y), as paths.
 *
 * @param {number} x
 * @param {number} y
 * @param {[number, number, number]} size
 * @returns {[string, string][]} the kind of each face, and its path
 */
export function faces(x, y, [thick, tall, deep]) {
  const n = (/** @type {number} */ value) => Number(value.toFixed(2));
  /** @type {[string, string][]} */
  const found = [["front", `M${n(x)} ${n(y)}h${n(thick)}v${n(tall)}h${n(-thick)}z`]];
  if (deep <= 0) return found;
  found.push(["top", `M${n(x)} ${n(y)}l${n(deep)} ${n(-deep)}h${n(thick)}l${n(-deep)} ${n(deep)}z`]);
  found.push(["side", `M${n(x + thick)} ${n(y)}l${n(deep)} ${n(-deep)}v${n(tall)}l${n(-deep)} ${n(deep)}z`]);
  return found;
}

/**
 * The layers in groups that are drawn as one block: what keeps the shape stands with
 * the layer before it.
 *
 * @param {Described} data
 */
export function grouped(data) {
  /** @type {Group[]} */
  const groups = [
    { places: [-1], name: "input", shape: data.input_shape, role: "other", words: [t("input")], inputs: [],
      error: false },
  ];
  /** @type {Map<string, Group>} */
  const byName = new Map([["input", groups[0]]]);
  for (const [place, layer] of data.layers.entries()) {
    const last = groups[groups.length - 1];
    const follows = byName.get(layer.inputs[0]) === last;
    if (KEEP.includes(layer.kind) && place > 0 && follows && !layer.error && layer.output_shape) {
      last.places.push(place);
      last.words.push(layer.kind);
      byName.set(layer.name, last);
      continue;
    }
    const words = [layer.text.length > 26 ? `${layer.text.slice(0, 25)}…` : layer.text];
    const group = {
      places: [place], name: layer.name, shape: layer.output_shape, role: roleOf(layer.kind),
      words, inputs: layer.inputs, error: Boolean(layer.error),
    };
    groups.push(group);
    byName.set(layer.name, group);
  }
  return { groups, byName };
}

/** Everything that is drawn of a network. @param {Described} data @returns {Drawing} */
export function drawing(data) {
  const { groups, byName } = grouped(data);
  const scale = scales(groups.map((group) => group.shape));
  const at = new Map(groups.map((group, number) => [group, number]));
  /** @type {[number, number][]} */
  const skips = groups.flatMap((group, number) =>
    group.inputs
      .map((name) => at.get(/** @type {Group} */ (byName.get(name))) ?? -1)
      .filter((from) => from >= 0 && from !== number - 1)
      .map((from) => /** @type {[number, number]} */ ([from, number])),
  );
  const lanes = lanesOf(skips);
  const deepest = Math.max(...groups.map((group) => sizeOf(group.shape, scale)[2]));
  const lineCount = Math.max(...groups.map((group) => group.words.length));
  const ground = 14 + (Math.max(-1, ...lanes) + 1) * LANE + deepest + TALL;
  const placed = placedAlong(groups, scale, ground);
  const parts = [
    ...placed.flatMap(
      (each, number) =>
        arrows(number > 0 && groups[number].inputs.length ? placed[number - 1] : null, each, skips, number)),
    ...skips.map(([from, to], number) => arc(placed[from], placed[to], 12 + lanes[number] * LANE)),
    ...placed.flatMap((each) => block(each, ground)),
  ];
  const last = placed[placed.length - 1];
  const width = Math.ceil(last.left + last.wide + 12);
  const height = Math.ceil(ground + FOOT + (lineCount + 1) * LINE + 6);
  return { width, height, title: data.name, parts, groups };
}

/**
 * A lane for each skip, so that those that overlap do not share one.
 *
 * @param {[number, number][]} skips
 */
export function lanesOf(skips) {
  /** @type {number[]} */
  const found = new Array(skips.length).fill(0);
  /** @type {[number, number][][]} */
  const lanes = [];
  const order = skips.map((_, number) => number);
  order.sort((a, b) => skips[a][1] - skips[a][0] - (skips[b][1] - skips[b][0]));
  for (const number of order) {
    const [from, to] = skips[number];
    let lane = lanes.findIndex((taken) => taken.every(([start, end]) => to <= start || from >= end));
    if (lane < 0) lane = lanes.push([]) - 1;
    lanes[lane].push([from, to]);
    found[number] = lane;
  }
  // The shortest come first, and are the lowest: the others go over them.
  const most = lanes.length - 1;
  return found.map((lane) => most - lane);
}

/**
 * @typedef {{group: Group, size: [number, number, number], left: number, wide: number, x: number,
 *   y: number}} Placed
 */

/**
 * @param {Group[]} groups
 * @param {ReturnType<typeof scales>} scale
 * @param {number} ground
 * @returns {Placed[]}
 */
function placedAlong(groups, scale, ground) {
  let left = 12;
  return groups.map((group) => {
    const size = sizeOf(group.shape, scale);
    const words = [...group.words, shapeText(group.shape)];
    const wide = Math.max(size[0] + size[2], ...words.map((word) => word.length * 6.3)) + 4;
    const x = left + (wide - size[0] - size[2]) / 2;
    const placed = { group, size, left, wide, x, y: ground - size[1] };
    left += wide + GAP;
    return placed;
  });
}

/** @param {Placed} placed @param {number} ground @returns {Part[]} */
function block({ group, size, left, wide, x, y }, ground) {
  const place = group.places[0];
  const role = group.error ? "wrong" : group.shape ? group.role : "unknown";
  /** @type {Part[]} */
  const parts =
    faces(x, y, size).map(
      ([face, d]) => ({ tag: "path", kind: `block ${role} ${face}`, place, attributes: { d } }));
  const middle = left + wide / 2;
  const lines = [shapeText(group.shape), ...group.words];
  for (const [number, text] of lines.entries()) {
    const kind = number === 0 ? "label strong" : number === 1 ? "label" : "label soft";
    const y = ground + FOOT + number * LINE;
    parts.push({ tag: "text", kind, place, text, attributes: { x: middle, y, "text-anchor": "middle" } });
  }
  return parts;
}

/**
 * The arrow from the block before, where this one reads it.
 *
 * @param {Placed | null} before
 * @param {Placed} here
 * @param {[number, number][]} skips
 * @param {number} number
 * @returns {Part[]}
 */
function arrows(before, here, skips, number) {
  const skipping = skips.filter(([, to]) => to === number).length;
  if (!before || skipping >= here.group.inputs.length) return [];
  // Both stand on the ground: at the middle of the lower one it meets both.
  const y = Math.max(before.y + before.size[1] / 2, here.y + here.size[1] / 2);
  const from = before.x + before.size[0] + before.size[2] / 2 + 3;
  const to = here.x - 3;
  if (to - from < 6) return [];
  return [arrow(`M${from.toFixed(1)} ${y.toFixed(1)}H${to.toFixed(1)}`, to, y, "right")];
}

/** @param {Placed} from @param {Placed} to @param {number} y @returns {Part} */
function arc(from, to, y) {
  // One that begins where another ends stands beside it.
  const start = from.x + from.size[0] / 2 + from.size[2] / 2 + 5;
  const end = to.x + to.size[0] / 2 + to.size[2] / 2 - 5;
  const low = from.y - from.size[2] - 3;
  const reach = to.y - to.size[2] - 3;
  const path = `M${start.toFixed(1)} ${low.toFixed(1)}V${y
    + 5}q0 -5 5 -5H${(end - 5).toFixed(1)}q5 0 5 5V${reach.toFixed(1)}`;
  return arrow(path, end, reach, "down");
}

/** @param {string} path @param {number} x @param {number} y @param {string} way @returns {Part} */
function arrow(path, x, y, way) {
  const [dx, dy] = way === "right" ? [-4, 3] : [3, -4];
  const head = way === "right" ? `M${(x + dx).toFixed(1)} ${(y - dy).toFixed(1)}l4 3l-4 3`
    : `M${(x - dx).toFixed(1)} ${(y + dy).toFixed(1)}l3 4l3 -4`;
  return { tag: "path", kind: "arrow", place: -2, attributes: { d: path + head, fill: "none" } };
}
