import json
from pathlib import Path

import pytest

from mirada.errors import ConfigurationError, FileError, StorageError
from mirada.training.folder import CONFIGURATION, RunFolder, read_json
from tests.refusal import refuses
from tests.training.example import plan


def test_a_new_folder_is_made_with_those_above_it(tmp_path: Path) -> None:
    with RunFolder.new(tmp_path / "a" / "b") as folder:
        assert not folder.has_run
        configuration = plan().configuration
        folder.write_configuration(configuration)
        assert folder.has_run
        assert folder.configuration().fingerprint == configuration.fingerprint


def test_an_empty_folder_will_do(tmp_path: Path) -> None:
    (tmp_path / "split.json").write_text("{}")
    (tmp_path / "ckpt.part").write_text("half")
    RunFolder.new(tmp_path).close()


def test_a_folder_with_a_run_is_refused(tmp_path: Path) -> None:
    with RunFolder.new(tmp_path) as folder:
        folder.write_configuration(plan().configuration)
    for _ in range(2):
        with refuses(ConfigurationError, "folder-taken", "by adding --resume"):
            RunFolder.new(tmp_path)
    with refuses(ConfigurationError, "folder-taken", str(tmp_path)):
        RunFolder.require_free(tmp_path)
    RunFolder.existing(tmp_path).close()


def test_a_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with refuses(ConfigurationError, "folder-foreign", "(thesis.txt)"):
        RunFolder.new(tmp_path)
    with refuses(ConfigurationError, "folder-foreign", "no run of mirada's"):
        RunFolder.existing(tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"
    assert len([*tmp_path.iterdir()]) == 1, "not even a lock was put there"


def test_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    with (
        RunFolder.new(tmp_path),
        refuses(ConfigurationError, "folder-in-use", "in use by another run"),
    ):
        RunFolder.existing(tmp_path)


def test_there_must_be_a_run_to_go_on_with(tmp_path: Path) -> None:
    with refuses(ConfigurationError, "folder-without-run", "no run to resume"):
        RunFolder.existing(tmp_path / "nothing")


def test_a_file_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file")
    for path in (tmp_path / "runs", tmp_path / "runs" / "first"):
        with refuses(StorageError, "folder-refused", "cannot be used"):
            RunFolder.new(path)
    with refuses(StorageError, "folder-refused", "with --out"):
        RunFolder.numbered(tmp_path / "runs", "net")


def test_numbers_go_up(tmp_path: Path) -> None:
    (tmp_path / "net-2").mkdir()
    names = []
    for _ in range(3):
        with RunFolder.numbered(tmp_path, "net") as folder:
            names.append(folder.path.name)
    assert names == ["net-1", "net-3", "net-4"]


@pytest.mark.parametrize("text", ["{", "[1]", '{"a": NaN}', "[" * 10**5, "\udc80"])
def test_json_that_is_not_ours(tmp_path: Path, text: str) -> None:
    path = tmp_path / "evaluation.json"
    path.write_bytes(text.encode(errors="surrogateescape"))
    with refuses(FileError, "json-file", "not a JSON file that mirada wrote"):
        read_json(path)


def test_json_is_written_for_people(tmp_path: Path) -> None:
    with RunFolder.new(tmp_path) as folder:
        path = folder.write_json("a.json", {"niño": 1})
    assert path.read_text(encoding="utf-8") == '{\n  "niño": 1\n}\n'
    assert read_json(path) == json.loads(path.read_text(encoding="utf-8"))
    assert CONFIGURATION == "configuration.json"
