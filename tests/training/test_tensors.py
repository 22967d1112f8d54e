import json
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file

from mirada.errors import DataError, FileError, MemoryLimitError, MiradaError
from mirada.training import tensor_layout
from mirada.training.tensors import Arrays, open_tensors, packed, write_tensors
from tests.refusal import refuses

ARRAYS: Arrays = {
    "conv.weight": np.arange(12, dtype=np.float32).reshape(2, 1, 2, 3),
    "conv.bias": np.array([-1.5, np.nan], dtype=np.float32),
    "count": np.array(3, dtype=np.float32),
    "empty": np.zeros((0, 4), dtype=np.float32),
}


def written(folder: Path) -> Path:
    path = folder / "a.safetensors"
    write_tensors(path, ARRAYS, {"schema": "1", "ñ": '"é"'})
    return path


def read(path: Path) -> Arrays:
    with open_tensors(path) as file:
        return file.arrays()


def test_what_is_written_is_read(tmp_path: Path) -> None:
    with open_tensors(written(tmp_path)) as file:
        found = file.arrays()
        assert file.metadata["ñ"] == '"é"'
        assert list(file.shapes) == sorted(ARRAYS)
    for name, value in ARRAYS.items():
        assert found[name].shape == value.shape
        assert np.array_equal(found[name], value, equal_nan=True)
        assert not found[name].flags.writeable


def test_the_library_of_the_form_reads_ours(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    plain = {name: value for name, value in ARRAYS.items() if value.size}
    write_tensors(path, plain, {"schema": "1"})
    found = load_file(path)
    assert found.keys() == plain.keys()
    for name, value in plain.items():
        assert np.array_equal(found[name], value, equal_nan=True)


def test_the_same_arrays_give_the_same_bytes(tmp_path: Path) -> None:
    backwards = dict(reversed(ARRAYS.items()))
    one, two = packed(ARRAYS, {"a": "1"}), packed(backwards, {"a": "1"})
    assert b"".join(one) == b"".join(two)


def test_every_bit_that_turns_is_found(tmp_path: Path) -> None:
    path = written(tmp_path)
    whole = path.read_bytes()
    for place in range(len(whole)):
        broken = bytearray(whole)
        broken[place] ^= 1 << place % 8
        path.write_bytes(broken)
        with pytest.raises(MiradaError) as caught:
            read(path)
        assert caught.value.code.startswith("tensors-"), place
    path.write_bytes(whole)
    assert read(path)


def test_every_length_but_the_right_one_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(FileError):
            read(path)
    path.write_bytes(whole + b"x")
    with refuses(FileError, "tensors-truncated", f"has {len(whole) + 1} bytes"):
        read(path)


@given(st.binary(max_size=200), st.integers(0, 2**64 - 1))
def test_anything_else_is_refused(content: bytes, length: int) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.safetensors"
        for whole in (content, length.to_bytes(8, "little") + b"{" + content):
            path.write_bytes(whole)
            with pytest.raises(MiradaError):
                read(path)


def with_header(path: Path, text: str, data: bytes = b"") -> Path:
    head = text.encode()
    path.write_bytes(len(head).to_bytes(8, "little") + head + data)
    return path


DIGEST = '"__metadata__":{"digest":"' + "0" * 64 + '"}'
ENTRY = '"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}'


@pytest.mark.parametrize(
    "text",
    [
        "{" + DIGEST + "," + ENTRY + "," + ENTRY + "}",
        "{" + DIGEST + "," + ENTRY.replace("F32", "F64") + "}",
        "{" + DIGEST + "," + ENTRY.replace("[0,4]", "[4,8]") + "}",
        "{" + DIGEST + "," + ENTRY.replace("[0,4]", "[0,8]") + "}",
        "{" + DIGEST + "," + ENTRY.replace("[1]", "[-1]") + "}",
        "{" + DIGEST + "," + ENTRY.replace("[1]", "[true]") + "}",
        "{" + DIGEST + "," + ENTRY.replace("[1]", "[" + "1," * 9 + "1]") + "}",
        "{" + DIGEST + "," + ENTRY.replace("[1]", "1") + "}",
        "{" + DIGEST + "," + ENTRY.replace('"dtype":"F32",', "") + "}",
        "{" + DIGEST + ',"a":[]}',
        "{" + DIGEST + ',"a":' + "9" * 5000 + "}",
        "{" + DIGEST + ',"a":' + "[" * 100_000 + "}",
        "{" + DIGEST.replace("}", ',"b":1}') + "," + ENTRY + "}",
        "{" + DIGEST + "," + ENTRY,
    ],
)
def test_a_header_that_cannot_be_true(tmp_path: Path, text: str) -> None:
    path = with_header(tmp_path / "a", text, bytes(4))
    with refuses(FileError, "tensors-header", "cannot be true"):
        read(path)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-32-le"])
def test_a_header_in_another_encoding_is_not_guessed(
    tmp_path: Path, encoding: str
) -> None:
    head = ("{" + DIGEST + "," + ENTRY + "}").encode(encoding)
    path = tmp_path / "a"
    path.write_bytes(len(head).to_bytes(8, "little") + head + bytes(4))
    with refuses(FileError, "tensors-header", "cannot be true"):
        read(path)


def test_a_header_that_agrees_still_needs_the_digest(tmp_path: Path) -> None:
    path = with_header(tmp_path / "a", "{" + DIGEST + "," + ENTRY + "}", bytes(4))
    with refuses(FileError, "tensors-digest", "is damaged"):
        read(path)


def test_a_file_of_another_program_is_named(tmp_path: Path) -> None:
    save_file({"w": np.zeros(3, dtype=np.float32)}, tmp_path / "other.safetensors")
    with refuses(FileError, "tensors-not-ours", "mirada did not write it"):
        read(tmp_path / "other.safetensors")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04" + bytes(60), b"\x89PNG" * 9])
def test_a_file_of_another_form_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.pt"
    path.write_bytes(content)
    with refuses(FileError, "tensors-foreign", "not a safetensors file"):
        read(path)


def test_what_is_not_a_plain_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(written(tmp_path))
    with refuses(DataError, "file-not-plain", "a symbolic link"):
        read(tmp_path / "link")
    with refuses(DataError, "file-missing", "does not exist"):
        read(tmp_path / "nothing")


def test_more_than_the_memory_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path)
    monkeypatch.setattr(tensor_layout, "available_bytes", lambda: 59)
    with refuses(MemoryLimitError, "tensors-memory", "MB of memory are free"):
        read(path)
    monkeypatch.setattr(tensor_layout, "available_bytes", lambda: 60)
    assert read(path)


def test_a_sparse_file_costs_nothing(tmp_path: Path) -> None:
    shape = [2**40]
    entry = {"dtype": "F32", "shape": shape, "data_offsets": [0, 4 * 2**40]}
    text = "{" + DIGEST + ',"a":' + json.dumps(entry) + "}"
    path = with_header(tmp_path / "a", text)
    with path.open("r+b") as stream:
        stream.truncate(8 + len(text) + 4 * 2**40)
    with refuses(MemoryLimitError, "tensors-memory", "4398046 MB"):
        read(path)
