"""Formulas as MathML, which browsers draw themselves: no script and no network.

How far an index is lowered is written into the formula, since a browser knows it only
from a mathematical font, and few telephones have one.
"""

from xml.etree import ElementTree

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata
from sphinx.writers.html5 import HTML5Translator

__all__ = ["formula", "setup"]

_SPACE = "{http://www.w3.org/1998/Math/MathML}"
_SHIFTS = {
    "msub": {"voffset": "-0.3em", "depth": "0.5em"},
    "msup": {"voffset": "0.45em", "height": "1.2em"},
}


def formula(text: str, displayed: bool = False) -> str:
    """A formula in LaTeX as MathML.

    >>> "voffset" in formula("x_1"), "msub" in formula("x_1")
    (True, False)
    """
    root = ElementTree.fromstring(tex2mathml(text, as_block=displayed))
    ElementTree.register_namespace("", _SPACE.strip("{}"))
    for node in list(root.iter()):
        shift = _SHIFTS.get(node.tag.removeprefix(_SPACE))
        if shift:
            _lower(node, shift)
    return ElementTree.tostring(root, encoding="unicode")


def _lower(node: ElementTree.Element, shift: dict[str, str]) -> None:
    """Makes a base and its index a row of both, the index small and shifted."""
    base, index = node
    small = ElementTree.Element(f"{_SPACE}mstyle", scriptlevel="+1")
    small.append(index)
    moved = ElementTree.Element(f"{_SPACE}mpadded", shift)
    moved.append(small)
    node.tag = f"{_SPACE}mrow"
    node[:] = [base, moved]


def _inline(writer: HTML5Translator, node: nodes.math) -> None:
    writer.body.append(formula(node.astext()))
    raise nodes.SkipNode


def _displayed(writer: HTML5Translator, node: nodes.math_block) -> None:
    writer.body.append(f'<div class="formula">{formula(node.astext(), True)}</div>\n')
    raise nodes.SkipNode


def setup(app: Sphinx) -> ExtensionMetadata:
    """Adds the renderer `mathml`."""
    app.add_html_math_renderer("mathml", (_inline, None), (_displayed, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
