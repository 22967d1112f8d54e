"""Draws every figure of the book into docs/book/figures."""

from pathlib import Path

from mirada.language import LANGUAGES
from scripts.figures import FIGURES, drawn

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "book" / "figures"

for name in FIGURES:
    for language in LANGUAGES:
        path = FOLDER / f"{name}.{language}.svg"
        path.write_text(drawn(name, language), encoding="utf-8", newline="\n")
