// @ts-check
/** Files that the page gives away: their sizes in words, and saving them. */

import { numberText } from "../../../views/language.js";

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

/** Lets the browser save bytes under a name. @param {Blob} blob @param {string} name */
export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
