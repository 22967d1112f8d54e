"""mirada's docstrings for Sphinx, which are written to be read as they stand.

A `*` in them is a star, an indented block is code, and a list needs no empty line
before it. A type without a page of its own, as those of NumPy and all that is not
public, is named and not linked.
"""

import re
from importlib import import_module
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.typing import ExtensionMetadata

__all__ = ["as_restructured", "exists", "setup"]

_STARS = re.compile(r"(`[^`]*`)|([*|])")


def as_restructured(lines: list[str]) -> list[str]:
    """The lines of a docstring in the spelling of reStructuredText.

    >>> as_restructured(["A*B of", "- one", "", "    print(1 * 2)"])
    ['A\\\\*B of', '', '- one', '', '::', '', '    print(1 * 2)']
    """
    made: list[str] = []
    is_code = in_list = False
    for line, last in zip(lines, ["", *lines], strict=False):
        if not last.strip():
            indented = line.startswith("    ")
            if indented and not is_code:
                made += ["::", ""]
            is_code = indented or line.startswith(">>>")
        if not line.startswith((" ", "- ")) and line:
            in_list = False
        if line.startswith("- ") and not is_code:
            made += [] if in_list or not last else [""]
            in_list = True
        made.append(line if is_code else _escaped(line))
    return made


def _escaped(line: str) -> str:
    return _STARS.sub(lambda found: found[1] or f"\\{found[2]}", line)


def exists(name: str) -> bool:
    """Whether a dotted name leads to something.

    >>> exists("mirada.network.window.Window"), exists("mirada.network.Nothing")
    (True, False)
    """
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found = import_module(".".join(parts[:end]))
        except ImportError:
            continue
        for part in parts[end:]:
            found = getattr(found, part, None)  # type: ignore[assignment]
        return found is not None
    return False


def _restructure(
    app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]
) -> None:
    lines[:] = as_restructured(lines)


def _named(
    app: Sphinx,
    environment: BuildEnvironment,
    node: pending_xref,
    content: nodes.TextElement,
) -> nodes.TextElement | None:
    if node.get("refdomain") != "py":
        return None
    target = str(node.get("reftarget"))
    return content if exists(target) or not target.startswith("mirada.") else None


def setup(app: Sphinx) -> ExtensionMetadata:
    """Has every docstring read so."""
    app.connect("autodoc-process-docstring", _restructure)
    app.connect("missing-reference", _named)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
