"""Options that say how to train."""

import pytest

from mirada.cli.recipes import ClassWeights, LearningRate, OptimizerText, ScheduleText
from mirada.errors import TextError, UsageError
from mirada.network import SGD, AdamW, Cosine, OneCycle
from tests.refusal import refuses


def test_rates() -> None:
    rate = LearningRate()
    assert [rate(text) for text in ("0.03", "1e-3", "1000")] == [0.03, 0.001, 1000.0]
    assert rate(0.5) == 0.5


@pytest.mark.parametrize("text", ["0", "-1", "1e6", "nan", "inf", "fast", ""])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with refuses(UsageError, "rate-option", "above 0 and up to 1000", repr(text)):
        LearningRate()(text)


def test_optimizers_and_schedules_as_short_texts() -> None:
    assert OptimizerText()("sgd 0.05 momentum 0.8") == SGD(0.05, momentum=0.8)
    assert OptimizerText()("adamw") == AdamW()
    assert OptimizerText()(AdamW(0.1)) == AdamW(0.1)
    assert ScheduleText()("cosine warmup 0.1") == Cosine(warmup=0.1)
    assert ScheduleText()(OneCycle()) == OneCycle()


def test_what_is_neither_is_refused() -> None:
    with refuses(TextError, "text-unknown-kind", "There is no 'rmsprop'", "sgd, adamw"):
        OptimizerText()("rmsprop 0.1")
    with refuses(TextError, "text-unknown-kind", "There is no 'linear'", "onecycle"):
        ScheduleText()("linear")


def test_class_weights() -> None:
    weights = ClassWeights()
    assert [weights(text) for text in ("auto", "none", "1,2.5,0")] == [
        *("auto", "none"),
        (1.0, 2.5, 0.0),
    ]
    assert weights((1.0, 2.0)) == (1.0, 2.0)


@pytest.mark.parametrize("text", ["", "1,x", "-1,2", "0,0", "nan,1", "inf,1", "1;2"])
def test_what_are_no_class_weights_is_refused(text: str) -> None:
    with refuses(UsageError, "class-weights-option", "auto, none, or one number"):
        ClassWeights()(text)
