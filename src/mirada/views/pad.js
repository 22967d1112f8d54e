// @ts-check
/** A pad to draw on with a mouse, a finger, a pen or the keyboard: white on black, as MNIST. */

import { t } from "./language.js";
import { centred, painted } from "./strokes.js";
import { html } from "./vendor/lit-html.js";
import { tell, view } from "./view.js";

/** @import { Stroke } from "./strokes.js" */
/** @import { View } from "./view.js" */

/** Pixels of the canvas, whatever room it has on the page. */
const SIDE = 280;
/** Steps that an arrow key takes from one edge to the other. */
const STEPS = 28;
const ARROWS = /** @type {Record<string, [number, number]>} */ ({
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
});

/**
 * `size` is the side of the image that `blob` gives, `label` what is to be drawn.
 *
 * @typedef {{size?: number, label?: string}} PadOptions
 */

/**
 * @typedef {object} Pad
 * @property {() => Promise<Blob>} blob the drawing as PNG
 * @property {() => void} clear
 * @property {() => void} undo takes back what was done last, clearing included
 * @property {() => boolean} isEmpty
 */

/**
 * The pad. Events: "draw" after every change, detail `{isEmpty, isDone}`; `isDone` is
 * false while a stroke is being drawn.
 *
 * @param {{strokes?: Stroke[]}} [data]
 * @param {PadOptions} [options]
 * @returns {View<{strokes?: Stroke[]}, PadOptions> & Pad}
 */
export function drawingPad(data = {}, options = {}) {
  const hand = new Hand();
  const make = view("pad", (/** @type {{strokes?: Stroke[]}} */ next, /** @type {PadOptions} */ used) => {
    if (next.strokes) hand.strokes = next.strokes;
    hand.size = used.size ?? SIDE;
    return padTemplate(hand, used);
  });
  const element = /** @type {any} */ (make(data, options));
  hand.begin(element);
  element.blob = () => hand.blob();
  element.clear = () => hand.change([]);
  element.undo = () => hand.undo();
  element.isEmpty = () => hand.strokes.length === 0;
  return element;
}

/** @param {Hand} hand @param {PadOptions} options */
function padTemplate(hand, options) {
  const label = options.label ?? t("Drawing pad");
  return html`
    <canvas class="pad-canvas" width=${SIDE} height=${SIDE} tabindex="0" role="application"
      aria-label=${label} aria-roledescription=${t("drawing pad")} aria-describedby=${hand.id}
      @pointerdown=${hand.press} @pointermove=${hand.move} @pointerup=${hand.lift}
      @pointercancel=${hand.lift} @keydown=${hand.key} @focus=${hand.paint} @blur=${hand.leave}></canvas>
    <div class="view-buttons">
      <button type="button" class="pad-undo" @click=${() => hand.undo()}>${t("Undo")}</button>
      <button type="button" class="pad-clear" @click=${() => hand.change([])}>${t("Clear")}</button>
      <button type="button" class="pad-centre" title=${t("Moves and scales the drawing as MNIST does: 20 of 28 pixels, in the middle.")}
        @click=${() => hand.change(centred(hand.strokes))}>${t("Centre")}</button>
    </div>
    <p class="view-note" id=${hand.id}>${t("With the keyboard: arrows move, space sets and lifts the pen, Backspace undoes.")}</p>
    <p class="view-unseen" role="status"></p>`;
}

let count = 0;

/** What draws: the strokes so far, the one being drawn, and the pen of the keyboard. */
class Hand {
  constructor() {
    this.id = `pad-help-${++count}`;
    /** @type {Stroke[]} */
    this.strokes = [];
    /** @type {Stroke[][]} */
    this.before = [];
    /** @type {Stroke | null} */
    this.stroke = null;
    this.pen = { x: 0.5, y: 0.5, isDown: false, isShown: false };
    this.size = SIDE;
    this.pending = 0;
    for (const name of /** @type {const} */ (["press", "move", "lift", "key", "paint", "leave"]))
      this[name] = /** @type {any} */ (this[name].bind(this));
  }

  /** @param {HTMLElement} element */
  begin(element) {
    this.element = element;
    this.canvas = /** @type {HTMLCanvasElement} */ (element.querySelector("canvas"));
    this.paint();
  }

  /** @returns {Promise<Blob>} */
  blob() {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = this.size;
    painted(context(canvas), this.strokes, this.size);
    return new Promise((done, failed) =>
      canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error("no PNG"))), "image/png"),
    );
  }

  /** @param {Stroke[]} strokes @param {boolean} [isDone] */
  change(strokes, isDone = true) {
    if (strokes.length === 0 && this.strokes.length === 0) return;
    this.before = [...this.before.slice(-99), this.strokes];
    this.strokes = strokes;
    this.changed(isDone);
  }

  undo() {
    const before = this.before.pop();
    if (!before) return;
    this.strokes = before;
    this.stroke = null;
    this.changed(true);
  }

  /** @param {boolean} isDone */
  changed(isDone) {
    if (!this.element) return;
    this.paint();
    tell(this.element, "draw", { isEmpty: this.strokes.length === 0, isDone });
  }

  /** @param {PointerEvent} event */
  press(event) {
    if (event.button !== 0) return;
    event.preventDefault();
    this.canvas?.focus({ preventScroll: true });
    this.pen = { ...this.pen, isDown: false, isShown: false };
    this.canvas?.setPointerCapture(event.pointerId);
    this.start(this.at(event));
  }

  /** @param {[number, number, number]} point */
  start(point) {
    this.stroke = [point];
    this.change([...this.strokes, this.stroke], false);
  }

  /** @param {PointerEvent} event */
  move(event) {
    if (!this.stroke || !event.buttons) return;
    const all = event.getCoalescedEvents?.() ?? [];
    for (const each of all.length ? all : [event]) this.stroke.push(this.at(each));
    this.drawing();
  }

  /** Paints at the next frame, however many points came since the last. */
  drawing() {
    this.pending ||= requestAnimationFrame(() => {
      this.pending = 0;
      this.changed(this.stroke === null);
    });
  }

  lift() {
    if (!this.stroke) return;
    this.stroke = null;
    this.changed(true);
  }

  /**
   * A place on the pad, and how hard a pen presses there.
   *
   * @param {PointerEvent} event
   * @returns {[number, number, number]}
   */
  at(event) {
    const box = /** @type {HTMLCanvasElement} */ (this.canvas).getBoundingClientRect();
    const pressure = event.pointerType === "pen" ? 0.5 + event.pressure : 1;
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height, pressure];
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.key === "Backspace" || (event.key === "z" && (event.ctrlKey || event.metaKey))) this.undo();
    else if (event.key === "Delete") this.change([]);
    else if (event.key === " " || event.key === "Enter") this.toggle();
    else if (event.key in ARROWS) this.step(ARROWS[event.key], event.shiftKey ? 4 : 1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  toggle() {
    this.pen = { ...this.pen, isDown: !this.pen.isDown, isShown: true };
    if (this.pen.isDown) this.start([this.pen.x, this.pen.y, 1]);
    else this.lift();
    this.tellPen();
  }

  /** @param {[number, number]} way @param {number} steps */
  step([across, down], steps) {
    const inside = (/** @type {number} */ value) => Math.min(1, Math.max(0, value));
    const x = inside(this.pen.x + (across * steps) / STEPS);
    const y = inside(this.pen.y + (down * steps) / STEPS);
    this.pen = { ...this.pen, x, y, isShown: true };
    if (this.pen.isDown && !this.stroke) this.start([x, y, 1]);
    else if (this.pen.isDown) this.stroke?.push([x, y, 1]);
    this.changed(!this.pen.isDown);
    this.tellPen();
  }

  leave() {
    this.pen = { ...this.pen, isDown: false, isShown: false };
    this.lift();
    this.paint();
  }

  /** Says where the pen is to who does not see it. */
  tellPen() {
    const said = this.element?.querySelector("[role=status]");
    if (!said) return;
    const place = { column: Math.round(this.pen.x * STEPS), row: Math.round(this.pen.y * STEPS) };
    said.textContent = this.pen.isDown
      ? t("Pen down, column {column}, row {row}", place)
      : t("Pen up, column {column}, row {row}", place);
  }

  paint() {
    if (!this.canvas) return;
    const ink = context(this.canvas);
    painted(ink, this.strokes, SIDE);
    if (!this.pen.isShown) return;
    const [x, y] = [this.pen.x * SIDE, this.pen.y * SIDE];
    ink.strokeStyle = this.pen.isDown ? "#ff9a3c" : "#7db7ff";
    ink.lineWidth = 2;
    ink.beginPath();
    ink.arc(x, y, this.pen.isDown ? 6 : 10, 0, 2 * Math.PI);
    ink.stroke();
  }
}

/** @param {HTMLCanvasElement} canvas */
function context(canvas) {
  return /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
}
