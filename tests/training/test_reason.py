"""Reasons in a file: in English for a reader, in any language when they are told."""

import json
from typing import Any

import pytest

from mirada.errors import Phrase
from mirada.language import use_language
from mirada.training import Configuration
from mirada.training.reason import plain_reason, reason_from
from tests.training.example import plan

KEPT = {"template": "{count} epochs", "values": {"count": 2}}


def test_a_reason_is_told_in_the_language_in_use() -> None:
    use_language("es")
    kept = json.loads(json.dumps(plan().configuration.to_dict()))
    automatic = kept["origins"]["recipe.schedule"]
    assert automatic["reason"].startswith("up and down once")
    reason = Configuration.from_dict(kept).origins["recipe.schedule"].reason
    assert str(reason) != automatic["reason"]
    use_language("en")
    assert str(reason) == automatic["reason"]


def test_phrases_within_phrases() -> None:
    whole = Phrase("{a} and {b}", a=Phrase("{n} of them", n=3), b="text")
    kept = json.loads(json.dumps(plain_reason(whole)))
    assert kept["reason"] == "3 of them and text"
    assert str(reason_from(kept)) == "3 of them and text"
    assert plain_reason(reason_from(kept)) == kept


@pytest.mark.parametrize(
    "phrase",
    [
        None,
        "text",
        {},
        {**KEPT, "more": 1},
        {**KEPT, "template": 3},
        {**KEPT, "template": "{count.__class__}"},
        {**KEPT, "template": "{count[0]}"},
        {**KEPT, "template": "{count:999999999}"},
        {**KEPT, "template": "{count!r}"},
        {**KEPT, "template": "{other}"},
        {**KEPT, "template": "{count"},
        {**KEPT, "values": [2]},
        {**KEPT, "values": {"count": [2]}},
        {**KEPT, "values": {"count": {**KEPT, "template": "{count:9}"}}},
    ],
)
def test_what_is_no_phrase_is_told_in_english(phrase: Any) -> None:
    assert reason_from({"reason": "two epochs", "phrase": phrase}) == "two epochs"


def test_phrases_that_are_too_deep() -> None:
    phrase: dict[str, Any] = KEPT
    for _ in range(900):
        phrase = {"template": "{x}", "values": {"x": phrase}}
    assert reason_from({"reason": "deep", "phrase": phrase}) == "deep"


def test_a_run_of_an_older_version() -> None:
    assert reason_from({"reason": "as it was"}) == "as it was"
