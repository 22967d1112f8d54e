"""CIFAR's binary version is read; its pickled version is refused by name."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from mirada.data.cifar import find_cifar_files
from mirada.data.limits import Limits
from mirada.data.sources import load
from mirada.errors import DataError, MemoryLimitError
from tests.data.packing import Entry, tar
from tests.refusal import refuses

NAMES = ["airplane", "automobile", "bird", "cat"]


def batch(labels: list[list[int]], first: int = 0) -> bytes:
    """Records with these label bytes; pixel planes full of 3n, 3n + 1, 3n + 2."""
    planes = [
        np.repeat(np.arange(3, dtype=np.uint8) + 3 * (first + n), 1024)
        for n in range(len(labels))
    ]
    return b"".join(bytes(b) + p.tobytes() for b, p in zip(labels, planes, strict=True))


def cifar10(root: Path, names: list[str] | None = NAMES) -> Path:
    """A small CIFAR-10: two batches of training, one of testing."""
    root.mkdir(exist_ok=True)
    (root / "data_batch_1.bin").write_bytes(batch([[3], [1]]))
    (root / "data_batch_2.bin").write_bytes(batch([[1]], 2))
    (root / "test_batch.bin").write_bytes(batch([[0], [3]], 3))
    if names is not None:
        (root / "batches.meta.txt").write_text("\n".join(names) + "\n\n")
    return root


def test_cifar10_is_read(tmp_path: Path) -> None:
    data = load(cifar10(tmp_path))
    assert data.images.shape == (5, 32, 32, 3)
    assert data.images[:, 7, 9].tolist() == [
        [3 * n, 3 * n + 1, 3 * n + 2] for n in range(5)
    ]
    assert data.classes == ("airplane", "automobile", "cat")
    assert data.labels.tolist() == [2, 1, 1, 0, 2]
    assert data.given is not None and data.given.tolist() == [0, 0, 0, 2, 2]
    assert data.names[0] == "data_batch_1.bin/0" and data.names[4] == "test_batch.bin/1"


def test_without_names_the_classes_are_numbers(tmp_path: Path) -> None:
    assert load(cifar10(tmp_path, None)).classes == ("0", "1", "3")


def test_names_in_another_order_stay_with_their_labels(tmp_path: Path) -> None:
    data = load(cifar10(tmp_path, ["zebra", "yak", "x", "ant"]))
    assert data.classes == ("ant", "yak", "zebra")
    assert [data.classes[n] for n in data.labels] == [
        "ant",
        "yak",
        "yak",
        "zebra",
        "ant",
    ]


def test_cifar100_takes_the_fine_labels(tmp_path: Path) -> None:
    (tmp_path / "train.bin").write_bytes(batch([[7, 1], [9, 0]]))
    (tmp_path / "test.bin").write_bytes(batch([[7, 1]]))
    (tmp_path / "fine_label_names.txt").write_text("apple\nbear\n")
    data = load(tmp_path)
    assert data.classes == ("apple", "bear") and data.labels.tolist() == [1, 0, 1]
    assert data.given is not None and data.given.tolist() == [0, 0, 2]


def test_it_is_read_from_its_archive(tmp_path: Path) -> None:
    files = sorted(cifar10(tmp_path / "cifar-10-batches-bin").iterdir(), reverse=True)
    entries = [Entry(f"cifar-10-batches-bin/{f.name}", f.read_bytes()) for f in files]
    (tmp_path / "cifar-10-binary.tar").write_bytes(tar(*entries))
    data = load(tmp_path / "cifar-10-binary.tar")
    assert data.fingerprint == load(tmp_path / "cifar-10-batches-bin").fingerprint


def test_other_sizes_and_memory(tmp_path: Path) -> None:
    cifar10(tmp_path)
    assert load(tmp_path, size=8, channels=1).images.shape == (5, 8, 8, 1)
    with refuses(MemoryLimitError, "dataset-memory", "5 images of 32x32"):
        load(tmp_path, limits=Limits(dataset_bytes=5 * 3072 - 1))


@pytest.mark.parametrize("length", [0, 3072, 3074])
def test_a_batch_must_be_whole_records(tmp_path: Path, length: int) -> None:
    (cifar10(tmp_path) / "test_batch.bin").write_bytes(bytes(length))
    with refuses(DataError, "cifar-length", f"has {length} bytes", "of 3073 bytes"):
        load(tmp_path)


def test_labels_must_be_known(tmp_path: Path) -> None:
    (cifar10(tmp_path) / "test_batch.bin").write_bytes(batch([[200]]))
    with refuses(DataError, "cifar-names", "every label from 0 to 200", "has 4 lines"):
        load(tmp_path)
    (tmp_path / "batches.meta.txt").unlink()
    with refuses(DataError, "cifar-label", "has a label 200", "from 0 to 9"):
        load(tmp_path)
    cifar10(tmp_path, ["a", "b", "c", "a"])
    with refuses(DataError, "cifar-names", "4 lines with 3 names"):
        load(tmp_path)


class Trap:
    """Unpickling it would be seen."""

    def __reduce__(self) -> tuple[object, ...]:
        return (Path("unpickled").touch, ())


@pytest.mark.parametrize("kind", ["folder", "tar"])
@pytest.mark.parametrize(
    "names", [["data_batch_1", "test_batch", "batches.meta"], ["train", "test", "meta"]]
)
def test_pickled_batches_are_refused(
    tmp_path: Path, names: list[str], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    source = tmp_path / "cifar-10-batches-py"
    source.mkdir()
    for name in names:
        (source / name).write_bytes(pickle.dumps(Trap()))
    if kind == "tar":
        entries = [
            Entry(f"cifar-10-batches-py/{n}", pickle.dumps(Trap())) for n in names
        ]
        source = tmp_path / "cifar-10-python.tar"
        source.write_bytes(tar(*entries))
    with refuses(DataError, "data-pickled", "is pickled", "cifar-10-binary.tar.gz"):
        load(source)
    assert not (tmp_path / "unpickled").exists()


def test_other_names_are_not_cifar() -> None:
    assert find_cifar_files("set", ["train.bin", "a.csv"]) is None
    assert find_cifar_files("set", ["train", "test"]) is None
