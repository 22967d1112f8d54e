// @ts-check
/** Whether a file may be an image, told from its size and first bytes before it is sent. */

import { numberText, t } from "./language.js";

/** Larger files are not sent: as large as what the server reads. */
export const MOST_BYTES = 64 * 2 ** 20;

/** First bytes, as letters, of what people take for an image, and what it is. */
const OTHERS = /** @type {[string, () => string][]} */ ([
  ["%PDF", () => t("a PDF document. Save the page as a PNG or JPEG image.")],
  ["PK\x03\x04", () => t("a zip archive or an office document. Give the images in it, or name the archive as a folder of data.")],
  ["Rar!", () => t("a RAR archive. Give the images in it.")],
  ["\x1f\x8b", () => t("a compressed archive. Give the images in it.")],
  ["<svg", () => t("a drawing of lines (SVG). Save it as a PNG image.")],
  ["<?xml", () => t("a text in XML. Save it as a PNG image, if it is a drawing.")],
  ["<!DOCTYPE", () => t("a web page. Save the image itself.")],
  ["\x1aE\xdf\xa3", () => t("a film. Take images from it.")],
]);

/**
 * Why a file is not taken, as a sentence, or "" where it may be an image.
 *
 * @param {File} file
 * @param {number} [mostBytes]
 * @returns {Promise<string>}
 */
export async function refusedFile(file, mostBytes = MOST_BYTES) {
  const { name, size } = file;
  if (!size) return t("'{name}' is empty, or a folder. Give the images in it.", { name });
  if (size > mostBytes) {
    const values = { name, size: megabytes(size), most: megabytes(mostBytes) };
    return t("'{name}' has {size} MB; an image may have {most} MB. Save it smaller.", values);
  }
  let head = "";
  try {
    head = String.fromCharCode(...new Uint8Array(await file.slice(0, 16).arrayBuffer()));
  } catch {
    return t("'{name}' cannot be read: it was moved or deleted. Choose it again.", { name });
  }
  if (head.slice(4, 8) === "ftyp" && /^(isom|mp4|M4V|qt)/.test(head.slice(8)))
    return t("'{name}' is {kind}", { name, kind: t("a film. Take images from it.") });
  const other = OTHERS.find(([start]) => head.startsWith(start));
  return other ? t("'{name}' is {kind}", { name, kind: other[1]() }) : "";
}

/** @param {number} bytes */
function megabytes(bytes) {
  return numberText(bytes / 2 ** 20, 1);
}
