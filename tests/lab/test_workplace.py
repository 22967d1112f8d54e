"""What the lab keeps: seen by all, changed by one at a time, never lost."""

import json
import os
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from mirada.errors import ConfigurationError, StorageError, UsageError
from mirada.lab.lab import Lab
from mirada.lab.workplace import DAMAGED, STATE, Workplace
from tests.lab.asking import ask
from tests.refusal import refuses

EMPTY = {"revision": 0, "network": "", "data": "", "run": "", "options": {}}


def test_a_new_place_is_empty(tmp_path: Path) -> None:
    assert Workplace(tmp_path).state() == EMPTY
    assert list(tmp_path.iterdir()) == []


def test_a_change_is_kept(tmp_path: Path) -> None:
    place = Workplace(tmp_path)
    changed = place.change(0, {"network": "año", "unknown": "x"})
    assert changed == {**EMPTY, "revision": 1, "network": "año"}
    assert Workplace(tmp_path).state() == changed
    assert place.change(1, {"data": "digits"})["network"] == "año"


def test_a_change_that_changes_nothing_is_none(tmp_path: Path) -> None:
    place = Workplace(tmp_path)
    place.change(0, {"network": "a"})
    # So a request that is sent again, its answer lost, is no conflict.
    assert place.change(0, {"network": "a"})["revision"] == 1


def test_who_has_not_seen_the_last_change_makes_none(tmp_path: Path) -> None:
    place = Workplace(tmp_path)
    place.change(0, {"network": "a"})
    with refuses(ConfigurationError, "lab-changed-elsewhere"):
        place.change(0, {"network": "b"})
    assert place.state()["network"] == "a"


def test_of_many_at_once_one_is_first(tmp_path: Path) -> None:
    place, done = Workplace(tmp_path), []

    def change(name: str) -> None:
        with suppress(ConfigurationError):
            done.append(place.change(0, {"run": name})["run"])

    threads = [threading.Thread(target=change, args=(str(n),)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 1 and place.state()["run"] == done[0]


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{", b"[]", b'{"revision": 0}', b"\xff\xfe", b"null", b"[" * 100_000),
        b'{"revision": 1e999, "network": ',
    ],
)
def test_a_damaged_state_is_put_aside(content: bytes, tmp_path: Path) -> None:
    (tmp_path / STATE).write_bytes(content)
    place = Workplace(tmp_path)
    assert place.state() == EMPTY
    assert place.change(0, {"run": "a"})["run"] == "a"
    assert (tmp_path / DAMAGED).read_bytes() == content


def test_a_value_of_another_kind_is_not_taken(tmp_path: Path) -> None:
    text = '{"revision": true, "network": 3, "data": "digits", "run": null}'
    (tmp_path / STATE).write_text(text)
    assert Workplace(tmp_path).state() == {**EMPTY, "data": "digits"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_state_that_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / STATE)
    assert Workplace(tmp_path).state() == EMPTY


def test_a_folder_that_has_gone_is_told(tmp_path: Path) -> None:
    place = Workplace(tmp_path / "gone")
    assert place.state() == EMPTY
    with pytest.raises(StorageError):
        place.change(0, {"run": "a"})


def test_the_state_of_an_older_lab_has_no_options_and_is_kept(tmp_path: Path) -> None:
    text = '{"revision": 4, "network": "mine", "data": "digits", "run": "a"}'
    (tmp_path / STATE).write_text(text)
    state = Workplace(tmp_path).state()
    assert state == {**EMPTY, **json.loads(text)}
    assert not (tmp_path / DAMAGED).exists()


@pytest.mark.parametrize(
    ("options", "code"),
    [
        *(([], "options-shape"), ("flip", "options-shape")),
        *(({"tset": 0.2}, "training-option"), ({"test": 2}, "request-field")),
    ],
)
def test_options_are_refused_as_training_would(
    options: object, code: str, tmp_path: Path
) -> None:
    place = Lab(tmp_path)
    with refuses(UsageError, code):
        ask(place, "PUT", "/api/state", revision=0, options=options)
    kept = ask(place, "PUT", "/api/state", revision=0, options={"test": 0.4})
    assert kept["options"] == place.workplace.state()["options"] == {"test": 0.4}
