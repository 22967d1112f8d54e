"""A run that is killed, interrupted or refused by the disk ends as if nothing happened.

The long forms: python -m scripts.survival --help
"""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mirada.errors import Phrase
from mirada.training import RunFolder, Watch, train
from mirada.training.checkpoint import checkpoint_paths, latest_checkpoint
from tests.training.crowding import crowded_starts
from tests.training.damaging import damaged_files
from tests.training.example import engine, files, made, plan_of
from tests.training.killing import killed_runs
from tests.training.nursery import ROOT, Nursery, nursery
from tests.training.outages import BUGS, outages
from tests.training.refusing import operations_of, refused_runs
from tests.training.small_disk import small_disk
from tests.training.stopping import stopped_runs
from tests.training.tally import Tally


@pytest.fixture(scope="module")
def children() -> Iterator[Nursery]:
    with nursery() as found:
        yield found


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of the run that nothing happened to."""
    return trained(tmp_path_factory.mktemp("whole"))


def trained(folder: Path, kind: str = "small") -> dict[str, bytes]:
    chosen = plan_of(kind)
    with RunFolder.existing(folder) as held:
        train(chosen, made(chosen), held)
    return files(folder)


def assert_fine(tally: Tally, cases: int) -> None:
    assert not tally.faults, "\n".join(tally.faults)
    assert tally.cases >= cases


def test_runs_of_every_kind_are_killed_and_gone_on_with(
    tmp_path: Path, children: Nursery
) -> None:
    assert_fine(killed_runs(children, tmp_path, 20), 20)


@pytest.mark.parametrize("bug", ["optimizer", "statistics"])
def test_what_is_not_restored_is_found(
    tmp_path: Path, children: Nursery, bug: str
) -> None:
    kept = trained_in(tmp_path / "whole", "rich")
    for planted in ("", bug):
        run = tmp_path / f"run {planted}"
        wishes = {"bug": planted} if planted else {}
        signals = [int(signal.SIGKILL)]
        status = children.run(run, kind="rich", signal_at=10, signals=signals)
        assert status == -signal.SIGKILL
        assert children.run(run, kind="rich", **wishes) == 0
        same = files(run)["last.safetensors"] == kept["last.safetensors"]
        assert same is (not planted)


def trained_in(folder: Path, kind: str) -> dict[str, bytes]:
    folder.mkdir()
    return trained(folder, kind)


def test_a_loss_of_power_leaves_the_old_or_the_new(tmp_path: Path) -> None:
    assert_fine(outages(tmp_path, 300, kind="rich"), 300)


@pytest.mark.parametrize("bug", BUGS)
def test_a_writer_that_does_not_sync_is_found(tmp_path: Path, bug: str) -> None:
    assert outages(tmp_path, 60, bug=bug).faults


def test_every_refusal_of_the_disk_is_told_and_gone_on_from(
    tmp_path: Path, children: Nursery
) -> None:
    assert_fine(refused_runs(children, tmp_path, 12), 12)


def test_refusals_meet_every_file_of_a_run(tmp_path: Path, children: Nursery) -> None:
    met = {name.split()[-1] for name in operations_of(children, tmp_path)}
    left = {path.name for path in (tmp_path / "whole").iterdir()}
    assert {name.replace("ckpt-00000010", "ckpt-0") for name in left} - met == {
        "ckpt-00000005.safetensors"
    }


def test_a_writer_that_says_nothing_is_found(tmp_path: Path, children: Nursery) -> None:
    only = "rename ckpt"
    found = refused_runs(children, tmp_path, 400, bug="swallow", only=only)
    assert found.faults
    assert found.cases < 8


def test_a_disk_that_is_really_full(tmp_path: Path, children: Nursery) -> None:
    operations_of(children, tmp_path)
    for size in (8192, 24 * 1024):
        with small_disk(tmp_path / f"disk {size}", size) as disk:
            words = ("train", str(tmp_path / "tiny.toml"), "digits", "--epochs", "2")
            told = tmp_path / "told"
            out = ("--out", str(disk / "run"), "--batch", "256")
            status = children.command(*words, *out, told=told, folder=str(disk))
            text = told.read_text()
            assert status == 5, text
            assert str(disk / "run") in text
            assert "No space left on device): it needs" in text
            assert not list((disk / "run").glob("*.part"))


def test_damage_is_noticed_and_the_one_before_taken(tmp_path: Path) -> None:
    assert_fine(damaged_files(tmp_path, 160), 150)


def test_damage_that_no_digest_finds_is_found(tmp_path: Path) -> None:
    assert damaged_files(tmp_path, 40, bug="digest").faults


def test_no_two_of_many_starts_share_a_folder(tmp_path: Path) -> None:
    for mode in ("one", "numbered"):
        assert_fine(crowded_starts(tmp_path / mode, 12, mode), 12)


@pytest.mark.parametrize(("mode", "bug"), [("one", "lock"), ("numbered", "number")])
def test_starts_that_share_are_found(tmp_path: Path, mode: str, bug: str) -> None:
    assert crowded_starts(tmp_path / mode, 12, mode, bug=bug).faults


def test_a_signal_at_any_operation_costs_one_write(
    tmp_path: Path, children: Nursery
) -> None:
    assert_fine(stopped_runs(children, tmp_path, 8), 8)


def test_a_second_write_is_found(tmp_path: Path, children: Nursery) -> None:
    assert stopped_runs(children, tmp_path, 8, bug="twice").faults


@pytest.mark.parametrize(("number", "code"), [(2, 130), (15, 143)])
def test_a_signal_saves_and_ends(
    tmp_path: Path, children: Nursery, whole: dict[str, bytes], number: int, code: int
) -> None:
    folder = tmp_path / "run"
    for step in (1, 7, 10, 21):  # the first, the ends of epochs, between checkpoints
        began = time.monotonic()
        assert children.run(folder, signal_at=step, signals=[number]) == code
        assert (
            time.monotonic() - began < 10
        )  # it takes a fifth, where nobody else works
        found = latest_checkpoint(folder).checkpoint
        assert found is not None
        assert found.place.step == step
    assert children.run(folder) == 0
    assert files(folder) == whole


def test_a_second_signal_is_immediate(
    tmp_path: Path, children: Nursery, whole: dict[str, bytes]
) -> None:
    folder = tmp_path / "run"
    assert children.run(folder, signal_at=10, signals=[2, 2]) == 130
    found = latest_checkpoint(folder).checkpoint
    assert found is not None
    assert found.place.step == 9
    assert children.run(folder) == 0
    assert files(folder) == whole


def test_a_damaged_checkpoint_falls_back_and_says_so(
    tmp_path: Path, children: Nursery, whole: dict[str, bytes]
) -> None:
    told: list[str] = []
    folder = tmp_path / "run"
    assert children.run(folder, signal_at=10, signals=[2]) == 130
    newest, _ = checkpoint_paths(folder)
    content = bytearray(newest.read_bytes())
    content[-1] ^= 1
    newest.write_bytes(content)
    chosen = plan_of("small")

    class Told(Watch):
        def note(self, text: Phrase) -> None:
            told.append(str(text))

    with RunFolder.existing(folder) as held:
        train(chosen, engine(chosen), held, Told())
    assert files(folder) == whole
    assert "ckpt-00000010.safetensors' is damaged" in told[0]
    assert told[0].endswith("It is left out.")


def test_the_long_form_is_red_where_it_tried_nothing() -> None:
    words = ("-m", "scripts.survival", "power", "--cases")
    for cases, status in (("0", 1), ("20", 0)):
        command = [sys.executable, *words, cases]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == status, done.stderr
        assert f"power: {cases} cases, 0 faults" in done.stdout
