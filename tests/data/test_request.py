"""Options are checked before anything is opened."""

import pytest

from mirada.data.request import Request
from mirada.errors import DataError
from tests.refusal import refuses


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("size", (8,), "height and width from 1 to 4096; got (8,)"),
        ("size", (0, 8), "got (0, 8)"),
        ("size", (8, 5000), "got (8, 5000)"),
        ("size", (True, True), "got (True, True)"),
        ("channels", 2, "1 (grey) or 3 (RGB); got 2"),
        ("resize", "pad", "one of crop, squash; got 'pad'"),
    ],
)
def test_a_wrong_option_is_named(option: str, value: object, words: str) -> None:
    with refuses(DataError, "load-option", f"option {option} must be", words):
        Request(**{option: value})  # type: ignore[arg-type]


def test_nothing_given_is_automatic() -> None:
    assert Request().size is None and Request().channels is None
