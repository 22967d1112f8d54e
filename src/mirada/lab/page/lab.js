// @ts-check
/** The page: its rooms, its language, its colours, and what it says of the server. */

import { t } from "../../views/language.js";
import { html, nothing, render } from "../../views/vendor/lit-html.js";
import { Api } from "./api.js";
import { icon } from "./icons.js";
import { Notices } from "./notices.js";
import { ROOMS, address, go } from "./rooms.js";
import { dress, settings } from "./settings.js";
import { Store } from "./store.js";
import { trainingChip } from "./training_chip.js";

/**
 * What a room is given. `go` opens another room; `params` are in its address, so that
 * going back in the browser leads back. `say` tells a short thing at the page's foot,
 * of the kind "plain", "good" or "wrong".
 *
 * @typedef {object} Lab
 * @property {Api} api
 * @property {Store} store
 * @property {Record<string, string>} params
 * @property {(room: string, params?: Record<string, string>) => void} go
 * @property {(text: string, kind?: string) => void} say
 */

const tabs = new BroadcastChannel("mirada");
const api = new Api(takeToken());
const store = new Store(api);
const host = /** @type {HTMLElement} */ (document.getElementById("lab"));
const notices = new Notices();
const chip = trainingChip(api);
/** @type {{name: string, element: HTMLElement | null, leave?: () => void, wanted: number}} */
const shown = { name: address().name, element: null, wanted: 0 };
/** @type {"" | "lost" | "stranger" | "uninvited"} */
let trouble = "";

start();

async function start() {
  await dress();
  addEventListener("hashchange", changedAddress);
  addEventListener("unhandledrejection", explain);
  document.addEventListener("visibilitychange", cameBack);
  // A file that is dropped beside its place would be opened instead of the page.
  for (const kind of ["dragover", "drop"]) addEventListener(kind, (event) => event.preventDefault());
  api.addEventListener("lost", () => troubled("lost"));
  api.addEventListener("found", found);
  api.addEventListener("stranger", () => troubled("stranger"));
  store.addEventListener("conflict", askWhichStays);
  // A tab that was left behind by a lab started anew goes on when another is invited.
  tabs.addEventListener("message", ({ data }) => {
    if (trouble === "stranger" || trouble === "uninvited") invited(data);
  });
  if (api.token) await invited(api.token);
  else troubled("uninvited");
}

/** Goes on with the token of a lab. @param {string} token */
async function invited(token) {
  const isNew = token !== api.token;
  const wasShown = shown.element !== null;
  api.token = token;
  sessionStorage.setItem("token", token);
  if (isNew) troubled("");
  try {
    await (wasShown && store.hasUnsaved() ? store.save() : store.read());
  } catch {
    // The page says itself that the server is not there.
  }
  await enterRoom();
  if (!wasShown) setTimeout(fetchRooms, 500);
}

/** Loads all rooms, so that they open at once, and also when the server has gone. */
function fetchRooms() {
  for (const name of Object.keys(ROOMS)) import(`./rooms/${name}.js`).catch(() => {});
}

function askWhichStays() {
  notices.ask(t("The network or the data was changed in another tab."), [
    [t("Keep mine"), () => store.keep()],
    [t("Take the other"), async () => { await store.read(); await enterRoom(); }],
  ]);
}

/** Shows what another tab has changed in the meantime. */
async function cameBack() {
  if (document.hidden || trouble) return;
  if (await store.refresh()) await enterRoom();
}

/** Says what was refused where no room did. @param {PromiseRejectionEvent} event */
function explain(event) {
  const { name, code, message } = event.reason ?? {};
  if (name !== "AbortError" && code === undefined) return;
  event.preventDefault();
  // The page already says at its head that the lab is not there.
  if (name !== "AbortError" && !["lab-lost", "lab-restarted"].includes(code))
    notices.say(message, "wrong");
}

/** The token of the link by which the page was opened, kept for this tab alone. */
function takeToken() {
  const given = new URLSearchParams(location.hash.slice(1));
  const token = given.get("token");
  if (token) {
    const room = given.get("room") ?? "window";
    given.delete("token");
    given.delete("room");
    sessionStorage.setItem("token", token);
    history.replaceState(null, "", `/#/${room}${given.size ? `?${given}` : ""}`);
    tabs.postMessage(token);
  }
  return sessionStorage.getItem("token") ?? "";
}

async function changedAddress() {
  // The link of a lab that was started anew, opened in the tab of the old one.
  if (location.hash.startsWith("#token=")) await invited(takeToken());
  else if (trouble !== "uninvited") await enterRoom();
}

async function enterRoom() {
  const { name, params, unknown } = address();
  if (unknown) {
    history.replaceState(null, "", `/#/${name}`);
    notices.say(t("There is no room of the name “{name}”.", { name: unknown }));
  }
  const wanted = ++shown.wanted;
  const enter = await entrance(name);
  if (wanted !== shown.wanted) return;
  const isOther = name !== shown.name;
  shown.leave?.();
  /** @type {Lab} */
  const lab = { api, store, params, go, say: (text, kind) => notices.say(text, kind) };
  Object.assign(shown, { name, leave: undefined, ...opened(enter, lab) });
  draw();
  if (!isOther) return;
  scrollTo(0, 0);
  document.querySelector("nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  if (document.activeElement !== document.body)
    document.querySelector("h1")?.focus({ preventScroll: true });
}

/** @typedef {(lab: Lab) => {element: HTMLElement, leave?: () => void}} Enter */

/**
 * How a room is entered, or null where it cannot be loaded.
 *
 * @param {string} name
 * @returns {Promise<Enter | null>}
 */
async function entrance(name) {
  try {
    return (await import(`./rooms/${name}.js`)).enter;
  } catch (error) {
    // Either the lab is not there, which the page says, or the room has a fault.
    await api.get("/api/here").then(() => reportError(error), () => {});
    return null;
  }
}

/**
 * A room, or in its place the words that it could not be opened.
 *
 * @param {Enter | null} enter
 * @param {Lab} lab
 */
function opened(enter, lab) {
  try {
    if (enter) return enter(lab);
  } catch (error) {
    reportError(error);
  }
  const element = document.createElement("p");
  element.className = "refusal";
  element.textContent = t("This room could not be opened. Reload the page to try again.");
  return { element };
}

/** @param {typeof trouble} kind */
function troubled(kind) {
  if (trouble === kind) return;
  trouble = kind;
  draw();
  if (kind === "lost") setTimeout(tryAgain, 1000);
}

/** The server answers again: takes up a language that was chosen meanwhile. */
async function found() {
  troubled("");
  await dress();
  draw();
}

/** Asks until the server answers again, then goes on where things were left. */
async function tryAgain() {
  try {
    await api.get("/api/here");
    await store.save();
    await enterRoom();
  } catch {
    if (api.isLost) setTimeout(tryAgain, 2000);
  }
}

/** The language was changed. @param {boolean} isThere */
async function spoken(isThere) {
  if (!isThere) api.lost();
  if (trouble === "uninvited") draw();
  else await enterRoom();
}

function troubleText() {
  if (trouble === "stranger")
    return t("The lab was started anew. Open it by the link that it printed; your network, images and runs are kept.");
  return t("The lab does not answer. If it was closed, start it again with: mirada lab. What is on this page is kept.");
}

function draw() {
  const isOpen = trouble !== "uninvited";
  const title = isOpen ? ROOMS[shown.name].title() : t("Open the lab by its link");
  document.title = `${title} · mirada`;
  render(
    html`
      <a class="skip" href="#room" @click=${skip}>${t("To the content")}</a>
      <header class="bar">
        <a class="brand" href="#/window"><img src="/lab/page/mirada.svg" alt="" width="24"
          height="24">mirada</a>
        ${isOpen ? html`<nav aria-label=${t("Rooms")}>${Object.keys(ROOMS).map(link)}</nav>` : nothing}
        ${chip} ${settings(spoken)}
      </header>
      <main id="room" tabindex="-1">
        ${isOpen && trouble ? html`<p class="trouble" role="alert">${troubleText()}</p>` : nothing}
        <div class="heading">
          <h1 tabindex="-1">${title}</h1>
          <p class="lead">${isOpen ? ROOMS[shown.name].lead() : t("When the lab was started, it printed a link with a token at its end. That token keeps everybody else out.")}</p>
        </div>
        ${isOpen ? shown.element : nothing}
      </main>
      ${notices.element}
    `,
    host,
  );
}

/** @param {string} name */
function link(name) {
  const current = name === shown.name ? "page" : nothing;
  return html`<a href="#/${name}"
    aria-current=${current}>${icon(name)}<span>${ROOMS[name].title()}</span></a>`;
}

/** @param {Event} event */
function skip(event) {
  event.preventDefault();
  document.getElementById("room")?.focus();
}
