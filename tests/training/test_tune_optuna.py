"""Optuna draws; two folders share one storage; what was killed is taken up."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mirada.errors import ConfigurationError, UnsupportedError
from mirada.training.study_folder import StudyFolder
from tests.refusal import refuses
from tests.training.test_tune import Counting, Killed, tuning

ASKED = {"kind": "tune"}


@pytest.fixture(autouse=True)
def optuna(tmp_path: Path) -> Iterator[None]:
    pytest.importorskip("optuna")
    yield


def test_values_come_from_optuna_and_states_go_back(tmp_path: Path) -> None:
    from mirada.training.tune_optuna import search

    with StudyFolder(tmp_path / "one", ASKED) as folder:
        found = tuning(folder)
        search(found, 6, None, None, "mirada")
        states = [trial.state for trial in found.trials.values()]
        assert len(states) == 6 and "finished" in states
        assert found.best.is_finished and found.best.epochs == 3
        for trial in found.trials.values():
            if trial.is_pruned:
                assert trial.values["conv1.kernel_size"] == 12 and trial.reason
        assert (tmp_path / "one" / "optuna.log").is_file()
        assert len(StudyFolder.stored(folder.path)["trials"]) == 6


def test_two_machines_share_a_storage(tmp_path: Path) -> None:
    from mirada.training.tune_optuna import search

    storage = f"sqlite:///{tmp_path / 'study.db'}"
    space = ("lr=log 0.01..0.3",)
    with (
        StudyFolder(tmp_path / "one", ASKED) as one,
        StudyFolder(tmp_path / "two", ASKED) as two,
    ):
        first, second = tuning(one, space=space), tuning(two, space=space)
        search(first, 2, None, storage, "shared")
        search(second, 4, None, storage, "shared")
    assert sorted([*first.trials, *second.trials]) == [0, 1, 2, 3]
    rates = {t.values["lr"] for f in (first, second) for t in f.trials.values()}
    assert len(rates) == 4


def test_a_trial_that_was_killed_is_taken_up(tmp_path: Path) -> None:
    from mirada.training.tune_optuna import search

    storage, space = str(tmp_path / "study.log"), ("lr=log 0.01..0.3",)
    with StudyFolder(tmp_path / "one", ASKED) as folder, pytest.raises(Killed):
        search(tuning(folder, Counting(5), space), 2, None, storage, "mirada")
    rest = Counting()
    with StudyFolder(tmp_path / "one", ASKED, resume=True) as folder:
        found = tuning(folder, rest, space)
        search(found, 2, None, storage, "mirada")
    assert sorted(found.trials) == [0, 1]
    assert rest.epochs[0] == 2  # its first epoch had been trained


def test_a_storage_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    from mirada.training.tune_optuna import search

    with StudyFolder(tmp_path / "one", ASKED) as folder:
        storage = f"sqlite:///{tmp_path / 'gone' / 'study.db'}"
        words = ("'mirada'", "Optuna cannot keep the study", "journal file")
        with refuses(ConfigurationError, "optuna-storage", *words):
            search(tuning(folder), 2, None, storage, "mirada")


def test_a_study_of_other_images_is_refused(tmp_path: Path) -> None:
    import optuna

    from mirada.training.tune_optuna import search

    storage = f"sqlite:///{tmp_path / 'study.db'}"
    other = optuna.create_study(storage=storage, study_name="mirada")
    other.set_user_attr("mirada_data", "0123456789ab")
    with StudyFolder(tmp_path / "one", ASKED) as folder:
        words = ("is of other images (0123456789ab)", "--study")
        with refuses(ConfigurationError, "optuna-other-data", *words):
            search(tuning(folder), 2, None, storage, "mirada")


def test_without_optuna_it_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mirada.training.tune_optuna import search

    monkeypatch.setitem(sys.modules, "optuna", None)
    with (
        StudyFolder(tmp_path / "one", ASKED) as folder,
        refuses(UnsupportedError, "optuna-missing", "pip install 'mirada[tune]'"),
    ):
        search(tuning(folder), 2, None, None, "mirada")
