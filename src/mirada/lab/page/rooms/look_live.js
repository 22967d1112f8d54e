// @ts-check
/** The camera, an image after the other: the next is taken when the last was answered. */

import { t } from "../../../views/language.js";
import { html, nothing, render } from "../../../views/vendor/lit-html.js";

const WATCH_MS = 300;

/** @typedef {HTMLElement & {take(): Promise<void>, isOn(): boolean}} CameraView */

export class Live {
  /** @param {HTMLElement} source the widget that may hold a camera */
  constructor(source) {
    this.source = source;
    this.element = document.createElement("div");
    this.isOn = false;
    this.isWanted = false;
    this.watching = setInterval(() => this.watch(), WATCH_MS);
    source.addEventListener("stopped", () => this.watch());
  }

  /** @returns {CameraView | null} */
  camera() {
    return this.source.querySelector(".view-camera");
  }

  /** Offers to go on by itself while the camera is on. */
  watch() {
    const isOn = this.camera()?.isOn() ?? false;
    if (isOn === this.isOn) return;
    this.isOn = isOn;
    if (!isOn) this.isWanted = false;
    this.draw();
  }

  /** @param {Event} event */
  want(event) {
    this.isWanted = /** @type {HTMLInputElement} */ (event.target).checked;
    if (this.isWanted) this.camera()?.take();
  }

  /** An image was answered, or refused. @param {boolean} isShown */
  answered(isShown) {
    if (!this.isWanted || !this.isOn) return;
    if (isShown) requestAnimationFrame(() => this.camera()?.take());
    else {
      this.isWanted = false;
      this.draw();
    }
  }

  stop() {
    clearInterval(this.watching);
    this.isWanted = false;
  }

  draw() {
    render(
      this.isOn
        ? html`<label class="row"><input type="checkbox" .checked=${this.isWanted}
          @change=${(/** @type {Event} */ event) => this.want(event)}>
            ${t("Look all the time")}</label>`
        : nothing,
      this.element,
    );
  }
}
