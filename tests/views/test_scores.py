"""Classes in a table, and what is taken for what in words."""

from mirada.language import use_language
from mirada.views.confusion import ConfusedPair, Confusion, confused_pairs
from mirada.views.scores import confused_list
from mirada.views.svg import write

COUNTS = ((900, 12, 0), (3, 5, 1), (0, 0, 7))


def test_the_worst_pairs_come_first() -> None:
    confusion = Confusion(("4", "9", "<7>"), COUNTS)
    assert confused_pairs(confusion, 2) == [
        ConfusedPair(0, 1, 12),
        ConfusedPair(1, 0, 3),
    ]
    assert len(confused_pairs(confusion, 99)) == 3
    assert confused_pairs(Confusion((), ()), 3) == []


def test_pairs_in_words() -> None:
    confusion = Confusion(("4", "9", "<7>"), COUNTS)
    found = confused_list(confusion, 5)
    assert found is not None
    text = write(found)
    assert "4 taken for 9: 12 times, of 912" in text
    assert "9 taken for &lt;7&gt;: once, of 9" in text
    use_language("es")
    found = confused_list(confusion, 1)
    assert found is not None and "4 tomada por 9: 12 veces, de 912" in write(found)


def test_without_mistakes_there_is_no_list() -> None:
    assert confused_list(Confusion(("a", "b"), ((2, 0), (0, 3))), 5) is None
