"""The trainer of the lab, without a browser."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mirada.errors import (
    ConfigurationError,
    DataError,
    DescriptionError,
    FileError,
    MiradaError,
    UsageError,
)
from mirada.lab.asked import Content, Events
from mirada.lab.lab import Lab
from mirada.lab.trainer import Trainer, _heard
from mirada.lab.training_order import order_of, wishes_of
from mirada.lab.training_remedy import remedy_of
from mirada.lab.training_runs import run_named, run_rows
from mirada.lab.training_story import Story
from mirada.lab.training_watch import measured_steps
from mirada.language import speaking
from mirada.network import AdamW
from mirada.tasks.trained import trained
from mirada.training import read_run
from tests.lab.open_lab import open_lab
from tests.lab.trainer_kills import BUGS, killed_trainers
from tests.lab.training_kit import asked, ended, reached, waited
from tests.refusal import refuses
from tests.training.example import COMPARED, files

SHORT = {"data": "digits", "options": {"epochs": 3, "seed": 5}}
SMALL = """
name = "small"
input = "1x8x8"
layers = ["conv 4 3x3", "relu", "maxpool 2", "flatten", "linear 10"]
"""
LONG = {"data": "digits", "network": SMALL, "options": {"epochs": 20000}}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Lab]:
    lab = Lab(tmp_path)
    try:
        yield lab
    finally:
        lab.close()


def test_a_run_of_the_lab_is_that_of_the_command_line(place: Lab) -> None:
    asked(place, "POST", "/api/training/start", **SHORT)
    own = ended(place)
    other = place.workplace.folder / "other"
    words = ("train", "digits", "--epochs", "3", "--seed", "5", "--out", str(other))
    command = [sys.executable, "-m", "mirada", "--quiet", *words]
    subprocess.run(command, check=True, cwd=place.workplace.folder)
    assert files(own) == files(other)
    assert (own / "report.html").is_file() and own.name == "digits-digits-1"
    story = place.part(Trainer).story.whole()
    test = read_run(own).test
    assert test is not None and story["test"]["accuracy"] == test.accuracy
    assert story["test"]["counts"] == [list(row) for row in test.confusion]
    assert story["rows"] == [row.to_dict() for row in read_run(own).rows]


def test_a_network_of_ones_own_is_trained_by_its_recipe(place: Lab) -> None:
    recipe = '\n[recipe]\nepochs = 2\noptimizer = "adamw 0.002"\n'
    asked(place, "POST", "/api/training/start", network=SMALL + recipe, data="digits")
    own = ended(place)
    (place.workplace.folder / "own.toml").write_text(SMALL + recipe)
    words = ("train", "own.toml", "digits", "--out", "other")
    command = [sys.executable, "-m", "mirada", "--quiet", *words]
    subprocess.run(command, check=True, cwd=place.workplace.folder)
    assert files(own) == files(place.workplace.folder / "other")
    assert len(read_run(own).rows) == 2


def test_it_begins_with_weights_as_the_command_line_does(place: Lab) -> None:
    short = {"data": "digits", "options": {"epochs": 1, "seed": 5}}
    asked(place, "POST", "/api/training/start", network=SMALL, **short)
    first = ended(place)
    (known,) = asked(place, "GET", "/api/training/choices")["weights"]
    begun = {"weights": known["run"], "freeze": True}
    asked(place, "POST", "/api/training/start", **short, **begun)
    own = ended(place)
    words = ("train", "digits", "--from", f"runs/{first.name}", "--freeze", "*")
    command = [sys.executable, "-m", "mirada", "--quiet", *words, "--rate", "linear1=1"]
    more = ("--epochs", "1", "--seed", "5", "--out", "other")
    subprocess.run([*command, *more], check=True, cwd=place.workplace.folder)
    assert files(own) == files(place.workplace.folder / "other")
    setup = place.part(Trainer).story.whole()["setup"]["settings"]
    told = {row["name"]: row["value"] for row in setup}
    assert told["begins with"] == f"runs/{first.name} (2 of 4 parameters)"
    assert told["own rates"] == "* 0, linear1 1"
    before, after = trained(str(first)), trained(str(own))
    same = {
        name: bool((value == after.parameters[name]).all())
        for name, value in before.parameters.items()
    }
    assert same["conv1.weight"] and not same["linear1.weight"]


def test_weights_that_cannot_be_begun_with(place: Lab) -> None:
    found = asked(place, "GET", "/api/training/choices")
    assert found["weights"] == [] and "native" in found["engines"]
    with refuses(FileError, "look-run-gone"):
        asked(place, "POST", "/api/training/start", **SHORT, weights="nothing")
    with refuses(UsageError, "request-field"):
        asked(place, "POST", "/api/training/start", **SHORT, freeze="yes")


def test_it_waits_goes_on_and_stops(place: Lab) -> None:
    asked(place, "POST", "/api/training/start", **LONG)
    reached(place, "running")
    waited(lambda: place.part(Trainer).story.short()["epoch"] > 1)
    asked(place, "POST", "/api/training/pause")
    step = reached(place, "paused")["last"]["step"]
    time.sleep(0.3)
    assert place.part(Trainer).story.short()["step"] == step
    asked(place, "POST", "/api/training/go-on")
    reached(place, "running")
    waited(lambda: place.part(Trainer).story.short()["step"] > step)
    asked(place, "POST", "/api/training/stop")
    found = reached(place, "stopped")
    assert found["can_resume"] and not found["error"]
    (row,) = asked(place, "GET", "/api/training/runs")["runs"]
    assert row["can_resume"] and row["state"] == "stopped"
    asked(place, "POST", f"/api/training/runs/{row['run']}/resume")
    again = reached(place, "running")
    assert len(again["rows"]) >= len(found["rows"]) and again["run"] == row["run"]


def test_two_at_once_are_refused(place: Lab) -> None:
    asked(place, "POST", "/api/training/start", **LONG)
    with refuses(ConfigurationError, "training-busy", "has just been started. Stop"):
        asked(place, "POST", "/api/training/start", **SHORT)
    reached(place, "running")
    with refuses(ConfigurationError, "training-busy", "small-digits-1"):
        asked(place, "POST", "/api/training/start", **SHORT)


def test_a_run_whose_folder_is_taken_away_says_so_and_goes_on_when_it_is_back(
    place: Lab,
) -> None:
    asked(place, "POST", "/api/training/start", **LONG)
    run = place.workplace.runs / str(reached(place, "running")["run"])
    run.rename(place.workplace.folder / "away")
    waited(lambda: not place.part(Trainer).is_busy)
    found = reached(place, "failed")
    assert found["error"]["code"] == "run-folder-gone" and found["can_resume"]
    assert "no longer there" in found["error"]["message"]
    (place.workplace.folder / "away").rename(run)
    asked(place, "POST", f"/api/training/runs/{run.name}/resume")
    assert reached(place, "running")["error"] is None


def test_nothing_can_be_steered_where_nobody_trains(place: Lab) -> None:
    for path in ("pause", "go-on", "stop"):
        with refuses(ConfigurationError, "training-none", "nothing to steer"):
            asked(place, "POST", f"/api/training/{path}")


def test_a_rate_that_was_changed_is_recorded(place: Lab) -> None:
    asked(place, "POST", "/api/training/start", **LONG)
    reached(place, "running")
    asked(place, "POST", "/api/training/rate", times=0.5)
    story = place.part(Trainer).story
    first = waited(lambda: story.whole()["rates"])[0]
    assert first["factor"] == 0.5
    asked(place, "POST", "/api/training/rate", value=0.004)
    second = waited(lambda: story.whole()["rates"][1:])[0]
    assert second["learning_rate"] == pytest.approx(0.004)
    for value in (0, -1, "x", 1e6, None):
        with refuses(UsageError, "request-field", "'value'"):
            asked(place, "POST", "/api/training/rate", value=value)
    os.kill(place.part(Trainer).process or 0, signal.SIGKILL)
    found = reached(place, "killed")
    run = place.workplace.runs / found["run"]
    assert [c._asdict() for c in read_run(run).rate_changes] == [first, second]
    asked(place, "POST", f"/api/training/runs/{run.name}/resume", times=0.1)
    reached(place, "running")
    third = waited(lambda: story.whole()["rates"][2:])[0]
    assert third["factor"] == pytest.approx(0.1 * second["factor"])


def test_a_trainer_that_is_killed_is_told_and_resumed(place: Lab) -> None:
    (place.workplace.folder / "small.toml").write_text(SMALL)
    order = {"data": "digits", "network": SMALL, "options": {"epochs": 24, "seed": 1}}
    asked(place, "POST", "/api/training/start", **order)
    story = place.part(Trainer).story

    def epochs() -> int:
        return int(story.short()["epoch"])

    for epoch in (2, 7):
        while epochs() < epoch:
            time.sleep(0.01)
        os.kill(place.part(Trainer).process or 0, signal.SIGKILL)
        found = reached(place, "killed")
        assert "SIGKILL" in found["error"]["message"] and found["can_resume"]
        with speaking("es"):
            assert "ha muerto" in story.whole()["error"]["message"]
        asked(place, "POST", f"/api/training/runs/{found['run']}/resume")
        reached(place, "running", "ended")
    own = ended(place)
    other = place.workplace.folder / "other"
    words = ("train", "small.toml", "digits", "--epochs", "24", "--seed", "1")
    command = [sys.executable, "-m", "mirada", "--quiet", *words, "--out", str(other)]
    subprocess.run(command, check=True, cwd=place.workplace.folder)
    assert files(own, COMPARED[1:]) == files(other, COMPARED[1:])


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_trainer_of_a_lab_that_dies_saves_and_ends(
    tmp_path: Path, number: int
) -> None:
    with open_lab(tmp_path) as lab:
        assert lab.ask("POST", "/api/training/start", LONG).status == 200

        def state() -> Any:
            return lab.ask("GET", "/api/training").value

        waited(lambda: state()["epoch"] > 1)
        busy = lab.ask("POST", "/api/training/start", LONG)
        assert busy.status == 409 and "training-busy" in busy.content.decode()
        found = state()
        began = time.monotonic()
        lab.process.send_signal(number)
        lab.process.wait(10)
        waited(lambda: not is_there(found["process"]), 10)
        took = time.monotonic() - began
    run = read_run(tmp_path / "runs" / found["run"])
    assert not run.is_running and not run.ended and len(run.rows) >= found["epoch"]
    assert "pause" in (run.folder / "timing.jsonl").read_text()  # it saved itself
    assert took < 8  # it takes a tenth of a second, where nobody else works
    with open_lab(tmp_path) as lab:
        (row,) = lab.ask("GET", "/api/training/runs").value["runs"]
        assert row["can_resume"]


def is_there(process: int) -> bool:
    """Whether a process is there, and not only waited for."""
    try:
        text = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return text.rpartition(")")[2].split()[0] != "Z"


def test_a_lab_that_closes_while_images_are_read(place: Lab) -> None:
    asked(place, "POST", "/api/training/start", **LONG)
    process = place.part(Trainer).process
    assert process is not None
    began = time.monotonic()
    place.close()
    assert time.monotonic() - began < 5 and not is_there(process)


async def followed(story: Story, enough: Any) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    async for kind, values in story.follow():
        found.append((kind, json.loads(json.dumps(values))))
        if enough(kind, values):
            break
    return found


def test_who_follows_late_knows_as_much(place: Lab) -> None:
    asked(place, "POST", "/api/training/start", **SHORT)
    story = place.part(Trainer).story
    answer = asked(place, "GET", "/api/training/follow")
    assert isinstance(answer, Events)
    events = asyncio.run(followed(story, lambda kind, _: kind == "ended"))
    kinds = [kind for kind, _ in events]
    assert kinds[0] == "state" and kinds.count("epoch") == 3
    assert {"steps", "confusion", "pictures", "images"} <= {*kinds}
    (late,) = asyncio.run(followed(story, lambda kind, _: kind == "state"))
    state = late[1]
    assert state["state"] == "ended" and len(state["rows"]) == 3
    epochs = [values["row"] for kind, values in events if kind == "epoch"]
    assert state["rows"] == epochs
    assert state["setup"]["epochs"] == 3 and state["images"]["classes"][0] == "0"
    assert state["pictures"]["images"][0]["layers"][0]["layer"] == "conv1"
    with speaking("es"):
        assert "época" in story.whole()["ended_text"]


def test_who_falls_behind_is_told_the_state_anew() -> None:
    story = Story()
    step = {"kind": "steps", "step": 1, "loss": 1.0}

    async def slow() -> list[str]:
        found = []
        stream = story.follow()
        found.append((await anext(stream))[0])
        for _ in range(1000):
            story.hear(step)
        found.append((await anext(stream))[0])
        story.hear({"kind": "paused", "step": 3})
        found.append((await anext(stream))[0])
        await stream.aclose()  # type: ignore[attr-defined]
        return found

    assert asyncio.run(slow()) == ["state", "state", "paused"]
    assert len(story.whole()["points"]) <= 1200
    assert not story._waiting


def test_thirty_follow_at_once(place: Lab) -> None:
    asked(place, "POST", "/api/training/start", **SHORT)
    story = place.part(Trainer).story

    async def crowd() -> list[list[tuple[str, Any]]]:
        each = [followed(story, lambda kind, _: kind == "ended") for _ in range(30)]
        return await asyncio.gather(*each)

    for events in asyncio.run(crowd()):
        assert [kind for kind, _ in events].count("epoch") == 3


def test_other_images_can_be_watched(place: Lab) -> None:
    asked(place, "POST", "/api/training/start", **LONG)
    state = reached(place, "running")
    chosen = [each["sample"] for each in state["images"]["images"][4:7]]
    asked(place, "POST", "/api/training/watch", images=chosen)
    story = place.part(Trainer).story

    def shown() -> bool:
        pictures = story.whole()["pictures"]
        return bool(pictures) and [i["sample"] for i in pictures["images"]] == chosen

    waited(shown)
    assert story.whole()["watched"] == chosen
    with refuses(UsageError, "request-field", "'image'"):
        asked(place, "POST", "/api/training/watch", images=["x"])


def test_what_would_be_trained_is_told_before(place: Lab) -> None:
    order = {"data": "digits", "options": {"batch_size": 64}, "measure": True}
    events = dict(asked(place, "POST", "/api/training/plan", **order).source)
    plan, pace = events["plan"], events["pace"]
    settings = {row["name"]: row for row in plan["settings"]}
    assert settings["batch"]["value"] == "64" and settings["batch"]["origin"] == "given"
    assert settings["epochs"]["origin"].startswith("automatic: ")
    assert plan["counts"] == [1259, 179, 359] and plan["memory_bytes"] > 2**26
    assert pace["seconds"] > 0 and pace["steps"] == plan["steps"]
    with speaking("es"):
        order = {"data": "digits", "options": {}}
        events = dict(asked(place, "POST", "/api/training/plan", **order).source)
    assert {row["name"] for row in events["plan"]["settings"]} > {"épocas", "lote"}
    assert "pace" not in events and not (place.workplace.runs).exists()


def test_what_cannot_be_trained_is_told_before(place: Lab) -> None:
    twenty = SMALL.replace("linear 10", "linear 20")
    for order, code in (
        ({"data": "nowhere"}, "source-missing"),
        ({"data": "digits", "network": twenty}, "network-classes"),
    ):
        events = dict(asked(place, "POST", "/api/training/plan", **order).source)
        assert events["refused"]["code"] == code
        asked(place, "POST", "/api/training/start", **order)
        error = reached(place, "failed")["error"]
        assert error["code"] == code and error["message"]
    assert not (place.workplace.runs).exists()


def test_a_wrong_number_of_outputs_is_mended_by_one_click(place: Lab) -> None:
    order = {"data": "digits", "network": SMALL.replace("linear 10", "linear 20")}
    events = dict(asked(place, "POST", "/api/training/plan", **order).source)
    remedy = {"message": "Give it 10 outputs", "network": SMALL}
    assert events["refused"]["remedy"] == remedy
    asked(place, "POST", "/api/training/start", **order)
    assert reached(place, "failed")["error"]["remedy"] == remedy
    with speaking("es"):
        story = place.part(Trainer).story.whole()
        assert story["error"]["remedy"]["message"] == "Darle 10 salidas"


@pytest.mark.parametrize(
    ("layers", "mended"),
    [
        ('["conv 3 8x8", "flatten"]', '["conv 5 8x8", "flatten"]'),
        ('["flatten", "linear 9", "softmax"]', '["flatten", "linear 5", "softmax"]'),
        ('["flatten"]', None),
        ('["conv 3 3x3"]', None),
        ('["flatten", "linear 9", "magic"]', None),
    ],
)
def test_only_what_mends_is_offered(layers: str, mended: str | None) -> None:
    text = 'input = "1x8x8"\nlayers = '
    error = ConfigurationError("network-classes", "{count}", count=5)
    found = remedy_of(error, text + layers)
    assert (found and found["network"]) == (mended and text + mended)
    assert remedy_of(ConfigurationError("x", "{count}", count=5), text) is None


def test_memory_that_is_not_there_is_told(place: Lab) -> None:
    huge = SMALL.replace(
        '"linear 10"', '"linear 1000000", "linear 100000", "linear 10"'
    )
    asked(place, "POST", "/api/training/start", data="digits", network=huge)
    error = reached(place, "failed")["error"]
    assert error["exit_code"] == 5, error


def test_divergence_names_its_layer_and_offers_a_lower_rate(place: Lab) -> None:
    options = {
        "optimizer": "sgd 1000 momentum 0.99",
        "schedule": "constant",
        "epochs": 20,
    }
    asked(place, "POST", "/api/training/start", data="digits", options=options)
    found = reached(place, "failed", "ended")
    assert found["error"]["exit_code"] == 6 and found["diverged"]
    assert "layer '" in found["error"]["message"]


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ({}, "request-field"),
        ({"data": ""}, "training-without-data"),
        ({"data": "digits", "options": {"epoch": 3}}, "training-option"),
        ({"data": "digits", "options": {"epochs": "many"}}, "request-field"),
        ({"data": "digits", "options": {"epochs": 0}}, "request-field"),
        ({"data": "digits", "options": {"learning_rate": 0}}, "request-field"),
        ({"data": "digits", "options": {"optimizer": "magic 1"}}, ""),
        ({"data": "digits", "network": "name = "}, ""),
        ({"data": "digits", "network": SMALL.replace("3x3", "99x99")}, ""),
    ],
)
def test_wrong_orders_are_refused_at_once(
    place: Lab, order: dict[str, Any], code: str
) -> None:
    for path in ("start", "plan"):
        with pytest.raises(MiradaError) as caught:
            answer = asked(place, "POST", f"/api/training/{path}", **order)
            list(answer.source)
        assert caught.value.code == code or (
            not code and isinstance(caught.value, DescriptionError)
        )
    assert place.part(Trainer).story.state == "none"


def test_options_become_wishes() -> None:
    found = wishes_of({"optimizer": "adamw 0.002", "epochs": 3, "augment": "none"})
    assert found.optimizer == AdamW(0.002) and found.epochs == 3
    with refuses(UsageError, "training-option", "'epoch'", "epochs"):
        wishes_of({"epoch": 3})
    assert order_of({"data": "digits", "network": " \n"}).network == "auto"


def test_runs_are_known_by_names_alone(place: Lab) -> None:
    place.workplace.runs.mkdir()
    (place.workplace.folder / "secret").mkdir()
    for name in ("", ".", "..", "../secret", "nothing", "a\0b", "a\\b"):
        with refuses(DataError, "run-unknown", "no run"):
            run_named(place.workplace.runs, name)


def test_runs_are_listed_and_told(place: Lab) -> None:
    assert run_rows(place.workplace.runs) == []
    asked(place, "POST", "/api/training/start", **SHORT)
    own = ended(place)
    broken = place.workplace.runs / "broken"
    broken.mkdir()
    (broken / "configuration.json").write_text("{")
    row, last = asked(place, "GET", "/api/training/runs")["runs"]
    assert row["run"] == own.name and row["state"] == "finished" and row["has_report"]
    assert row["test_accuracy"] and not row["can_resume"]
    assert last["run"] == "broken" and "JSON" in last["problem"]
    story = asked(place, "GET", f"/api/training/runs/{own.name}")
    assert story["state"] == "ended" and story["points"] == measured_steps(own)
    assert story["test"]["images"] == 359 and story["setup"]["classes"][3] == "3"
    report = asked(place, "GET", f"/api/training/runs/{own.name}/report")
    assert isinstance(report, Content) and report.name == f"{own.name}.html"
    assert report.content == (own / "report.html").read_bytes()
    (own / "report.html").unlink()
    with refuses(DataError, "run-without-report", own.name):
        asked(place, "GET", f"/api/training/runs/{own.name}/report")


def test_files_in_the_folder_are_no_modules(place: Lab) -> None:
    (place.workplace.folder / "numpy.py").write_text("raise SystemExit(3)")
    (place.workplace.folder / "json.py").write_text("raise SystemExit(3)")
    asked(place, "POST", "/api/training/start", **SHORT)
    assert ended(place).is_dir()


def test_the_lab_stays_up_however_often_its_trainer_is_killed(tmp_path: Path) -> None:
    tally = killed_trainers(tmp_path, 6)
    assert tally.is_fine, "\n".join(tally.faults)
    assert tally.cases >= 6


@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_found(tmp_path: Path, bug: str) -> None:
    assert killed_trainers(tmp_path, 1, bug=bug).faults


def test_what_a_planner_tells_may_be_torn() -> None:
    lines = 'print(\'{"kind": "plan"}\\n{"ki\', end=\'\')'
    with subprocess.Popen([sys.executable, "-c", lines], stdout=-1) as process:
        assert list(_heard(process)) == [{"kind": "plan"}]
    assert list(_heard(process)) == []


def test_division_and_size_are_options_too() -> None:
    chosen = {"validation": 0, "test": 0.4, "group_by": "parent", "size": 48}
    order = order_of({"data": "digits", "options": chosen})
    wishes = order.wishes
    assert (wishes.validation, wishes.test, wishes.group_by) == (0, 0.4, "parent")
    assert order.size == 48
    assert wishes_of({"class_weights": "auto"}).class_weights == "auto"
    for wrong in ({"test": 1}, {"size": 0}, {"group_by": "x" * 81}):
        with refuses(UsageError, "request-field"):
            order_of({"data": "digits", "options": wrong})
