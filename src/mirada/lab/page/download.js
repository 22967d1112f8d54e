// @ts-check
/** Files that the page gives away. */

/**
 * Lets the browser save something under a name.
 *
 * @param {BlobPart} content
 * @param {string} name
 */
export function download(content, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content instanceof Blob ? content : new Blob([content]));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
