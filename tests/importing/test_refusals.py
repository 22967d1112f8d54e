"""ONNX files that become no network are refused: by their nodes, inputs, arrays."""

import json
import sys
from pathlib import Path
from typing import Any

import onnx
import pytest

from mirada.errors import FileError, MemoryLimitError, UnsupportedError, UsageError
from mirada.importing import onnx as door
from mirada.importing import read_onnx
from tests.importing.elsewhere import agrees, graph, noise, small
from tests.refusal import refuses


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "some model.onnx"


def test_every_unfit_node_is_named_at_once(file: Path) -> None:
    content = small(
        """a = LRN<size=3>(x)
        b = com.example.Magic(a)
        c = Conv(b, w)
        d = Elu(c)
        e = InstanceNormalization(d, s, s)
        f = Flatten(e)
        y = MatMul(f, v)""",
        w=noise(2, 1, 3, 3),
        s=noise(2),
        v=noise(8, 2),
    )
    file.write_bytes(content)
    with refuses(
        UnsupportedError,
        "onnx-nodes",
        "has 4 nodes",
        "LRN",
        "com.example.Magic",
        "Elu",
        "InstanceNormalization",
    ):
        read_onnx(file)


@pytest.mark.parametrize(
    ("text", "code", "words"),
    (
        ("f = Flatten(x) y = MatMul(f, later) later = Relu(f)", "onnx-order", "later"),
        ("y = Relu(y)", "onnx-order", "y"),
        ("f = Flatten(x) f = Relu(x) y = MatMul(f, w)", "onnx-twice", "'f'"),
        ("y = Relu(x)", "onnx-output", "each class"),
    ),
)
def test_graphs_that_are_none(text: str, code: str, words: str, file: Path) -> None:
    file.write_bytes(small(text, w=noise(16, 2)))
    with refuses(FileError, code, words):
        read_onnx(file)


def test_inputs_that_are_no_images(file: Path) -> None:
    body = "{ f = Flatten(x) y = MatMul(f, w) }"
    for head, error, code in (
        ("float[n,16] x", FileError, "onnx-input"),
        ("float[n,2,4,2] x", FileError, "onnx-input"),
        ("float[n,1,h,4] x", UsageError, "import-size"),
        ("float[n,1,4,4] x, float[n,1] z", FileError, "onnx-inputs"),
    ):
        content = graph(f"g ({head}) => (float[n,2] y) {body}", w=noise(16, 2))
        file.write_bytes(content)
        with refuses(error, code):
            read_onnx(file)
    content = graph(f"g (float[n,1,h,4] x) => (float[n,2] y) {body}", w=noise(16, 2))
    agrees(content, file, input=(1, 4, 4))
    with refuses(UsageError, "import-input", "1x8x8"):
        read_onnx(file, input=(1, 8, 8))


def test_every_pixel_as_a_class_is_no_classifier(file: Path) -> None:
    file.write_bytes(
        graph("g (float[n,3,2000,2000] x) => (float[n,m] y) { y = Flatten(x) }")
    )
    with refuses(FileError, "onnx-output"):
        read_onnx(file)


def tensor_of(content: bytes, **changes: Any) -> bytes:
    """The file with its first array said to be something else."""
    model = onnx.load_from_string(content)
    tensor = model.graph.initializer[0]
    for key, value in changes.items():
        if key == "dims":
            del tensor.dims[:]
            tensor.dims.extend(value)
        elif key == "external":
            tensor.data_location = 1
            tensor.external_data.add(key="location", value="../secret")
        else:
            setattr(tensor, key, value)
    found: bytes = model.SerializeToString()
    return found


def test_arrays_that_are_not_what_they_say(file: Path) -> None:
    good = small("f = Flatten(x) y = MatMul(f, w)", w=noise(16, 2))
    (file.parent / "secret").write_bytes(b"0" * 128)
    for changes, code in (
        ({"dims": (2**31, 2**31, 0)}, "onnx-tensor"),
        ({"dims": (-1, 2)}, "onnx-tensor"),
        ({"dims": (4, 4)}, "onnx-tensor"),
        ({"data_type": 8}, "onnx-tensor"),
        ({"raw_data": b"123"}, "onnx-tensor"),
        ({"external": True}, "onnx-external"),
    ):
        file.write_bytes(tensor_of(good, **changes))
        with refuses(FileError, code):
            read_onnx(file)
    model = onnx.load_from_string(good)
    model.graph.initializer.append(model.graph.initializer[0])
    file.write_bytes(model.SerializeToString())
    with refuses(FileError, "onnx-twice"):
        read_onnx(file)
    del model.graph.initializer[1:]
    model.graph.sparse_initializer.add()
    file.write_bytes(model.SerializeToString())
    with refuses(FileError, "onnx-sparse"):
        read_onnx(file)


def test_what_is_no_model_at_all(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for content in (b"\x00", b"PK\x03\x04" * 9, b"hello", json.dumps([1]).encode()):
        file.write_bytes(content)
        with refuses(FileError, "onnx-foreign"):
            read_onnx(file)
    file.write_bytes(small("f = Flatten(x) y = MatMul(f, w)", w=noise(16, 2)))
    with monkeypatch.context() as patched:
        patched.setattr(door, "_MOST_NODES", 1)
        with refuses(FileError, "onnx-large"):
            read_onnx(file)
    monkeypatch.setitem(sys.modules, "onnx", None)
    with refuses(UnsupportedError, "onnx-needed", "mirada[export]"):
        read_onnx(file)


def test_a_small_file_asks_for_no_large_memory(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mirada.importing.reader._SPARE_BYTES", 0)
    many = " ".join(f"c{n} = Conv<pads=[1,1,1,1]>(c{n - 1}, w)" for n in range(1, 40))
    text = f"c0 = Identity(x) {many} f = Flatten(c39) y = MatMul(f, v)"
    file.write_bytes(small(text, w=noise(1, 1, 3, 3), v=noise(16, 2)))
    read_onnx(file)
    shared = "f = Flatten(x) " + " ".join(f"y{n} = MatMul(f, w)" for n in range(300))
    names = ", ".join(f"y{n}" for n in range(300))
    file.write_bytes(small(f"{shared} y = Sum({names})", w=noise(16, 2)))
    with refuses(MemoryLimitError, "onnx-sharing"):
        read_onnx(file)
