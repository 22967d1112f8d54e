// @ts-check
/** Which questions are set, what was answered, and where both are kept. */

import { keep, kept } from "../kept.js";

/** @import { Correction, Question } from "../../../views/exercise.js" */

const KEPT = "room.exercises.quiz";

/** @typedef {{seed: number, level: number, count: number, topics: string[]}} Wanted */
/**
 * @typedef {{text: string, cells: string[][] | null, told: string, isHintOpen: boolean, wasHinted: boolean,
 *   correction: Correction | null}} Given
 */
/** @typedef {{wanted: Wanted, at: number, given: Given[]}} Kept */

/**
 * What the address asks for, whatever is missing or wrong left at its usual value.
 *
 * @param {Record<string, string>} params
 * @returns {Wanted}
 */
export function wantedBy(params) {
  return {
    seed: whole(params.seed, 0, 2 ** 32 - 1, -1),
    level: whole(params.level, 1, 3, 1),
    count: whole(params.count, 1, 50, 10),
    topics: (params.topics ?? "").split(",").filter(Boolean),
  };
}

/** @param {Wanted} wanted */
export function addressOf({ seed, level, count, topics }) {
  const query = new URLSearchParams({ seed: String(seed), level: String(level), count: String(count) });
  if (topics.length) query.set("topics", topics.join(","));
  return `#/exercises?${query}`;
}

/** @param {Wanted} one @param {Wanted} other */
export function isSame(one, other) {
  return addressOf(one) === addressOf(other);
}

/** What was answered in this tab of the browser. @returns {Kept | null} */
export function readKept() {
  /** @type {Partial<Kept>} */
  const { wanted, at = 0, given } = kept(KEPT, {});
  return Array.isArray(given) && typeof wanted?.seed === "number" ? { wanted, at, given } : null;
}

/** @param {Kept} answered */
export function keepAnswers(answered) {
  keep(KEPT, answered);
}

/** Nothing answered yet. @param {Question} question @returns {Given} */
export function untouched({ cells }) {
  const empty = cells && Array.from({ length: cells[0] }, () => Array(cells[1]).fill(""));
  return { text: "", cells: empty, told: "", isHintOpen: false, wasHinted: false, correction: null };
}

/**
 * How many of each topic were right, in the order of the questions.
 *
 * @param {Question[]} questions
 * @param {Given[]} given
 */
export function scores(questions, given) {
  /** @type {Map<string, {topic: string, title: string, right: number, asked: number}>} */
  const found = new Map();
  questions.forEach((question, place) => {
    const { correction } = given[place];
    if (!correction) return;
    const { topic, title } = /** @type {Question & {topic: string}} */ (question);
    const score = found.get(topic) ?? { topic, title, right: 0, asked: 0 };
    score.asked += 1;
    score.right += correction.right ? 1 : 0;
    found.set(topic, score);
  });
  return [...found.values()];
}

/** @param {string | undefined} text @param {number} low @param {number} high @param {number} usual */
function whole(text, low, high, usual) {
  const value = /^\d{1,10}$/.test(text ?? "") ? Number(text) : usual;
  return value >= low && value <= high ? value : usual;
}
