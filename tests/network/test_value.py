"""Parts of a description: text and plain form of every kind convert without loss."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirada.errors import FieldError, TextError
from mirada.network import (
    SGD,
    AdamW,
    Conv2d,
    CrossEntropy,
    GlobalAvgPool2d,
    MaxPool2d,
    Step,
    Upsample,
)
from mirada.network.text import LAYERS, LOSSES, OPTIMIZERS, SCHEDULES, read_value
from mirada.network.value import Value
from tests.refusal import refuses
from tests.strategies import values

KINDS: dict[str, type[Value]] = {**LAYERS, **LOSSES, **OPTIMIZERS, **SCHEDULES}


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=50)
@given(data=st.data())
def test_both_forms_convert_back(kind: str, data: st.DataObject) -> None:
    value = data.draw(values(KINDS[kind]))
    assert read_value(value.text(), KINDS) == value
    plain = json.loads(json.dumps(value.plain()))
    assert plain.pop("kind") == kind
    assert type(value).from_plain(plain) == value
    assert hash(type(value).from_plain(plain)) == hash(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Conv2d(6, 5, padding=2), "conv 6 5x5 pad 2"),
        (Conv2d(64, (3, 1), 2, "same", bias=False), "conv 64 3x1 stride 2 same nobias"),
        (Conv2d(8, 3, padding=(1, 2, 3, 4)), "conv 8 3x3 pad 1,2,3,4"),
        (Conv2d(8, 3, padding=(1, 2)), "conv 8 3x3 pad 1x2"),
        (MaxPool2d(3, stride=2, ceil=True), "maxpool 3 stride 2 ceil"),
        (GlobalAvgPool2d(), "globalavgpool"),
        (Upsample((2, 3), "bilinear"), "upsample 2x3 mode bilinear"),
        (CrossEntropy(0.1, (1, 2)), "crossentropy smoothing 0.1 weights 1.0,2.0"),
        (SGD(0.1, nesterov=True, weight_decay=1e-4), "sgd 0.1 nesterov decay 0.0001"),
        (AdamW(weight_decay=0.1), "adamw decay 0.1"),
        # What stands by position is written up to the last that differs.
        (Step(factor=0.5), "step 2 0.5"),
    ],
)
def test_the_short_form(value: Value, text: str) -> None:
    assert value.text() == text
    assert read_value(text, KINDS) == value


def test_words_come_in_any_order_and_by_either_name() -> None:
    expected = Conv2d(6, 5, 2, 1, bias=False)
    for text in (
        "conv 6 5x5 stride 2 pad 1 nobias",
        "conv nobias padding 1 6 stride 2x2 5",
        "conv out_channels 6 kernel_size 5 stride 2 pad 1 nobias",
    ):
        assert read_value(text, KINDS) == expected


def test_a_value_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Conv2d(6, 5).stride = (2, 2)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("conv 6 5x5 stride 2 stride 2", "text-twice", "'conv' sets stride twice"),
        ("conv 6 5x5 same pad 1", "text-twice", "'conv' sets padding twice"),
        ("conv 6 5x5 stride", "text-missing-value", "'conv' ends after 'stride'"),
        ("conv 6", "text-incomplete", "needs kernel_size; write it, as in 'conv <out"),
        (
            "conv 6 5x5 7",
            "text-unknown-word",
            "does not know '7'; it knows out_channels",
        ),
        ("relu 5", "text-unknown-word", "'relu' does not know '5'; it knows -."),
        ("convv 6 5x5", "text-unknown-kind", "no 'convv'; there are conv,"),
        ("", "text-unknown-kind", "There is no ''"),
    ],
)
def test_text_that_cannot_be_read(text: str, code: str, words: str) -> None:
    with refuses(TextError, code, words):
        read_value(text, KINDS)


def test_the_nearest_kinds_are_suggested() -> None:
    with refuses(TextError, "text-unknown-kind", "Did you mean maxpool"):
        read_value("maxpol 2", KINDS)
    with refuses(TextError, "text-unknown-kind", "There is no 'zzzz'"):
        read_value("zzzz", KINDS)


@pytest.mark.parametrize(
    ("table", "code", "words"),
    [
        ({"out_channels": 6}, "text-incomplete", "needs kernel_size"),
        ({"channels": 6}, "text-unknown-word", "does not know 'channels'"),
    ],
)
def test_tables_that_cannot_be_read(
    table: dict[str, Any], code: str, words: str
) -> None:
    with refuses(TextError, code, words):
        Conv2d.from_plain(table)


def test_values_in_text_keep_their_limits() -> None:
    with refuses(FieldError, "field-whole", "Conv2d.stride must be", "got 0"):
        read_value("conv 6 5x5 stride 0", KINDS)
    with refuses(FieldError, "field-whole", "Conv2d.out_channels", "got 'six'"):
        read_value("conv six 5x5", KINDS)
