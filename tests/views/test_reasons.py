"""The figure of why an answer was given: pictures, scores, golden file."""

import re
from pathlib import Path

import numpy as np
import pytest

from mirada.language import use_language
from mirada.views.reasons import MapCheck, ReasonRow, reasons_figure
from mirada.views.svg import Element, write
from tests.golden import golden
from tests.views.geometry import SVG, parsed, sticking_out, texts, with_class

GOLDEN = Path(__file__).parent / "golden"
SENTENCES = (
    "This map does not depend on what was learned: it is much the same with random "
    "weights. Do not trust it. Only one of deletion and insertion is better."
)


def row(
    title: str = "occlusion", *, good: bool = True, signed: bool = True
) -> ReasonRow:
    """A map that falls from the top left to the bottom right, and its scores."""
    values = 6.0 - np.add.outer(np.arange(6.0), np.arange(8.0))
    return ReasonRow(
        title=title,
        values=values if signed else np.maximum(values, 0.0),
        signed=signed,
        deletion=MapCheck(0.25, 0.5, True),
        insertion=MapCheck(0.875 if good else 0.1, 0.5, good),
        randomisation=MapCheck(-0.001 if good else 0.75, 0.5, good),
        verdict="It passes all three checks." if good else SENTENCES,
    )


def drawn(*rows: ReasonRow, title: str = "Why 7?", narrow: bool = False) -> Element:
    """The figure of a photo of 6x8 pixels."""
    pixels = np.arange(144, dtype=np.uint8).reshape(6, 8, 3)
    return reasons_figure(title, "image.png", pixels, rows, narrow=narrow)


def test_the_figure_is_the_one_kept() -> None:
    figure = drawn(row(), row("grad-cam · layer relu2", good=False, signed=False))
    # How pixels are packed is the business of the zlib at hand.
    text = re.sub(r"base64,[^\"]*", "base64,...", write(figure))
    golden(GOLDEN / "reasons.svg", text + "\n")


def test_no_map_without_its_scores() -> None:
    root = parsed(drawn(row(), row("rise", good=False, signed=False)))
    words = texts(root)
    assert words.count("✓ deletion 0.25") == 2
    assert {"✓ insertion 0.88", "✗ insertion 0.10"} <= set(words)
    assert {"✓ with random weights 0.00", "✗ with random weights 0.75"} <= set(words)
    assert words.count("laid elsewhere 0.50") == 4
    assert words.count("alike from 0.50") == 2
    assert [len(with_class(root, name)) for name in ("dot-1", "dot-2")] == [4, 2]
    about = root.find(f"{SVG}desc")
    assert about is not None and about.text is not None
    assert "insertion 0.10 (laid elsewhere 0.50)" in about.text
    assert "Do not trust it." in about.text


def test_the_image_is_held_once() -> None:
    root = parsed(drawn(*[row()] * 5))
    pictures = [x.get("href") for x in root.iter(f"{SVG}image")]
    assert len(pictures) == 1 + 2 * 5
    (name,) = {x.get("href") for x in root.iter(f"{SVG}use")}
    assert name == "#reasons-image"
    assert len([x for x in root.iter() if x.get("id") == "reasons-image"]) == 1


def test_a_narrow_figure_fits_a_telephone() -> None:
    root = parsed(drawn(row(), row(good=False), narrow=True))
    assert float(root.attrib["width"]) <= 320
    (picture,) = [x for x in root.iter() if x.get("id") == "reasons-image"]
    scores = [x for x in root.iter(f"{SVG}text") if "deletion" in (x.text or "")]
    assert float(scores[0].attrib["y"]) > float(picture.attrib["y"]) + 60


def test_colours_are_explained() -> None:
    assert "orange: strong · white: nothing" in texts(parsed(drawn(row(signed=False))))
    words = "orange: strong, or for the class · blue: against it · white: nothing"
    assert words in texts(parsed(drawn(row(signed=False), row())))


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("narrow", [False, True])
def test_nothing_sticks_out(language: str, narrow: bool) -> None:
    use_language(language)
    rows = row(), row("a long name " * 20, good=False), row(signed=False)
    figure = drawn(*rows, title="¿Por qué " + "w" * 300, narrow=narrow)
    assert sticking_out(parsed(figure)) == []


def test_in_spanish() -> None:
    use_language("es")
    words = texts(parsed(drawn(row())))
    assert {"✓ borrado 0,25", "en otro lugar 0,50", "juntos"} <= set(words)


@pytest.mark.parametrize(
    "text", ["<script>x</script>", "two\nlines", "\u202e\x00", "&"]
)
def test_names_from_outside_stay_text(text: str) -> None:
    figure = reasons_figure(text, text, np.zeros((6, 8, 1), np.uint8), [row(text)])
    assert "<script>" not in write(figure)
    assert not list(parsed(figure).iter(f"{SVG}script"))


def test_a_flat_map_is_drawn() -> None:
    flat = ReasonRow(
        "rise",
        np.full((1, 1), 0.25),
        False,
        MapCheck(float("nan"), 0.5, False),
        MapCheck(2.0, -1.0, True),
        MapCheck(0.0, 0.5, True),
        "",
    )
    root = parsed(reasons_figure("a", "b", np.zeros((1, 1, 3), np.uint8), [flat]))
    assert "nan" not in {x.get("cx") for x in root.iter(f"{SVG}circle")}
