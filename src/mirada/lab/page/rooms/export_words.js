// @ts-check
/** What runs, formats and files are called in the room of export. */

import { percentText, t } from "../../../views/language.js";

/** A run and how good it is. @param {{title: string, accuracy: number | null}} run */
export function runText({ title, accuracy }) {
  return accuracy === null ? title : `${title} (${percentText(accuracy)})`;
}

/** What a format is called. @param {string} name */
export function formatName(name) {
  /** @type {Record<string, string>} */
  const names = { torch: "PyTorch", onnx: "ONNX", weights: t("Weights"), description: t("Description") };
  return names[name] ?? name;
}

/** What each file is, in a few words. @returns {Record<string, string>} */
export function fileWords() {
  return {
    "model.py": t("the network as a PyTorch module"),
    "model.onnx": t("the network with its weights, from pixels to probabilities"),
    "model.safetensors": t("the weights"),
    "example.py": t("how it is used, ready to run"),
    "example.png": t("an image that the network has not seen"),
    "parity.json": t("the comparison as data"),
    "README.md": t("the model card"),
    "network.toml": t("the description as text"),
    "network.json": t("the description for programs"),
    "network.py": t("the description as Python"),
    "report.html": t("everything on one page, without the lab"),
    "curves.svg": t("how it learned"),
    "confusion.svg": t("what it takes for what"),
    "results.csv": t("every epoch as a table"),
  };
}
