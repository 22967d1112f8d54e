// @ts-check
/** A training that goes on, or has ended: where it is, and what it can be told. */

import { confusion } from "../../../views/confusion.js";
import { curves } from "../../../views/curves.js";
import { countText, numberText, percentText, shortText, t } from "../../../views/language.js";
import { html, nothing } from "../../../views/vendor/lit-html.js";
import { LIVE } from "./train_story.js";
import { saveReport } from "./train_runs.js";

/** @import { Remedy } from "../api.js" */
/** @import { Lab } from "../lab.js" */
/** @import { Setup, Training } from "./train_story.js" */

/**
 * What the room can do with the training.
 *
 * @typedef {object} Steering
 * @property {(does: string, values?: object) => void} command
 * @property {(run: string, times?: number) => void} resume
 * @property {() => void} another
 * @property {(network: string) => void} mend
 */

/** The panels of one training; keeps its views, so that they change where they stand. */
export class Live {
  /** @param {Lab} lab @param {Steering} steering */
  constructor(lab, steering) {
    this.lab = lab;
    this.steering = steering;
    this.curves = curves({ rows: [] });
    this.matrix = confusion({ classes: [], counts: [] });
    /** @type {unknown} */
    this.shownMatrix = null;
    this.rate = "";
  }

  /** @param {Training} training */
  draw(training) {
    const { setup } = training;
    this.curves.update(curvesOf(training));
    return html`
      <section class="panel live" aria-label=${t("Training")}>
        ${this.head(training)} ${this.told(training)}
        ${setup ? html`${facts(training)} ${this.curves}` : nothing}
        ${isSteered(training) ? this.rates(training) : nothing}
        ${rateChanges(training)}
      </section>`;
  }

  /** What is taken for what, of the images that it does not train on. @param {Training} training */
  confusion(training) {
    const found = training.test ?? training.confusion;
    if (!found) return nothing;
    if (found !== this.shownMatrix) this.matrix.update(found);
    this.shownMatrix = found;
    const title = training.test
      ? t("The held-out images")
      : t("The validation images, after epoch {epoch}", { epoch: found.epoch });
    return html`<section class="panel">
      <h2>${title}</h2>
      <p class="note">${t("A row holds the images of one class, a column what was taken for one.")}</p>
      ${this.matrix}
    </section>`;
  }

  /** @param {Training} training */
  head(training) {
    const { state, run, setup } = training;
    const isLive = LIVE.includes(state);
    return html`
      <div class="row head">
        <h2>${run || t("A new run")}</h2>
        <span class="chip ${CHIPS[state] ?? ""}">${stateText(state)}</span>
        <span class="grow"></span>
        ${isLive ? this.buttons(training) : nothing}
      </div>
      ${setup && isLive ? progress(training, setup) : nothing}`;
  }

  /** @param {Training} training */
  buttons(training) {
    const does = (/** @type {string} */ path) => () => this.steering.command(path);
    const isPaused = training.state === "paused";
    const [path, word] = isPaused ? ["go-on", t("Go on")] : ["pause", t("Pause")];
    const isLeaving = training.state === "stopping";
    return html`
      ${isSteered(training) ? html`<button name="pause" @click=${does(path)}>${word}</button>` : nothing}
      <button name="stop" class="danger" ?disabled=${isLeaving}
        @click=${does("stop")}>${t("Stop")}</button>`;
  }

  /** What is to be said besides numbers. @param {Training} training */
  told(training) {
    const { state, error } = training;
    const advice = (/** @type {string} */ text) => html`<p class="advice" role="status">${text}</p>`;
    const isFirst = state === "running" && training.last?.loss === undefined;
    const doing = isFirst ? "compiling" : (training.doing ?? "");
    if (state === "starting" || isFirst) return html`<p role="status">${doingText(doing)}</p>`;
    if (state === "paused") return advice(t("It waits, and is saved. The time does not count."));
    if (state === "ended") return this.praise(training);
    if (state === "elsewhere") return advice(t("Another program trains this run."));
    if (state === "stopped" && training.setup)
      return html`${advice(t("It was stopped, and all is saved."))} ${this.resuming(training)}`;
    if (!error) return nothing;
    const why = t(
      "The steps were too large: the learning rate is too high for this network. Its last good state is kept.",
    );
    return html`<div class="refusal" role="alert"><p>${error.message}</p>
        ${training.diverged ? html`<p>${why}</p>` : nothing}
      </div>
      ${this.mending(training)} ${this.resuming(training)}`;
  }

  /** What would mend the network, as long as it is the one that was refused. @param {Training} training */
  mending({ error, asked }) {
    if (!error?.remedy || asked?.network !== this.lab.store.state.network) return nothing;
    return html`<div class="row">${remedyButton(error.remedy, this.steering.mend)}</div>`;
  }

  /** @param {Training} training */
  resuming({ run, diverged, can_resume: canResume }) {
    if (!canResume || !run) return nothing;
    const [name, word] = diverged
      ? ["resume-slower", t("Go on at a tenth of the rate")]
      : ["resume", t("Resume")];
    const resume = () => this.steering.resume(run, diverged ? 0.1 : undefined);
    return html`<div class="row">
      <button class="main" name=${name} @click=${resume}>${word}</button></div>`;
  }

  /** @param {Training} training */
  praise({ run, test, ended_text: ended }) {
    const go = (/** @type {string} */ room) => () => this.lab.go(room, { run });
    const words = { share: percentText(test?.accuracy ?? 0), count: countText(test?.images ?? 0) };
    const measured = t("It was measured on {count} images that the network had never seen.", words);
    return html`
      <p class="praise" role="status">${ended}
        ${test ? html`<b>${t("Test accuracy: {share}.", words)}</b> ${measured}` : nothing}</p>
      <div class="row">
        <button class="main" name="look" @click=${go("look")}>${t("Look inside")}</button>
        <button name="export" @click=${go("export")}>${t("Export")}</button>
        <button name="report" @click=${() => saveReport(this.lab, run)}>${t("Save the report")}</button>
        <button class="quiet" name="another" @click=${this.steering.another}>${t("Train another")}</button>
      </div>`;
  }

  /** @param {Training} training */
  rates({ last }) {
    const times = (/** @type {number} */ factor) => () => this.steering.command("rate", { times: factor });
    const set = (/** @type {Event} */ event) => {
      event.preventDefault();
      const value = Number(this.rate.replace(",", "."));
      if (value > 0) this.steering.command("rate", { value });
      else this.lab.say(t("A learning rate is a number above 0, such as 0.01."), "wrong");
    };
    const typed = (/** @type {Event} */ event) => {
      this.rate = /** @type {HTMLInputElement} */ (event.target).value;
    };
    return html`<form class="row rates" @submit=${set} aria-label=${t("Learning rate")}>
      <span>${t("Learning rate now")} <output class="rate">${rateText(last?.learning_rate)}</output></span>
      <button type="button" name="tenth" @click=${times(0.1)}
        aria-label=${t("A tenth of the rate")}>÷ 10</button>
      <button type="button" name="half" @click=${times(0.5)} aria-label=${t("Half the rate")}>÷ 2</button>
      <button type="button" name="double" @click=${times(2)} aria-label=${t("Twice the rate")}>× 2</button>
      <label><span class="unseen">${t("Another rate")}</span>
        <input name="rate" inputmode="decimal" size="7" placeholder="0.01" .value=${this.rate}
          @input=${typed}></label>
      <button>${t("Set")}</button>
    </form>`;
  }
}

/** One click that mends. @param {Remedy} remedy @param {(network: string) => void} mend */
export function remedyButton({ message, network }, mend) {
  return html`<button name="remedy" class="main" @click=${() => mend(network)}>${message}</button>`;
}

/** @type {Record<string, string>} */
const CHIPS = {
  ...{ running: "good", ended: "good", paused: "warm", stopped: "warm" },
  ...{ failed: "wrong", killed: "wrong" },
};

/** @param {Training} training */
function isSteered({ state }) {
  return state === "running" || state === "paused";
}

/** @param {Training} training @param {Setup} setup */
function progress(training, setup) {
  const step = training.last?.step ?? 0;
  const where = t("Epoch {epoch} of {epochs}, step {step} of {steps}.", {
    epoch: Math.min(training.rows.length + 1, setup.epochs),
    epochs: setup.epochs,
    step: countText(step),
    steps: countText(setup.steps),
  });
  return html`<label class="unseen" for="progress">${t("How far it is")}</label>
    <progress id="progress" max=${setup.steps} .value=${step}></progress>
    <p class="note">${where} ${leftText(training)}</p>`;
}

/** @param {string} state */
function stateText(state) {
  /** @type {Record<string, string>} */
  const words = {
    starting: t("starting"),
    running: t("running"),
    paused: t("paused"),
    stopping: t("stopping"),
    ended: t("finished"),
    stopped: t("stopped"),
    failed: t("ended by an error"),
    killed: t("its process died"),
    elsewhere: t("running"),
  };
  return words[state] ?? state;
}

/** @param {string} doing */
function doingText(doing) {
  /** @type {Record<string, string>} */
  const words = {
    images: t("Reading the images ..."),
    pace: t("Measuring how fast it goes here ..."),
    compiling: t("Making machine code for this network ..."),
  };
  return words[doing] ?? t("Starting a process of its own for it ...");
}

/** @param {Training} training */
function curvesOf({ rows, points, rates, setup }) {
  return { rows, steps: points, rates, epochs: setup?.epochs, steps_per_epoch: setup?.steps_per_epoch };
}

/** @param {Training} training */
function facts({ last, rows, state }) {
  const row = rows[rows.length - 1];
  const loss = last?.loss ?? row?.train_loss;
  const speed = countText(last?.images_per_second ?? 0);
  const share = (/** @type {number | null | undefined} */ value) =>
    value == null ? "–" : percentText(value);
  const fact = (/** @type {string} */ name, /** @type {string} */ value) =>
    html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  return html`<dl class="facts">
    ${fact(t("loss"), lossText(loss))}
    ${fact(t("training accuracy"), share(last?.accuracy ?? row?.train_accuracy))}
    ${fact(t("validation accuracy"), share(row?.validation_accuracy))}
    ${LIVE.includes(state) ? fact(t("images a second"), speed) : nothing}
  </dl>`;
}

/** A loss; one that runs away has no decimals worth reading. @param {number | undefined} loss */
function lossText(loss) {
  if (loss === undefined || Number.isNaN(loss)) return "–";
  return shortText(loss);
}

/** @param {Training} training */
function leftText({ state, last }) {
  if (state !== "running" || last?.left_s == null) return nothing;
  return t("About {time} left.", { time: timeText(last.left_s) });
}

/** @param {number} seconds */
export function timeText(seconds) {
  if (seconds < 90) return t("{seconds} s", { seconds: Math.round(seconds) });
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return t("{minutes} min", { minutes });
  return t("{hours} h {minutes} min", { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}

/** @param {number | undefined} rate */
export function rateText(rate) {
  if (rate === undefined) return "–";
  return rate && rate < 1e-4 ? rate.toExponential(1) : numberText(Number(rate.toPrecision(3)), 7);
}

/** @param {Training} training */
function rateChanges({ rates }) {
  if (!rates.length) return nothing;
  return html`<ul class="note changes">${rates.map(
    (change) => html`<li>${t("After step {step} the learning rate was changed by hand to {rate}.", {
      step: countText(change.step),
      rate: rateText(change.learning_rate),
    })}</li>`,
  )}</ul>`;
}
