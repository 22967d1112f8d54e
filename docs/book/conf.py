"""How Sphinx builds the book: one tree a language, chosen by `-t es` or `-t en`.

`scripts/docs` builds both. Nothing is loaded from a network, here or in the pages.
"""

import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from mirada.version import __version__  # noqa: E402

language = "es" if "tags" in globals() and globals()["tags"].has("es") else "en"
other = {"en": ("es", "Español"), "es": ("en", "English")}[language]

project = "mirada"
author = "The mirada authors"
release = __version__
html_title = {"en": "mirada: the book", "es": "mirada: el libro"}[language]

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "docs.book.extensions.command_reference",
    "docs.book.extensions.console",
    "docs.book.extensions.docstrings",
    "docs.book.extensions.mathml",
]
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
html_math_renderer = "mathml"

# Docstrings of mirada mark code with single backticks.
default_role = "code"
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_default_options = {"members": True}
python_use_unqualified_type_names = True
nitpicky = True

locale_dirs = [str(HERE / "locale")]
templates_path = [str(HERE / "templates")]
html_static_path = [str(HERE / "static")]
html_theme = "furo"
html_css_files = ["book.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_show_sphinx = False
html_context: dict[str, Any] = {"other_language": other[0], "other_name": other[1]}
html_sidebars = {
    "**": [
        "sidebar/brand.html",
        "language.html",
        "sidebar/search.html",
        "sidebar/scroll-start.html",
        "sidebar/navigation.html",
        "sidebar/scroll-end.html",
    ]
}
