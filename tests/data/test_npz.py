"""Arrays in an `.npz` are read exactly, in pieces, and never unpickled."""

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mirada.data import npy
from mirada.data.archive_zip import read_entries
from mirada.data.depth import numbers_to_8bit
from mirada.data.encoded import Content
from mirada.data.limits import Limits
from mirada.data.npz import load_npz
from mirada.data.request import Request
from mirada.data.sources import load
from mirada.errors import DataError, MemoryLimitError
from tests.data.packing import Piece, zip_file
from tests.refusal import refuses

DRAWN = np.random.default_rng(5)
GREY = DRAWN.integers(0, 256, (6, 5, 4), dtype=np.uint8)
LABELS = np.array([0, 2, 0, 2, 10, 0])


def saved(**arrays: object) -> Content:
    """An `.npz` with these arrays."""
    out = io.BytesIO()
    np.savez(out, **arrays)  # type: ignore[arg-type]
    return Content("set.npz", out.getvalue())


def pixels(**arrays: object) -> NDArray[np.uint8]:
    """The images of an `.npz`."""
    return load_npz(saved(**arrays), Request()).images


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ("x", "y"),
        ("X", "Y"),
        ("images", "labels"),
        ("train_images", "train_labels"),
        ("x_train", "y_train"),
        ("data", "targets"),
    ],
)
def test_arrays_are_known_by_their_names(x: str, y: str) -> None:
    data = load_npz(saved(**{x: GREY, y: LABELS, "other": [1]}), Request())
    assert np.array_equal(data.images[..., 0], GREY) and data.given is None
    assert data.classes == ("0", "2", "10") and data.labels.tolist() == [
        0,
        1,
        0,
        1,
        2,
        0,
    ]
    assert data.names[0] == f"set.npz/{x}/0"


@pytest.mark.parametrize("pattern", ["{}_{}", "{1}_{0}"])
def test_parts_are_kept(pattern: str) -> None:
    arrays = {}
    for part, count in (("test", 1), ("train", 3), ("val", 2)):
        arrays[pattern.format("images", part)] = GREY[:count]
        arrays[pattern.format("labels", part)] = LABELS[:count, None]
    data = load_npz(saved(**arrays), Request())
    assert data.given is not None and data.given.tolist() == [0, 0, 0, 1, 1, 2]


def test_a_file_and_a_folder_with_one(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    for name in ("set/a.npz", "b"):
        (tmp_path / name).write_bytes(saved(x=GREY, y=LABELS).data)
    one, two = load(tmp_path / "set"), load(tmp_path / "b")
    assert one.fingerprint == two.fingerprint
    assert load(tmp_path / "b", size=(3, 2), channels=3).images.shape == (6, 3, 2, 3)
    (tmp_path / "set" / "c.npz").write_bytes(b"")
    with refuses(DataError, "npz-many", "holds 2 .npz files"):
        load(tmp_path / "set")


def test_channels_may_be_first_or_last() -> None:
    colour = DRAWN.integers(0, 256, (2, 5, 4, 3), dtype=np.uint8)
    assert np.array_equal(pixels(x=colour, y=[0, 1]), colour)
    assert np.array_equal(
        pixels(x=colour.transpose(0, 3, 1, 2).copy(), y=[0, 1]), colour
    )
    assert np.array_equal(pixels(x=GREY[:, None], y=LABELS)[..., 0], GREY)
    assert np.array_equal(pixels(x=GREY[..., None], y=LABELS)[..., 0], GREY)


@pytest.mark.parametrize(
    ("values", "white"),
    [
        (GREY / 255, 1),
        ((GREY / 255).astype(np.float32), 1),
        (GREY.astype(np.float64), 255),
        (GREY.astype(np.int64), 255),
        (GREY.astype(np.uint16) * 257, 65535),
        (GREY > 100, 1),
    ],
)
def test_the_range_of_all_samples_says_what_is_white(
    values: NDArray[np.generic], white: int
) -> None:
    data = load_npz(saved(x=values, y=LABELS), Request())
    whole = (
        numbers_to_8bit(values.reshape(-1, 4)) if values.dtype != bool else 255 * values
    )
    assert np.array_equal(data.images.ravel(), np.ravel(whole))
    assert f"{white} is taken for white" in str(data.notes[0])


def test_a_dark_image_among_bright_ones_stays_dark() -> None:
    values = np.array([[[1.0]], [[200.0]]])
    assert pixels(x=values, y=[0, 1]).ravel().tolist() == [1, 200]


@pytest.mark.parametrize("value", [-1.0, 1e9, np.nan, np.inf])
def test_samples_without_a_brightness_are_refused(value: float) -> None:
    values = np.ones((3, 2, 2))
    values[1, 1, 0] = value
    with refuses(DataError, "npz-range", "set.npz' run from", "as uint8 from 0 to 255"):
        pixels(x=values, y=[0, 1, 0])


@pytest.mark.parametrize(
    "shape",
    [(6, 20), (6, 5, 4, 4), (6, 2, 5, 4), (6, 0, 4), (6, 1, 5000), (6, 1, 1, 1, 1)],
)
def test_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    words = ("set.npz/x' has the shape", "(n, height, width)", "Reshape")
    with refuses(DataError, "npz-shape", *words):
        pixels(x=np.zeros(shape, np.uint8), y=LABELS)


def test_images_must_be_numbers() -> None:
    with refuses(DataError, "npy-foreign", "no array of numbers"):
        pixels(x=GREY.astype(np.complex64), y=LABELS)
    with refuses(DataError, "npz-shape", "of str"):
        pixels(x=GREY.astype(str), y=LABELS)


def test_sizes_of_parts_must_agree() -> None:
    with refuses(DataError, "npz-sizes-differ", "are 4x4x1, 5x4x1"):
        pixels(x_train=GREY, y_train=LABELS, x_test=GREY[:, :4], y_test=LABELS)


def test_arrays_must_be_there_in_pairs() -> None:
    with refuses(
        DataError, "npz-arrays", "holds the arrays (none)", "x_train and y_train"
    ):
        pixels(a=GREY)
    with refuses(DataError, "npz-arrays", "holds the arrays 'x', 'y_test'"):
        pixels(x=GREY, y_test=LABELS)
    with refuses(DataError, "npz-counts", "shape (6, 5, 4)", "labels.argmax(1)"):
        pixels(x=GREY, y=np.eye(6))
    with refuses(DataError, "npz-counts", "at least one"):
        pixels(x=GREY[:0], y=LABELS[:0])


def test_labels_are_whole_numbers_or_words() -> None:
    data = load_npz(saved(x=GREY, y=np.array(list("bacbab"))), Request())
    assert data.classes == ("a", "b", "c") and data.labels.tolist() == [
        1,
        0,
        2,
        1,
        0,
        1,
    ]
    data = load_npz(saved(x=GREY[:2], y=np.array([b"<b>\n", b"\xff"])), Request())
    assert data.classes == ("<b>\\n", "\\xff")
    with refuses(DataError, "npz-labels", "labels of float64", "astype('int64')"):
        pixels(x=GREY, y=LABELS / 2)


def test_classes_name_the_labels() -> None:
    names = [f"n{k}" for k in range(10, -1, -1)]
    data = load_npz(saved(x=GREY, y=LABELS, classes=names), Request())
    assert data.classes == ("n0", "n10", "n8")
    assert [data.classes[n] for n in data.labels[:2]] == ["n10", "n8"]
    for few in (names[:3], ["a"] * 11, [1, 2]):
        with refuses(DataError, "npz-classes", "one different text for each label"):
            pixels(x=GREY, y=LABELS, classes=few)


class Trap:
    """Unpickling it would be an error."""

    def __reduce__(self) -> tuple[object, ...]:
        return (print, ("unpickled",))


def test_objects_are_never_unpickled(capsys: pytest.CaptureFixture[str]) -> None:
    trap = np.array([Trap()] * 6, dtype=object)
    for arrays in ({"x": trap, "y": LABELS}, {"x": GREY, "y": trap}):
        with refuses(DataError, "npy-object", "pickled", "numpy.savez(file, images="):
            pixels(**arrays)
    assert capsys.readouterr().out == ""


def test_memory_is_asked_for_before_it_is_taken() -> None:
    with refuses(MemoryLimitError, "dataset-memory", "6 images of 5x4"):
        load_npz(saved(x=GREY, y=LABELS), Request(limits=Limits(dataset_bytes=119)))


def head(shape: str, kind: str = "|u1", order: str = "False") -> bytes:
    """The head of an array as NumPy writes it."""
    text = (
        f"{{'descr': '{kind}', 'fortran_order': {order}, 'shape': {shape}, }}".encode()
    )
    text = text.ljust(117) + b"\n"
    return b"\x93NUMPY\1\0" + len(text).to_bytes(2, "little") + text


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (head("(9999999999, 9999, 9999)"), "npy-length", "but holds 0"),
        (
            head("(6, 5, 4)") + bytes(121),
            "npy-length",
            "120 bytes of values, but holds 121",
        ),
        (head("(6, 5, 4)", "|V8"), "npy-foreign", "no array of numbers"),
        (head("(6, 5, 4)", "|U0"), "npy-foreign", "no array of numbers"),
        (head("(6, 5, 4)", "|x9"), "npy-foreign", "no array of numbers"),
        (head("(-6, 5, 4)") + bytes(120), "npy-foreign", "no array of numbers"),
        (head("__import__('os')"), "npy-foreign", "no array of numbers"),
        (b"\x93NUMPY", "npy-foreign", "no array of numbers"),
        (b"text", "npy-foreign", "no array of numbers"),
        (
            head("(6, 5, 4)", order="True") + bytes(120),
            "npy-order",
            "ascontiguousarray",
        ),
    ],
)
def test_heads_that_lie_are_refused(data: bytes, code: str, words: str) -> None:
    source = Content("set.npz", zip_file([Piece(b"x.npy", data), Piece(b"y.npy", b"")]))
    with refuses(DataError, code, "set.npz/x'", words):
        load_npz(source, Request())


def test_an_array_may_be_there_once() -> None:
    source = zip_file([Piece(b"x.npy", head("(0,)")), Piece(b"x.npy", head("(0,)"))])
    with refuses(DataError, "npz-name-twice", "two arrays named 'x'"):
        load_npz(Content("set.npz", source), Request())


def test_compressed_arrays_are_no_bombs(tmp_path: Path) -> None:
    out = io.BytesIO()
    np.savez_compressed(
        out, x=np.zeros((40, 1000, 1000), np.uint8), y=np.zeros(40, int)
    )
    assert len(out.getvalue()) < 100_000
    (tmp_path / "a.npz").write_bytes(out.getvalue())
    assert load(tmp_path / "a.npz", limits=Limits(dataset_bytes=10**8)).size == (
        1000,
        1000,
    )
    with refuses(MemoryLimitError, "dataset-memory", "40 images of 1000x1000"):
        load(tmp_path / "a.npz", limits=Limits(dataset_bytes=10**7))


@given(
    st.integers(1, 30),
    st.integers(1, 12),
    st.integers(1, 12),
    st.sampled_from(["u1", "u2", "f4", "<f8", ">i4"]),
    st.integers(1, 3000),
)
def test_pieces_of_any_size_give_the_same(
    count: int, height: int, width: int, kind: str, together: int
) -> None:
    values = DRAWN.integers(0, 256, (count, height, width)).astype(kind)
    source = io.BytesIO(saved(x=values).data)
    (entry,) = read_entries(source, "set.npz", Limits())
    array = npy.read_head(source, entry, "x")
    rows = list(array.rows(source, together))
    assert np.array_equal(np.concatenate(rows), values)
    assert array.shape == values.shape and array.dtype == values.dtype
