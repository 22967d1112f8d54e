// @ts-check
/** What a person gave a field. */

/** The text of the field that an event is of. @param {Event} event */
function givenText(event) {
  return /** @type {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} */ (event.target).value;
}

/**
 * A listener that is told the text of the field.
 *
 * @param {(text: string) => void} take
 * @returns {(event: Event) => void}
 */
export function onText(take) {
  return (event) => take(givenText(event));
}

/**
 * A listener that is told the number of the field.
 *
 * @param {(value: number) => void} take
 * @returns {(event: Event) => void}
 */
export function onNumber(take) {
  return (event) => take(Number(givenText(event)));
}
