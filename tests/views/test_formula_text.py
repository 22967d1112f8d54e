"""Formulas on the page are set as on the printed sheet."""

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mirada.analysis.exercises import LEVELS, generate_exercises
from mirada.language import speaking
from mirada.views.exercises import typeset
from mirada.views.svg import write
from tests.node import run_module

BODY = """
const shown = (piece) => typeof piece === "string" ? piece
  : `<${piece.kind}>${piece.pieces.map(shown).join("")}</${piece.kind}>`;
return given.map((text) => it.piecesOf(text).map(shown).join(""));
"""


def printed(text: str) -> str:
    """What the sheet prints; the pieces of a text have no signs of HTML in them."""
    return "".join(p if isinstance(p, str) else write(p) for p in typeset(text))


def texts() -> Iterator[str]:
    for language in ("en", "es"):
        with speaking(language):
            for level in LEVELS:
                for seed in range(8):
                    for one in generate_exercises(seed, level, 16):
                        plain: Any = one.to_dict()
                        yield from (plain["question"], plain["hint"])
                        yield from (*plain["layers"], *plain["explanation"])
    yield from ("", "-", "5*5", "x x y", "e^(a*b)-1", "P_end", "a->b", "ñ_1 x ñ", "3x3")


def test_every_text_of_exercises() -> None:
    given = sorted({text for text in texts() if not set(text) & set("<>&") - {">"}})
    wanted = [printed(text).replace("&gt;", ">") for text in given]
    assert len(given) > 1000
    assert run_module("views/formula_text.js", BODY, given) == wanted


@settings(max_examples=5)
@given(st.lists(st.text("xXae1 25()*-_^.>ñπ", max_size=14), min_size=200, max_size=200))
def test_anything_like_a_formula(given: list[str]) -> None:
    wanted = [printed(text).replace("&gt;", ">") for text in given]
    found = run_module("views/formula_text.js", BODY, json.loads(json.dumps(given)))
    assert found == wanted
