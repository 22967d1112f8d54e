"""IDX files are read exactly, and nothing they announce is believed unseen."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirada.data.idx import read_header, read_values
from mirada.errors import DataError
from tests.data.pictures import idx_bytes
from tests.refusal import refuses

VALUES = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)


def read(path: Path, shape: tuple[int, ...] = (2, 3, 4)) -> np.ndarray:
    """The values of a file that should have `shape`."""
    out = np.zeros(shape, dtype=np.uint8)
    read_values(path, out)
    return out


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_values_come_back(tmp_path: Path, pack: type[bytes]) -> None:
    path = tmp_path / "a"
    path.write_bytes(pack(idx_bytes(VALUES)))
    assert read_header(path, 3) == (2, 3, 4)
    assert np.array_equal(read(path), VALUES)


def test_more_than_one_piece_is_read(tmp_path: Path) -> None:
    values = np.random.default_rng(0).integers(0, 256, 2_500_000, dtype=np.uint8)
    (tmp_path / "a").write_bytes(gzip.compress(idx_bytes(values), 1))
    assert np.array_equal(read(tmp_path / "a", values.shape), values)


def test_a_short_file_is_refused_by_its_header(tmp_path: Path) -> None:
    path = tmp_path / "short-ubyte"
    path.write_bytes(idx_bytes(VALUES)[:-5])
    words = ("short-ubyte' announces 24 values (2x3x4)", "holds at most 19")
    with refuses(DataError, "idx-truncated", *words):
        read_header(path, 3)


def test_a_short_gzipped_file_is_refused_while_reading(tmp_path: Path) -> None:
    path = tmp_path / "short.gz"
    path.write_bytes(gzip.compress(idx_bytes(VALUES)[:-5]))
    with refuses(DataError, "idx-truncated", "short.gz' announces 24", "at most 19"):
        read(path)


def test_a_cut_or_changed_gzip_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "cut.gz"
    noise = np.random.default_rng(0).integers(0, 256, (9, 9, 9), dtype=np.uint8)
    packed = gzip.compress(idx_bytes(noise))
    for broken in (packed[:-20], packed[:-5] + b"xxxxx", packed[:4]):
        path.write_bytes(broken)
        with refuses(DataError, "idx-damaged", "cut.gz' cannot be unpacked"):
            read(path, (9, 9, 9))


def test_what_goes_on_after_the_values_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "long-ubyte"
    for content in (idx_bytes(VALUES) + b"x", gzip.compress(idx_bytes(VALUES) + b"x")):
        path.write_bytes(content)
        with refuses(DataError, "idx-trailing", "announces 24", "goes on after them"):
            read(path)


def test_an_announcement_beyond_what_gzip_can_hold_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.gz"
    head = bytes([0, 0, 8, 3]) + b"\xff" * 12
    path.write_bytes(gzip.compress(head + bytes(1000)))
    with refuses(DataError, "idx-truncated", "4294967295x4294967295x4294967295"):
        read_header(path, 3)


def test_images_and_labels_exchanged_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "labels"
    path.write_bytes(idx_bytes(VALUES))
    words = ("begins with the bytes '00 00 08 03'", "'00 00 08 01'", "exchanged")
    with refuses(DataError, "idx-foreign", *words):
        read_header(path, 1)


@pytest.mark.parametrize(
    "content", [b"", b"\0\0", b"\0\0\x0d\x03" + bytes(12), b"<html><body>no</body>"]
)
def test_foreign_files_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a").write_bytes(content)
    with refuses(DataError, "idx-foreign", "an IDX file of 8-bit values on 3 axes"):
        read_header(tmp_path / "a", 3)


def test_no_values_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(idx_bytes(np.zeros((0, 28, 28), dtype=np.uint8)))
    with refuses(DataError, "idx-no-values", "no values at all (0x28x28)"):
        read_header(tmp_path / "a", 3)


def test_another_shape_than_the_one_read_before_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(idx_bytes(VALUES))
    with refuses(DataError, "idx-truncated", "announces 36 values (3x3x4)"):
        read(tmp_path / "a", (3, 3, 4))


@given(content=st.binary(max_size=60), packed=st.booleans())
def test_any_bytes_give_values_or_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, packed: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "any"
    head = bytes([0, 0, 8, 1, 0, 0, 0, 3])
    path.write_bytes(gzip.compress(head + content) if packed else head + content)
    try:
        assert read(path, (3,)).tobytes() == content
    except DataError as error:
        assert error.code in ("idx-truncated", "idx-trailing")
        assert len(content) != 3
