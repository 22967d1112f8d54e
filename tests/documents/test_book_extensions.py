"""What the book adds to Sphinx, and how its figures say numbers: the examples work."""

import doctest
from types import ModuleType

import pytest

from docs.book.extensions import console, docstrings, mathml
from docs.book.extensions.console import manner
from docs.book.extensions.docstrings import as_restructured
from docs.book.extensions.mathml import formula
from scripts.figures import words


@pytest.mark.parametrize("module", [console, docstrings, mathml, words])
def test_the_examples_work(module: ModuleType) -> None:
    failed, tried = doctest.testmod(module)
    assert tried and not failed


def test_a_wide_table_never_wraps() -> None:
    table = "Layer     Kind" + "  column" * 10
    assert manner(table) is None
    assert manner("a long sentence " * 20) == "wraps"
    assert manner("a long sentence " * 20 + "\n" + table[:60]) == "wraps-wide"


def test_code_stays_as_it_is_written() -> None:
    code = ["Say:", "", "    a * b", "", "    c | d", "", ">>> e * f", "g", "", "h * i"]
    made = as_restructured(code)
    assert made == [*code[:2], "::", "", *code[2:-1], "h \\* i"]


def test_an_index_of_an_index_is_lowered_twice() -> None:
    text = formula("e^{y_i}")
    assert text.count("voffset") == 2 and "msup" not in text
    assert "<mfrac>" in formula("\\frac{1}{2}", displayed=True)
