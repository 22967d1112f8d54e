"""Takes the pictures of the lab for READMEs and book: `python -m scripts.lab_pictures`.

A run on the digits is trained, and rooms of the lab are opened in Chromium, in both
languages; what they show then goes to docs/images/.
"""

import tempfile
from contextlib import chdir
from pathlib import Path

from mirada.cli import main as mirada
from tests.browser import Browser, chromium
from tests.lab.open_lab import OpenLab, open_lab

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
_WIDTH = 1240
_MAPS = "[data-layer=conv2] canvas"


def main() -> None:
    """Writes one picture a room and language."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "lab")
        folder.mkdir()
        with chdir(folder):
            mirada(
                ["--quiet", "train", "digits", "--out", "runs/digits", "--seed", "1"]
            )
        with open_lab(folder) as lab, chromium(Path(name, "profile")) as browser:
            for language in ("en", "es"):
                browser.visit(lab.url, width=_WIDTH)
                browser.evaluate(f"localStorage.setItem('language', '{language}')")
                for room in ("window", "look"):
                    path = IMAGES / f"lab-{room}.{language}.png"
                    _picture(browser, lab, room, path)


def _picture(browser: Browser, lab: OpenLab, room: str, path: Path) -> None:
    browser.visit(lab.room(room), width=_WIDTH)
    if room == "look":
        browser.wait_for(f"document.querySelector('{_MAPS}') !== null", 30)
        browser.click(_MAPS, at=(0.06, 0.3))
        browser.wait_for("document.querySelector('.view-arithmetic') !== null")
        browser.evaluate("scrollTo(0, 0)")
    else:
        browser.wait_for("document.querySelector('main h2, main svg') !== null", 30)
    browser.wait_for("document.getAnimations().length === 0")
    browser.evaluate("document.fonts.ready")
    browser.picture(path)


if __name__ == "__main__":
    main()
