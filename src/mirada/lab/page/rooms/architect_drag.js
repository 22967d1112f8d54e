// @ts-check
/** A layer dragged to another place in the column. */

/**
 * Follows the pointer from the grip of a row until it is let go.
 *
 * @param {PointerEvent} event
 * @param {HTMLElement} column
 * @param {(from: number, to: number) => void} dropped
 */
export function drag(event, column, dropped) {
  if (event.button !== 0) return;
  event.preventDefault();
  const grip = /** @type {HTMLElement} */ (event.currentTarget);
  const row = /** @type {HTMLElement} */ (grip.closest("[data-place]"));
  const from = Number(row.dataset.place);
  const others = /** @type {HTMLElement[]} */ ([...column.querySelectorAll("[data-place]")]);
  const mark = document.createElement("div");
  mark.className = "drop-mark";
  let to = from;

  /** @param {PointerEvent} moved */
  const follow = (moved) => {
    row.style.transform = `translateY(${moved.clientY - event.clientY}px)`;
    row.classList.add("dragged");
    const above = others.filter((other) => other !== row && middle(other) < moved.clientY);
    to = above.length;
    const next = others.filter((other) => other !== row)[to];
    if (!mark.parentElement) column.append(mark);
    const base = column.getBoundingClientRect().top;
    const y = next ? next.getBoundingClientRect().top : bottom(others, row);
    mark.style.transform = `translateY(${y - base - 1}px)`;
    edge(moved.clientY);
  };
  const end = () => {
    grip.removeEventListener("pointermove", follow);
    row.style.transform = "";
    row.classList.remove("dragged");
    mark.remove();
  };
  grip.setPointerCapture(event.pointerId);
  grip.addEventListener("pointermove", follow);
  grip.addEventListener("pointerup", () => { end(); if (to !== from) dropped(from, to); }, { once: true });
  grip.addEventListener("pointercancel", end, { once: true });
}

/** @param {HTMLElement} row */
function middle(row) {
  const box = row.getBoundingClientRect();
  return box.top + box.height / 2;
}

/** @param {HTMLElement[]} rows @param {HTMLElement} but */
function bottom(rows, but) {
  return Math.max(...rows.filter((row) => row !== but).map((row) => row.getBoundingClientRect().bottom));
}

/** The page scrolls where the pointer is near its upper or lower edge. @param {number} y */
function edge(y) {
  if (y < 90) scrollBy(0, -12);
  else if (y > innerHeight - 50) scrollBy(0, 12);
}
