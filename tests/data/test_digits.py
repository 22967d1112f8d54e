"""The bundled digits are the published ones, with their licence."""

import hashlib
from importlib.resources import files

import numpy as np

from mirada.data.digits import read_digits


def test_every_image_is_there() -> None:
    images, labels = read_digits()
    assert images.shape == (1797, 8, 8, 1) and images.dtype == np.uint8
    counts = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert np.bincount(labels).tolist() == counts


def test_the_published_values_come_back() -> None:
    images, labels = read_digits()
    values = np.round(images * (16 / 255)).astype(np.uint8)
    assert int(values.sum(dtype=int)) == 561_718
    digest = hashlib.sha256(values.tobytes() + labels.astype(np.uint8).tobytes())
    assert digest.hexdigest() == PUBLISHED


def test_sixteen_is_white_and_eight_is_rounded_up() -> None:
    images, _ = read_digits()
    assert sorted(np.unique(images).tolist())[::8] == [0, 128, 255]


def test_the_authors_are_named() -> None:
    text = (files("mirada.data.digits") / "LICENSE.txt").read_text("utf-8")
    for words in ("E. Alpaydin, C. Kaynak", "10.24432/C50P49", "CC BY 4.0", "1998"):
        assert words in text


PUBLISHED = "87ff0c9e40dc7e2c0e34e7257799c2e3f3aec1a016363bb11cad869ec428a826"
"""Of the values and labels of optdigits.tes, one byte each."""
