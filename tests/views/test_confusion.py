"""A confusion matrix as data: its shape, and which classes are most confused."""

import numpy as np
import pytest

from mirada.errors import UsageError
from mirada.views.confusion import Confusion, most_confused
from tests.refusal import refuses


def test_the_most_confused_classes_keep_their_order() -> None:
    counts = (9, 0, 0, 0), (0, 9, 0, 1), (0, 0, 9, 0), (2, 0, 0, 9)
    confusion = Confusion(tuple("abcd"), counts)
    assert most_confused(confusion, 2) == [0, 3]
    assert most_confused(confusion, 9) == [0, 1, 2, 3]


def test_the_array_has_true_classes_in_rows() -> None:
    array = Confusion(("a", "b"), ((3, 1), (0, 4))).array
    assert array.dtype == np.int64
    assert array[0, 1] == 1
    assert Confusion((), ()).array.shape == (0, 0)


@pytest.mark.parametrize("counts", [((1, 2),), ((1, 2), (3,)), ((1, 2, 3), (4, 5, 6))])
def test_another_shape_is_refused(counts: tuple[tuple[int, ...], ...]) -> None:
    lengths = str([len(row) for row in counts])
    with refuses(UsageError, "confusion-shape", "2 rows of 2 counts", lengths):
        Confusion(("a", "b"), counts)
