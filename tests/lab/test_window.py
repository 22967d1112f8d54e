"""What the room of the window asks of the server: kernels, examples, photos."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mirada.errors import DataError, UsageError
from mirada.inspection.kernels import KERNELS, named_kernel
from mirada.inspection.sliding import slide_kernel, slide_pooling
from mirada.lab.asked import Answer, Asked, Content
from mirada.lab.lab import Lab
from mirada.lab.window import WORK
from mirada.lab.window_photo import drawn_photo
from mirada.language import speaking
from tests.lab.test_uploads import photo_bytes
from tests.node import run_module
from tests.refusal import refuses


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Any]:
    """Asks the room as the server does."""
    lab = Lab(tmp_path)

    def asking(method: str, path: str, **asked: Any) -> Answer:
        work = next(w for w in WORK if (w.method, w.path) == (method, path))
        return work.does(lab, Asked(**asked))

    with speaking("en"):
        yield asking
    lab.close()


def test_every_named_kernel_is_there_with_its_numbers_and_words(ask: Any) -> None:
    kernels = ask("GET", "/api/window/kernels")["kernels"]
    assert [kernel["name"] for kernel in kernels] == list(KERNELS)
    for kernel in kernels:
        known = named_kernel(kernel["name"])
        assert kernel["values"] == known.values.tolist()
        assert kernel["source"] == known.source
        assert kernel["about"] == str(known.about)
    with speaking("es"):
        other = ask("GET", "/api/window/kernels")["kernels"]
    assert other[0]["about"] == "devuelve la imagen tal como es"


def test_what_shapes_a_kernel_starts_as_the_kernel_is(ask: Any) -> None:
    shaped = 0
    for kernel in ask("GET", "/api/window/kernels")["kernels"]:
        given = {shape["name"]: shape["value"] for shape in kernel["shapes"]}
        for shape in kernel["shapes"]:
            assert shape["low"] <= shape["value"] <= shape["high"], shape
        shaped += bool(given)
        found = ask(
            "POST", "/api/window/kernel", value={"name": kernel["name"], **given}
        )
        np.testing.assert_array_equal(found["values"], kernel["values"])
    assert shaped == 3


def test_a_kernel_is_shaped(ask: Any) -> None:
    value = {"name": "gabor", "angle": 45.0, "side": 5, "wavelength": 3}
    found = ask("POST", "/api/window/kernel", value=value)["values"]
    wanted = named_kernel("gabor", angle=45, side=5, wavelength=3).values
    np.testing.assert_array_equal(found, wanted)
    with refuses(UsageError, "request-field", "'angle'"):
        ask("POST", "/api/window/kernel", value={"name": "gabor", "angle": 1e9})
    with refuses(UsageError, "kernel-unknown", "'gabbor'"):
        ask("POST", "/api/window/kernel", value={"name": "gabbor"})
    with refuses(UsageError, "kernel-options", "--angle"):
        ask("POST", "/api/window/kernel", value={"name": "blur", "angle": 3})


def examples(ask: Any) -> dict[str, dict[str, Any]]:
    found = ask("GET", "/api/window/examples")["examples"]
    return {example["name"]: example["data"] for example in found}


def test_the_examples_give_the_numbers_of_the_lecture(ask: Any) -> None:
    all_of_them = examples(ask)
    lecture, rgb = all_of_them["lecture"], all_of_them["rgb"]
    found = slide_kernel(np.array(lecture["image"]), np.array(lecture["kernel"]))
    assert found.output.tolist() == [[4, 3, 4], [2, 4, 3], [2, 3, 4]]
    image, kernel = np.array(rgb["image"]), np.array(rgb["kernel"])
    found = slide_kernel(image, kernel, bias=1)
    assert found.output.tolist() == [[9, 3, 4], [5, 8, 7], [7, 6, 9]]
    found = slide_kernel(image, kernel, bias=rgb["bias"], activation=rgb["activation"])
    assert found.output.tolist() == [[3, 0, 0], [0, 2, 1], [1, 0, 3]]
    padded = all_of_them["padding"]
    found = slide_kernel(
        np.array(padded["image"]), np.array(padded["kernel"]), padding="same"
    )
    assert found.output.tolist()[0] == [4, 2, 3, -2, 0]
    pooled = np.array(all_of_them["pooling"]["image"])
    assert slide_pooling(pooled, "max", (2, 2)).output.tolist() == [[[6, 8], [3, 4]]]
    rounded = all_of_them["rounding"]
    found = slide_kernel(
        np.array(rounded["image"]), np.array(rounded["kernel"]), stride=2
    )
    assert found.height.formula == "(6 - 3 + 0 + 0)/2 + 1 = 2.5"


def test_without_a_server_the_page_begins_with_the_same_lecture(ask: Any) -> None:
    alone = run_module("views/sliding_data.js", "return it.LECTURE;", None)
    lecture = examples(ask)["lecture"]
    assert alone == lecture


def pixels(answer: Answer) -> Any:
    assert isinstance(answer, Content)
    assert answer.media == "image/png"
    return np.asarray(Image.open(io.BytesIO(answer.content)))


def test_there_is_a_photo_before_one_is_brought(ask: Any) -> None:
    found = pixels(ask("GET", "/api/window/photo"))
    assert found.shape == (240, 320, 3)
    assert np.array_equal(found, drawn_photo())


def test_a_photo_comes_back_as_pixels_brought_down(ask: Any) -> None:
    content = photo_bytes(30, 40, "JPEG")
    found = pixels(ask("POST", "/api/window/photo", content=content))
    assert np.array_equal(found, np.asarray(Image.open(io.BytesIO(content))))
    large = pixels(ask("POST", "/api/window/photo", content=photo_bytes(1200, 1600)))
    assert large.shape == (270, 360, 3)


def test_what_is_no_photo_is_refused_by_its_name(ask: Any) -> None:
    with refuses(DataError, "image-unknown-format", "'notes.pdf'"):
        ask(
            "POST",
            "/api/window/photo",
            query={"name": "notes.pdf"},
            content=b"%PDF-1.7",
        )
    with refuses(DataError, "image-unknown-format", "the image"):
        ask("POST", "/api/window/photo")
