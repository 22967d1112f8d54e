"""What a command prints, on a page: sentences wrap as in a terminal, tables do not."""

import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

__all__ = ["manner", "setup"]

_COLUMNS = re.compile(r"\S {2,}\S")
_PAGE = 88
"""How many characters a line of a wide page has room for."""
_TELEPHONE = 36


def manner(printed: str) -> str | None:
    """How a block may wrap: always, only on a wide page, or not at all (None).

    >>> manner("a sentence"), manner("a column  another" + " and  more" * 5)
    ('wraps', 'wraps-wide')
    """
    lines = printed.splitlines()
    table = max((len(line) for line in lines if _COLUMNS.search(line)), default=0)
    if table > _PAGE:
        return None
    return "wraps" if table <= _TELEPHONE else "wraps-wide"


def _mark(app: Sphinx, document: nodes.document) -> None:
    for block in document.findall(nodes.literal_block):
        found = manner(block.astext())
        if block.get("language") == "console" and found:
            block["classes"].append(found)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Marks the blocks of every page once it is read."""
    app.connect("doctree-read", _mark)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
