"""Results as pictures and pages: plain data in, SVG or one self-contained HTML out.

Nothing here computes, trains or reads files; the standard library and NumPy are all it
needs. Text is in the language in use, colours follow light and dark.
"""

from mirada.views.confusion import Confusion
from mirada.views.curves import Curves, curves_of, training_curves
from mirada.views.gallery import Doubt, Mistake
from mirada.views.matrix import confusion_figure
from mirada.views.page import Section, page_html
from mirada.views.png import data_uri, png_bytes
from mirada.views.rates import RateCurve, rate_figure
from mirada.views.reasons import MapCheck, ReasonRow, reasons_figure
from mirada.views.report import Fact, Report, Setting, report_html
from mirada.views.scores import ClassScore
from mirada.views.svg import Element, write

__all__ = [
    "ClassScore",
    "Confusion",
    "Curves",
    "Doubt",
    "Element",
    "Fact",
    "MapCheck",
    "Mistake",
    "RateCurve",
    "ReasonRow",
    "Report",
    "Section",
    "Setting",
    "confusion_figure",
    "curves_of",
    "data_uri",
    "page_html",
    "png_bytes",
    "rate_figure",
    "reasons_figure",
    "report_html",
    "training_curves",
    "write",
]
