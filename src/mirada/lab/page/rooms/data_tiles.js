// @ts-check
/** Small images by their names: asked for together, shown one by one from one sheet. */

import { html } from "../../../views/vendor/lit-html.js";

/** @typedef {{png: string, side: number, columns: number, missing: number[]}} Sheet */
/** @typedef {{url: string, x: number, y: number, wide: number}} Tile */

const MOST = 400;

/** The address of a PNG that came as base64. @param {string} png */
export function pngAddress(png) {
  const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0));
  return URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
}

/**
 * The place of each image of a sheet, null where one is missing.
 *
 * @param {Sheet} sheet
 * @param {number} count
 * @param {string} url
 * @returns {(Tile | null)[]}
 */
export function tilesOf(sheet, count, url) {
  const missing = new Set(sheet.missing);
  const wide = Math.min(count, sheet.columns);
  return Array.from({ length: count }, (_, place) =>
    missing.has(place)
      ? null
      : { url, x: place % sheet.columns, y: Math.floor(place / sheet.columns), wide },
  );
}

/**
 * An image as it is shown: `label` says what it is, `side` is in pixels of the page.
 *
 * @param {Tile | null | undefined} tile
 * @param {string} label
 * @param {number} side
 */
export function tileImage(tile, label, side) {
  if (tile === null)
    return html`<span class="tile gone" role="img" aria-label=${label} title=${label}>×</span>`;
  const place = tile
    ? `background-image:url("${tile.url}");background-size:${tile.wide * side}px auto;` +
      `background-position:${-tile.x * side}px ${-tile.y * side}px;`
    : "";
  const style = `${place}width:${side}px;height:${side}px`;
  return html`<span class="tile" role="img" aria-label=${label} title=${label} .style=${style}></span>`;
}

/** The images of one source, as many as were ever wanted. */
export class Tiles {
  /**
   * @param {(names: string[]) => Promise<Sheet>} ask
   * @param {() => void} changed is told when some have come
   */
  constructor(ask, changed) {
    this.ask = ask;
    this.changed = changed;
    /** @type {Map<string, Tile | null | undefined>} */
    this.known = new Map();
    /** @type {Set<string>} */
    this.wanted = new Set();
    /** @type {string[]} */
    this.addresses = [];
    this.isOver = false;
  }

  /** The image of a name; what is not there is asked for. @param {string} name */
  get(name) {
    if (!this.known.has(name)) {
      this.known.set(name, undefined);
      if (!this.wanted.size) queueMicrotask(() => this.fetch());
      this.wanted.add(name);
    }
    return this.known.get(name);
  }

  async fetch() {
    const all = [...this.wanted];
    this.wanted.clear();
    for (let start = 0; start < all.length; start += MOST) {
      const names = all.slice(start, start + MOST);
      /** @type {(Tile | null)[]} */
      let tiles = names.map(() => null);
      try {
        const sheet = await this.ask(names);
        if (this.isOver) return;
        const url = pngAddress(sheet.png);
        this.addresses.push(url);
        tiles = tilesOf(sheet, names.length, url);
      } catch {
        // They are shown as missing; what asks for them says why where it matters.
      }
      if (this.isOver) return;
      names.forEach((name, place) => this.known.set(name, tiles[place]));
      this.changed();
    }
  }

  /** Lets all go. */
  close() {
    this.isOver = true;
    for (const address of this.addresses) URL.revokeObjectURL(address);
  }
}
