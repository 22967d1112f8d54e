"""A photo in the room of the window, in a real browser: its pixels are Python's."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mirada.inspection.kernels import named_kernel
from mirada.inspection.sliding import slide_kernel, slide_pooling
from mirada.lab.window_photo import drawn_photo
from mirada.views.shades import clipped, stretched
from tests.browser import Browser
from tests.lab.numbers_on_page import choose, numbers, text
from tests.lab.open_lab import OpenLab

OUTPUT = "[data-grid=map-0]"


@pytest.fixture
def room(empty: OpenLab, browser: Browser) -> Iterator[Browser]:
    """The room with the photo that is drawn."""
    browser.visit(empty.room("window"))
    browser.wait_for("document.querySelector('[data-example]')")
    browser.click("[data-shown=photo]")
    browser.wait_for("document.querySelector('[data-canvas=made] canvas')")
    yield browser
    for storage in ("sessionStorage", "localStorage"):
        browser.evaluate(f"{storage}.removeItem('room.window')")


def test_what_is_changed_in_a_photo_goes_over_to_numbers(room: Browser) -> None:
    room.click("[data-open=numbers]")
    room.wait_for("document.querySelector('[data-grid=image-0]')")
    image = np.array(numbers(room, "[data-grid=image-0]"))
    assert image.shape == (10, 10)
    sobel = named_kernel("sobel-x").values
    wanted = slide_kernel(image[None].astype(int), sobel[None]).output
    assert numbers(room, OUTPUT) == wanted.tolist()


def made(browser: Browser) -> Any:
    """The pixels of the picture that came out."""
    script = """(() => {
      const canvas = document.querySelector('[data-canvas=made] canvas');
      const { width, height } = canvas;
      const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
      return [height, width, [...data]];
    })()"""
    height, width, data = browser.evaluate(script)
    return np.array(data).reshape(height, width, 4)[..., :3]


def test_a_photo_is_filtered_as_python_does(room: Browser) -> None:
    room.click("[data-colour]")
    choose(room, ".kernel-editor [name=kernel]", "sharpen")
    photo = np.moveaxis(drawn_photo(), 2, 0).astype(np.int64)
    sharpen = named_kernel("sharpen").values
    maps = slide_kernel(photo, sharpen[None], padding="same").per_channel
    wanted = clipped(np.moveaxis(maps, 0, 2).astype(np.float64))
    assert np.array_equal(made(room), wanted)
    room.click("[data-canvas=photo]", at=(0.5, 0.5))
    row, column = 120, 160
    shown = numbers(room, "[data-grid=pixels-0]")
    assert shown == photo[0, row - 1 : row + 2, column - 1 : column + 2].tolist()
    assert text(room, ".part.made b") == str(maps[0, row, column])
    assert room.problems == []


def test_a_photo_of_ones_own_and_what_is_none(
    empty: OpenLab, room: Browser, tmp_path: Path
) -> None:
    photo, paper, words = (tmp_path / n for n in ("a.png", "paper.pdf", "words.png"))
    pixels = np.random.default_rng(3).integers(0, 256, (20, 30, 3), np.uint8)
    Image.fromarray(pixels).save(photo)
    paper.write_bytes(b"%PDF-1.7 no picture")
    words.write_text("no picture")
    room.give_files("input[type=file]", photo)
    room.wait_for("document.querySelector('[data-canvas=photo] canvas')?.width === 30")
    room.give_files("input[type=file]", paper)
    told = room.wait_for("document.querySelector('.view-refusal')?.textContent")
    assert "'paper.pdf' is a PDF document" in told
    room.give_files("input[type=file]", words)
    room.wait_for(
        "document.querySelector('.view-refusal')?.textContent.includes('words.png')"
    )
    assert "not an image of a known format" in text(room, ".view-refusal")
    assert room.evaluate("document.querySelector('.window-source').open")
    room.evaluate(
        """(() => {
      const dataTransfer = new DataTransfer();
      const file = new File(['x'], 'film.mov');
      Object.defineProperty(file, 'size', { value: 2 ** 31 });
      const drop = new DragEvent('drop', { bubbles: true, cancelable: true });
      Object.defineProperty(drop, 'dataTransfer', { value: { files: [file] } });
      document.body.dispatchEvent(drop);
    })()"""
    )
    room.wait_for(
        "document.querySelector('.view-refusal')?.textContent.includes('film.mov')"
    )
    assert "'film.mov' has 2048 MB" in text(room, ".view-refusal")
    room.problems.clear()  # the browser notes a refused request
    room.visit(empty.room("window"))
    room.wait_for("document.querySelector('[data-canvas=photo] canvas')?.width === 30")
    assert room.problems == []


@pytest.mark.parametrize("way", ["", "stretched"])
def test_a_pooled_photo_keeps_its_colours(room: Browser, way: str) -> None:
    room.click("[data-colour]")
    room.click("[data-mode=max]")
    choose(room, "select[name=way]", way)
    assert not room.evaluate("!!document.querySelector('[name=way] [value=signed]')")
    photo = np.moveaxis(drawn_photo(), 2, 0)
    maps = np.moveaxis(slide_pooling(photo, "max", (2, 2), padding="same").output, 0, 2)
    wanted = clipped(maps.astype(float)) if not way else stretched(maps.astype(float))
    assert np.abs(made(room).astype(int) - wanted).max() <= 1
    assert "each channel by itself" in text(room, ".photo:last-child figcaption")
    assert room.problems == []


def test_a_pooling_at_the_border_lists_no_padding(room: Browser) -> None:
    room.click("[data-mode=max]")
    choose(room, "[name=stride]", 1)
    room.click("[data-canvas=made]", at=(0.98, 0.98))
    room.press("ArrowDown", with_shift=True)
    room.press("ArrowRight", with_shift=True)
    grey = np.asarray(Image.fromarray(drawn_photo()).convert("L"))
    corner = int(grey[-1, -1])
    assert text(room, ".equation .lines") == f"max({corner}) = {corner}"
    assert numbers(room, "[data-grid=pixels-0]") == [[corner]]
    assert room.problems == []


@pytest.mark.parametrize("shape", [(2000, 1), (1, 2000), (1, 1)])
def test_a_photo_of_any_shape_fits_the_screen(
    room: Browser, tmp_path: Path, shape: tuple[int, int]
) -> None:
    photo = tmp_path / "photo.png"
    Image.fromarray(np.full((*shape, 3), 9, np.uint8)).save(photo)
    room.give_files("input[type=file]", photo)
    width = "document.querySelector('[data-canvas=photo] canvas')?.width"
    room.wait_for(f"{width} === {shape[1]}")
    sides = room.evaluate(
        "(() => { const box = document.querySelector('[data-canvas=photo]')"
        ".getBoundingClientRect(); return [box.height, box.width]; })()"
    )
    assert all(20 < side < 900 for side in sides), sides
    assert room.problems == []
