// @ts-check
/** The training of the lab as this page knows it: the state, then what happens. */

/** @import { Api, Remedy } from "../api.js" */
/** @import { EpochRow } from "../../../views/curves.js" */

/**
 * Numbers from -127 to 127 in base64, of the `shape` that is shown of a layer, which has so
 * many `maps`, or `filters` and `channels`, in all.
 *
 * @typedef {{layer: string, shape: number[], values: string, maps?: number, filters?: number,
 *   channels?: number}} Packed
 */
/** @typedef {{sample: number, class: number, probability: number, layers: Packed[]}} Watched */

/**
 * @typedef {object} Setup
 * @property {string} network
 * @property {string} data
 * @property {string[]} classes
 * @property {number} epochs
 * @property {number} steps_per_epoch
 * @property {number} steps
 * @property {number} learning_rate
 * @property {{name: string, value: string, origin: string}[]} settings
 */

/**
 * @typedef {object} Training
 * @property {string} state none; starting, running, paused, stopping; ended, stopped, failed,
 *   killed, elsewhere
 * @property {string} run
 * @property {string} [doing]
 * @property {EpochRow[]} rows
 * @property {[number, number][]} points
 * @property {{step: number, factor: number, learning_rate: number}[]} rates
 * @property {string[]} [notes]
 * @property {any} last
 * @property {any} [confusion]
 * @property {any} test
 * @property {{code: string, message: string, exit_code: number, remedy?: Remedy | null} | null} [error]
 * @property {boolean} [diverged]
 * @property {string | null} ended_text
 * @property {number[]} [watched]
 * @property {boolean} can_resume
 * @property {boolean} [has_report]
 * @property {{classes: string[], images: {sample: number, class: number, png: string}[]} | null} [images]
 * @property {{step: number, filters: Packed[], images: Watched[]} | null} [pictures]
 * @property {Setup | null} setup
 * @property {{network?: string} | null} [asked]
 */

export const LIVE = ["starting", "running", "paused", "stopping"];

const AGAIN_MS = 1500;
const MOST_POINTS = 1200;

/** Events: "change" when something happened, "end" when a training came to its end here. */
export class Story extends EventTarget {
  /** @param {Api} api */
  constructor(api) {
    super();
    this.api = api;
    /** @type {Training | null} */
    this.training = null;
    this.stop = new AbortController();
    this.hides = () => (document.hidden ? this.pause() : this.follow());
    document.addEventListener("visibilitychange", this.hides);
  }

  /** Follows until `close`, also when the lab was away for a while. */
  async follow() {
    this.pause();
    const own = (this.stop = new AbortController());
    while (!own.signal.aborted) {
      try {
        const heard = (/** @type {string} */ kind, /** @type {any} */ values) => this.hear(kind, values);
        await this.api.events("/api/training/follow", heard, undefined, own.signal);
      } catch (error) {
        // The page itself says that the lab is away, or was started anew.
        if (/** @type {{status?: number}} */ (error).status === 401) return;
      }
      await new Promise((done) => setTimeout(done, AGAIN_MS));
    }
  }

  /** Listens no longer; a page that nobody sees leaves the line to others. */
  pause() {
    this.stop.abort();
  }

  close() {
    this.pause();
    document.removeEventListener("visibilitychange", this.hides);
  }

  /** @param {string} kind @param {any} values */
  hear(kind, values) {
    if (kind === "state") this.training = values;
    else if (this.training) HEARD[kind]?.(this.training, values);
    this.dispatchEvent(new Event("change"));
    if (kind === "ended") this.dispatchEvent(new Event("end"));
  }
}

/** The means of each two neighbours. @param {[number, number][]} points @returns {[number, number][]} */
function halved(points) {
  return points
    .filter((_, place) => place % 2 === 1)
    .map(([step, loss], place) => [step, (points[2 * place][1] + loss) / 2]);
}

/**
 * What each event changes, as `training_story.py` has it.
 *
 * @type {Record<string, (training: Training, values: any) => void>}
 */
const HEARD = {
  steps: (training, values) => {
    training.points.push([values.step, values.loss]);
    if (training.points.length > MOST_POINTS) training.points = halved(training.points);
    training.last = values;
  },
  epoch: (training, values) => training.rows.push(values.row),
  confusion: (training, values) => (training.confusion = values),
  rate: (training, values) => training.rates.push(values),
  doing: (training, values) => (training.doing = values.what),
  said: (training, values) => training.notes?.push(values.text),
  paused: (training) => (training.state = "paused"),
  resumed: (training) => (training.state = "running"),
  images: (training, values) => {
    training.images = values;
    training.watched = values.watched;
  },
  watched: (training, values) => (training.watched = values.images),
  pictures: (training, values) => (training.pictures = values),
  diverged: (training) => (training.diverged = true),
  stopped: (training) => (training.state = "stopped"),
  refused: (training, values) => {
    training.state = "failed";
    training.error = values;
  },
  ended: (training, values) => {
    training.state = "ended";
    training.test = values.test;
    training.ended_text = values.text;
    training.can_resume = false;
  },
};
