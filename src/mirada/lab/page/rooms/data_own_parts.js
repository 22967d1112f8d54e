// @ts-check
/** How a collection of images of one's own is shown. */

import { countText, t } from "../../../views/language.js";
import { html, nothing } from "../../../views/vendor/lit-html.js";
import { keepSettings } from "./data_settings.js";
import { tileImage } from "./data_tiles.js";

/** @import { Collection, OwnClass, OwnImages } from "./data_own.js" */

/** Images of a class shown before somebody asks for all: the last that came. */
const SOME = 40;
const SHOWN_REFUSALS = 6;

/** @param {OwnImages} own */
export function ownTemplate(own) {
  const { collection } = own;
  return html`
    ${own.refusal ? html`<p class="refusal" role="alert">${own.refusal}</p>` : nothing}
    ${own.removed
      ? html`<p class="praise row data-removed" role="status">${own.removed.text}
        <button class="data-undo" @click=${() => own.undo()}>${t("Undo")}</button></p>`
      : nothing}
    ${collection ? collectionTemplate(own, collection) : own.names ? emptyTemplate(own) : nothing}`;
}

/** @param {OwnImages} own */
function emptyTemplate(own) {
  return html`<div class="empty">
    <p>${t("A collection is a folder with a class in each subfolder. Its images are dropped, pasted, drawn or taken with the camera, and stay on this machine.")}</p>
    <div class="row data-centred">
      <button class="main data-draw-digits"
        @click=${() => own.addDigits()}>${t("Draw digits of my own")}</button>
      <button class="data-new"
        @click=${() => own.addCollection(t("my images"))}>${t("Begin an empty collection")}</button>
    </div>
  </div>`;
}

/** @param {OwnImages} own @param {Collection} collection */
function collectionTemplate(own, collection) {
  return html`
    ${headTemplate(own, collection)}
    <div class="columns data-own-columns">
      <div class="stack data-own-classes">
        ${collection.advice.map((text) => html`<p class="advice">${text}</p>`)}
        ${collection.classes.map((each) => classTemplate(own, each))}
        ${addClassTemplate(own)}
      </div>
      ${addImagesTemplate(own, collection)}
    </div>`;
}

/** @param {OwnImages} own @param {Collection} collection */
function headTemplate(own, collection) {
  const names = (own.names ?? []).map((each) => each.name);
  const isUsed = own.lab.store.state.data === collection.path;
  const enough = collection.classes.filter((each) => each.images.length).length >= 2;
  const open = (/** @type {Event} */ event) =>
    own.doing(() => own.open(/** @type {HTMLSelectElement} */ (event.target).value));
  return html`<div class="row data-own-head">
    ${own.naming === ":collection"
      ? nameForm(t("Name of the collection"), collection.name, (name) => own.rename("", name),
        () => { own.naming = ""; own.draw(); })
      : html`<label class="field"><span class="unseen">${t("Collection")}</span>
        <select name="collection"
          @change=${open}>${names.map(
            (name) => html`<option value=${name}
              ?selected=${name === collection.name}>${name}</option>`)}</select></label>
        <button class="quiet"
          @click=${() => { own.naming = ":collection"; own.draw(); }}>${t("Rename")}</button>
        <button class="quiet danger" @click=${() => own.remove()}>${t("Remove")}</button>
        <button class="quiet"
          @click=${() => own.addCollection(freeName(names))}>${t("Another collection")}</button>`}
    <span class="data-spring"></span>
    ${isUsed
      ? html`<span class="chip good">${t("in use for training")}</span>`
      : html`<button class="main data-use-own" ?disabled=${!enough}
          title=${enough ? nothing : t("Two classes with images are needed.")}
          @click=${() => own.use(collection.path).then(() => own.draw())}>${t("Use for training")}</button>`}
    <button class="data-look-own" ?disabled=${!collection.count} @click=${() => own.look(collection.path)}>${t("Look at it")}</button>
  </div>`;
}

/** @param {string[]} names */
function freeName(names) {
  const taken = new Set(names.map((name) => name.toLowerCase()));
  const name = t("my images");
  for (let number = 2; ; number++) {
    if (!taken.has(name.toLowerCase())) return name;
    if (!taken.has(`${name} ${number}`.toLowerCase())) return `${name} ${number}`;
  }
}

/**
 * @param {string} label
 * @param {string} value
 * @param {(name: string) => unknown} done
 * @param {() => void} [cancel]
 */
function nameForm(label, value, done, cancel) {
  const submit = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const input =
      /** @type {HTMLInputElement} */ (/** @type {HTMLFormElement} */ (event.target).elements.namedItem(
        "name"));
    done(input.value);
    if (!cancel) input.value = "";
  };
  return html`<form class="row data-name" @submit=${submit} @keydown=${(/** @type {KeyboardEvent} */ event) => event.key === "Escape" && cancel?.()}>
    <label class="field"><span class="unseen">${label}</span>
      <input name="name" autocomplete="off" maxlength="300" required placeholder=${label}
        value=${value}></label>
    <button>${cancel ? t("Keep") : t("Add the class")}</button>
    ${cancel ? html`<button type="button" class="quiet" @click=${cancel}>${t("Cancel")}</button>` : nothing}
  </form>`;
}

/** @param {OwnImages} own */
function addClassTemplate(own) {
  return html`<div
    class="panel data-add-class">${nameForm(t("Name of a class"), "", (name) => own.addClass(name))}</div>`;
}

/** @param {OwnImages} own @param {OwnClass} found */
function classTemplate(own, found) {
  const { name, images } = found;
  const newest = [...images].reverse();
  const shown = own.whole.has(name) ? newest : newest.slice(0, SOME);
  const isTarget = own.settings.label === name;
  const over = (/** @type {DragEvent} */ event) => {
    event.preventDefault();
    if (own.over !== name) Object.assign(own, { over: name }).draw();
  };
  const drop = (/** @type {DragEvent} */ event) => {
    event.preventDefault();
    own.drop(name, event.dataTransfer?.files);
  };
  return html`<section class="panel data-class ${own.over === name ? "over" : ""} ${isTarget ? "target" : ""}"
    data-class=${name}
      @dragover=${over} @dragleave=${() => { own.over = ""; own.draw(); }} @drop=${drop}>
    <div class="row">
      ${own.naming === name
        ? nameForm(t("Name of the class"), name, (to) => own.rename(name, to), () => { own.naming = ""; own.draw(); })
        : html`<h2>${name}</h2><span class="chip">${countText(images.length)}</span><span
          class="data-spring"></span>
          <button class="data-target" aria-pressed=${isTarget} @click=${() => target(own, name)}>${t("Add here")}</button>
          <button class="quiet" aria-label=${t("Rename '{name}'", { name })} @click=${() => { own.naming = name; own.draw(); }}>${t("Rename")}</button>
          <button class="quiet danger" aria-label=${t("Remove '{name}'", { name })}
            @click=${() => own.remove(name)}>${t("Remove")}</button>`}
    </div>
    ${images.length
      ? html`<ul class="data-images">${shown.map((image) => imageTemplate(own, name, image))}</ul>`
      : html`<p class="note">${t("No images yet: drop some here.")}</p>`}
    ${shown.length < images.length
      ? html`<button class="quiet"
        @click=${() => { own.whole.add(name); own.draw(); }}>${t("Show all {count} images",
          { count: countText(images.length) })}</button>`
      : nothing}
  </section>`;
}

/** @param {OwnImages} own @param {string} label */
function target(own, label) {
  own.settings.label = label;
  keepSettings(own.settings);
  own.draw();
}

/** @param {OwnImages} own @param {string} label @param {string} image */
function imageTemplate(own, label, image) {
  return html`<li>${tileImage(own.tilesOf(label).get(image), image, 64)}
    <button class="data-remove" aria-label=${t("Remove '{name}'", { name: image })}
      @click=${() => own.remove(label, image)}>×</button></li>`;
}

/** @param {OwnImages} own @param {Collection} collection */
function addImagesTemplate(own, collection) {
  const waiting = own.queue.length + (own.isSending ? 1 : 0);
  const choose = (/** @type {Event} */ event) =>
    target(own, /** @type {HTMLSelectElement} */ (event.target).value);
  return html`<aside class="panel data-add">
    <h2>${t("Add images")}</h2>
    ${collection.classes.length
      ? html`<label class="field"><span>${t("To the class")}</span>
        <select name="target" @change=${choose}>${collection.classes.map(
          ({ name }) => html`<option value=${name} ?selected=${name === own.settings.label}>${name}</option>`,
        )}</select></label>`
      : html`<p class="advice">${t("Add a class first: an image belongs to one.")}</p>`}
    ${own.source}
    <div role="status">
      ${waiting ? html`<p class="note">${t("Images waiting: {count}", { count: countText(waiting) })}</p>`
        : nothing}
      ${!waiting && own.sent
        ? html`<p class="note data-sent">${t("Images added: {count}", { count: countText(own.sent) })}</p>`
          : nothing}
    </div>
    ${own.refused.length
      ? html`<div role="alert">${own.refused.slice(0, SHOWN_REFUSALS).map((text) => html`<p class="refusal">${text}</p>`)}
        ${own.refused.length > SHOWN_REFUSALS
          ? html`<p
            class="note">${t("and {count} more",
              { count: countText(own.refused.length - SHOWN_REFUSALS) })}</p>` : nothing}</div>`
      : nothing}
    ${collection.trash
      ? html`<details
        class="data-trash"><summary>${t("Trash: {count}", { count: countText(collection.trash) })}</summary>
        <p class="note">${t("What was removed is kept in images/.trash of the lab's folder.")}</p>
        <button class="danger" @click=${() => own.emptyTrash()}>${t("Delete it for good")}</button></details>`
      : nothing}
  </aside>`;
}
