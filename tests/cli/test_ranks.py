"""`mirada train` in several processes: promise A8, and what it refuses."""

import json
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from mirada import engines
from mirada.cli import main
from mirada.cli.ranks import require_alone
from mirada.engines import create
from mirada.engines.group import Alone
from mirada.errors import GroupError, UsageError
from mirada.models import build
from mirada.network import Recipe
from tests.engines.launching import started
from tests.refusal import refuses
from tests.training.example import COMPARED, files

pytest.importorskip("torch")

TRAIN = (
    *("train", "digits", "--engine", "torch", "--epochs", "2", "--batch", "256"),
    *("--threads", "1", "--no-augment", "--lang", "en"),
)


class Three(Alone):
    """One of three processes, as far as its numbers say."""

    size = 3


class Second(Alone):
    """The second of two processes, the first of which always ends with `code`."""

    rank, size = 1, 2

    def __init__(self, code: int) -> None:
        self.code = code

    def gathered(self, content: bytes) -> list[bytes]:
        return [str(self.code).encode(), content]

    def from_first(self, content: bytes) -> bytes:
        return b"null"


class First(Second):
    """The first of them."""

    rank = 0


def launched(
    folder: Path, *words: str, killed: tuple[int, int] = (9, 9)
) -> subprocess.CompletedProcess[str]:
    """Two processes under torchrun, which starts them again once; one is killed."""
    rank, step = killed
    return subprocess.run(
        [
            *(sys.executable, "-m", "torch.distributed.run", "--nproc-per-node=2"),
            *("--max-restarts=1", "-m", "tests.cli.ranks_child"),
            *(*TRAIN, "--out", str(folder), *words),
        ],
        env={**os.environ, "KILLED_RANK": str(rank), "KILLED_STEP": str(step)},
        capture_output=True,
        text=True,
        timeout=240,
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two processes that nothing happened to."""
    folder = tmp_path_factory.mktemp("ranks") / "whole"
    done = launched(folder, "--json")
    assert done.returncode == 0, done.stderr
    (told,) = done.stdout.splitlines()
    assert json.loads(told)["ended"] == "epochs"
    return folder


def test_a_run_survives_a_killed_process(whole: Path, tmp_path: Path) -> None:
    done = launched(tmp_path / "run", killed=(1, 7))
    assert done.returncode == 0, done.stderr
    for words in (
        "Error [rank-lost]: The other processes of this run cannot be reached",
        "The processes were started again; the run goes on.",
        "Going on in epoch 2, after 5 steps.",
    ):
        assert done.stderr.count(words) == 1, done.stderr
    assert files(tmp_path / "run") == files(whole), COMPARED


def test_one_process_trains_the_same(
    whole: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*TRAIN, "--out", str(tmp_path / "one")]) == 0
    alone, shared = (
        [*map(json.loads, (folder / "metrics.jsonl").read_text().splitlines())]
        for folder in (tmp_path / "one", whole)
    )
    for one, other in zip(alone, shared, strict=True):
        assert one.get("loss", 0) == pytest.approx(other.get("loss", 0), rel=5e-4)
        assert one.get("validation_accuracy") == other.get("validation_accuracy")
    assert json.loads((whole / "evaluation.json").read_text())["images"] == 359


def test_all_leave_together_when_one_hears_a_signal(tmp_path: Path) -> None:
    long = ("--epochs", "2000", "--patience", "0", "--out", str(tmp_path / "run"))
    with started(2, ["mirada", *TRAIN, *long]) as ranks:
        talk = ranks[0].stderr
        assert talk is not None
        while "epoch 1/" not in (line := talk.readline()):
            assert line, "it ended before an epoch"
        ranks[1].send_signal(signal.SIGTERM)
        told = [rank.communicate(timeout=60)[1] for rank in ranks]
    assert [rank.returncode for rank in ranks] == [143, 143], told
    assert "Stopped by SIGTERM; all is saved." in told[0]
    assert not told[1]


def test_the_torch_engine_is_needed() -> None:
    network = build("digits", None, None)
    with refuses(UsageError, "engine-alone", "3 processes", "--engine torch is needed"):
        create("native", network, Recipe(), group=Three())


def test_many_processes_make_no_study() -> None:
    with refuses(UsageError, "ranks-one-run", "3 processes train one run together"):
        require_alone(Three())


@pytest.mark.parametrize(
    ("words", "code"),
    [(("--device", "tpu"), "device-unknown"), (("--seeds", "2"), "ranks-one-run")],
)
def test_what_one_process_alone_has_met_is_told_once(
    words: tuple[str, ...],
    code: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    for first, times in ((0, 1), (2, 0)):
        monkeypatch.setattr(engines, "joined", partial(Second, first))
        assert main([*TRAIN, *words, "--out", str(tmp_path / "run")]) == 2
        assert capsys.readouterr().err.count(f"Error [{code}]") == times


@pytest.mark.parametrize("is_told_elsewhere", (False, True))
@pytest.mark.parametrize("kind", (Second, First))
def test_a_lost_process_is_told_by_one_of_the_others(
    kind: type[Second],
    is_told_elsewhere: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    def lost(group: Second, content: bytes) -> bytes:
        raise GroupError("rank-lost", "{reason}", reason="gone")

    monkeypatch.setattr(kind, "gathered", lost)
    monkeypatch.setattr(kind, "is_told_here", lambda group: not is_told_elsewhere)
    monkeypatch.setattr(engines, "joined", partial(kind, 0))
    for words, is_json in (((), False), (("--json",), kind is First)):
        code = main([*TRAIN, *words, "--out", str(tmp_path / "run")])
        assert code == GroupError.exit_code
        told = capsys.readouterr()
        is_told = not is_told_elsewhere or is_json
        assert told.err.count("Error [rank-lost]") == is_told
        assert ("rank-lost" in told.out) == is_json


def test_many_processes_search_nothing(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(engines, "joined", partial(Second, 0))
    assert main(["tune", "digits", "--out", str(tmp_path / "tuned")]) == 2
    assert "Error [ranks-one-run]: 2 processes" in capsys.readouterr().err
    assert not (tmp_path / "tuned").exists()
