"""`mirada convolve`: what it prints, what it writes, what it refuses."""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from mirada.cli import convolve_files, convolve_input
from tests.cli.bilingual import refused
from tests.cli.calling import Caller
from tests.cli.documented import documented_fields, run_examples

pytestmark = pytest.mark.usefixtures("folder")

FIVE = "11100;01110;00111;00110;01100"
CROSS = "1 0 1; 0 1 0; 1 0 1"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, in which the test is."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def photo(name: str, *shape: int) -> np.ndarray[Any, Any]:
    """A file of noise, and its pixels."""
    drawn = np.random.default_rng(len(shape))
    pixels = drawn.integers(0, 256, shape).astype(np.uint8)
    Image.fromarray(pixels).save(name)
    return pixels


def test_every_example_runs(call: Caller, here: Path) -> None:
    run_examples(call, "convolve")
    assert (here / "convolved" / "result.png").is_file()
    assert (here / "stripes" / "figure.svg").is_file()


def test_the_interface(call: Caller) -> None:
    found = call("convolve", FIVE, "--kernel", CROSS, "--step", "0", "0", "--json").json
    assert found.keys() == documented_fields("mirada convolve")
    assert found["output"] == [[4, 3, 4], [2, 4, 3], [2, 3, 4]]
    assert all(type(value) is int for row in found["output"] for value in row)
    assert (found["kind"], found["same_when_flipped"]) == ("correlation", True)
    assert found["kernel"] == [[1, 0, 1], [0, 1, 0], [1, 0, 1]]
    assert found["size"][0] == "(5 - 3 + 0 + 0)/1 + 1 = 3"
    assert found["steps"][0].keys() == documented_fields("mirada convolve", "steps")
    assert found["steps"][0]["products"] == [[[1, 0, 1], [0, 1, 0], [0, 0, 1]]]


def test_a_photo_in_the_interface_has_no_numbers(call: Caller) -> None:
    photo("grey.png", 9, 7)
    found = call("convolve", "grey.png", "--kernel", "edges", "--json").json
    assert found["output"] is None and found["per_channel"] is None
    assert found["output_shape"] == [9, 6]
    assert found["maps"] == [{"file": "result.png", "shown": "signed"}]
    assert found["written"] == ["convolved/result.png", "convolved/figure.svg"]


@pytest.mark.parametrize(
    ("words", "padding"),
    [
        (("--padding", "1"), [1, 1, 1, 1]),
        (("--padding", "1", "2"), [1, 2, 1, 2]),
        (("padding=0,1",), [0, 1, 0, 1]),
        (("--padding", "same"), [1, 1, 1, 1]),
        (("--step", "0", "1", "--padding", "2"), [2, 2, 2, 2]),
        (("--step", "--padding", "2", "1"), [2, 1, 2, 1]),
        (("--step=0,1", "--padding", "0"), [0, 0, 0, 0]),
    ],
)
def test_padding_and_steps_are_read(
    call: Caller, words: tuple[str, ...], padding: list[int]
) -> None:
    found = call("convolve", FIVE, "--kernel", CROSS, *words, "--json").json
    assert found["padding"] == padding


def test_which_way_the_kernel_slides_is_always_said(call: Caller) -> None:
    def lines(*words: str) -> str:
        return call("convolve", FIVE, "--kernel", *words).out

    assert "Cross-correlation, what networks call" in lines(CROSS)
    assert "Flipped, this kernel is the same" in lines(CROSS)
    assert "its own negative" in lines("sobel-x")
    turned = lines("1 2; 3 4", "--convolution")
    assert "True convolution" in turned and "As it slides:\n4 3\n2 1\n" in turned
    assert "With --convolution the numbers would be others" in lines("1 2; 3 4")


def test_every_window_up_to_a_bound(call: Caller) -> None:
    out = call("convolve", FIVE, "--kernel", "1", "--padding", "1", "--step").out
    assert out.count("Window at row") == 36
    assert "13 more windows" in out


def test_numbers_write_nothing_unless_asked(call: Caller, folder: Path) -> None:
    assert call("convolve", FIVE, "--kernel", CROSS).err == ""
    assert not list(folder.iterdir())
    called = call("convolve", FIVE, "--kernel", CROSS, "--out", "figures")
    assert called.err == "Written: figures/figure.svg\n"
    assert [path.name for path in (folder / "figures").iterdir()] == ["figure.svg"]


def test_the_figure_moves_when_asked(call: Caller, folder: Path) -> None:
    call("convolve", FIVE, "--kernel", CROSS, "--out", "still")
    call("convolve", FIVE, "--kernel", CROSS, "--out", "moving", "--animate")
    still = (folder / "still" / "figure.svg").read_text("utf-8")
    moving = (folder / "moving" / "figure.svg").read_text("utf-8")
    assert "@keyframes" in moving and "prefers-reduced-motion" in moving
    assert "@keyframes" not in still
    for text in (still, moving):
        assert ElementTree.fromstring(text).tag.endswith("svg")


def test_a_grey_photo_is_filtered(call: Caller, folder: Path) -> None:
    pixels = photo("grey.png", 9, 7).astype(np.int64)
    out = call("convolve", "grey.png", "--kernel", "identity", "--out", "same").out
    assert "clipped: below 0 is black" in out
    written = np.asarray(Image.open(folder / "same" / "result.png"))
    assert np.array_equal(written, pixels[1:-1, 1:-1])
    out = call("convolve", "grey.png", "--kernel", "edges", "--show", "stretched").out
    edges = pixels[:, 1:] - pixels[:, :-1]
    shown = np.asarray(Image.open(folder / "convolved" / "result.png")).astype(int)
    assert "stretched: the least value is black" in out
    assert np.unravel_index(shown.argmax(), shown.shape) == np.unravel_index(
        edges.argmax(), edges.shape
    )


def test_a_colour_photo_shows_its_maps_and_their_sum(
    call: Caller, folder: Path
) -> None:
    pixels = photo("colour.png", 6, 5, 3)
    out = call("convolve", "colour.png", "--kernel", "identity").out
    names = {path.name for path in (folder / "convolved").iterdir()}
    maps = {"red.png", "green.png", "blue.png", "colour.png", "result.png"}
    assert names == maps | {"figure.svg"}
    green = np.asarray(Image.open(folder / "convolved" / "green.png"))
    assert np.array_equal(green, pixels[1:-1, 1:-1, 1])
    colour = np.asarray(Image.open(folder / "convolved" / "colour.png"))
    assert np.array_equal(colour, pixels[1:-1, 1:-1])
    assert "the sum of the three maps, as a layer makes it" in out
    signed = call("convolve", "colour.png", "--kernel", "sobel-x", "--out", "s").out
    assert "blue is negative" in signed and not (folder / "s" / "colour.png").exists()


def test_a_photo_is_pooled(call: Caller, folder: Path) -> None:
    pixels = photo("grey.png", 4, 4)
    out = call("convolve", "grey.png", "--pool", "max", "--kernel", "2").out
    assert "parameters to learn? No: 0" in out
    written = np.asarray(Image.open(folder / "convolved" / "result.png"))
    wanted = pixels.reshape(2, 2, 2, 2).max(axis=(1, 3))
    assert np.array_equal(written, wanted)
    photo("colour.png", 4, 4, 3)
    call("convolve", "colour.png", "--pool", "mean", "--kernel", "2", "--out", "c")
    assert (folder / "c" / "colour.png").exists()


def test_a_very_large_photo_is_brought_down(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(convolve_input, "MOST_PIXELS", 100)
    photo("large.png", 20, 40)
    called = call("convolve", "large.png", "--kernel", "identity")
    assert "large.png: 20x40 pixels, brought down to 7x14" in called.err
    assert "Image: 7x14" in called.out


def test_several_channels_of_pooling(call: Caller) -> None:
    words = ("convolve", "12;34|56;78", "--pool", "max", "--kernel", "2", "--json")
    assert call(*words).json["output"] == [[[4]], [[8]]]
    out = call(*words[:-1], "--step").out
    assert "max(5, 6, 7, 8) = 8" in out and "Output of channel 1, 1x1:\n8\n" in out


def test_long_sums_are_not_written_out(call: Caller) -> None:
    eight = ";".join(["1 " * 8] * 8)
    out = call("convolve", eight, "--kernel", eight, "--step", "0", "0").out
    assert "sum of 64 products = 64" in out


@pytest.mark.parametrize(
    ("words", "code", "exit_code", "message"),
    [
        ((FIVE, "--kernel", "1 0; 1"), "matrix-rows", 2, "row 2 has 1 in the kernel"),
        ((FIVE, "--kernel", "1 x"), "matrix-number", 2, "'x'"),
        ((FIVE, "--kernel", "1e308 1"), "matrix-huge", 2, "up to 1e100"),
        (("1 2; 3 1" + "0" * 400, "--kernel", "1"), "matrix-huge", 2, "Row 2"),
        (("huge.txt", "--kernel", "1 1"), "matrix-file", 3, "'1e308'"),
        ((FIVE, "--kernel", " "), "matrix-empty", 2, "at least one"),
        ((FIVE, "--kernel", "sharpenn"), "kernel-unknown", 2, "Did you mean sharpen"),
        ((FIVE, "--kernel", "emboss", "--side", "3"), "kernel-options", 2, "--side"),
        ((FIVE, "--kernel", "1", "--side", "3"), "kernel-written-out", 2, "--side"),
        ((FIVE, "--kernel", "edges", "--kernel", "blur"), "kernel-slices", 2, "3x3"),
        ((FIVE, "--kernel", "1|2"), "kernel-channels", 2, "1 channels"),
        (("1 2; 3", "--kernel", "1"), "matrix-rows", 2, "row 2"),
        (("12|345", "--kernel", "1"), "matrix-channels", 2, "1x2, 1x3"),
        (("12", "--kernel", "blur"), "size-too-small", 4, "spans 3"),
        ((FIVE, "--kernel", "1", "--stride", "65"), "whole-option", 2, "1 to 64"),
        ((FIVE, "--kernel", "1", "--bias", "x"), "real-option", 2, "--bias"),
        ((FIVE, "--kernel", "1", "--step", "9", "9"), "step-outside", 2, "0 to 4"),
        ((FIVE, "--kernel", "1", "--step=1"), "step-option", 2, "'1'"),
        ((FIVE, "--kernel", "1", "--animate"), "animate-where", 2, "--out"),
        ((FIVE, "--pool", "max", "--kernel", "0"), "pool-kernel", 2, "'0'"),
        ((FIVE, "--pool", "max", "--kernel", "blur"), "pool-kernel", 2, "'blur'"),
        (
            (FIVE, "--pool", "max", "--kernel", "2", "--kernel", "3"),
            "pool-kernel",
            2,
            "2 kernels",
        ),
        (
            (FIVE, "--pool", "max", "--kernel", "2", "--bias", "1", "--convolution"),
            "pool-options",
            2,
            "--convolution, --bias",
        ),
        (("nowhere.png", "--kernel", "blur"), "file-missing", 3, "nowhere.png"),
        (("bad.txt", "--kernel", "1"), "matrix-file", 3, "'a'"),
        (("binary.csv", "--kernel", "1"), "matrix-not-text", 3, "binary.csv"),
        (("broken.png", "--kernel", "blur"), "image-unknown-format", 3, "broken.png"),
        (("grey.png", "--kernel", "blur", "--animate"), "animate-photo", 2, "grey.png"),
    ],
)
def test_wrong_input_is_told_and_nothing_is_written(
    call: Caller,
    folder: Path,
    words: tuple[str, ...],
    code: str,
    exit_code: int,
    message: str,
) -> None:
    (folder / "bad.txt").write_text("1 a\n2 3")
    (folder / "huge.txt").write_text("1e308 1e308")
    (folder / "binary.csv").write_bytes(b"\xff\xfe\x00")
    (folder / "broken.png").write_bytes(b"no image at all")
    photo("grey.png", 5, 5)
    before = sorted(path.name for path in folder.iterdir())
    told = refused(call, "convolve", *words, code=code, exit_code=exit_code)
    assert message in told.english
    assert sorted(path.name for path in folder.iterdir()) == before


def test_the_image_itself_is_never_written_over(call: Caller, folder: Path) -> None:
    photo("result.png", 5, 5)
    before = (folder / "result.png").read_bytes()
    words = ("convolve", "result.png", "--kernel", "blur", "--out", ".")
    told = refused(call, *words, code="convolve-over-image", exit_code=2)
    assert "'result.png'" in told.english
    assert [path.name for path in folder.iterdir()] == ["result.png"]
    assert (folder / "result.png").read_bytes() == before


def test_pictures_are_written_all_or_none(call: Caller, folder: Path) -> None:
    photo("colour.png", 5, 5, 3)
    (folder / "convolved" / "figure.svg").mkdir(parents=True)
    words = ("convolve", "colour.png", "--kernel", "blur")
    refused(call, *words, code="write-not-a-file", exit_code=5)
    assert [path.name for path in (folder / "convolved").iterdir()] == ["figure.svg"]


def test_the_largest_numbers_stay_numbers(call: Caller) -> None:
    called = call("convolve", "1e100 1e100", "--kernel", "1e100 1e100", "--json")
    assert called.json["output"] == [[2e200]]
    assert called.err == ""


def test_figures_have_bounds(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    wide = "1" * 21
    words = ("convolve", wide, "--kernel", "1", "--out", "f")
    told = refused(call, *words, code="figure-large", exit_code=2)
    assert "4 channels of 20 rows" in told.english and not Path("f").exists()
    monkeypatch.setattr(convolve_files, "MOST_MOVES", 3)
    told = refused(
        call,
        "convolve",
        FIVE,
        *words[2:],
        "--animate",
        code="figure-moves",
        exit_code=2,
    )
    assert "up to 3 windows; these are 25" in told.english


def test_a_folder_that_cannot_be_made(call: Caller, folder: Path) -> None:
    (folder / "taken").touch()
    words = ("convolve", FIVE, "--kernel", "1", "--out", "taken")
    told = refused(call, *words, code="convolve-folder", exit_code=5)
    assert "'taken' cannot be made" in told.english


def test_a_name_too_long_for_a_file(call: Caller) -> None:
    row = " ".join(["1"] * 3000)
    found = call("convolve", row, "--kernel", "edges", "--json").json
    assert found["output_shape"] == [1, 2999]
