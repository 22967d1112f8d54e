"""The figures of the book, drawn from what mirada computes.

    python -m scripts.figures

Every figure is an SVG of `mirada.views` in both languages, in docs/book/figures. A test
holds those that are the same on every computer up to date.
"""

from scripts.figures.drawn import FIGURES, drawn

__all__ = ["FIGURES", "drawn"]
