// @ts-check
/** The page: its rooms, its language, its colours, and what it says of the server. */

import { language, speak, t } from "../../views/language.js";
import { html, nothing, render } from "../../views/vendor/lit-html.js";
import { Api } from "./api.js";
import { icon } from "./icons.js";
import { Notices } from "./notices.js";
import { Store } from "./store.js";

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

/** @type {Record<string, {title: () => string, lead: () => string}>} */
const ROOMS = {
  window: {
    title: () => t("Window"),
    lead: () => t("What a convolution is: a small window slides over an image."),
  },
  architect: {
    title: () => t("Architect"),
    lead: () => t("Build a network layer by layer; every number is worked out."),
  },
  data: {
    title: () => t("Data"),
    lead: () => t("The images that a network learns from."),
  },
  train: {
    title: () => t("Train"),
    lead: () => t("Watch a network learn, and steer it while it does."),
  },
  look: {
    title: () => t("Look"),
    lead: () => t("What a trained network sees in an image, and why it answers so."),
  },
  exercises: {
    title: () => t("Exercises"),
    lead: () => t("Practise the arithmetic by hand, with hints and corrections."),
  },
  export: {
    title: () => t("Export"),
    lead: () => t("Take a trained network with you, and see that it still answers so."),
  },
};

const api = new Api(takeToken());
const store = new Store(api);
const host = /** @type {HTMLElement} */ (document.getElementById("lab"));
const notices = new Notices();
/** @type {{name: string, element: HTMLElement | null, leave?: () => void, wanted: number}} */
const shown = { name: address().name, element: null, wanted: 0 };
/** @type {"" | "lost" | "stranger"} */
let trouble = "";


start();

async function start() {
  setTheme(localStorage.getItem("theme") ?? "");
  await setLanguage(localStorage.getItem("language") ?? navigator.language.slice(0, 2));
  api.addEventListener("lost", () => troubled("lost"));
  api.addEventListener("found", () => troubled(""));
  api.addEventListener("stranger", () => troubled("stranger"));
  store.addEventListener("conflict", (event) => {
    const changes = /** @type {CustomEvent} */ (event).detail;
    notices.ask(t("The network or the data was changed in another tab."), [
      [t("Keep mine"), () => store.keep(changes)],
      [t("Take the other"), async () => { await store.read(); await enterRoom(); }],
    ]);
  });
  addEventListener("hashchange", () => enterRoom());
  // A file that is dropped beside its place would be opened instead of the page.
  for (const kind of ["dragover", "drop"]) addEventListener(kind, (event) => event.preventDefault());
  addEventListener("unhandledrejection", (event) => {
    if (event.reason?.name === "AbortError") event.preventDefault();
    else if (event.reason?.code !== undefined) {
      event.preventDefault();
      notices.say(event.reason.message, "wrong");
    }
  });
  try {
    await store.read();
  } catch {
    // The page says itself that the server is not there.
  }
  await enterRoom();
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
  }
  return sessionStorage.getItem("token") ?? "";
}

/** @returns {{name: string, params: Record<string, string>}} */
function address() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const name = path in ROOMS ? path : "window";
  return { name, params: Object.fromEntries(new URLSearchParams(query)) };
}

/** @param {string} name @param {Record<string, string>} [params] */
function go(name, params = {}) {
  const query = new URLSearchParams(params).toString();
  location.hash = `/${name}${query ? `?${query}` : ""}`;
}

async function enterRoom() {
  const { name, params } = address();
  const wanted = ++shown.wanted;
  const module = await import(`./rooms/${name}.js`);
  if (wanted !== shown.wanted) return;
  const isOther = name !== shown.name;
  shown.leave?.();
  document.title = `${ROOMS[name].title()} · mirada`;
  /** @type {Lab} */
  const lab = { api, store, params, go, say: (text, kind) => notices.say(text, kind) };
  const { element, leave } = module.enter(lab);
  Object.assign(shown, { name, element, leave });
  draw();
  if (isOther) {
    scrollTo(0, 0);
    if (document.activeElement !== document.body)
      document.querySelector("h1")?.focus({ preventScroll: true });
  }
}

/** @param {"" | "lost" | "stranger"} kind */
function troubled(kind) {
  if (trouble === kind) return;
  trouble = kind;
  draw();
  if (kind === "lost") setTimeout(tryAgain, 1000);
}

/** Asks until the server answers again. */
async function tryAgain() {
  try {
    await api.get("/api/here");
    await enterRoom();
  } catch {
    if (api.isLost) setTimeout(tryAgain, 2000);
  }
}

/** @param {string} name */
async function setLanguage(name) {
  const chosen = name === "es" ? "es" : "en";
  const words = await fetch(`/language/${chosen}.json`).then((found) => found.json());
  speak(chosen, words);
  document.documentElement.lang = chosen;
}

/** @param {string} name "light", "dark", or "" for what the system prefers */
function setTheme(name) {
  if (name) document.documentElement.dataset.theme = name;
  else delete document.documentElement.dataset.theme;
}

/** @param {Event} event */
async function chooseLanguage(event) {
  const name = /** @type {HTMLSelectElement} */ (event.target).value;
  localStorage.setItem("language", name);
  await setLanguage(name);
  await enterRoom();
}

/** @param {Event} event */
function chooseTheme(event) {
  const name = /** @type {HTMLSelectElement} */ (event.target).value;
  localStorage.setItem("theme", name);
  setTheme(name);
}

function troubleText() {
  if (trouble === "stranger")
    return t("The lab was started anew. Open it by the link that it printed; your network, images and runs are kept.");
  return t("The lab does not answer. If it was closed, start it again with: mirada lab. What is on this page is kept.");
}

function draw() {
  const theme = document.documentElement.dataset.theme ?? "";
  render(
    html`
      <a class="skip" href="#room" @click=${skip}>${t("To the content")}</a>
      <header class="bar">
        <a class="brand" href="#/window"><img src="/lab/page/mirada.svg" alt="" width="24" height="24">mirada</a>
        <nav aria-label=${t("Rooms")}>
          ${Object.entries(ROOMS).map(
            ([name, room]) => html`<a href="#/${name}" aria-current=${name === shown.name ? "page" : nothing}>${icon(name)}<span>${room.title()}</span></a>`,
          )}
        </nav>
        <div class="settings">
          <label><span class="unseen">${t("Language")}</span>
            <select name="language" @change=${chooseLanguage}>
              <option value="en" ?selected=${language() === "en"}>English</option>
              <option value="es" ?selected=${language() === "es"}>Español</option>
            </select></label>
          <label><span class="unseen">${t("Colours")}</span>
            <select name="theme" @change=${chooseTheme}>
              <option value="" ?selected=${theme === ""}>${t("As the system")}</option>
              <option value="light" ?selected=${theme === "light"}>${t("Light")}</option>
              <option value="dark" ?selected=${theme === "dark"}>${t("Dark")}</option>
            </select></label>
        </div>
      </header>
      <main id="room" tabindex="-1">
        ${trouble ? html`<p class="trouble" role="alert">${troubleText()}</p>` : nothing}
        <div class="heading">
          <h1 tabindex="-1">${ROOMS[shown.name].title()}</h1>
          <p class="lead">${ROOMS[shown.name].lead()}</p>
        </div>
        ${shown.element}
      </main>
      ${notices.element}
    `,
    host,
  );
}

/** @param {Event} event */
function skip(event) {
  event.preventDefault();
  document.getElementById("room")?.focus();
}
