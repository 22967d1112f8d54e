// @ts-check
/** Exercises: questions one by one, and tables of a whole network, corrected. */

import { t } from "../../../views/language.js";
import { html, render } from "../../../views/vendor/lit-html.js";
import { keep, kept } from "../kept.js";
import { Quiz } from "./exercises_quiz.js";
import { Tables } from "./exercises_table.js";

/** @import { Lab } from "../lab.js" */

const KEPT = "room.exercises";

/**
 * The room.
 *
 * @param {Lab} lab
 * @returns {{element: HTMLElement, leave?: () => void}}
 */
export function enter(lab) {
  const room = new Room(lab);
  room.open();
  return { element: room.element, leave: () => room.leave() };
}

class Room {
  /** @param {Lab} lab */
  constructor(lab) {
    this.element = document.createElement("div");
    this.element.className = "exercises";
    const { tab, seed, network } = lab.params;
    const asked = tab ?? (seed ? "quiz" : network ? "table" : kept(KEPT, "quiz"));
    this.tab = asked === "table" ? "table" : "quiz";
    /** @type {Record<string, Quiz | Tables>} */
    this.tabs = { quiz: new Quiz(lab), table: new Tables(lab) };
  }

  open() {
    keep(KEPT, this.tab);
    this.tabs[this.tab].open();
    this.draw();
  }

  leave() {
    for (const one of Object.values(this.tabs)) one.leave();
  }

  /** @param {string} name */
  choose(name) {
    this.tab = name;
    this.open();
  }

  draw() {
    const names = { quiz: t("Questions"), table: t("A network's table") };
    render(
      html`
        <div class="segmented" role="group" aria-label=${t("Kinds of exercises")}>
          ${Object.entries(names).map(
            ([name, word]) => html`<button name="tab-${name}"
              aria-pressed=${this.tab === name ? "true" : "false"}
                @click=${() => this.choose(name)}>${word}</button>`,
          )}
        </div>
        ${this.tabs[this.tab].element}`,
      this.element,
    );
  }
}
