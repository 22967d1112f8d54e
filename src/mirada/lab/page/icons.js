// @ts-check
/** The small drawings beside the names of rooms. */

import { html } from "../../views/vendor/lit-html.js";

/** @type {Record<string, string>} */
const PATHS = {
  window: "M3 3h14v14H3zM3 7.7h14M3 12.3h14M7.7 3v14M12.3 3v14",
  architect: "M4 3h12v3H4zM6 8.5h8v3H6zM8 14h4v3H8zM10 6v2.500M10 11.500V14",
  data: "M3 4h10v10H3zM7 14v3h10V7h-4M3 11l3-3 4 4",
  train: "M3 3v14h14M5 6c2 7 6 8 12 8.500",
  look: "M2 10q8-11 16 0q-8 11-16 0zM10 7.500a2.500 2.500 0 1 1-.01 0",
  exercises: "M4 3h12v14H4zM7 7h6M7 10h6M7 13h3",
  export: "M10 12V3M6.500 6.500L10 3l3.500 3.500M4 10v7h12v-7",
};

/** @param {string} name */
export function icon(name) {
  return html`<svg class="icon" viewBox="0 0 20 20" width="18" height="18" aria-hidden="true"
    role="presentation"><path d=${PATHS[name]} fill="none" stroke="currentColor" stroke-width="1.5"
      stroke-linejoin="round" stroke-linecap="round"></path></svg>`;
}
