"""What every page keeps to, as scripts that a browser runs in it and that list faults.

Each is an expression that gives a list of sentences, empty where all is well.
"""

from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

__all__ = [
    "AXE",
    "COMPLAINTS",
    "FOCUS_STEP",
    "LIGHT",
    "MOVING",
    "REACHED_BY_KEYBOARD",
    "TEXTS",
    "english_left",
]

ROOT = Path(__file__).resolve().parents[1]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
_CATALOGUE = ROOT / "src/mirada/locale/es/LC_MESSAGES/mirada.po"

COMPLAINTS = r"""
(() => {
  const found = [], seen = [...document.querySelectorAll("body *")];
  const root = document.documentElement;
  const isSeen = (one) =>
    one.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const isNamed = (one) =>
    one.getAttribute("aria-label")?.trim() || one.getAttribute("aria-labelledby");
  if (root.scrollWidth > innerWidth) {
    found.push(`${root.scrollWidth} pixels wide`);
    for (const one of seen) {
      const { right } = one.getBoundingClientRect();
      if (right > innerWidth + 1 && isSeen(one) && !one.closest(".wide")) {
        const name = `${one.localName}.${one.getAttribute("class") ?? ""}`;
        found.push(`reaches to ${Math.round(right)}: ${name}`);
        break;
      }
    }
  }
  for (const image of document.querySelectorAll("img")) {
    const isOrnament = image.alt === "" && image.closest("a, button, [aria-hidden]");
    if (!image.alt.trim() && !isOrnament) found.push("an image without words");
    if (!image.naturalWidth && isSeen(image))
      found.push(`an image that is not shown: ${image.alt}`);
  }
  const drawings = "svg:not([role=presentation]):not(svg svg), canvas";
  for (const figure of document.querySelectorAll(drawings)) {
    const isHidden = figure.closest('[aria-hidden="true"], [role=img][aria-label]');
    const title = figure.querySelector("title")?.textContent.trim();
    if (!isHidden && !title && !isNamed(figure)) found.push("a figure without words");
  }
  for (const link of document.querySelectorAll("a:not([download])"))
    if (!link.hash.startsWith("#/"))
      if (!document.getElementById(decodeURIComponent(link.hash.slice(1))))
        found.push(`a link to nowhere: ${link.href}`);
  const ids = seen.map((one) => one.id).filter(Boolean);
  if (new Set(ids).size < ids.length) found.push("an id that is given twice");
  let level = 0;
  for (const heading of document.querySelectorAll("h1,h2,h3,h4")) {
    const next = Number(heading.localName[1]);
    if (next > level + 1 && isSeen(heading))
      found.push(`out of order: ${heading.textContent}`);
    level = next;
  }
  if (document.querySelectorAll("h1").length != 1) found.push("not one h1");

  // A canvas knows every way in which CSS writes a colour.
  const brush = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
  const known = new Map();
  const numbers = (colour) => {
    if (!known.has(colour)) {
      brush.clearRect(0, 0, 1, 1);
      brush.fillStyle = colour;
      brush.fillRect(0, 0, 1, 1);
      known.set(colour, [...brush.getImageData(0, 0, 1, 1).data]);
    }
    return known.get(colour);
  };
  const light = (rgb) => {
    const [red, green, blue] = rgb.map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const over = ([red, green, blue, alpha], below) => [red, green, blue].map(
    (part, place) => below[place] + (part - below[place]) * (alpha / 255));
  const behind = (one) => {
    const layers = [];
    for (; one; one = one.parentElement) {
      const paper = one.localName == "svg" && one.querySelector(".paper");
      const style = getComputedStyle(paper || one);
      layers.push(numbers(paper ? style.fill : style.backgroundColor));
      if (layers.at(-1)[3] == 255) break;
    }
    return layers.reduceRight((below, layer) => over(layer, below), [255, 255, 255]);
  };
  for (const one of seen) {
    const own = [...one.childNodes].some((n) => n.nodeType == 3 && n.data.trim());
    const drawn = one.localName == "text";
    if (drawn && !one.matches(".ink, .soft")) continue; // on colours of its own
    if (!own || (!drawn && one.closest("svg")) || !isSeen(one)) continue;
    if (one.closest(":disabled, [aria-disabled=true], option, noscript")) continue;
    const style = getComputedStyle(one);
    const paper = behind(one);
    const ink = over(numbers(drawn ? style.fill : style.color), paper);
    const pair = [light(ink), light(paper)];
    const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    if (ratio < 4.5) found.push(`contrast ${ratio.toFixed(2)}: ${one.textContent}`);
  }
  return [...new Set(found)];
})()
"""
LIGHT = r"""
(() => {
  const paper = document.querySelector("svg.mirada-figure > .paper");
  const colour = document.body
    ? getComputedStyle(document.body).backgroundColor
    : getComputedStyle(paper).fill;
  return Math.max(...colour.match(/[\d.]+/g).map(Number));
})()
"""

MOVING = r"""
(() => {
  const running = document.getAnimations().filter((one) => one.playState == "running");
  const told = running.map((one) => `moves: ${one.effect?.target?.className}`);
  const drawn = [...document.querySelectorAll("animate, animateTransform")];
  return [...told, ...drawn.map((one) => `moves: ${one.parentElement.localName}`)];
})()
"""
"""What moves although its reader asked for stillness."""

REACHED_BY_KEYBOARD = r"""
(() => {
  const reached = new Set(window.reachedByTab ?? []);
  const group = (one) => one.type == "radio" && one.name
    ? [...document.getElementsByName(one.name)]
    : [one];
  const wanted = "button, a[href], input, select, textarea, summary, [role=button], "
    + "[role=slider], [role=tablist], [role=grid], [role=application]";
  const found = [];
  for (const one of document.querySelectorAll(wanted)) {
    const role = one.getAttribute("role");
    if (one.disabled || one.closest('[inert], [aria-hidden="true"]')) continue;
    if (!one.checkVisibility()) continue;
    if (one.tabIndex > 0) found.push(`out of the page's order: ${one.outerHTML}`);
    const hit = group(one).some((each) => reached.has(each))
      || [...reached].some((each) => one.contains(each))
      // Of a group with one stop, arrow keys lead to the rest.
      || (one.tabIndex < 0 && [...reached].some((each) => each !== one
        && one.parentElement.closest("[role]")?.contains(each)));
    if (!hit) found.push(`not reached by Tab: ${one.outerHTML.slice(0, 160)}`);
    if (role == "grid" || role == "application")
      if (!one.getAttribute("aria-label") && !one.getAttribute("aria-labelledby"))
        found.push(`a ${role} without a name`);
  }
  return [...found, ...(window.focusFaults ?? [])];
})()
"""
"""After as many `FOCUS_STEP`s as it took: what was not reached, or did not show it."""

FOCUS_STEP = r"""
(() => {
  const look = (one) => {
    const parts = [one, one.parentElement, one.nextElementSibling, ...one.children];
    return parts.filter(Boolean).slice(0, 24).map((each) => {
      const style = getComputedStyle(each);
      const outline = style.outlineStyle == "none" ? "" : style.outline;
      return [outline, style.boxShadow, style.border, style.backgroundColor,
        style.textDecoration, style.stroke, style.strokeWidth].join();
    }).join("|");
  };
  window.reachedByTab ??= [];
  window.focusFaults ??= [];
  const one = document.activeElement;
  const before = window.lastReached;
  if (before && before.one !== one && before.look === look(before.one))
    window.focusFaults.push(`focus is not seen: ${before.one.outerHTML.slice(0, 160)}`);
  window.lastReached = null;
  if (!one || one === document.body || window.reachedByTab.includes(one)) return false;
  const box = one.getBoundingClientRect();
  if (box.bottom < 0 || box.top > innerHeight)
    window.focusFaults.push(`focus is out of sight: ${one.outerHTML.slice(0, 160)}`);
  const last = window.reachedByTab.at(-1);
  if (last && !(last.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING))
    window.focusFaults.push(`goes back to: ${one.outerHTML.slice(0, 160)}`);
  window.reachedByTab.push(one);
  window.lastReached = { one, look: look(one) };
  return true;
})()
"""
"""After a Tab: whether it led to something new; notes how that looks with the focus."""

TEXTS = r"""
(() => {
  const skipped = "code, pre, textarea, script, style, noscript, option[lang], "
    + "[translate=no], .code, [contenteditable]";
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode())
    if (!node.parentElement.closest(skipped)) found.push(node.data);
  for (const name of ["aria-label", "title", "placeholder", "alt"])
    for (const one of document.querySelectorAll(`[${name}]`))
      if (!one.closest(skipped)) found.push(one.getAttribute(name));
  const plain = found.map((text) => text.replace(/\s+/g, " ").trim());
  return [...new Set([document.title, ...plain])].filter(Boolean);
})()
"""
"""All that a page says: texts, names, titles; code and what people type left out."""


def english_left(texts: list[str], english: list[str] | None = None) -> list[str]:
    """What of a Spanish page is still English.

    That is: a message of the catalogue whose Spanish differs, or a sentence that stands
    in the `english` page with the same words.
    """
    return sorted(
        text
        for text in texts
        if text in _messages() or (text in (english or ()) and _is_sentence(text))
    )


@cache
def _messages() -> set[str]:
    """The English of the catalogue that is nowhere Spanish."""
    with _CATALOGUE.open("rb") as stream:
        held = [m for m in read_po(stream, locale="es") if isinstance(m.id, str)]
    spanish = {str(message.string) for message in held}
    return {str(message.id) for message in held} - spanish - {""}


def _is_sentence(text: str) -> bool:
    """Three words or more, which hardly mean the same in both languages."""
    words = [word.strip(".,:;()") for word in text.split()]
    return sum(word.isalpha() and word.islower() for word in words) >= 3
