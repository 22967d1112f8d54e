// @ts-check
/** The language people are spoken to in: English in the source, Spanish by catalogue. */

/** @type {{language: string, words: Record<string, string>}} */
const spoken = { language: "en", words: {} };

/**
 * Sets the language of everything drawn from now on; `words` is by the English.
 *
 * @param {string} language
 * @param {Record<string, string>} words
 */
export function speak(language, words) {
  spoken.language = language;
  spoken.words = words;
}

/** The language in use: "en" or "es". */
export function language() {
  return spoken.language;
}

/**
 * The message in the language in use, its {fields} filled. The English must be written
 * out in double quotes where this is called: the catalogue is made from it.
 *
 * @param {string} english
 * @param {Record<string, unknown>} [values]
 */
export function t(english, values = {}) {
  const text = spoken.words[english] ?? english;
  return text.replace(/\{(\w+)\}/g, (whole, name) =>
    name in values ? String(values[name]) : whole,
  );
}

/**
 * A count with its thousands set apart: "61,706", in Spanish "61.706".
 *
 * @param {number} value
 */
export function countText(value) {
  const mark = spoken.language === "es" ? "." : ",";
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, mark);
}

/**
 * A number with at most so many decimals, ending zeros left out, with a true minus:
 * "−0.25", in Spanish "−0,25".
 *
 * @param {number} value
 * @param {number} [places]
 */
export function numberText(value, places = 3) {
  if (!Number.isFinite(value)) return String(value);
  const text = String(Number(value.toFixed(places)));
  const plain = /e/.test(text) ? value.toFixed(places) : text;
  const marked = spoken.language === "es" ? plain.replace(".", ",") : plain;
  return marked === "-0" ? "0" : marked.replace("-", "−");
}

/**
 * A number of any size, short: "0.25", or a power of ten where it is very large or small.
 *
 * @param {number} value
 * @param {number} [places]
 */
export function shortText(value, places = 4) {
  const size = Math.abs(value);
  const isUsual = !Number.isFinite(value) || size === 0 || (size >= 10 ** -places && size < 1e6);
  return isUsual ? numberText(value, places) : small(value);
}

/** A small or large number as a power of ten: "5.8·10⁻⁶". @param {number | null} value */
export function small(value) {
  if (value === null) return "–";
  if (value === 0) return "0";
  const [digits, power] = value.toExponential(1).split("e");
  const number = spoken.language === "es" ? digits.replace(".", ",") : digits;
  return `${number.replace("-", "−")}·10${raised(Number(power))}`;
}

/** A power, raised: "⁻⁶". @param {number} power */
export function raised(power) {
  return [...String(power)].map((sign) => SUPERSCRIPTS[sign]).join("");
}

/** @type {Record<string, string>} */
const SUPERSCRIPTS = {
  "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹",
};

/**
 * A share as a percentage: "98.6 %", in Spanish "98,6 %".
 *
 * @param {number} share
 * @param {number} [places]
 */
export function percentText(share, places = 1) {
  const text = (100 * share).toFixed(places);
  return `${spoken.language === "es" ? text.replace(".", ",") : text} %`;
}

const UNITS = ["B", "KiB", "MiB", "GiB"];

/** A size as people say it: "593.1 KiB". @param {number} bytes */
export function bytesText(bytes) {
  let unit = 0;
  let size = bytes;
  while (size >= 1024 && unit < UNITS.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${numberText(size, unit ? 1 : 0)} ${UNITS[unit]}`;
}
