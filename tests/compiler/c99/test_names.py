import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirada.compiler.c99.names import Names, identifier

WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("conv1.weight", "conv1_weight"),
        ("#", "n"),
        ("", "n"),
        ("1", "n1"),
        ("__x", "x"),
        ("restrict", "restrict_"),
        ("lane", "lane_"),
        ("fmaf", "fmaf_"),
        ("año", "a_o"),
        ("FLT_MAX", "FLT_MAX_"),
        ("N", "N"),
        ("int.fast8.t", "int_fast8_t_"),
    ],
)
def test_identifiers(name: str, wanted: str) -> None:
    assert identifier(name) == wanted


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.text(max_size=4)), unique=True))
def test_no_two_names_are_alike(given: list[tuple[str, str]]) -> None:
    names = Names(frozenset({"taken"}))
    found = [names(*one) for one in given] + [names.fresh("x"), names("a", "taken")]
    assert len({*found, "taken"}) == len(found) + (("a", "taken") not in given)
    assert all(WORD.match(name) for name in found)
    assert [names(*one) for one in given] == found[: len(given)]
