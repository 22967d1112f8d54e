// @ts-check
/** The room in which a network learns, is watched, and steered. */

import { t } from "../../../views/language.js";
import { html, nothing, render } from "../../../views/vendor/lit-html.js";
import { Live } from "./train_live.js";
import { Pictures } from "./train_pictures.js";
import { settingsTable } from "./train_plan.js";
import { runList } from "./train_runs.js";
import { Setup } from "./train_setup.js";
import { LIVE, Story } from "./train_story.js";

/** @import { Lab } from "../lab.js" */
/** @import { Run } from "./train_runs.js" */
/** @import { Training } from "./train_story.js" */

/**
 * The room. With `run` in the address it shows that run.
 *
 * @param {Lab} lab
 * @returns {{element: HTMLElement, leave?: () => void}}
 */
export function enter(lab) {
  const room = new Room(lab);
  room.begin();
  return { element: room.element, leave: () => room.leave() };
}

class Room {
  /** @param {Lab} lab */
  constructor(lab) {
    this.lab = lab;
    this.element = document.createElement("div");
    this.element.className = "train stack";
    this.story = new Story(lab.api);
    this.live = new Live(lab, {
      command: (does, values) => this.command(does, values),
      resume: (run, times) => this.resume(run, times),
      another: () => this.another(),
      mend: (network) => this.mend(network),
    });
    this.pictures = new Pictures((images) => this.command("watch", { images }));
    this.setup = new Setup(lab, {
      redraw: () => this.redraw(),
      start: (order) => this.start(order),
      isBusy: () => this.isBusy,
    });
    /** @type {Run[] | null} */
    this.runs = null;
    /** @type {Training | null} the run of the address */
    this.chosen = null;
    this.wanted = 0;
    /** @type {string} the state that the list of runs was read in */
    this.listed = "";
  }

  get isBusy() {
    return LIVE.includes(this.story.training?.state ?? "");
  }

  async begin() {
    this.story.addEventListener("change", () => this.changed());
    this.story.addEventListener("end", () => this.ended());
    this.story.follow();
    if (!this.lab.params.run) return;
    const path = `/api/training/runs/${encodeURIComponent(this.lab.params.run)}`;
    try {
      this.chosen = await this.lab.api.get(path);
    } catch (error) {
      this.lab.say(/** @type {Error} */ (error).message, "wrong");
    }
    this.redraw();
  }

  leave() {
    this.story.close();
    this.setup.close();
    cancelAnimationFrame(this.wanted);
  }

  changed() {
    const training = this.story.training;
    const now = `${training?.state} ${training?.run}`;
    if (now !== this.listed) {
      const isFirst = this.listed === "";
      this.listed = now;
      this.readRuns();
      if (isFirst && !this.isBusy) this.setup.ask();
    }
    this.redraw();
  }

  /** The run that was just trained is the one in use from now on. */
  ended() {
    const run = this.story.training?.run;
    if (run) this.lab.store.change({ run });
    if (!this.setup.plan) this.setup.ask();
  }

  async readRuns() {
    this.setup.readChoices();
    this.runs = (await this.lab.api.get("/api/training/runs")).runs;
    this.redraw();
  }

  /** @param {object} order */
  async start(order) {
    await this.lab.api.post("/api/training/start", order);
    if (this.lab.params.run) this.lab.go("train");
    scrollTo(0, 0);
  }

  /** @param {string} run @param {number} [times] */
  async resume(run, times) {
    const path = `/api/training/runs/${encodeURIComponent(run)}/resume`;
    await this.lab.api.post(path, times === undefined ? {} : { times });
    if (this.lab.params.run) this.lab.go("train");
    scrollTo(0, 0);
  }

  /** @param {string} does @param {object} [values] */
  async command(does, values) {
    await this.lab.api.post(`/api/training/${does}`, values);
    if (does === "rate") this.lab.say(t("From the next step on; it is noted in the run."));
  }

  /** @param {Training} training */
  shown(training) {
    return html`<div class="stack">
      ${this.live.draw(training)}
      <div class="below">${this.pictures.draw(training)} ${this.live.confusion(training)}</div>
      ${about(training, this.lab)}
    </div>`;
  }

  /** To what is asked before a training. */
  another() {
    const start = /** @type {HTMLElement | null} */ (this.element.querySelector("button[name=start]"));
    start?.scrollIntoView({ block: "center" });
    start?.focus({ preventScroll: true });
  }

  /** @param {string} network */
  mend(network) {
    this.setup.mend(network);
    this.another();
  }

  redraw() {
    cancelAnimationFrame(this.wanted);
    this.wanted = requestAnimationFrame(() => this.draw());
  }

  draw() {
    const training = this.chosen ?? this.story.training;
    if (!training) return;
    const isShown = training.state !== "none";
    const isLive = this.isBusy && !this.chosen;
    render(
      html`
        ${this.chosen ? back() : nothing}
        ${isShown ? this.shown(training) : nothing}
        ${isLive || this.chosen ? nothing : this.setup.draw()}
        ${runList(this.runs, this.lab, { isBusy: this.isBusy, resume: (run) => this.resume(run) })}
      `,
      this.element,
    );
  }
}

function back() {
  return html`<p><a class="button" href="#/train">${t("Back to the training")}</a></p>`;
}

/** What the run is made of, and what was told of it. @param {Training} training @param {Lab} lab */
function about({ setup, notes, asked, state }, lab) {
  if (!setup) return nothing;
  const isEdited = Boolean(asked?.network) && asked?.network !== lab.store.state.network;
  const edited = t(
    "The network was changed in the Architect since. This run keeps the one that it began with; the next run takes the new one.",
  );
  return html`<section class="panel">
    ${isEdited && LIVE.includes(state) ? html`<p class="advice">${edited}</p>` : nothing}
    <details>
      <summary>${t("What this run is made of")}</summary>
      ${settingsTable(setup.settings)}
      ${notes?.length ? html`<ul class="note">${notes.map((note) => html`<li>${note}</li>`)}</ul>` : nothing}
    </details>
  </section>`;
}
