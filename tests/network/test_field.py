"""Limits: one declaration is the check, the message, the text, and what is drawn."""

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirada.errors import FieldError
from mirada.network import Recipe
from mirada.network.field import (
    Choice,
    Flag,
    Limit,
    Numbers,
    Optional,
    Pair,
    Real,
    Whole,
    shown,
)
from mirada.network.text import LAYERS, LOSSES, OPTIMIZERS, SCHEDULES
from mirada.network.window import Padding
from tests.refusal import refuses
from tests.strategies import outside, strategy

FIELDS = {
    f"{kind.__name__}.{name}": limit
    for kind in (
        *LAYERS.values(),
        *LOSSES.values(),
        *OPTIMIZERS.values(),
        *SCHEDULES.values(),
    )
    for name, limit in kind.limits().items()
} | {
    f"Recipe.{name}": Recipe.__dict__[name] for name in ("epochs", "batch_size", "seed")
}
"""Every field of every description."""


@dataclass(frozen=True)
class Example:
    """One field of every kind."""

    whole: Whole = Whole(1, 64)
    real: Real = Real(0.0, 1.0, 0.5, below=True)
    flag: Flag = Flag(True)
    choice: Choice = Choice("left", "right", default="left")
    pair: Pair = Pair(Whole(1, 9), 3)
    numbers: Numbers = Numbers(Real(0.0, 9.0), 3)
    padding: Padding = Padding()
    perhaps: Optional[int] = Optional(Whole(1, 5))


@pytest.mark.parametrize("name", FIELDS)
@settings(max_examples=25)
@given(data=st.data())
def test_values_inside_are_kept(name: str, data: st.DataObject) -> None:
    limit = FIELDS[name]
    value = data.draw(strategy(limit))
    assert limit.check(value) == value


@pytest.mark.parametrize("name", FIELDS)
@settings(max_examples=25)
@given(data=st.data())
def test_values_outside_are_refused(name: str, data: st.DataObject) -> None:
    limit, value = FIELDS[name], data.draw(outside(FIELDS[name]))
    with pytest.raises(FieldError) as caught:
        limit.check(value)
    assert caught.value.code.startswith("field-")
    assert str(caught.value).startswith(name + " must be")
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("name", FIELDS)
@settings(max_examples=25)
@given(data=st.data())
def test_text_and_plain_form_convert_back(name: str, data: st.DataObject) -> None:
    limit = FIELDS[name]
    value = data.draw(strategy(limit))
    assert limit.check(limit.plain(value)) == value
    if value is not None and value != ():
        assert limit.read(limit.write(value)) == value


@pytest.mark.parametrize("name", FIELDS)
@settings(max_examples=25)
@given(text=st.text(max_size=12))
def test_any_text_is_read_or_refused(name: str, text: str) -> None:
    limit = FIELDS[name]
    try:
        value = limit.read(text)
    except FieldError:
        return
    assert limit.check(value) == value


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_has_a_control(name: str) -> None:
    control = FIELDS[name].control()
    assert control["type"] in (
        "number",
        "checkbox",
        "select",
        "pair",
        "numbers",
        "padding",
    )


def test_a_control_states_the_limit() -> None:
    limits = vars(Example)
    assert limits["whole"].control() == {
        "type": "number",
        "min": 1,
        "max": 64,
        "step": 1,
    }
    assert limits["real"].control()["step"] == "any"
    assert limits["choice"].control()["options"] == ["left", "right"]
    assert limits["pair"].control()["each"]["max"] == 9
    assert limits["numbers"].control()["most"] == 3
    assert limits["perhaps"].control()["optional"] is True
    assert limits["padding"].control()["same"][0] == "same"


@pytest.mark.parametrize(
    ("code", "field", "value", "words"),
    [
        ("field-whole", "whole", 0, "a whole number from 1 to 64; got 0."),
        ("field-whole", "whole", True, "got True."),
        pytest.param("field-whole", "whole", 10**5000, "got int.", id="huge"),
        ("field-real", "real", 1, "a number from 0 to below 1; got 1."),
        pytest.param("field-real", "real", 10**400, "got 1000", id="large"),
        ("field-real", "real", "1", "got '1'."),
        ("field-flag", "flag", 1, "true or false; got 1."),
        ("field-choice", "choice", "up", "one of left, right; got 'up'."),
        ("field-pair", "pair", (1, 2, 3), "two (height, width); got (1, 2, 3)."),
        ("field-whole", "pair", (1, 10), "Example.pair must be a whole number"),
        ("field-numbers", "numbers", [1] * 4, "a list of at most 3 numbers"),
        ("field-real", "numbers", [10], "Example.numbers must be a number from 0 to 9"),
        (
            "field-padding",
            "padding",
            (1, 2, 3),
            "four (top, bottom, left, right), same",
        ),
        ("field-padding", "padding", "some", "same-lower; got 'some'."),
        ("field-whole", "perhaps", 6, "Example.perhaps must be a whole number"),
    ],
)
def test_the_words_of_each_refusal(
    code: str, field: str, value: Any, words: str
) -> None:
    values: dict[str, Any] = {"whole": 1, field: value}
    with refuses(FieldError, code, f"Example.{field} must be", words):
        Example(**values)


def test_a_range_says_which_ends_it_holds() -> None:
    closed, open_low = Real(0.0, 1.0), Real(0.0, 1.0, above=True)
    with refuses(FieldError, "field-real", "from 0 to 1; got 2"):
        closed.inside("x").check(2)
    with refuses(FieldError, "field-real", "above 0 and up to 1; got 0.0"):
        open_low.inside("x").check(0.0)


def test_short_forms_are_widened() -> None:
    example = Example(4, pair=5, padding=2, numbers=[1])
    assert example.pair == (5, 5)
    assert example.padding == (2, 2, 2, 2)
    assert Example(4, padding=(1, 2)).padding == (1, 1, 2, 2)
    assert example.numbers == (1.0,)
    assert isinstance(example.numbers[0], float)


def test_a_field_without_a_default_is_required() -> None:
    assert Example.__dict__["whole"].required
    assert not Example.__dict__["real"].required
    with pytest.raises(TypeError, match="whole"):
        Example()


@pytest.mark.parametrize("text", ["1_0", "٣", "+1", " 1", "1.0", "0x1", "9" * 50])
def test_only_plain_digits_are_a_whole_number(text: str) -> None:
    with refuses(FieldError, "field-whole", "must be a whole number"):
        Whole(0, 10**9).inside("x").read(text)


@pytest.mark.parametrize("text", ["1_0.5", "nan", "inf", "٣.1", "1e999", "--1", ""])
def test_only_plain_digits_are_a_number(text: str) -> None:
    with refuses(FieldError, "field-real", "must be a number"):
        Real(-1e9, 1e9).inside("x").read(text)


def test_a_value_is_shown_short() -> None:
    assert shown([1, 2]) == "[1, 2]"
    assert len(shown("x" * 1000)) == 60
    assert shown(10**5000) == "int"
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    assert shown(deep) == "list"


def test_a_limit_of_an_unknown_kind_has_no_strategy() -> None:
    class Odd(Limit[int]):
        def check(self, value: Any) -> int:
            return int(value)

        def read(self, text: str) -> int:
            return int(text)

        def control(self) -> dict[str, Any]:
            return {}

    with pytest.raises(NotImplementedError, match="Odd"):
        strategy(Odd())
    with pytest.raises(NotImplementedError, match="Odd"):
        outside(Odd())
