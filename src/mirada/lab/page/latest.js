// @ts-check
/** One question at a time, and the last one counts. */

/**
 * Asks for the answer to the last question only, one at a time: those that were
 * overtaken while another was out are never sent.
 *
 * @template Question, Answer
 */
export class Latest {
  /**
   * @param {(question: Question) => Promise<Answer>} ask
   * @param {(answer: Answer | null, error: Error | null) => void} answered
   */
  constructor(ask, answered) {
    this.ask = ask;
    this.answered = answered;
    /** @type {{question: Question} | null} */
    this.next = null;
    this.isOut = false;
  }

  /** @param {Question} question */
  put(question) {
    this.next = { question };
    if (!this.isOut) this.send();
  }

  async send() {
    while (this.next) {
      const { question } = this.next;
      this.next = null;
      this.isOut = true;
      let answer = null;
      let error = null;
      try {
        answer = await this.ask(question);
      } catch (refusal) {
        error = /** @type {Error} */ (refusal);
      }
      this.isOut = false;
      if (!this.next) this.answered(answer, error);
    }
  }
}
