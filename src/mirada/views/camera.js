// @ts-check
/** The camera: a square preview, one image at a press, many while it is held. */

import { t } from "./language.js";
import { html, nothing } from "./vendor/lit-html.js";
import { tell, view } from "./view.js";

/** @import { View } from "./view.js" */

/** Pixels of a side, at most, of what is taken. */
const SIDE = 512;
/** Between two images while the button is held. */
const EVERY_MS = 200;
/** How soon a camera is let go whose preview has left the page. */
const WATCH_MS = 250;

/**
 * `many` offers to take many by holding; `side` is at most the side of what is taken.
 *
 * @typedef {{many?: boolean, side?: number}} CameraOptions
 */

/**
 * The preview of a camera, off until it is asked for. Events: "image", detail
 * `{blob, name}`, for each image taken; "stopped" when the camera was let go.
 * The camera is let go when the element leaves its document, and by `stop()`.
 *
 * @param {object} [data]
 * @param {CameraOptions} [options]
 * @returns {View<object, CameraOptions> & {start(): Promise<void>, stop(): void, take(): Promise<void>,
 *   isOn(): boolean}}
 */
export function camera(data = {}, options = {}) {
  const eye = new Eye();
  const make = view("camera", (_data, /** @type {CameraOptions} */ used) => {
    eye.options = used;
    return cameraTemplate(eye);
  });
  const element = /** @type {any} */ (make(data, options));
  eye.element = element;
  element.start = () => eye.start();
  element.stop = () => eye.stop();
  element.isOn = () => eye.stream !== null;
  element.take = () => eye.take();
  return element;
}

/** @param {Eye} eye */
function cameraTemplate(eye) {
  const isOn = eye.stream !== null;
  return html`
    <div class="camera-frame">
      <video playsinline autoplay .muted=${true} ?hidden=${!isOn} .srcObject=${eye.stream}
        aria-label=${t("What the camera sees")}></video>
      ${isOn ? nothing
        : html`<p
          class="view-note">${eye.isAsking ? t("Waiting for the camera…")
            : t("The camera is off. Its images stay on this machine.")}</p>`}
    </div>
    ${eye.trouble ? html`<p class="view-refusal" role="alert">${eye.trouble}</p>` : nothing}
    <div class="view-buttons">
      ${isOn
        ? html`
          <button type="button" class="camera-take main" @click=${() => eye.take()}>${t("Take one")}</button>
          ${eye.options.many
            ? html`<button type="button" class="camera-hold" @pointerdown=${eye.hold} @pointerup=${eye.loose}
                @pointercancel=${eye.loose} @lostpointercapture=${eye.loose} @blur=${eye.loose}
                @keydown=${eye.holdKey} @keyup=${eye.loose}
                  @contextmenu=${quiet}>${t("Hold to take many")}</button>`
            : nothing}
          <button type="button" class="camera-stop" @click=${() => eye.stop()}>${t("Turn off")}</button>`
        : html`<button type="button" class="camera-start main" ?disabled=${eye.isAsking}
          @click=${() => eye.start()}>${t("Turn on the camera")}</button>`}
    </div>
    <p class="view-unseen"
      role="status">${eye.taken ? t("Images taken: {count}", { count: eye.taken }) : nothing}</p>`;
}

/** What sees: the stream, what went wrong with it, and the timers while it runs. */
class Eye {
  constructor() {
    /** @type {CameraOptions} */
    this.options = {};
    /** @type {(View<object, CameraOptions> & HTMLElement) | null} */
    this.element = null;
    /** @type {MediaStream | null} */
    this.stream = null;
    this.isAsking = false;
    this.trouble = "";
    this.taken = 0;
    this.holding = 0;
    this.watching = 0;
    for (const name of /** @type {const} */ (["hold", "loose", "holdKey"]))
      this[name] = /** @type {any} */ (this[name].bind(this));
  }

  async start() {
    if (this.stream || this.isAsking) return;
    this.isAsking = true;
    this.trouble = "";
    this.show();
    try {
      const stream = await opened();
      this.isAsking = false;
      if (!this.element?.isConnected) return letGo(stream);
      this.began(stream);
    } catch (error) {
      this.isAsking = false;
      this.trouble = troubleText(/** @type {Error} */ (error));
    }
    this.show();
  }

  /** @param {MediaStream} stream */
  began(stream) {
    this.stream = stream;
    this.taken = 0;
    stream.getVideoTracks()[0].addEventListener("ended", () => {
      if (this.stream !== stream) return;
      this.trouble = t("The camera went away: it was unplugged, or the system took it back.");
      this.stop();
    });
    this.watching = setInterval(() => {
      if (!this.element?.isConnected) this.stop();
    }, WATCH_MS);
  }

  stop() {
    this.loose();
    clearInterval(this.watching);
    if (!this.stream) return;
    letGo(this.stream);
    this.stream = null;
    this.show();
    if (this.element) tell(this.element, "stopped");
  }

  show() {
    this.element?.update({});
  }

  /** Takes what is seen now: the square in its middle. */
  async take() {
    const video = this.element?.querySelector("video");
    if (!this.element || !video?.videoWidth) return;
    const blob = await square(video, this.options.side ?? SIDE);
    if (!blob || !this.element) return;
    this.taken += 1;
    tell(this.element, "image", { blob, name: `camera-${this.taken}.jpg` });
    this.show();
  }

  /** @param {PointerEvent} event */
  hold(event) {
    if (event.button !== 0 || this.holding) return;
    const button = /** @type {HTMLElement} */ (event.currentTarget);
    button.setPointerCapture(event.pointerId);
    this.burst();
  }

  /** @param {KeyboardEvent} event */
  holdKey(event) {
    if (event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    if (!this.holding) this.burst();
  }

  burst() {
    this.take();
    this.holding = setInterval(() => this.take(), EVERY_MS);
  }

  loose() {
    clearInterval(this.holding);
    this.holding = 0;
  }
}

/** @returns {Promise<MediaStream>} */
function opened() {
  if (!navigator.mediaDevices?.getUserMedia) throw new DOMException("", "SecurityError");
  const wanted = { width: { ideal: 640 }, height: { ideal: 480 } };
  return navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
}

/** @param {MediaStream} stream */
function letGo(stream) {
  for (const track of stream.getTracks()) track.stop();
}

/** @param {Error} error */
function troubleText(error) {
  switch (error.name) {
    case "NotAllowedError":
      return t("The camera was refused. Allow it for this page beside the browser's address, then turn it on again.");
    case "NotFoundError":
    case "OverconstrainedError":
      return t("No camera was found. Connect one, or give the image as a file.");
    case "NotReadableError":
    case "AbortError":
      return t("The camera does not answer. Another program may be using it: close that, then turn it on again.");
    case "SecurityError":
    case "TypeError":
      return t("The browser gives no camera to this page: it must be opened as localhost or 127.0.0.1.");
    default:
      return t("The camera could not be turned on ({why}).", { why: error.message || error.name });
  }
}

/**
 * @param {HTMLVideoElement} video
 * @param {number} most
 * @returns {Promise<Blob | null>}
 */
function square(video, most) {
  const side = Math.min(video.videoWidth, video.videoHeight);
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = Math.min(side, most);
  const ink = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const [left, top] = [(video.videoWidth - side) / 2, (video.videoHeight - side) / 2];
  ink.imageSmoothingQuality = "high";
  ink.drawImage(video, left, top, side, side, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.95));
}

/** Keeps a long press on a touch screen from opening a menu. @param {Event} event */
function quiet(event) {
  event.preventDefault();
}
