// @ts-check
/** A matrix as text, read as `mirada convolve` reads one; and numbers as cells show them. */

import { t } from "./language.js";

/** @typedef {number[][]} Matrix */

const BLANK_LINE = /\n[ \t]*\n\s*/g;
const BETWEEN = /[\s,]+/;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$/;
const FRACTION = /^([+-]?\d{1,9})\/(\d{1,9})$/;
const DECIMAL_COMMA = /^[+-]?\d+(,\d+)?$/;
const LARGEST = 1e100;

/**
 * The channels that a text says: rows end at a line or a semicolon, numbers stand apart
 * by spaces or commas, channels by an empty line or a "|". Rows of digits alone, such as
 * 11100, are read digit by digit. Throws an Error whose message says what is wrong.
 *
 * @param {string} text
 * @returns {Matrix[]}
 */
export function readMatrix(text) {
  const unified = text.replaceAll("\r\n", "\n").replaceAll("\r", "\n").trim();
  const channels = unified.replace(BLANK_LINE, "|").split("|").map(rowsOf).filter((rows) => rows.length);
  if (!channels.length)
    throw new Error(t("A matrix needs at least one number, as in '1 0 1; 0 1 0'; none came."));
  const values = channels.map(matrix);
  const shapes = values.map((rows) => `${rows.length}x${rows[0].length}`);
  if (new Set(shapes).size > 1)
    throw new Error(
      t("All channels must have the same height and width; these are {shapes}.", { shapes: shapes.join(", ") }),
    );
  return values;
}

/**
 * The number that a word says, or NaN; a decimal comma is as good as a point.
 *
 * @param {string} word
 */
export function readNumber(word) {
  const trimmed = word.trim().replace(",", ".").replace("−", "-");
  const fraction = FRACTION.exec(trimmed);
  const value = fraction
    ? Number(fraction[1]) / Number(fraction[2])
    : NUMBER.test(trimmed) ? Number(trimmed) : NaN;
  return Math.abs(value) <= LARGEST ? value : NaN;
}

/** What is said of a word that is none. @param {string} word */
export function noNumber(word) {
  return t("'{word}' is no number. One is, such as 3, -0.5 or 1/9.", { word: word.slice(0, 40) });
}

/** Rows as `readMatrix` reads them. @param {Matrix[]} channels */
export function writeMatrix(channels) {
  return channels.map((rows) => rows.map((row) => row.join(" ")).join("\n")).join("\n\n");
}

/**
 * A number as a cell has room for: whole numbers whole, others with three digits.
 *
 * @param {number} value
 */
export function cellText(value) {
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value).replace("-", "−");
  return shortText(value, 3);
}

/**
 * A number with so many digits, whole numbers whole, with a true minus.
 *
 * @param {number} value
 * @param {number} [digits]
 */
export function shortText(value, digits = 6) {
  if (Number.isInteger(value) && Math.abs(value) < 1e15)
    return (value === 0 ? "0" : String(value)).replace("-", "−");
  return String(Number(value.toPrecision(digits))).replace("-", "−");
}

/** @param {string} piece @returns {string[][]} */
function rowsOf(piece) {
  const lines = piece.split("\n").filter((line) => line.trim());
  const cells = cellsOf(lines);
  if (cells.length) return cells;
  const parts = lines.flatMap((line) => line.split(";"));
  const flat = parts.map((part) => part.trim().replace(/^[ \t,]+|[ \t,]+$/g, ""));
  const rows = flat.map((part) => part.split(BETWEEN).filter(Boolean)).filter((row) => row.length);
  return areDigits(rows) ? rows.map((row) => [...row[0]]) : rows;
}

/** What the cells of a spreadsheet say; none where the lines are no such table. @param {string[]} lines */
function cellsOf(lines) {
  for (const mark of [";", "\t"]) {
    const cells = lines.map((line) => line.split(mark).map((part) => part.trim()));
    const isTable = cells.every((line) => line.length > 1);
    if (mark === ";" && lines.length < 2) continue; // rows of a matrix on one line
    if (isTable && cells.flat().every(isOneNumber))
      return cells.map((line) => line.filter(Boolean).map((part) => part.replaceAll(",", ".")));
  }
  return [];
}

/** @param {string} part */
function isOneNumber(part) {
  return part.split(BETWEEN).length === 1 || DECIMAL_COMMA.test(part);
}

/** @param {string[][]} rows */
function areDigits(rows) {
  const words = rows.flat();
  if (words.length !== rows.length || !rows.length) return false;
  if (!words.every((word) => /^\d+$/.test(word))) return false;
  const alike = new Set(words.map((word) => word.length)).size === 1 && words[0].length > 1;
  return alike || words.some((word) => word.startsWith("0") && word.length > 1);
}

/** @param {string[][]} rows @returns {Matrix} */
function matrix(rows) {
  const wanted = rows[0].length;
  rows.forEach((row, place) => {
    if (row.length !== wanted)
      throw new Error(
        t("Every row must have as many numbers as the first, which has {wanted}; row {row} has {count}{where}.", {
          wanted, row: place + 1, count: row.length, where: "",
        }),
      );
  });
  return rows.map((row, place) => row.map((word) => number(word, place + 1)));
}

/** @param {string} word @param {number} row */
function number(word, row) {
  const fraction = FRACTION.exec(word);
  if (fraction && Number(fraction[2])) return Number(fraction[1]) / Number(fraction[2]);
  const value = NUMBER.test(word) ? Number(word) : NaN;
  const told = { row, where: "", word: `'${word.slice(0, 40)}'`, most: "1e100" };
  if (Math.abs(value) > LARGEST)
    throw new Error(
      t("Row {row} has {word}{where}, where a number of up to {most} was expected. Make all numbers smaller by one factor.", told),
    );
  if (!Number.isFinite(value))
    throw new Error(
      t("Row {row} has {word}{where}, where a number was expected, as in 3, -0.5 or 1/9.", told),
    );
  return value;
}
