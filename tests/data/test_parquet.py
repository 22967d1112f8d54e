"""Parquet files as Hugging Face writes them, read a few rows at a time."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from mirada.data.limits import Limits
from mirada.data.parquet import find_parquet_files, is_parquet
from mirada.data.sources import load
from mirada.errors import DataError, UnsupportedError
from tests.data.packing import png
from tests.refusal import refuses

pa = pytest.importorskip("pyarrow", reason="pyarrow (mirada[parquet]) is not installed")
pq: Any = pytest.importorskip("pyarrow.parquet")


def write(
    path: Path,
    columns: dict[str, Any],
    names: list[str] | None = None,
    **options: Any,
) -> Path:
    """A parquet file; `names` are those of the labels, as Hugging Face keeps them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    table = pa.table(columns)
    if names is not None:
        about = {
            "info": {"features": {"label": {"names": names, "_type": "ClassLabel"}}}
        }
        table = table.replace_schema_metadata({"huggingface": json.dumps(about)})
    pq.write_table(table, path, **options)
    return path


def images(count: int, first: int = 0) -> list[Any]:
    """Encoded images in structs."""
    return [{"bytes": png(first + n), "path": f"{n}.png"} for n in range(count)]


@pytest.mark.parametrize("names", [["dog", "cat"], None])
def test_a_file_with_numbered_labels(tmp_path: Path, names: list[str] | None) -> None:
    columns = {"image": images(3), "label": [0, 1, 0]}
    data = load(write(tmp_path / "a.parquet", columns, names))
    assert data.images.shape == (3, 10, 12, 3)
    assert data.classes == (("cat", "dog") if names else ("0", "1"))
    assert data.labels.tolist() == ([1, 0, 1] if names else [0, 1, 0])
    assert data.names == ("a.parquet/0", "a.parquet/1", "a.parquet/2")


def test_bytes_and_words_and_groups(tmp_path: Path) -> None:
    columns = {
        "id": [1, 2, 3],
        "photo": [png(0), png(1), png(2)],
        "class": ["<b>", "a\n", "a\n"],
        "split": ["train", "Test", "nowhere"],
        "group": ["x", None, "y"],
    }
    data = load(write(tmp_path / "a.parquet", columns))
    assert data.classes == ("<b>", "a\\n") and data.groups == ("x", "a.parquet/1")
    assert data.given is not None and data.given.tolist() == [0, 2]
    (skip,) = data.skipped
    assert skip.reason.code == "row-unusable" and "part is 'nowhere'" in str(
        skip.reason
    )


@pytest.mark.parametrize("inner", [".", "data"])
def test_a_folder_of_parts(tmp_path: Path, inner: str) -> None:
    for name, count in (
        ("train-00000-of-00002", 2),
        ("train-00001-of-00002", 1),
        ("test-0", 2),
    ):
        columns = {"img": images(count, len(name)), "label": ["a", "b"][:count]}
        write(tmp_path / inner / f"{name}.parquet", columns)
    (tmp_path / "README.md").write_text("about")
    data = load(tmp_path)
    assert data.given is not None and data.given.tolist() == [2, 2, 0, 0, 0]
    assert len({image.tobytes() for image in data.images}) == 4


def test_rows_are_read_in_order_over_many_groups(tmp_path: Path) -> None:
    columns = {"image": images(150), "label": [n % 2 for n in range(150)]}
    path = write(tmp_path / "a.parquet", columns, row_group_size=40)
    data = load(path)
    other = load(write(tmp_path / "b.parquet", columns))
    assert data.fingerprint == other.fingerprint and len(data) == 150


def test_rows_that_say_nothing_are_left_out(tmp_path: Path) -> None:
    columns = {
        "image": [*images(2), {"bytes": None, "path": "gone.png"}, *images(1)],
        "label": [0, -1, 1, 1],
    }
    data = load(write(tmp_path / "a.parquet", columns, ["a", "b"]))
    assert len(data) == 2
    reasons = {skip.name: str(skip.reason) for skip in data.skipped}
    assert "has no label. Give every row" in reasons["a.parquet/1"]
    assert "is empty (0 bytes)" in reasons["a.parquet/2"]


def test_columns_must_be_there(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", {"image": images(1), "target": [0]})
    with refuses(
        DataError, "columns-missing", "columns 'image', 'target'", "label|labels"
    ):
        load(path)


def test_bounds_hold_before_anything_is_read(tmp_path: Path) -> None:
    columns = {"image": [png(0)] * 9, "label": [0] * 9}
    path = write(tmp_path / "a.parquet", columns)
    with refuses(DataError, "parquet-rows", "has 9 rows; at most 8"):
        load(path, limits=Limits(files=8))
    with refuses(DataError, "archive-bomb", "unpacks to more than"):
        load(path, limits=Limits(archive_bytes=100))


@pytest.mark.parametrize("keep", [4, 12, 300, -1])
def test_broken_files_are_refused(tmp_path: Path, keep: int) -> None:
    path = write(tmp_path / "a.parquet", {"image": images(2), "label": [0, 1]})
    path.write_bytes(path.read_bytes()[:keep])
    with refuses(DataError, "parquet-broken", "cannot be read as parquet"):
        load(path)


def test_without_pyarrow_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.parquet", {"image": images(1), "label": [0]})
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with refuses(UnsupportedError, "parquet-extra", "pip install 'mirada[parquet]'"):
        load(path)


def test_parquet_is_known_by_its_mark(tmp_path: Path) -> None:
    assert is_parquet(b"PAR1...") and not is_parquet(b"PK\3\4")
    assert find_parquet_files(tmp_path, {"a.txt": ""}, alone=True) == []
