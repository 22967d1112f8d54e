"""Who plays, which bouts, and what becomes of those who fail."""

from contextlib import ExitStack

import pytest

from benchmarks import tournament
from benchmarks.child import Child
from benchmarks.peers import FAMILIES, Family
from benchmarks.tournament import Tournament, arguments, choose, families
from benchmarks.works import LAYERS, LENET, Bout

CRASHES = """
import json, os, signal, sys
for line in sys.stdin:
    request = json.loads(line)
    answer = {"list": {"peers": {"a": "fp32", "b": "fp32"}}, "prepare": {}, "drop": {}}
    if request["do"] == "turn" and request["peer"] == "b":
        os.kill(os.getpid(), signal.SIGKILL)
    answer["turn"] = {"seconds": [0.002]}
    print(json.dumps(answer[request["do"]]), flush=True)
"""


def chosen(*options: str) -> list[Bout]:
    return choose(LENET, arguments("").parse_args(list(options)))


def test_all_bouts_are_played_unless_options_say_else() -> None:
    assert chosen() == LENET
    assert chosen("--mode", "infer", "--batch", "1") == [Bout("lenet5", "predict", 1)]
    assert chosen("--mode", "train", "--batches", "8", "16") == [
        Bout("lenet5", "train", 8),
        Bout("lenet5", "train", 16),
    ]


def test_layers_are_chosen_by_name() -> None:
    given = arguments("").parse_args(["--work", "conv1x1-128-128-28"])
    assert {bout.mode for bout in choose(LAYERS, given)} == {"predict", "backward"}


def test_peers_are_chosen_by_name() -> None:
    parse = arguments("").parse_args
    assert families(parse([])) == list(FAMILIES)
    assert families(parse(["--peers", "jax,pytorch"])) == ["mirada", "jax", "pytorch"]
    assert families(parse(["--peers", ""])) == ["mirada"]
    assert families(parse(["--peers", "jax", "--without-ours"])) == ["jax"]
    with pytest.raises(SystemExit, match="--peers has no caffe; there are pytorch"):
        families(parse(["--peers", "caffe"]))


def test_who_is_not_installed_is_left_out_and_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    absent = {"absent": Family("absent", ("no_such_package",))}
    monkeypatch.setattr(tournament, "FAMILIES", absent)
    with ExitStack() as stack:
        field = Tournament(["absent"], 1, stack)
    assert field.missing == {"absent": "not installed: no_such_package"}


def test_a_peer_that_crashes_is_named_and_the_race_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import sys

    def planted(family: str, threads: int) -> Child:
        return Child([sys.executable, "-c", CRASHES])

    monkeypatch.setattr(Child, "of", planted)
    monkeypatch.setattr(tournament, "FAMILIES", {"planted": Family("planted", ())})
    with ExitStack() as stack:
        field = Tournament(["planted"], 1, stack)
        row = field.row(Bout("lenet5", "train", 4), "fp32", 3, 0.0)
        assert set(row.peers) == {"a"} and row.ours is None
        assert "SIGKILL" in row.refused["b"]
        # Its process was started anew, so the next bout is played.
        again = field.row(Bout("lenet5", "predict", 4), "fp32", 1, 0.0)
        assert set(again.peers) == {"a"}


def test_mirada_s_own_process_answers() -> None:
    with ExitStack() as stack:
        field = Tournament(["mirada"], 1, stack)
        row = field.row(Bout("lenet5", "train", 4), "bf16", 1, 0.0)
    assert list(row.refused) in ([], ["mirada-bf16"])
    assert field.missing == {}
