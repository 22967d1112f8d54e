// @ts-check
/** What a room keeps in the browser, so that it is there again after a reload. */

/**
 * What was kept under a key; `plain` where there is nothing, or something damaged. Of
 * an object the fields that were not kept are those of `plain`.
 *
 * @template T
 * @param {string} key
 * @param {T} plain
 * @param {Storage} [storage] `sessionStorage` lasts as long as the tab
 * @returns {T}
 */
export function kept(key, plain, storage = sessionStorage) {
  try {
    const found = JSON.parse(storage.getItem(key) ?? "null");
    if (found === null || typeof found !== typeof plain) return plain;
    return typeof found === "object" ? { ...plain, ...found } : found;
  } catch {
    return plain;
  }
}

/**
 * Keeps a value; says whether the browser had room for it.
 *
 * @param {string} key
 * @param {unknown} value
 * @param {Storage} [storage]
 */
export function keep(key, value, storage = sessionStorage) {
  try {
    storage.setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}
