"""What a room asks of a request, and what it is told where that is not so."""

from collections.abc import Callable

import pytest

from mirada.errors import UsageError
from mirada.lab.asked import Asked
from mirada.language import speaking
from tests.refusal import refuses

ASKED = Asked(
    query={
        "size": "5",
        "rate": "0.5",
        "name": "query",
        "large": "9" * 30,
        "odd": "x",
        "no": "false",
    },
    value={
        **{"name": "cat", "count": 3, "share": 0.25, "whole": 2, "yes": True},
        **{"list": [1], "nothing": None},
    },
)


def test_the_body_goes_before_the_query() -> None:
    assert ASKED.text("name") == "cat"
    assert ASKED.text("none", "else") == "else"
    assert ASKED.text("nothing", "else") == "else"


def test_numbers_also_come_from_the_query() -> None:
    assert (ASKED.whole("count", 1, 9), ASKED.whole("size", 1, 9)) == (3, 5)
    assert (ASKED.number("share", 0, 1), ASKED.number("rate", 0, 1)) == (0.25, 0.5)
    assert ASKED.number("whole", 0, 9) == 2.0 and ASKED.whole("none", 1, 9, 7) == 7


def test_words_and_flags() -> None:
    assert ASKED.choice("name", ("cat", "dog")) == "cat"
    assert ASKED.choice("none", ("cat", "dog"), "dog") == "dog"
    assert not ASKED.flag("no", True)
    assert ASKED.flag("yes") and not ASKED.flag("none") and ASKED.flag("none", True)


@pytest.mark.parametrize(
    "ask",
    [
        *(lambda: ASKED.text("none"), lambda: ASKED.text("count")),
        lambda: ASKED.text("name", most=2),
        *(lambda: ASKED.whole("none", 1, 9), lambda: ASKED.whole("count", 4, 9)),
        *(lambda: ASKED.whole("share", 0, 1), lambda: ASKED.whole("yes", 0, 1)),
        *(lambda: ASKED.whole("large", 0, 1), lambda: ASKED.whole("odd", 0, 1)),
        *(lambda: ASKED.number("share", 1, 2), lambda: ASKED.number("odd", 0, 1)),
        lambda: Asked(value={"a": float("nan")}).number("a", 0, 1),
        lambda: Asked(query={"a": "nan"}).number("a", 0, 1),
        lambda: Asked(query={"a": "inf"}).number("a", 0, 1),
        *(lambda: ASKED.choice("name", ("dog",)), lambda: ASKED.choice("list", ("a",))),
        *(lambda: ASKED.flag("name"), lambda: ASKED.flag("count")),
    ],
)
def test_what_is_not_so_is_told(ask: Callable[[], object]) -> None:
    with refuses(UsageError, "request-field"):
        ask()


def test_the_field_and_what_it_wants_are_named_in_both_languages() -> None:
    with pytest.raises(UsageError) as caught:
        ASKED.text("count")
    assert "'count'" in str(caught.value) and "at most 4096 letters" in str(
        caught.value
    )
    with speaking("es"):
        assert "a lo sumo 4096 letras" in str(caught.value)
