"""Exercises on softmax: scores become probabilities."""

import math
from collections.abc import Sequence
from fractions import Fraction

from mirada.analysis.arithmetic import bracketed
from mirada.analysis.exercises.answer import Number, Rounded
from mirada.analysis.exercises.draw import Draw
from mirada.analysis.exercises.exercise import Exercise, Slip, Step, slips
from mirada.errors import Phrase

__all__ = ["KINDS", "TOPIC", "explain_softmax", "softmax"]

TOPIC = "softmax"
_FORMULA = "softmax(y_i) = e^y_i / (e^y_1 + ... + e^y_n)"
_HINT = Phrase("{formula}, with e = 2.71828...", formula=_FORMULA)
_LARGEST_SHOWN = 20


def softmax(scores: Sequence[float]) -> tuple[float, ...]:
    """The probabilities of the scores; the largest is subtracted first.

    >>> [f"{p:.4f}" for p in softmax([1, 2, 3])]
    ['0.0900', '0.2447', '0.6652']
    """
    top = max(scores)
    powers = [math.exp(score - top) for score in scores]
    return tuple(power / math.fsum(powers) for power in powers)


def explain_softmax(
    scores: Sequence[int], at: int | None = None, decimals: int = 4
) -> tuple[Step, ...]:
    """The exponentials, their sum, and the quotients: all of them, or that of `at`.

    >>> for step in explain_softmax([1, 2, 3], at=0):
    ...     print(step)
    softmax(y_i) = e^y_i / (e^y_1 + ... + e^y_n)
    e^1 = 2.7183, e^2 = 7.3891, e^3 = 20.0855
    2.7183 + 7.3891 + 20.0855 = 30.1929
    2.7183 / 30.1929 = 0.0900
    """
    steps: list[Step] = [_FORMULA]
    shown = list(scores)
    if max(scores) > _LARGEST_SHOWN:
        shown = [score - max(scores) for score in scores]
        steps.append(
            Phrase(
                "the largest, {largest}, is subtracted from every score, which changes "
                "no quotient: {scores}",
                largest=max(scores),
                scores=" ".join(map(str, shown)),
            )
        )
    powers = [math.exp(score) for score in shown]
    pairs = zip(shown, powers, strict=True)
    steps.append(", ".join(f"e^{bracketed(s)} = {p:.4f}" for s, p in pairs))
    total = math.fsum(powers)
    steps.append(f"{' + '.join(f'{p:.4f}' for p in powers)} = {total:.4f}")
    chosen = range(len(scores)) if at is None else (at,)
    found = softmax(scores)
    steps += [
        f"{powers[i]:.4f} / {total:.4f} = {found[i]:.{decimals}f}" for i in chosen
    ]
    return tuple(steps)


def _scores(scores: Sequence[object]) -> str:
    return ", ".join(map(str, scores))


def _probability(
    kind: str, level: int, scores: Sequence[int], at: int, decimals: int
) -> Exercise:
    found = softmax(scores)
    answer = Rounded(found[at], decimals)
    total = sum(scores)
    wrong: list[tuple[str, float]] = []
    if max(scores) <= _LARGEST_SHOWN:
        wrong.append(("not-normalized", math.exp(scores[at])))
    if total > 0 and min(scores) >= 0:
        wrong.append(("scores-shared", scores[at] / total))
    made = slips(answer, *wrong)
    return Exercise(
        TOPIC,
        kind,
        level,
        Phrase(
            "A network gives the scores {scores}. What probability does softmax give "
            "to class {place}, counted from 1? Answer with {decimals} decimals.",
            scores=_scores(scores),
            place=at + 1,
            decimals=decimals,
        ),
        answer,
        explain_softmax(scores, at, decimals),
        _HINT,
        (*made, *_coarse(answer)),
        given={"scores": list(scores), "class": at + 1, "decimals": decimals},
    )


def _coarse(answer: Rounded) -> tuple[Slip, ...]:
    """The answer with two decimals where more were asked for."""
    coarse = Rounded(answer.value, 2)
    if answer.decimals <= 2 or answer.accepts(coarse.text):
        return ()
    return (Slip("rounded-too-early", coarse),)


def _equal(draw: Draw, level: int) -> Exercise:
    count, score = draw.one((2, 4, 5, 8, 10)), draw.whole(0, 5)
    answer = Number(Fraction(1, count))
    return Exercise(
        TOPIC,
        "equal",
        level,
        Phrase(
            "A network gives each of {count} classes the same score, {score}. What "
            "probability does softmax give to each?",
            count=count,
            score=score,
        ),
        answer,
        (_FORMULA, f"e^{score} / ({count}*e^{score}) = 1/{count} = {answer.text}"),
        Phrase("The probabilities are equal and sum to 1."),
        slips(answer, ("not-normalized", 1)),
        given={"scores": [score] * count, "class": 1},
    )


def _three(draw: Draw, level: int) -> Exercise:
    scores = draw.shuffled((0, 1, 2, 3))[: draw.whole(2, 3)]
    return _probability("small", level, scores, draw.whole(0, len(scores) - 1), 2)


def _four(draw: Draw, level: int) -> Exercise:
    scores = draw.shuffled(range(-3, 6))[: draw.whole(3, 4)]
    return _probability("signed", level, scores, draw.whole(0, len(scores) - 1), 4)


def _rest(draw: Draw, level: int) -> Exercise:
    parts = [draw.whole(5, 30) for _ in range(3)]
    shares = [f"0.{part:02d}" for part in parts]
    answer = Number(Fraction(100 - sum(parts), 100))
    return Exercise(
        TOPIC,
        "rest",
        level,
        Phrase(
            "Softmax gives the first three of four classes the probabilities {shares}. "
            "What does it give to the fourth?",
            shares=_scores(shares),
        ),
        answer,
        (
            Phrase("the probabilities sum to 1"),
            f"1 - {' - '.join(shares)} = {answer.text}",
        ),
        Phrase("What do the probabilities sum to?"),
        given={"shares": [part / 100 for part in parts]},
    )


def _shifted(draw: Draw, level: int) -> Exercise:
    base = draw.one((100, 500, 1000, 10000))
    scores = [base + score for score in draw.shuffled(range(-1, 4))[:3]]
    return _probability("shifted", level, scores, draw.whole(0, 2), 4)


def _ratio(draw: Draw, level: int) -> Exercise:
    low, step = draw.whole(-3, 3), draw.whole(1, 4)
    answer = Rounded(math.exp(step), 2)
    return Exercise(
        TOPIC,
        "ratio",
        level,
        Phrase(
            "Class A has the score {high}, class B the score {low}; there are others. "
            "How many times more probable than B does softmax make A? Answer with 2 "
            "decimals.",
            high=low + step,
            low=low,
        ),
        answer,
        (
            "(e^a / sum) / (e^b / sum) = e^(a - b)",
            f"e^({low + step} - {bracketed(low)}) = e^{step} = {answer.text}",
        ),
        Phrase("The sum is the same in both quotients."),
        slips(
            answer,
            ("scores-shared", step),
            *((("scores-shared", (low + step) / low),) if low > 0 else ()),
        ),
        given={"scores": [low + step, low]},
    )


def _logarithms(draw: Draw, level: int) -> Exercise:
    parts = draw.shuffled((1, 2, 3, 4, 5, 6))[:3]
    at = draw.whole(0, 2)
    answer = Number(Fraction(parts[at], sum(parts)))
    scores = [f"ln {part}" for part in parts]
    return Exercise(
        TOPIC,
        "logarithms",
        level,
        Phrase(
            "A network gives the scores {scores}. What probability, as a fraction, "
            "does softmax give to class {place}, counted from 1?",
            scores=_scores(scores),
            place=at + 1,
        ),
        answer,
        (
            _FORMULA,
            Phrase("e to the power of ln x is x"),
            f"{parts[at]}/({' + '.join(map(str, parts))}) = {answer.value}",
        ),
        Phrase("What is e to the power of ln x?"),
        slips(
            answer,
            ("not-normalized", parts[at]),
        ),
        given={"exponentials": parts, "class": at + 1},
    )


def _loss(draw: Draw, level: int) -> Exercise:
    scores = draw.shuffled(range(-2, 5))[:3]
    at = draw.whole(0, 2)
    share = softmax(scores)[at]
    total = math.fsum(map(math.exp, scores))
    answer = Rounded(-math.log(share), 2)
    return Exercise(
        TOPIC,
        "loss",
        level,
        Phrase(
            "A network gives the scores {scores}; the true class is number {place}, "
            "counted from 1. What is the cross-entropy, with {decimals} decimals "
            "(natural logarithm)?",
            scores=_scores(scores),
            place=at + 1,
            decimals=2,
        ),
        answer,
        (
            *explain_softmax(scores, at),
            "-ln(p) = ln(e^y_1 + ... + e^y_n) - y_i",
            f"ln({total:.4f}) - {bracketed(scores[at])} = {answer.text}",
        ),
        Phrase("It is -ln of the probability of the true class."),
        slips(
            answer,
            ("logarithm-of-ten", -math.log10(share)),
            ("probability-for-loss", share),
        ),
        given={"scores": scores, "class": at + 1, "decimals": 2},
    )


KINDS = {
    1: (_three, _equal),
    2: (_four, _rest),
    3: (_shifted, _logarithms, _loss, _ratio),
}
"""What makes the exercises of each level."""
