"""The picture of a confusion matrix: cells, names of any kind, golden file."""

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mirada.language import use_language
from mirada.views.confusion import Confusion
from mirada.views.matrix import confusion_figure
from mirada.views.svg import plain_text, shorten, write
from tests.golden import golden
from tests.views.geometry import SVG, parsed, sticking_out, texts, with_class

GOLDEN = Path(__file__).parent / "golden"

HOSTILE = ("<script>alert(1)</script>", "two\nlines", "a" * 255, "\u202eright", "&amp;")


def confusion(names: tuple[str, ...], right: int = 9) -> Confusion:
    """A matrix with `right` on the diagonal and a 1 after each."""
    counts = np.eye(len(names), dtype=np.int64) * right
    return counted(names, counts + np.eye(len(names), k=1, dtype=np.int64))


def counted(names: tuple[str, ...], counts: NDArray[np.int64]) -> Confusion:
    """The matrix of an array of counts."""
    return Confusion(names, tuple(tuple(row) for row in counts.tolist()))


def test_the_picture_is_the_one_kept() -> None:
    counts = (18, 2, 0, 0), (1, 19, 0, 0), (0, 0, 7, 0), (0, 0, 0, 0)
    names = ("cat", "dog & wolf", "a folder with a long name", "owl")
    figure = confusion_figure(Confusion(names, counts))
    golden(GOLDEN / "confusion.svg", write(figure) + "\n")


def test_the_picture_in_spanish() -> None:
    use_language("es")
    root = parsed(confusion_figure(confusion(("gato", "perro"))))
    assert {"Matriz de confusión", "verdadera", "predicha"} <= set(texts(root))
    tips = [x.text for x in root.iter(f"{SVG}title")]
    assert "gato tomada por perro: 1 (10,0 %)" in tips


def test_every_count_has_its_cell() -> None:
    root = parsed(confusion_figure(confusion(("a", "b", "c"), right=4)))
    right, wrong = with_class(root, "right"), with_class(root, "wrong")
    assert [x.get("fill-opacity") for x in right] == ["0.84", "0.84", "1"]
    assert [x.get("fill-opacity") for x in wrong] == ["0.36", "0.36"]
    assert texts(root).count("4") == 3
    assert all(float(x.attrib["x"]) > float(right[0].attrib["x"]) for x in wrong)


def test_hostile_names_are_shown_as_text() -> None:
    root = parsed(confusion_figure(confusion(HOSTILE)))
    assert not [x for x in root.iter() if x.tag.endswith("script")]
    for name in HOSTILE:
        assert texts(root).count(shorten(name, 130)) == 2
    tips = [x.text for x in root.iter(f"{SVG}title")]
    assert tips.count("a" * 255) == 2


def test_many_classes_are_fewer_and_say_so() -> None:
    names = tuple(f"class {i}" for i in range(100))
    counts = np.eye(100, dtype=np.int64)
    counts[7, 90] = 3
    root = parsed(confusion_figure(counted(names, counts), most=2))
    words = texts(root)
    assert words.count("class 7") == words.count("class 90") == 2
    assert any("the 2 of 100 classes with most mistakes" in word for word in words)
    about = next(x.text for x in root.iter() if x.get("id") == "confusion-about")
    assert about == "100 of 103 images lie on the diagonal."


def test_thirty_classes_have_cells_without_numbers() -> None:
    root = parsed(confusion_figure(confusion(tuple(f"class {i}" for i in range(30)))))
    assert len(with_class(root, "right")) == 30
    assert "9" not in texts(root)
    turned = [x for x in root.iter() if "rotate(-90" in x.get("transform", "")]
    assert len(turned) == 30 + 1


@given(
    st.lists(st.text(max_size=40), min_size=1, max_size=40),
    st.integers(0, 10**9),
)
def test_nothing_reaches_beyond_the_edge(names: list[str], right: int) -> None:
    root = parsed(confusion_figure(confusion(tuple(names), right)))
    assert sticking_out(root) == []
    assert set(map(plain_text, names)) <= {
        *texts(root),
        *(x.text or "" for x in root.iter(f"{SVG}title")),
    }
