// @ts-check
/** The network as a column of layers: opened, moved, added to, with its skip lines. */

import { countText, t } from "../../../views/language.js";
import { smallBlock, smallScales } from "../../../views/network_blocks.js";
import { shapeText } from "../../../views/network_drawing.js";
import { fieldText } from "../../../views/summary.js";
import { html, nothing, render } from "../../../views/vendor/lit-html.js";
import { drag } from "./architect_drag.js";
import { openLayer, remediesOf } from "./architect_layer.js";
import { palette } from "./architect_palette.js";
import { drawSkips, skipRoom, skipsOf } from "./architect_skips.js";

/** @import { Build, Answer, Layer } from "./architect_build.js" */
/** @import { Kinds } from "./architect_palette.js" */

const SIDE = 46;

export class Column {
  /** @param {Build} build @param {HTMLElement & {update(data: any, options?: any): void}} form */
  constructor(build, form) {
    this.build = build;
    this.form = form;
    this.element = document.createElement("div");
    this.element.className = "column";
    /** @type {Kinds[]} */
    this.kinds = [];
    /** The row to be focused when it is drawn. @type {number | null} */
    this.focused = null;
    this.watcher = new ResizeObserver(() => this.drawLines());
    this.watcher.observe(this.element);
  }

  draw() {
    const { build } = this;
    const { answer } = build;
    if (!answer) return render(nothing, this.element);
    if (answer.chosen) this.form.update(answer.chosen.fields, { errors: build.errors });
    const scale = smallScales(answer, SIDE);
    const room = skipRoom(skipsOf(answer));
    this.element.style.setProperty("--skips", `${room}px`);
    const input = { kind: "input", output_shape: answer.input_shape };
    render(
      html`
        <svg class="skips" aria-hidden="true" role="presentation"></svg>
        <div class="layer-heads"
          aria-hidden="true"><span></span><span></span><span>${t("Layer")}</span><span>${t(
            "Output")}</span><span>${t("Parameters")}</span><span>MACs</span><span>${t("Field")}</span></div>
        <ol class="layers" @keydown=${(/** @type {KeyboardEvent} */ event) => this.pressed(event)}>
          <li class="layer input-row" data-input><div
            class="layer-head"><span></span>${smallBlock(input, scale, SIDE)}<span
              class="layer-name"><strong>${t("input")}</strong></span><span
                class="layer-shape">${shapeText(answer.input_shape)}</span></div>
          ${this.gap(0)}</li>
          ${answer.layers.map(
            (layer, place) => html`<li class=${this.kindOf(answer, layer, place)} data-place=${place}>
            ${this.head(answer, layer, place, smallBlock(layer, scale, SIDE))}
            ${build.chosen === place
              ? openLayer(build, answer, place, this.form, (to) => this.move(place, to)) : nothing}
            ${this.gap(place + 1)}
          </li>`)}
        </ol>
        ${answer.can_edit
          ? html`<button class="add-last" data-do="add"
            @click=${() => this.add(answer.layers.length)}>+ ${t("Add a layer")}</button>` : nothing}`,
      this.element,
    );
    this.drawLines();
    this.focusRow();
  }

  /** @param {Answer} answer @param {Layer} layer @param {number} place */
  kindOf(answer, layer, place) {
    const names = ["layer"];
    if (layer.error) names.push("wrong");
    else if (!layer.is_computed) names.push("waiting");
    if (this.build.chosen === place) names.push("chosen");
    return names.join(" ");
  }

  /** @param {Answer} answer @param {Layer} layer @param {number} place @param {unknown} drawn */
  head(answer, layer, place, drawn) {
    const before = place ? answer.layers[place - 1].name : "input";
    const reads = layer.inputs.length > 1 || layer.inputs[0] !== before ? layer.inputs.join(" + ") : "";
    const remark = answer.warnings.find((each) => each.layer === layer.name);
    const isOpen = this.build.chosen === place;
    const isRefused = answer.refusal?.place === place;
    return html`<div class="layer-head">
      <span class="grip" title=${t("Drag to another place")} aria-hidden="true"
        @pointerdown=${(/** @type {PointerEvent} */ event) =>
          answer.can_edit && drag(event, this.element, (from, to) => this.move(from, to))}></span>
      ${drawn}
      <button class="layer-button" aria-expanded=${String(isOpen)}
        @click=${() => this.build.choose(isOpen ? null : place)}>
        <span class="layer-name"><strong>${layer.name || "?"}</strong> <code>${layer.text}</code>
          ${reads ? html`<span class="reads">${t("reads {names}", { names: reads })}</span>` : nothing}
          ${layer.error && !isOpen && !isRefused ? html`<span class="layer-error">${layer.error}</span>`
            : nothing}
          ${remark && !isOpen ? html`<span class="has-remark" title=${remark.message}>${t("remark")}</span>`
            : nothing}</span>
        <span class="layer-shape"><span class="unseen">${t("Output")}</span> ${layer.output_shape ? shapeText(layer.output_shape) : "–"}</span>
        ${number(t("Parameters"), layer.parameters ? countText(layer.parameters.total) : "–")}
        ${number("MACs", layer.macs === undefined ? "–" : countText(layer.macs))}
        ${number(t("Field"), fieldText(layer))}
      </button>
    </div>
    ${isRefused && answer.refusal ? remediesOf(this.build, answer.refusal) : nothing}
    ${remark && isOpen ? html`<p class="advice">${remark.message}</p>` : nothing}`;
  }

  /** Between two layers: where one can be added. @param {number} place */
  gap(place) {
    const { build } = this;
    if (build.adding === place)
      return palette(this.kinds, (text) => this.insert(place, text), () => this.add(null));
    if (!build.answer?.can_edit || place === build.answer.layers.length) return nothing;
    // For the mouse alone: an open layer has a button that does the same.
    return html`<span class="insert" aria-hidden="true" title=${t("Add a layer here")}
      @click=${() => this.add(place)}>+</span>`;
  }

  /** @param {number | null} place */
  add(place) {
    this.build.adding = place;
    this.build.draw();
    /** @type {HTMLElement | null} */ (this.element.querySelector(".palette button"))?.focus();
    if (place === null) /** @type {HTMLElement | null} */ (this.element.querySelector(".add-last"))?.focus();
  }

  /** @param {number} place @param {string} layer */
  async insert(place, layer) {
    await this.build.edit({ do: "insert", at: place, layer }, { chosen: place });
    if (this.build.chosen !== place) return;
    this.build.adding = null;
    this.focused = place;
    this.build.draw();
  }

  /** @param {number} from @param {number} to */
  async move(from, to) {
    const { chosen } = this.build;
    await this.build.edit({ do: "move", at: from, to },
      { chosen: chosen === null ? null : moved(chosen, from, to) });
    this.focused = to;
    this.build.draw();
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    const row =
      /** @type {HTMLElement | null} */ (/** @type {HTMLElement} */ (event.target).closest("[data-place]"));
    const isButton = /** @type {HTMLElement} */ (event.target).classList.contains("layer-button");
    if (event.key === "Escape" && row && this.build.chosen !== null) {
      this.focused = this.build.chosen;
      this.build.choose(null);
    }
    if (!row || !isButton) return;
    const at = Number(row.dataset.place);
    const last = (this.build.answer?.layers.length ?? 0) - 1;
    const to = at + ({ ArrowUp: -1, ArrowDown: 1 }[event.key] ?? 0);
    if (event.key === "Home" || event.key === "End") this.focused = event.key === "Home" ? 0 : last;
    else if (to !== at && to >= 0 && to <= last && !event.altKey) this.focused = to;
    else if (to !== at && to >= 0 && to <= last && this.build.answer?.can_edit) this.move(at, to);
    else if (event.key === "Delete" && this.build.answer?.can_edit) this.remove(at, last);
    else return;
    event.preventDefault();
    this.focusRow();
  }

  /** @param {number} at @param {number} last */
  async remove(at, last) {
    await this.build.edit({ do: "remove", at }, { chosen: null });
    this.focused = Math.min(at, last - 1);
    this.build.draw();
  }

  focusRow() {
    if (this.focused === null || this.build.pending) return;
    const row = this.element.querySelector(`[data-place="${this.focused}"] .layer-button`);
    this.focused = null;
    /** @type {HTMLElement | null} */ (row)?.focus();
  }

  drawLines() {
    const { answer } = this.build;
    const lines = /** @type {SVGElement | null} */ (this.element.querySelector(".skips"));
    if (answer && lines) drawSkips(lines, this.element, skipsOf(answer));
  }

  leave() {
    this.watcher.disconnect();
  }
}

/**
 * Where a layer stands when another was moved.
 *
 * @param {number} place
 * @param {number} from
 * @param {number} to
 */
export function moved(place, from, to) {
  if (place === from) return to;
  if (from < place && place <= to) return place - 1;
  return to <= place && place < from ? place + 1 : place;
}

/** @param {string} label @param {string} text */
function number(label, text) {
  return html`<span class="layer-number"><span class="label">${label}</span> ${text}</span>`;
}
