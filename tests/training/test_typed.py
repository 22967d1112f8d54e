"""Values out of files, held to the annotations of their classes."""

from dataclasses import dataclass
from typing import NamedTuple

import pytest

from mirada.training.typed import typed


@dataclass
class Some:
    whole: int = 1
    number: float = 0.5
    perhaps: float | None = None
    words: tuple[str, ...] = ("a", "b")
    three: tuple[int, int, int] = (1, 2, 3)
    rows: tuple[tuple[int, ...], ...] = ((1,), (2, 3))
    flag: bool = True


class Pair(NamedTuple):
    one: int
    two: str


@pytest.mark.parametrize(
    "given",
    [{}, {"number": 3}, {"perhaps": 1e308}, {"words": ()}, {"rows": ()}],
)
def test_what_fits_is_given_back(given: dict[str, object]) -> None:
    value = Some(**given)  # type: ignore[arg-type]
    assert typed(value) is value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("whole", True), ("whole", 1.0), ("whole", None), ("number", "1")),
        *(("number", float("nan")), ("number", float("inf")), ("number", 10**400)),
        *(("number", True), ("perhaps", float("-inf")), ("words", ["a"])),
        *(("words", ("a", 1)), ("three", (1, 2)), ("three", (1, 2, "3"))),
        *(("rows", ((1,), ("2",))), ("rows", (1,)), ("flag", 1)),
    ],
)
def test_what_does_not_is_named(name: str, value: object) -> None:
    given = {name: value}
    with pytest.raises(TypeError, match=f"^{name} is "):
        typed(Some(**given))  # type: ignore[arg-type]


def test_named_tuples_too() -> None:
    assert typed(Pair(1, "x")) == (1, "x")
    with pytest.raises(TypeError, match="two is 2"):
        typed(Pair(1, 2))  # type: ignore[arg-type]
