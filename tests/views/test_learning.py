"""The learning curve's figure: dots, the curve, what lies beyond, words."""

from mirada.views.learning import (
    BandPoint,
    LearningPicture,
    MeasuredPoint,
    learning_figure,
)
from tests.views.geometry import parsed, sticking_out, texts, with_class

MEASURED = tuple(
    MeasuredPoint(n, 0.7 + 0.05 * k + 0.001 * s)
    for k, n in enumerate((100, 200, 400))
    for s in range(2)
)
BAND = tuple(
    BandPoint(n, 0.7 + 0.0003 * n, 0.6 + 0.0003 * n, 0.72 + 0.0003 * n)
    for n in (100, 200, 400, 600, 800)
)
PICTURE = LearningPicture(MEASURED, BAND)


def test_a_dot_a_run_and_the_curve_in_two_pieces() -> None:
    root = parsed(learning_figure(PICTURE))
    assert len(with_class(root, "dot-1")) == 6 + 1  # one in the legend
    (inside,) = with_class(root, "line-1")
    assert inside.attrib["d"].count("L") == 2
    beyond = [x for x in with_class(root, "line-2") if "d" in x.attrib]
    assert len(beyond) == 1 and beyond[0].attrib["d"].count("L") == 2
    assert len(with_class(root, "mark")) == 2


def test_the_curve_rises_to_the_right() -> None:
    root = parsed(learning_figure(PICTURE))
    path = with_class(root, "line-1")[0].attrib["d"]
    points = [tuple(map(float, p.split())) for p in path[1:].split("L")]
    assert points == sorted(points) and points[0][1] > points[-1][1]


def test_sizes_stand_at_the_axis() -> None:
    words = texts(parsed(learning_figure(PICTURE)))
    assert {"100", "200", "400", "800", "training images", "measured"} <= set(words)


def test_without_a_curve_there_are_dots_alone() -> None:
    root = parsed(learning_figure(LearningPicture(MEASURED[:1])))
    assert not with_class(root, "line-1") and not with_class(root, "line-2")
    assert not sticking_out(root)


def test_it_is_told_in_words_and_nothing_sticks_out() -> None:
    root = parsed(learning_figure(PICTURE))
    about = next(x for x in root if x.tag.endswith("desc")).text
    assert about and "100 images: 70.0 % right." in about
    assert "Expected with 800 images: 94.0 %, from 84.0 % to 96.0 %." in about
    assert not sticking_out(root)


def test_large_numbers_do_not_run_into_each_other() -> None:
    rows = tuple(MeasuredPoint(n, 0.9) for n in range(1_000_000, 1_000_030))
    root = parsed(learning_figure(LearningPicture(rows)))
    assert not sticking_out(root)
    assert len([t for t in texts(root) if t.startswith("10000")]) < 15
