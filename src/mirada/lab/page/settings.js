// @ts-check
/** The language and the colours of the page: as the system has them until chosen. */

import { language, speak, t } from "../../views/language.js";
import { html } from "../../views/vendor/lit-html.js";

/** Takes up what was chosen before; false where the words could not be had. */
export async function dress() {
  setTheme(localStorage.getItem("theme") ?? "");
  return setLanguage(localStorage.getItem("language") ?? navigator.language.slice(0, 2));
}

/** @param {string} name */
async function setLanguage(name) {
  const chosen = name === "es" ? "es" : "en";
  document.documentElement.lang = language();
  try {
    const found = await fetch(`/language/${chosen}.json`);
    speak(chosen, await found.json());
  } catch {
    return false;
  }
  document.documentElement.lang = chosen;
  return true;
}

/** @param {string} name "light", "dark", or "" for what the system prefers */
function setTheme(name) {
  if (name) document.documentElement.dataset.theme = name;
  else delete document.documentElement.dataset.theme;
}

/**
 * The two choices; `spoken` is called when the language was changed.
 *
 * @param {(isThere: boolean) => unknown} spoken
 */
export function settings(spoken) {
  const theme = document.documentElement.dataset.theme ?? "";
  return html`
    <div class="settings">
      <label><span class="unseen">${t("Language")}</span>
        <select name="language" @change=${async (/** @type {Event} */ event) => {
          localStorage.setItem("language", chosen(event));
          spoken(await setLanguage(chosen(event)));
        }}>
          <option value="en" lang="en" ?selected=${language() === "en"}>English</option>
          <option value="es" lang="es" ?selected=${language() === "es"}>Español</option>
        </select></label>
      <label><span class="unseen">${t("Colours")}</span>
        <select name="theme" @change=${(/** @type {Event} */ event) => {
          localStorage.setItem("theme", chosen(event));
          setTheme(chosen(event));
        }}>
          <option value="" ?selected=${theme === ""}>${t("Automatic")}</option>
          <option value="light" ?selected=${theme === "light"}>${t("Light")}</option>
          <option value="dark" ?selected=${theme === "dark"}>${t("Dark")}</option>
        </select></label>
    </div>`;
}

/** @param {Event} event */
function chosen(event) {
  return /** @type {HTMLSelectElement} */ (event.target).value;
}
