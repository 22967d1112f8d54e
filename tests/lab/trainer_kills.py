"""Trainers of a real lab that are killed, and what the lab says and does then."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.lab.open_lab import OpenLab, open_lab
from tests.training.example import COMPARED, files
from tests.training.tally import Tally

__all__ = ["BUGS", "killed_trainers"]

BUGS = ("asked", "touched")
"""Planted: the trainer is asked to end, which is no death; weights are others."""

_NETWORK = """
name = "small"
input = "1x8x8"
layers = ["conv 4 3x3", "batchnorm", "relu", "maxpool 2", "flatten", "linear 10"]
"""
_EPOCHS, _MOST_KILLS = 10, 4
_PATIENCE_S = 30.0
_LIVE = ("starting", "running", "paused", "stopping")


def killed_trainers(folder: Path, kills: int, *, seed: int = 0, bug: str = "") -> Tally:
    """Kills trainers at random moments until so many were hit; a case is a kill.

    Each time the lab must answer, say that the trainer died, and offer to resume;
    every run must end in the bytes of one that `mirada train` made undisturbed.
    """
    draw, tally = random.Random(seed), Tally()
    (folder / "small.toml").write_text(_NETWORK)
    whole = _whole(folder)
    with open_lab(folder) as lab:
        while tally.cases < kills:
            most = min(draw.randint(1, _MOST_KILLS), kills - tally.cases)
            if not _one_run(lab, whole, draw, most, tally, bug):
                break
    return tally


def _whole(folder: Path) -> dict[str, bytes]:
    words = ("train", "small.toml", "digits", "--epochs", str(_EPOCHS))
    command = [sys.executable, "-m", "mirada", "--quiet", *words, "--out", "whole"]
    subprocess.run(command, check=True, cwd=folder)
    return files(folder / "whole", COMPARED[1:])


def _one_run(
    lab: OpenLab,
    whole: dict[str, bytes],
    draw: random.Random,
    kills: int,
    tally: Tally,
    bug: str,
) -> bool:
    """Trains one run to its end; whether it is worth going on."""
    order = {"data": "digits", "network": _NETWORK, "options": {"epochs": _EPOCHS}}
    assert lab.ask("POST", "/api/training/start", order).status == 200
    for _ in range(kills):
        state = _killed(lab, draw, bug)
        if state["state"] == "ended":
            break
        when = "before a step" if not state["step"] else "while it trained"
        fault = _fault_after(lab, state)
        tally.add(f"killed {when}", fault)
        if fault:
            return False
        if state["run"]:
            path = f"/api/training/runs/{state['run']}/resume"
            assert lab.ask("POST", path, {}).status == 200
        else:
            assert lab.ask("POST", "/api/training/start", order).status == 200
    state = _until(lab, lambda found: found["state"] not in _LIVE)
    run = lab.folder / "runs" / state["run"]
    if state["state"] != "ended":
        tally.add("the end", f"it ended as {state['state']}")
        return False
    if bug == "touched":
        (run / "best.safetensors").write_bytes(b"other")
    others = [name for name, was in whole.items() if files(run, [name])[name] != was]
    if others:
        tally.add("the end", f"other bytes in {', '.join(others)}")
        return False
    shutil.rmtree(run)
    return True


def _killed(lab: OpenLab, draw: random.Random, bug: str) -> dict[str, Any]:
    """Kills the trainer at some moment; what the lab says then."""
    if draw.randrange(4):
        _until(lab, lambda found: found["step"] > 0 or found["state"] not in _LIVE)
    time.sleep(draw.uniform(0.0, 0.5))
    process = _state(lab)["process"]
    if process is None:
        return _until(lab, lambda found: found["state"] not in _LIVE)
    os.kill(process, signal.SIGTERM if bug == "asked" else signal.SIGKILL)
    return _until(lab, lambda found: found["process"] is None)


def _fault_after(lab: OpenLab, state: dict[str, Any]) -> str:
    """What is wrong with what the lab says of a trainer that was killed."""
    if state["state"] != "killed":
        return f"the lab says {state['state']}"
    if lab.ask("GET", "/api/here").status != 200 or lab.process.poll() is not None:
        return "the lab is not there"
    if not state["run"]:
        return ""
    rows = lab.ask("GET", "/api/training/runs").value["runs"]
    (row,) = (row for row in rows if row["run"] == state["run"])
    return "" if row["can_resume"] else "the run cannot be resumed"


def _state(lab: OpenLab) -> dict[str, Any]:
    found: dict[str, Any] = lab.ask("GET", "/api/training").value
    return found


def _until(lab: OpenLab, enough: Any) -> dict[str, Any]:
    end = time.monotonic() + _PATIENCE_S
    while not enough(found := _state(lab)) and time.monotonic() < end:
        time.sleep(0.02)
    return found
