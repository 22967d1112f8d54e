"""The training curves: lines, gaps, marks, words, and the picture kept as golden."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirada.errors import UsageError
from mirada.language import use_language
from mirada.views.curves import Curves, curves_of, training_curves
from mirada.views.svg import write
from tests.golden import golden
from tests.refusal import refuses
from tests.views.geometry import parsed, sticking_out, texts, with_class

GOLDEN = Path(__file__).parent / "golden"

RUN = Curves(
    epochs=(1, 2, 3, 4, 5, 6),
    train_loss=(1.82, 0.71, 0.42, 0.30, 0.22, 0.17),
    validation_loss=(1.05, 0.60, 0.45, 0.38, 0.36, 0.37),
    train_accuracy=(0.44, 0.78, 0.87, 0.91, 0.93, 0.95),
    validation_accuracy=(0.66, 0.81, 0.86, 0.88, 0.89, 0.89),
    best_epoch=5,
)


def test_the_picture_is_the_one_kept() -> None:
    golden(GOLDEN / "curves.svg", write(training_curves(RUN)) + "\n")


def test_the_picture_in_spanish() -> None:
    use_language("es")
    words = texts(parsed(training_curves(RUN)))
    assert {"Pérdida", "Exactitud", "entrenamiento", "validación"} <= set(words)
    assert words.count("época") == 2
    assert words.count("mejor: época 5") == 2


def test_one_line_a_series_and_a_mark_a_panel() -> None:
    root = parsed(training_curves(RUN))
    paths = [x for x in root.iter() if x.tag.endswith("path")]
    assert [x.get("class") for x in paths] == ["line-1", "line-2"] * 2
    assert all(x.attrib["d"].count("L") == 5 for x in paths)
    assert len(with_class(root, "mark")) == 2


def test_higher_accuracy_stands_higher() -> None:
    root = parsed(training_curves(RUN))
    path = with_class(root, "line-1")[-1].attrib["d"]
    heights = [float(point.split()[1]) for point in path[1:].split("L")]
    assert heights == sorted(heights, reverse=True)


def test_a_line_breaks_where_nothing_was_measured() -> None:
    nan, inf = float("nan"), float("inf")
    curves = Curves(
        epochs=tuple(range(1, 8)),
        train_loss=(2.0, 1.0, None, 0.9, nan, 0.7, 0.6),
        validation_loss=(inf,) * 7,
        train_accuracy=(None,) * 7,
        validation_accuracy=(None,) * 7,
    )
    root = parsed(training_curves(curves))
    pieces = [x for x in with_class(root, "line-1") if x.tag.endswith("path")]
    assert [x.attrib["d"].count("L") for x in pieces] == [1, 1]
    assert len(with_class(root, "dot-1")) == 1
    assert not with_class(root, "dot-2")
    about = next(x.text or "" for x in root.iter() if x.get("id") == "curves-about")
    assert "training: 2 at epoch 1, 0.6 at epoch 7." in about
    assert "validation: no values." in about


def test_no_epoch_yet_draws_empty_axes() -> None:
    root = parsed(training_curves(Curves((), (), (), (), ())))
    assert not [x for x in root.iter() if x.tag.endswith("path")]
    assert sticking_out(root) == []


losses = st.none() | st.floats(0, 1e12) | st.sampled_from([float("nan"), float("inf")])
shares = st.none() | st.floats(0, 1)


@given(st.data(), st.integers(1, 1000), st.integers(0, 9))
def test_nothing_reaches_beyond_the_edge(
    data: st.DataObject, start: int, more: int
) -> None:
    epochs = tuple(range(start, start + more + 1))

    def column(values: st.SearchStrategy[float | None]) -> tuple[float | None, ...]:
        count = len(epochs)
        return tuple(data.draw(st.lists(values, min_size=count, max_size=count)))

    loss = column(losses), column(losses)
    accuracy = column(shares), column(shares)
    curves = Curves(epochs, *loss, *accuracy, data.draw(st.sampled_from(epochs)))
    assert sticking_out(parsed(training_curves(curves))) == []


def test_columns_of_another_length_are_refused() -> None:
    with refuses(UsageError, "curves-length", "train_loss has 1 values for 2 epochs"):
        Curves((1, 2), (0.5,), (0.5, 0.4), (0.1, 0.2), (0.1, 0.2))


@dataclass(frozen=True)
class Row:
    epoch: int
    train_loss: float
    validation_loss: float | None
    train_accuracy: float
    validation_accuracy: float | None
    best: bool


def test_the_last_best_row_of_a_history_is_marked() -> None:
    rows = [
        Row(1, 2.0, 2.1, 0.3, 0.2, best=True),
        Row(2, 1.0, 1.2, 0.6, 0.5, best=True),
        Row(3, 0.9, None, 0.7, None, best=False),
    ]
    assert curves_of(rows) == Curves(
        (1, 2, 3),
        (2.0, 1.0, 0.9),
        (2.1, 1.2, None),
        (0.3, 0.6, 0.7),
        (0.2, 0.5, None),
        2,
    )
    assert curves_of([]).best_epoch is None


def test_ids_differ_by_key() -> None:
    root = parsed(training_curves(RUN, key="second"))
    assert {x.get("id") for x in root.iter()} == {None, "second-title", "second-about"}


@pytest.mark.parametrize("count", [2, 30, 500])
def test_epoch_ticks_are_whole_numbers(count: int) -> None:
    flat = (0.5,) * count
    curves = Curves(tuple(range(1, count + 1)), flat, flat, flat, flat)
    words = texts(parsed(training_curves(curves)))
    place = words.index("epoch")
    below = [w for w in words[:place] if w.isdigit()]
    assert 1 <= len(below) <= 11
