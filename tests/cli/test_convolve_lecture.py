"""Every number of the lecture on filters, RGB and pooling, in both languages."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.calling import Caller

FIVE = "11100;01110;00111;00110;01100"
TRANSPOSED = "10000;11001;11111;01110;00100"
ONES = "11111;11111;11111;11111;11111"
CROSS = "1 0 1; 0 1 0; 1 0 1"
CENTRE = "0 0 0; 0 1 0; 0 0 0"
POOLED = "1124;5678;3210;1234"

Rows = Sequence[Sequence[float]]

FILTERED: Sequence[tuple[str, str, Rows]] = (
    (CROSS, "", [[4, 3, 4], [2, 4, 3], [2, 3, 4]]),
    (
        CROSS,
        "--padding 1",
        [
            [2, 2, 3, 1, 1],
            [1, 4, 3, 4, 1],
            [1, 2, 4, 3, 3],
            [1, 2, 3, 4, 1],
            [0, 2, 2, 1, 1],
        ],
    ),
    (CROSS, "--padding 1 --stride 2", [[2, 3, 1], [1, 4, 3], [0, 2, 1]]),
    (CROSS, "--stride 2", [[4, 4], [2, 4]]),
    ("sobel-x", "", [[3, 0, -3], [4, 3, -2], [4, 2, -3]]),
    ("sobel-x", "--convolution", [[-3, 0, 3], [-4, -3, 2], [-4, -2, 3]]),
    (
        "edges",
        "",
        [[0, 0, -1, 0], [1, 0, 0, -1], [0, 1, 0, 0], [0, 1, 0, -1], [1, 0, -1, 0]],
    ),
    ("sharpen", "", [[3, 1, 3], [-2, 2, 1], [-2, 2, 3]]),
    (
        "sharpen",
        "--padding 1",
        [
            [4, 2, 3, -2, 0],
            [-2, 3, 1, 3, -2],
            [0, -2, 2, 1, 4],
            [0, -2, 2, 3, -2],
            [-1, 4, 3, -2, 0],
        ],
    ),
)


def block(rows: Rows) -> str:
    """The rows as they are printed, columns aligned."""
    cells = [[str(value) for value in row] for row in rows]
    width = max(len(cell) for row in cells for cell in row)
    return "\n".join(" ".join(cell.rjust(width) for cell in row) for row in cells)


def shown(call: Caller, language: str, *words: str) -> str:
    """What the command prints."""
    called = call("convolve", *words, "--lang", language)
    assert (called.code, called.err) == (0, "")
    return called.out


@pytest.fixture(params=["en", "es"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize(("kernel", "options", "rows"), FILTERED)
def test_the_filter_example(
    call: Caller, language: str, kernel: str, options: str, rows: Rows
) -> None:
    words = (FIVE, "--kernel", kernel, *options.split())
    out = shown(call, language, *words)
    assert out.endswith(f"{len(rows)}x{len(rows[0])}:\n{block(rows)}\n")
    way = {"en": ("Cross-corr", "True conv"), "es": ("Correlación", "Convolución")}
    assert way[language]["--convolution" in options] in out
    assert call("convolve", *words, "--json").json["output"] == rows


def test_full_padding(call: Caller, language: str) -> None:
    out = shown(call, language, FIVE, "--kernel", CROSS, "--padding", "2")
    assert "7x7:\n1 1 2 1 1 0 0\n" in out


def test_the_first_cell(call: Caller, language: str) -> None:
    out = shown(call, language, FIVE, "--kernel", CROSS, "--step", "0", "0")
    assert "\n1*1+1*0+1*1+0*0+1*1+1*0+0*1+0*0+1*1 = 4\n" in out


def test_the_trap_is_named(call: Caller, language: str) -> None:
    same = {"en": "this kernel is the same", "es": "este kernel es el mismo"}[language]
    for kernel in (CROSS, "sharpen"):
        assert same in shown(call, language, FIVE, "--kernel", kernel)
    assert same not in shown(call, language, FIVE, "--kernel", "sobel-x")


def test_the_edges_of_a_photo_as_one_matrix(
    call: Caller, language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    noise = np.random.default_rng(0).integers(0, 256, (280, 320)).astype(np.uint8)
    Image.fromarray(noise).save("photo.png")
    words = ("convolve", "photo.png", "--kernel", "-1 1", "--lang", language)
    out = call(*words).out
    numbers = ("267,960", "8,003,072,000", "178,640")
    for number in numbers:
        assert (number if language == "en" else number.replace(",", ".")) in out
    assert "(320 - 2 + 0 + 0)/1 + 1 = 319" in out


def test_sharpening_a_constant_image_and_an_impulse(
    call: Caller, language: str
) -> None:
    sevens = ";".join(["7 7 7 7"] * 4)
    out = shown(call, language, sevens, "--kernel", "sharpen", "--padding", "1")
    rows = [[21, 14, 14, 21], [14, 7, 7, 14], [14, 7, 7, 14], [21, 14, 14, 21]]
    assert block(rows) in out
    impulse = "00000;00000;00100;00000;00000"
    out = shown(call, language, impulse, "--kernel", "sharpen")
    assert out.endswith(block([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]) + "\n")


def test_rgb(call: Caller, language: str) -> None:
    image = "|".join((FIVE, TRANSPOSED, ONES))
    words = [image]
    for kernel in (CROSS, "sharpen", CENTRE):
        words += ["--kernel", kernel]
    out = shown(call, language, *words, "--bias", "1")
    for rows in (
        [[4, 3, 4], [2, 4, 3], [2, 3, 4]],
        [[3, -2, -2], [1, 2, 2], [3, 1, 3]],
        [[1, 1, 1], [1, 1, 1], [1, 1, 1]],
        [[8, 2, 3], [4, 7, 6], [6, 5, 8]],
        [[9, 3, 4], [5, 8, 7], [7, 6, 9]],
    ):
        assert f":\n{block(rows)}\n" in out
    assert out.endswith(block([[9, 3, 4], [5, 8, 7], [7, 6, 9]]) + "\n")
    # ReLU of the sum of before, bias 1 included, less 6.
    out = shown(call, language, *words, "--bias", "-5", "--activation", "relu")
    assert out.endswith(block([[3, 0, 0], [0, 2, 1], [1, 0, 3]]) + "\n")


@pytest.mark.parametrize(
    ("options", "rows"),
    [
        ("--pool max", "6 8\n3 4"),
        ("--pool mean", "3.25 5.25\n2.00 2.00"),
        ("--pool max --stride 1", "6 7 8\n6 7 8\n3 3 4"),
    ],
)
def test_pooling(call: Caller, language: str, options: str, rows: str) -> None:
    out = shown(call, language, POOLED, "--kernel", "2", *options.split())
    assert out.endswith(f":\n{rows}\n")
    question = {"en": "parameters to learn? No: 0.", "es": "aprender? No: 0."}
    assert question[language] in out
    wanted = [[float(word) for word in row.split()] for row in rows.splitlines()]
    words = ("convolve", POOLED, "--kernel", "2", *options.split(), "--json")
    assert call(*words).json["output"] == wanted
