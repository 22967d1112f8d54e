"""Takes the pictures of the lab for READMEs and book: `python -m scripts.lab_pictures`.

A run on the digits is trained and looked into in Chromium, in both languages; what the
page shows then goes to docs/images/.
"""

import tempfile
from contextlib import chdir
from pathlib import Path

from PIL import Image

from mirada.cli import main as mirada
from tests.browser import Browser, chromium
from tests.lab.open_lab import OpenLab, open_lab

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
_WIDTH, _HEIGHT = 1240, 900
_MAPS = "[data-layer=conv2] canvas"


def main() -> None:
    """Writes one picture a language."""
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
                _picture(browser, lab, IMAGES / f"lab.{language}.png")


def _picture(browser: Browser, lab: OpenLab, path: Path) -> None:
    """The room Look, with the sum behind one number."""
    browser.visit(lab.room("look"), width=_WIDTH)
    browser.wait_for(f"document.querySelector('{_MAPS}') !== null", 30)
    browser.click(_MAPS, at=(0.06, 0.3))
    browser.wait_for("document.querySelector('.view-arithmetic') !== null")
    browser.evaluate("scrollTo(0, 0)")
    browser.picture(path)
    with Image.open(path) as whole:
        whole.crop((0, 0, _WIDTH, _HEIGHT)).save(path, optimize=True)


if __name__ == "__main__":
    main()
