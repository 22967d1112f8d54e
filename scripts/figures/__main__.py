"""Draws every figure of the book into docs/book/figures."""

from pathlib import Path

from mirada.language import LANGUAGES
from scripts.figures import FIGURES, drawn
from scripts.figures.run import run_figures

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "book" / "figures"

for language in LANGUAGES:
    made = {name: drawn(name, language) for name in FIGURES} | run_figures(language)
    for name, text in made.items():
        path = FOLDER / f"{name}.{language}.svg"
        path.write_text(text, encoding="utf-8", newline="\n")
