// @ts-check
/** Questions one by one: set from a seed, corrected by the server, reviewed at the end. */

import { cellsText } from "../../../views/answer_cells.js";
import { exercise } from "../../../views/exercise.js";
import { countText, t } from "../../../views/language.js";
import { html, nothing, render } from "../../../views/vendor/lit-html.js";
import { refusalText } from "../api.js";
import { download } from "../download.js";
import { addressOf, isSame, keepAnswers, readKept, scores, untouched, wantedBy } from "./exercises_set.js";

/** @import { Lab } from "../lab.js" */
/** @import { Question } from "../../../views/exercise.js" */
/** @import { Given, Wanted } from "./exercises_set.js" */

export class Quiz {
  /** @param {Lab} lab */
  constructor(lab) {
    this.lab = lab;
    this.element = document.createElement("div");
    this.ending = new AbortController();
    /** @type {{topics: {name: string, title: string}[], levels: number[]} | null} */
    this.known = null;
    /** @type {Wanted} */
    this.wanted = wantedBy(lab.params);
    /** @type {Question[]} */
    this.questions = [];
    /** @type {Given[]} */
    this.given = [];
    this.at = 0;
    this.refusal = "";
    this.isBusy = false;
    this.view = this.makeView();
  }

  makeView() {
    const view =
      exercise(
        /** @type {any} */ ({ question: { title: "", question: "", layers: [], matrices: [], form: "",
          cells: null, hint: { text: "", formula: [], drawing: null } }, place: "", text: "", cells: null,
            told: "", isHintOpen: false, correction: null }));
    view.addEventListener("type", (event) => this.type(/** @type {CustomEvent} */ (event).detail));
    view.addEventListener("answer", () => this.answer());
    view.addEventListener("skip", () => this.judge(""));
    view.addEventListener("hint", () => this.hint());
    view.addEventListener("next", () => this.next());
    return view;
  }

  async open() {
    this.draw();
    if (this.questions.length) return this.remember();
    try {
      this.known = await this.lab.api.get("/api/exercises/topics", this.ending.signal);
      const kept = readKept();
      const isAsked = ["seed", "level", "count", "topics"].some((name) => name in this.lab.params);
      const seed = this.wanted.seed < 0 && kept ? kept.wanted.seed : this.wanted.seed;
      if (kept && (!isAsked || isSame(kept.wanted, { ...this.wanted, seed }))) {
        await this.set(kept.wanted, kept.given, kept.at);
      } else await this.set(this.wanted);
    } catch (error) {
      this.refuse(error);
    }
  }

  leave() {
    this.ending.abort();
  }

  /**
   * Asks for the questions; those answered before keep their answers.
   *
   * @param {Wanted} wanted
   * @param {Given[]} [given]
   * @param {number} [at]
   */
  async set(wanted, given = [], at = 0) {
    this.refusal = "";
    const value = { ...wanted, topics: wanted.topics.join(",") };
    try {
      const { seed, questions } = await this.lab.api.post("/api/exercises/set", value, this.ending.signal);
      this.wanted = { ...wanted, seed };
      this.questions = questions;
      this.given = this.questions.map((question, place) => given[place] ?? untouched(question));
      this.at = Math.min(at, questions.length);
      this.remember();
    } catch (error) {
      this.refuse(error);
    }
    this.draw();
  }

  remember() {
    if (!this.questions.length) return;
    keepAnswers({ wanted: this.wanted, at: this.at, given: this.given });
    history.replaceState(null, "", addressOf(this.wanted));
  }

  /** @param {Partial<Wanted>} changes */
  anew(changes) {
    this.set({ ...this.wanted, seed: -1, ...changes });
  }

  /** @param {string | string[][]} typed */
  type(typed) {
    const given = this.given[this.at];
    if (typeof typed === "string") given.text = typed;
    else given.cells = typed;
    given.told = "";
    this.remember();
    this.draw();
  }

  hint() {
    const given = this.given[this.at];
    given.isHintOpen = !given.isHintOpen;
    given.wasHinted = true;
    this.remember();
    this.draw();
  }

  answer() {
    const given = this.given[this.at];
    const { cells } = given;
    const text = cells ? cellsText(cells) : given.text.trim();
    const isOpen = cells ? cells.flat().some((cell) => !cell.trim()) : !text;
    if (!isOpen) return this.judge(text);
    given.told = cells ? t("Fill in every cell, or pass the question over.")
      : t("Write an answer, or pass the question over.");
    this.draw();
  }

  /** @param {string} text empty to give up */
  async judge(text) {
    if (this.isBusy) return;
    this.isBusy = true;
    const place = this.at;
    const given = this.given[place];
    const value = { ...this.wanted, topics: this.wanted.topics.join(","), place, given: text };
    try {
      const found = await this.lab.api.post("/api/exercises/judge", value, this.ending.signal);
      if (found.understood) Object.assign(given, { correction: found, told: "" });
      else given.told = found.told;
      this.refusal = "";
      this.remember();
    } catch (error) {
      this.refuse(error);
    }
    this.isBusy = false;
    this.draw();
    if (given.correction) this.focus("[name=next]");
  }

  next() {
    const open = this.given.findIndex((given, place) => place > this.at && !given.correction);
    const earlier = this.given.findIndex((given) => !given.correction);
    this.goTo(open >= 0 ? open : earlier >= 0 ? earlier : this.questions.length);
  }

  /** @param {number} place */
  goTo(place) {
    this.at = place;
    this.remember();
    this.draw();
    this.focus(place < this.questions.length ? ".answer input" : ".review h2");
  }

  /** @param {string} selector */
  focus(selector) {
    /** @type {HTMLElement | null} */
    const found = this.element.querySelector(selector);
    found?.focus();
  }

  /** The wrong ones once more. */
  repeat() {
    const wrong =
      this.given.map((given, place) => (given.correction?.right ? -1 : place)).filter((place) => place >= 0);
    for (const place of wrong) this.given[place] = untouched(this.questions[place]);
    this.goTo(wrong[0] ?? 0);
  }

  /** @param {boolean} solved */
  async print(solved) {
    const value = { ...this.wanted, topics: this.wanted.topics.join(","), solved };
    try {
      const blob = await this.lab.api.blob("/api/exercises/sheet", value);
      download(blob, `${solved ? t("solutions") : t("exercises")}-${this.wanted.seed}.html`);
    } catch (error) {
      this.refuse(error);
    }
  }

  /** @param {unknown} error */
  refuse(error) {
    if (this.ending.signal.aborted) return;
    this.refusal = refusalText(error);
    this.draw();
  }

  draw() {
    this.element.setAttribute("aria-busy", String(!this.refusal && !this.questions.length));
    const question = this.questions[this.at];
    if (question) {
      const place = t("{place} of {count}", { place: this.at + 1, count: this.questions.length });
      this.view.update({ question, place, ...this.given[this.at] });
    }
    render(
      html`
        ${this.refusal ? html`<p class="refusal" role="alert">${this.refusal}</p>` : nothing}
        <div class="columns">
          <div class="stack">
            ${question ? html`<section class="panel" aria-label=${t("Question")}>${this.view}</section>`
              : nothing}
            ${this.questions.length && !question ? this.review() : nothing}
            ${this.questions.length ? this.places() : nothing}
          </div>
          ${this.settings()}
        </div>`,
      this.element,
    );
  }

  /** Every question as a number with its outcome. */
  places() {
    return html`<nav class="places row" aria-label=${t("All questions")}>
      ${this.given.map(({ correction }, place) => {
        const state = correction ? (correction.right ? t("right") : t("not right")) : t("open");
        return html`<button class=${correction ? (correction.right ? "good" : "bad") : ""}
          aria-current=${place === this.at ? "step" : nothing}
          aria-label=${t("Question {number}: {state}", { number: place + 1, state })} @click=${() => this.goTo(place)}>${place + 1}${correction ? (correction.right ? " ✓" : " ✗") : ""}</button>`;
      })}
      <button class="quiet" name="review" aria-current=${this.at === this.questions.length ? "step" : nothing}
        @click=${() => this.goTo(this.questions.length)}>${t("Review")}</button>
    </nav>`;
  }

  review() {
    const rows = scores(this.questions, this.given);
    const right = rows.reduce((sum, one) => sum + one.right, 0);
    const asked = rows.reduce((sum, one) => sum + one.asked, 0);
    const weak = rows.filter((one) => one.right < one.asked);
    return html`<section class="panel review">
      <h2 tabindex="-1">${t("Score: {right} of {asked}",
        { right: countText(right), asked: countText(asked) })}</h2>
      ${asked < this.questions.length
        ? html`<p>${t("{count} questions are still open.", { count: this.questions.length - asked })}</p>`
          : nothing}
      ${rows.length ? html`<div class="wide"><table>
        <thead><tr><th scope="col">${t("Topic")}</th><th scope="col" class="number">${t("Right")}</th><th
          scope="col" class="number">${t("Asked")}</th></tr></thead>
        <tbody>${rows.map(
          (one) => html`<tr><th scope="row">${one.title}</th><td class="number">${one.right}</td><td
            class="number">${one.asked}</td></tr>`)}</tbody>
      </table></div>` : nothing}
      <div class="row actions">
        ${weak.length
          ? html`<button class="main" name="repeat"
            @click=${() => this.repeat()}>${t("The wrong ones once more")}</button>
              <button name="practise" @click=${() => this.anew({ topics: weak.map((one) => one.topic) })}>${t("Others on the same topics")}</button>`
          : asked === this.questions.length && this.wanted.level < 3
            ? html`<button class="main" name="harder" @click=${() => this.anew({ level: this.wanted.level + 1 })}>${t("All right: the next level")}</button>`
            : nothing}
        <button name="fresh" @click=${() => this.anew({})}>${t("New questions")}</button>
      </div>
    </section>`;
  }

  settings() {
    const { level, topics, count, seed } = this.wanted;
    const levels = [t("As in the lecture"), t("With padding, stride, channels"), t("With traps")];
    return html`<aside class="panel stack" aria-label=${t("Which questions")}>
      <fieldset><legend>${t("Level")}</legend>
        ${(this.known?.levels ?? [1, 2, 3]).map(
          (one) => html`<label class="option"><input type="radio" name="level" value=${one}
            .checked=${one === level}
          @change=${() => this.anew({ level: one })}> ${one}: ${levels[one - 1]}</label>`)}
      </fieldset>
      <fieldset><legend>${t("Topics")}</legend>
        ${(this.known?.topics ?? []).map(
          ({ name, title }) => html`<label class="option"><input type="checkbox" name="topic" value=${name}
          .checked=${!topics.length || topics.includes(name)}
            @change=${() => this.toggle(name)}> ${title}</label>`)}
      </fieldset>
      <label class="field"><span>${t("How many questions")}</span>
        <select name="count"
          @change=${(/** @type {Event} */ event) =>
            this.anew({ count: Number(/** @type {HTMLSelectElement} */ (event.target).value) })}>
          ${[...new Set([5, 10, 20, 40, count])].sort((a, b) => a - b).map(
            (one) => html`<option value=${one} ?selected=${one === count}>${one}</option>`)}
        </select></label>
      <button name="new" @click=${() => this.anew({})}>${t("New questions")}</button>
      <div>
        <p class="note">${t("Number {seed}: the same address gives the same questions, in the lab of anybody and in both languages.", { seed: seed < 0 ? "…" : seed })}</p>
        <form class="row seed" @submit=${(/** @type {SubmitEvent} */ event) => this.chooseSeed(event)}>
          <label class="field"><span>${t("Questions of number")}</span><input name="seed" type="text"
            inputmode="numeric" pattern="[0-9]{1,10}" autocomplete="off" required
              .value=${seed < 0 ? "" : String(seed)}></label>
          <button>${t("Set")}</button>
        </form>
      </div>
      <div class="row">
        <button name="sheet" @click=${() => this.print(false)}>${t("Sheet to print")}</button>
        <button name="solutions" @click=${() => this.print(true)}>${t("With solutions")}</button>
      </div>
    </aside>`;
  }

  /** @param {SubmitEvent} event */
  chooseSeed(event) {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const seed = Number(new FormData(form).get("seed"));
    if (seed < 2 ** 32) return this.set({ ...this.wanted, seed });
    this.refusal = t("The number goes up to {most}.", { most: countText(2 ** 32 - 1) });
    this.draw();
  }

  /** @param {string} name */
  toggle(name) {
    const all = (this.known?.topics ?? []).map((one) => one.name);
    const before = this.wanted.topics.length ? this.wanted.topics : all;
    const after = before.includes(name) ? before.filter((one) => one !== name)
      : all.filter((one) => one === name || before.includes(one));
    this.anew({ topics: after.length === all.length ? [] : after.length ? after : [name] });
  }
}
