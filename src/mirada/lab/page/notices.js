// @ts-check
/** Short things that the page says at its foot, and questions that it asks there. */

import { t } from "../../views/language.js";
import { html, nothing, render } from "../../views/vendor/lit-html.js";

const SHOWN_MS = 6000;

/** @typedef {{text: string, kind: string, answers: [string, () => unknown][]}} Notice */

export class Notices {
  constructor() {
    this.element = document.createElement("div");
    this.element.className = "notices";
    this.element.setAttribute("role", "status");
    /** @type {Notice[]} */
    this.all = [];
  }

  /** Says something for a while; what is wrong stays. @param {string} text @param {string} [kind] */
  say(text, kind = "plain") {
    this.all = this.all.filter((notice) => notice.text !== text);
    /** @type {Notice} */
    const notice = { text, kind, answers: [] };
    this.add(notice);
    if (kind !== "wrong") setTimeout(() => this.drop(notice), SHOWN_MS);
  }

  /**
   * Asks something; each answer is a word and what it does.
   *
   * @param {string} text
   * @param {[string, () => unknown][]} answers
   */
  ask(text, answers) {
    this.all = this.all.filter((notice) => notice.text !== text);
    this.add({ text, kind: "question", answers });
  }

  /** @param {Notice} notice */
  add(notice) {
    this.all = [...this.all.slice(-2), notice];
    this.draw();
  }

  /** @param {Notice} notice */
  drop(notice) {
    this.all = this.all.filter((each) => each !== notice);
    this.draw();
  }

  draw() {
    render(
      this.all.map(
        (notice) => html`
          <div class="notice ${notice.kind}">
            <p>${notice.text}</p>
            ${notice.answers.map(
              ([word, does]) => html`<button @click=${() => { this.drop(notice); does(); }}>${word}</button>`,
            )}
            ${notice.answers.length
              ? nothing
              : html`<button class="quiet" @click=${() => this.drop(notice)}
                aria-label=${t("Close")}>×</button>`}
          </div>`,
      ),
      this.element,
    );
  }
}
