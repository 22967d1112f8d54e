"""A study's folder: begun once, gone on with as it was begun."""

import json
from pathlib import Path

import pytest

from mirada.data import divide, read_split
from mirada.errors import ConfigurationError, FileError, StorageError
from mirada.training import RunFolder, train
from mirada.training.study_folder import StudyFolder
from tests.refusal import refuses
from tests.training.example import engine, few_digits, plan

ASKED = {"kind": "seeds", "options": {"seeds": 3}}


def test_it_says_from_the_start_what_is_asked(tmp_path: Path) -> None:
    with StudyFolder(tmp_path / "five", ASKED):
        assert StudyFolder.is_study(tmp_path / "five")
    found = StudyFolder.stored(tmp_path / "five")
    assert found == {"schema": 1, "asked": ASKED}


def test_going_on_needs_to_be_said_and_to_be_the_same(tmp_path: Path) -> None:
    with StudyFolder(tmp_path, ASKED) as folder:
        folder.write(kind="seeds", runs=[])
    with refuses(
        ConfigurationError, "study-taken", "already holds a study", "--resume"
    ):
        StudyFolder(tmp_path, ASKED)
    other = {**ASKED, "options": {"seeds": 4}}
    words = ("begun with other values", 'options: {"seeds": 3} -> {"seeds": 4}')
    with refuses(ConfigurationError, "study-differs", *words):
        StudyFolder(tmp_path, other, resume=True)
    with StudyFolder(tmp_path, ASKED, resume=True):
        assert StudyFolder.stored(tmp_path)["runs"] == []


def test_one_killed_before_it_began_begins(tmp_path: Path) -> None:
    (tmp_path / ".lock").touch()
    (tmp_path / "study.json.part").write_text("{")
    with StudyFolder(tmp_path, ASKED, resume=True):
        assert StudyFolder.is_study(tmp_path)


def test_there_is_nothing_to_go_on_with(tmp_path: Path) -> None:
    with refuses(ConfigurationError, "study-missing", "no study has begun"):
        StudyFolder(tmp_path / "gone", ASKED, resume=True)
    assert not (tmp_path / "gone").exists()


def test_a_folder_of_others_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.doc").write_text("mine")
    words = ("holds other files (thesis.doc)", "Choose an empty")
    with refuses(ConfigurationError, "study-foreign", *words):
        StudyFolder(tmp_path, ASKED)
    assert len([*tmp_path.iterdir()]) == 1, "not even a lock was put there"
    (tmp_path / "file").write_text("mine")
    with refuses(StorageError, "study-refused", "cannot be used for a study"):
        StudyFolder(tmp_path / "file", ASKED)


def test_two_do_not_share_it(tmp_path: Path) -> None:
    with (
        StudyFolder(tmp_path, ASKED),
        refuses(ConfigurationError, "folder-in-use", "in use by another run"),
    ):
        StudyFolder(tmp_path, ASKED, resume=True)
    with StudyFolder(tmp_path, ASKED, resume=True):
        pass  # a refusal holds nothing


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    with StudyFolder(tmp_path, ASKED):
        pass
    (tmp_path / "study.json").write_text("{")
    with refuses(FileError, "json-file", "study.json"):
        StudyFolder(tmp_path, ASKED, resume=True)


def test_a_run_has_ended_or_is_still_to_be_trained(tmp_path: Path) -> None:
    chosen = plan()
    with StudyFolder(tmp_path, ASKED) as folder:
        assert folder.finished("one", chosen.configuration) is None
        with folder.run("one") as held:
            train(chosen, engine(chosen), held)
        found = folder.finished("one", chosen.configuration)
        assert found is not None and found.test is not None
        (tmp_path / "one" / "evaluation.json").unlink()
        assert folder.finished("one", chosen.configuration) is None
        other = plan(patience=3)
        with refuses(ConfigurationError, "resume-differs", "patience"):
            folder.finished("one", other.configuration)
        (tmp_path / "one" / "configuration.json").write_text("{}")
        with pytest.raises(FileError):
            folder.finished("one", chosen.configuration)


def test_a_split_is_written_once(tmp_path: Path) -> None:
    split = divide(few_digits())
    with StudyFolder(tmp_path, ASKED) as folder:
        path = folder.write_split("one", split)
        before = path.stat().st_mtime_ns
        assert folder.write_split("one", split).stat().st_mtime_ns == before
        assert read_split(path, few_digits()).digest == split.digest
        path.write_text(json.dumps({}))
        folder.write_split("one", split)
        assert read_split(path, few_digits()).digest == split.digest


def test_its_runs_are_run_folders(tmp_path: Path) -> None:
    with StudyFolder(tmp_path, ASKED) as folder, folder.run("one") as held:
        assert isinstance(held, RunFolder)
        assert not held.has_run
