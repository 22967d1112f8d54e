"""Near names: the nearest first, bounded, in the language in use."""

from mirada.language import use_language
from mirada.near_names import did_you_mean

NAMES = ["conv1", "conv2", "conv3", "pool1"]


def test_the_nearest_come_first_and_no_more_than_asked_for() -> None:
    assert str(did_you_mean("conv2x", NAMES, 2)) == "Did you mean conv2, conv3?"
    assert str(did_you_mean("pool", NAMES)) == "Did you mean pool1?"


def test_there_may_be_none() -> None:
    assert did_you_mean("zzz", NAMES) == ""
    assert did_you_mean("conv9", NAMES, 3, 0.9) == ""


def test_a_name_of_any_length_is_compared_at_once() -> None:
    assert did_you_mean("x" * 10**6, ["x" * 10**4] * 100) == ""


def test_the_question_is_asked_in_the_language_in_use() -> None:
    question = did_you_mean("conv9", ["conv1"])
    use_language("es")
    assert str(question) == "¿Se quiso decir conv1?"
