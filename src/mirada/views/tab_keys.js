// @ts-check
/** What arrow keys do on a row of tabs. */

const WAYS = { ArrowRight: 1, ArrowLeft: -1 };

/**
 * Goes to the tab beside the present one, round the ends, and takes the focus there.
 *
 * @param {KeyboardEvent} event
 * @param {string[]} names of the tabs
 * @param {string} name of the present one
 * @param {(name: string) => void} choose draws the row anew
 */
export function turnTabs(event, names, name, choose) {
  const way = WAYS[/** @type {keyof typeof WAYS} */ (event.key)];
  if (!way) return;
  event.preventDefault();
  const row = /** @type {HTMLElement} */ (event.target).closest("[role=tablist]");
  choose(names[(names.indexOf(name) + way + names.length) % names.length]);
  /** @type {HTMLElement | null | undefined} */ (row?.querySelector("[aria-selected=true]"))?.focus();
}
