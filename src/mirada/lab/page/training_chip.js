// @ts-check
/** A word on every page of a training that goes on, in the bar. */

import { percentText, t } from "../../views/language.js";
import { html, nothing, render } from "../../views/vendor/lit-html.js";

/** @import { Api } from "./api.js" */

const EVERY_MS = 4000;
const LIVE = ["starting", "running", "paused", "stopping"];

/**
 * The element of the chip, which asks now and then; a page that nobody sees does not.
 *
 * @param {Api} api
 */
export function trainingChip(api) {
  const element = document.createElement("div");
  element.className = "training-chip";
  const ask = async () => {
    if (!document.hidden && api.token && !api.isLost)
      await api.get("/api/training").then((now) => render(chip(now), element), () => {});
    setTimeout(ask, EVERY_MS);
  };
  setTimeout(ask, 300);
  return element;
}

/** @param {any} now the state of training in short */
function chip(now) {
  if (!LIVE.includes(now.state)) return nothing;
  const share = now.accuracy === null ? "" : ` · ${percentText(now.accuracy)}`;
  const epoch = Math.min(now.epoch + 1, now.epochs ?? 1);
  const words = { epoch, epochs: now.epochs };
  const text =
    now.epochs === null
      ? t("training ...")
      : now.state === "paused"
        ? t("paused {epoch}/{epochs}", words)
        : t("training {epoch}/{epochs}", words);
  return html`<a class="chip" href="#/train" title=${t("To the training that goes on")}>
    <span class="dot ${now.state}" aria-hidden="true"></span>${text}${share}</a>`;
}
