"""Images with their words: mistakes and doubted labels."""

import numpy as np

from mirada.language import use_language
from mirada.views.gallery import Doubt, Mistake, doubts_gallery, mistakes_gallery
from mirada.views.svg import write

IMAGE = np.zeros((2, 2, 1), np.uint8)


def test_a_doubt_tells_both_classes_and_its_file() -> None:
    doubt = Doubt(IMAGE, "3", "5<", 0.9912, "test/<7>.png")
    text = write(doubts_gallery([doubt]))
    assert "labelled 3, likely 5&lt; (99.1\N{NO-BREAK SPACE}%)" in text
    assert "<bdi>test/&lt;7&gt;.png</bdi>" in text
    assert text.count("data:image/png;base64,") == 1
    use_language("es")
    assert "etiqueta 3, probablemente 5" in write(doubts_gallery([doubt]))


def test_a_mistake_keeps_its_file_in_the_tip() -> None:
    text = write(mistakes_gallery([Mistake(IMAGE, "3", "7", 0.5, "a.png")]))
    assert 'title="a.png"' in text and "<small>" not in text
    assert "7 (50.0\N{NO-BREAK SPACE}%), truly 3" in text
