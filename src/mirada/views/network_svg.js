// @ts-check
/** The drawing of a network as a file: SVG that needs nothing, in light colours. */

import { drawing } from "./network_drawing.js";

/** @import { Described, Part } from "./network_drawing.js" */

/** @type {Record<string, Record<string, string>>} */
const FACES = {
  learn: { front: "#8ec0f5", top: "#cde3fb", side: "#5b9be0" },
  pool: { front: "#f3b78a", top: "#fbe0cb", side: "#d98a4e" },
  join: { front: "#8fd0a0", top: "#d0ecd7", side: "#57a86e" },
  other: { front: "#cfd6dd", top: "#eaeef2", side: "#a3adb8" },
  unknown: { front: "#ffffff", top: "#ffffff", side: "#ffffff" },
  wrong: { front: "#ffd7d5", top: "#ffebe9", side: "#ffb3ae" },
};
const EDGE = { learn: "#0969da", pool: "#bc4c00", join: "#1a7f37", other: "#59636e", unknown: "#848d97",
  wrong: "#c1121f" };
const FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif";

/** The file's text. @param {Described} data */
export function networkSvg(data) {
  const { width, height, title, parts } = drawing(data);
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"`
      + ` viewBox="0 0 ${width} ${height}" role="img" font-family="${FONT}" font-size="12">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...parts.map(written),
    "</svg>",
  ];
  return `${lines.join("\n")}\n`;
}

/** @param {Part} part */
function written({ tag, kind, text, attributes }) {
  const given = Object.entries({ ...attributes, ...colours(kind) });
  const head = given.map(([name, value]) => ` ${name}="${escaped(String(value))}"`).join("");
  return tag === "text" ? `<text${head}>${escaped(text ?? "")}</text>` : `<path${head}/>`;
}

/** @param {string} kind @returns {Record<string, string>} */
function colours(kind) {
  const [what, role, face] = kind.split(" ");
  if (what === "arrow") return { stroke: "#59636e", "stroke-width": "1.2", fill: "none" };
  if (what === "label")
    return role === "strong" ? { fill: "#1f2328", "font-weight": "600" }
      : { fill: role === "soft" ? "#59636e" : "#1f2328" };
  const stroke = EDGE[/** @type {keyof typeof EDGE} */ (role)];
  return { fill: FACES[role][face], stroke, "stroke-width": "0.8", "stroke-linejoin": "round" };
}

/** @param {string} text */
function escaped(text) {
  // XML allows no control characters, however they are written.
  const allowed = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "�");
  return allowed.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}
