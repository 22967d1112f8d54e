"""The room of the window in a real browser: its numbers are Python's."""

import json
from collections.abc import Iterator

import numpy as np
import pytest

from mirada.inspection.kernels import named_kernel
from mirada.inspection.sliding import slide_kernel
from tests.browser import Browser
from tests.lab.numbers_on_page import choose, numbers, text
from tests.lab.open_lab import OpenLab

IMAGE = np.array(
    [
        [1, 1, 1, 0, 0],
        [0, 1, 1, 1, 0],
        [0, 0, 1, 1, 1],
        [0, 0, 1, 1, 0],
        [0, 1, 1, 0, 0],
    ]
)
CROSS = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])
OUTPUT = "[data-grid=map-0]"


@pytest.fixture
def room(empty: OpenLab, browser: Browser) -> Iterator[Browser]:
    """The room as a newcomer finds it, and leaves it to the next."""
    browser.visit(empty.room("window"))
    browser.wait_for("document.querySelector('[data-example]')")
    yield browser
    for storage in ("sessionStorage", "localStorage"):
        browser.evaluate(f"{storage}.removeItem('room.window')")


def test_it_opens_with_the_numbers_of_the_lecture(room: Browser) -> None:
    assert numbers(room, "[data-grid=image-0]") == IMAGE.tolist()
    assert numbers(room, OUTPUT) == [[4, 3, 4], [2, 4, 3], [2, 3, 4]]
    line = "1*1 + 1*0 + 1*1 + 0*0 + 1*1 + 1*0 + 0*1 + 0*0 + 1*1 = 4"
    assert text(room, ".lines p") == line
    assert "O = (5 - 3 + 0 + 0)/1 + 1 = 3" in text(room, ".sizes")
    assert room.problems == []


def test_the_window_is_clicked_stepped_and_dragged(room: Browser) -> None:
    found = slide_kernel(IMAGE[None], CROSS[None])
    room.click(f"{OUTPUT} [data-at='1,2']")
    assert text(room, ".equation h2") == "Window at row 1, column 2"
    assert text(room, ".part.made b") == str(found.output[1, 2])
    room.press("ArrowLeft")
    assert text(room, ".equation h2") == "Window at row 1, column 1"
    room.press("End")
    room.click("[data-step=on]")
    assert text(room, ".place") == "Window 1 of 9"
    room.click("[data-step=back]")
    assert text(room, ".place") == "Window 9 of 9"
    room.drag("[data-grid=image-0]", (0.3, 0.3), (0.9, 0.5))
    assert text(room, ".equation h2") == "Window at row 1, column 2"
    assert room.problems == []


def test_it_plays_to_the_last_window(room: Browser) -> None:
    choose(room, "[name=speed]", 8)
    room.click(f"{OUTPUT} [data-at='2,1']")
    room.click("[data-step=play]")
    assert room.evaluate("document.querySelectorAll('.later').length") > 0
    room.wait_for("!document.querySelector('.later')")
    assert text(room, ".place") == "Window 9 of 9"


def test_who_wants_no_motion_only_steps(empty: OpenLab, browser: Browser) -> None:
    browser.visit(empty.room("window"), is_still=True)
    browser.wait_for("document.querySelector('[data-step=on]')")
    assert not browser.evaluate("!!document.querySelector('[data-step=play]')")


def test_numbers_are_typed_and_drawn_with_the_keyboard_alone(room: Browser) -> None:
    room.evaluate("document.querySelector('[data-grid=image-0] [data-at]').focus()")
    for key in ("ArrowRight", "ArrowDown", "-", "3", "Enter", " "):
        room.press(key)
    image = IMAGE.copy()
    image[1, 1], image[1, 2] = -3, 0
    assert numbers(room, "[data-grid=image-0]") == image.tolist()
    wanted = slide_kernel(image[None], CROSS[None]).output
    assert numbers(room, OUTPUT) == wanted.tolist()
    room.press("Enter")
    room.type("x")
    room.press("Enter")
    assert "is no number" in text(room, ".shown .refused")
    room.press("Escape")
    assert text(room, ".shown .refused") == ""
    assert numbers(room, "[data-grid=image-0]") == image.tolist()
    assert room.problems == []


def test_the_pointer_draws_and_a_kernel_cell_is_typed(room: Browser) -> None:
    room.click("[data-tool=paint]")
    room.drag("[data-grid=image-0]", (0.7, 0.1), (0.9, 0.1))
    image = IMAGE.copy()
    image[0, 3:] = 1
    assert numbers(room, "[data-grid=image-0]") == image.tolist()
    room.click("[data-grid=kernel-0] [data-at='1,1']")
    room.type("1/2")
    room.press("Enter")
    kernel = CROSS.astype(float)
    kernel[1, 1] = 0.5
    wanted = slide_kernel(image[None].astype(float), kernel[None]).output
    assert numbers(room, OUTPUT) == wanted.tolist()


def test_rows_are_pasted_over_the_image(room: Browser) -> None:
    paste = """(() => {
      const cell = document.querySelector("[data-grid=image-0] [data-at='3,3']");
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', TEXT);
      const event = { clipboardData, bubbles: true, cancelable: true };
      cell.dispatchEvent(new ClipboardEvent('paste', event));
    })()"""
    room.evaluate(paste.replace("TEXT", json.dumps("7\t8\t9\n-1\t0.5\t3")))
    image = IMAGE.astype(float)
    image[3:, 3:] = [[7, 8], [-1, 0.5]]
    assert numbers(room, "[data-grid=image-0]") == image.tolist()
    room.evaluate(paste.replace("TEXT", json.dumps("7 apples")))
    assert "Row 1 has 'apples'" in text(room, ".shown .refused")
    assert numbers(room, "[data-grid=image-0]") == image.tolist()


def test_stride_and_padding_are_those_of_python_with_what_is_dropped(
    room: Browser,
) -> None:
    choose(room, "[name=stride]", 3)
    found = slide_kernel(IMAGE[None], CROSS[None], stride=3)
    words = text(room, ".sizes")
    for told in (found.height.formula, str(found.height.rounding), "Hatched"):
        assert told in words
    read = found.output.size * CROSS.size
    assert room.evaluate("document.querySelectorAll('.unread').length") == 25 - read
    room.click("[data-padding=same]")
    found = slide_kernel(IMAGE[None], CROSS[None], stride=3, padding="same")
    assert found.height.formula in text(room, ".sizes")
    assert numbers(room, OUTPUT) == found.output.tolist()
    choose(room, "[name=dilation]", 2)
    found = slide_kernel(IMAGE[None], CROSS[None], stride=3, padding="same", dilation=2)
    assert found.height.formula in text(room, ".sizes")
    assert numbers(room, OUTPUT) == found.output.tolist()
    room.click("[name=apart]")
    assert text(room, ".four-sides .side-0 output") == str(found.height.window.start)


def test_a_true_convolution_flips_the_kernel_and_says_so(room: Browser) -> None:
    choose(room, ".kernel-editor [name=kernel]", "sobel-x")
    sobel = named_kernel("sobel-x").values
    assert (
        numbers(room, OUTPUT) == slide_kernel(IMAGE[None], sobel[None]).output.tolist()
    )
    assert "what networks call convolution" in text(room, ".way")
    room.click("[data-mode=convolution]")
    found = slide_kernel(IMAGE[None], sobel[None], flipped=True)
    assert numbers(room, OUTPUT) == found.output.tolist()
    assert numbers(room, "[data-grid=turned-0]") == sobel[::-1, ::-1].tolist()
    assert "True convolution: the kernel is flipped" in text(room, ".way")
    assert "its own negative" in text(room, ".way")


def test_a_window_that_does_not_fit_is_told_in_place(room: Browser) -> None:
    room.click("[data-text=kernel]")
    choose(room, "[name=rows]", "\n".join(["1 " * 7] * 7))
    told = text(room, ".shown .refused")
    assert told.startswith("The window spans 7 positions, but an input of 5")
    assert numbers(room, OUTPUT) == []
    room.click("[data-padding=same]")
    assert text(room, ".shown .refused") == ""
    choose(room, "[name=rows]", "1 2; 3")
    assert "Every row must have as many numbers" in text(room, ".changed .refused")
    assert room.problems == []


def test_three_channels_and_pooling(room: Browser) -> None:
    room.click("[data-example=rgb]")
    assert numbers(room, "[data-grid=sum]") == [[8, 2, 3], [4, 7, 6], [6, 5, 8]]
    assert numbers(room, "[data-grid=output]") == [[3, 0, 0], [0, 2, 1], [1, 0, 3]]
    assert text(room, ".lines p:last-child") == "relu(3) = 3"
    room.click("[data-example=pooling]")
    assert numbers(room, OUTPUT) == [[6, 8], [3, 4]]
    assert text(room, ".lines p") == "max(1, 1, 5, 6) = 6"
    assert room.evaluate("document.querySelectorAll('.frame.most').length") == 1
    room.click("[data-mode=mean]")
    assert numbers(room, OUTPUT) == [[3.25, 5.25], [2, 2]]


def test_what_was_changed_is_there_after_a_reload_and_in_spanish(
    empty: OpenLab, room: Browser
) -> None:
    choose(room, "[name=bias]", "-2")
    choose(room, "[name=activation]", "relu")
    choose(room, "select[name=language]", "es")
    room.wait_for("document.documentElement.lang === 'es'")
    try:
        room.visit(empty.room("window"))
        room.wait_for("document.querySelector('[data-example]')")
        assert numbers(room, "[data-grid=output]") == [[2, 1, 2], [0, 2, 1], [0, 1, 2]]
        assert text(room, ".equation h2") == "Ventana en la fila 0, columna 0"
        assert room.problems == []
    finally:
        room.evaluate("localStorage.removeItem('language')")


def test_another_tab_begins_with_the_numbers_of_the_last(
    empty: OpenLab, room: Browser
) -> None:
    room.click("[data-example=pooling]")
    room.evaluate("sessionStorage.clear()")
    room.visit(empty.room("window"))
    pressed = "document.querySelector('[data-example=pooling][aria-pressed=true]')"
    room.wait_for(pressed)
    assert numbers(room, OUTPUT) == [[6, 8], [3, 4]]


@pytest.mark.parametrize("width", [360, 1400])
def test_nothing_is_wider_than_the_page(
    empty: OpenLab, browser: Browser, width: int
) -> None:
    browser.visit(empty.room("window"), width=width)
    browser.wait_for("document.querySelector('[data-shown=numbers]')")
    browser.click("[data-shown=numbers]")
    for example in ("rgb", "digit", "pooling"):
        browser.wait_for(f"document.querySelector('[data-example={example}]')")
        browser.click(f"[data-example={example}]")
        assert browser.evaluate("document.documentElement.scrollWidth") == width
    browser.click("[data-shown=photo]")
    browser.wait_for("document.querySelector('[data-canvas=made] canvas')")
    assert browser.evaluate("document.documentElement.scrollWidth") == width
