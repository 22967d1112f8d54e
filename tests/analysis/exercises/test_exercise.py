"""What is said of an answer."""

from fractions import Fraction

from mirada.analysis.exercises import MISTAKES, Exercise, Number
from mirada.analysis.exercises.exercise import Judgement, slips
from mirada.errors import Phrase

ANSWER = Number(Fraction(456))
ONE = Exercise(
    "parameters",
    "convolution",
    1,
    Phrase("How many parameters does one filter have?"),
    ANSWER,
    ("(5*5*3 + 1)*6 = 456",),
    Phrase("How many parameters does one filter have?"),
    slips(
        ANSWER,
        ("channels-forgotten", 156),
        ("bias-forgotten", 450),
        ("kernel-not-squared", 96),
        ("neurons-counted", 96),
    ),
)


def test_right_wrong_and_not_understood() -> None:
    assert ONE.judge("456") == Judgement(right=True)
    assert ONE.judge("457") == Judgement(right=False)
    assert ONE.judge("many") == Judgement(right=False, understood=False)


def test_a_mistake_is_named_where_its_number_came() -> None:
    assert ONE.judge("156").mistakes == ("channels-forgotten",)
    assert ONE.judge("450").mistakes == ("bias-forgotten",)


def test_two_mistakes_with_one_number_are_both_named() -> None:
    assert ONE.judge("96").mistakes == ("kernel-not-squared", "neurons-counted")


def test_no_mistake_leads_to_the_right_answer() -> None:
    assert slips(ANSWER, ("bias-once", 456)) == ()


def test_plain_data() -> None:
    plain = ONE.to_dict()
    assert plain["answer"] == 456 and plain["answer_text"] == "456"
    assert plain["explanation"] == ["(5*5*3 + 1)*6 = 456"]
    assert plain["mistakes"][0] == {"answer": 156, "mistake": "channels-forgotten"}


def test_every_mistake_is_a_clause() -> None:
    for name, words in MISTAKES.items():
        assert name == name.lower() and not str(words).endswith(".")
