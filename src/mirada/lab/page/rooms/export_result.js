// @ts-check
/** What an export came to: whether it computes the same, and its files. */

import { bytesText, countText, percentText, t } from "../../../views/language.js";
import { html, nothing } from "../../../views/vendor/lit-html.js";
import { fileWords } from "./export_words.js";

/** @import { Comparison } from "../../../views/parity.js" */

/** @typedef {{name: string, bytes: number}} NamedFile */
/** @typedef {{images: number, accuracy: number, float32_accuracy: number, agreement: number}} Int8 */
/**
 * @typedef {{to: string, key: string, comparisons: Comparison[], int8: Int8 | null, folder: string,
 *   images?: string, files: NamedFile[]}} Exported
 */
/** @typedef {{file: (name: string) => void, zip: () => void}} Downloads */

const PAGE = "index.html";

/**
 * The panel of an export, or of what there will be.
 *
 * @param {Exported | null} found
 * @param {boolean} isKept whether its files were kept
 * @param {HTMLElement} parity the view of its comparisons
 * @param {Downloads} downloads
 */
export function result(found, isKept, parity, downloads) {
  if (!found)
    return html`<section class="panel">
      <h2>${t("Does it compute the same?")}</h2>
      <p>${t("Exporting writes the files and uses them at once: what they answer for images that the network has not seen is compared with the exact computation, in float64. The largest difference stands beside what rounding can explain.")}</p>
    </section>`;
  return html`<section class="panel">
    <h2>${t("Does it compute the same?")}</h2>
    ${isKept ? nothing : html`<p class="refusal" role="alert">${t("The files do not compute what the network means, so they were not kept.")}</p>`}
    ${found.images === "random" ? html`<p class="advice">${t("The images of the run are not here: random pixels were compared.")}</p>` : nothing}
    ${parity}
    ${found.int8 ? html`<p class="int8">${t("Weights of 8 bits")}: ${int8Text(found.int8)}</p>` : nothing}
    ${found.files.length ? files(found, downloads) : nothing}
  </section>`;
}

/** What narrow weights cost, as `mirada export` says it. @param {Int8} int8 */
function int8Text({ images, accuracy, float32_accuracy, agreement }) {
  if (!images) return t("not measured on held-out images");
  return t("{narrow} of {count} images are answered rightly; with weights of 32 bits {wide}. {same} of the answers are the same.", {
    narrow: percentText(accuracy), wide: percentText(float32_accuracy),
    same: percentText(agreement), count: countText(images),
  });
}

/** @param {Exported} found @param {Downloads} downloads */
function files(found, downloads) {
  const isPage = found.files.some(({ name }) => name === PAGE);
  return html`
    <h3 class="files-heading">${t("Files")}</h3>
    ${fileList(found.files, downloads.file)}
    <div class="row">
      ${isPage ? html`<button class="main" name="page"
        @click=${() => downloads.file(PAGE)}>${t("Download the page")}</button>` : nothing}
      <button class=${isPage ? "" : "main"} name="zip"
        @click=${() => downloads.zip()}>${t("Download all as one zip")}</button>
    </div>
    ${isPage ? html`<p class="note">${t("Open the file that was downloaded: the page runs in any browser, without the lab and without a network.")}</p>` : nothing}
    <p class="note">${t("They also lie in {folder}", { folder: found.folder })}</p>`;
}

/** @param {NamedFile[]} files @param {(name: string) => void} get */
export function fileList(files, get) {
  return html`<ul class="files">${files.map(
    ({ name, bytes }) => html`<li>
      <button class="quiet" data-file=${name} title=${fileWords()[name] ?? nothing}
        @click=${() => get(name)}
        aria-label=${t("Download {name}", { name })}><span class="code">${name}</span></button>
      <span class="note">${bytesText(bytes)}${fileWords()[name] ? ` · ${fileWords()[name]}` : ""}</span>
    </li>`,
  )}</ul>`;
}
