"""A run that is steered: it waits, and its learning rate is changed by hand."""

import json
import threading
import time
from pathlib import Path

import pytest

from mirada.training import (
    Controls,
    EpochRow,
    Evaluation,
    Interrupt,
    Outcome,
    Place,
    RateChange,
    RateWish,
    RunFolder,
    RunInterruptedError,
    Watch,
    Watches,
    read_run,
    train,
)
from mirada.training.checkpoint import latest_checkpoint
from mirada.training.record import Record
from tests.training.example import files, made, plan, plan_of


class Planned(Controls):
    """Wishes that come after known steps."""

    def __init__(self, wishes: dict[int, RateWish]) -> None:
        super().__init__()
        self.wishes = wishes

    def taken_wish(self, step: int) -> RateWish | None:
        return self.wishes.pop(step, None)


class Rates(Watch):
    """Keeps the changes that it is told of, and stops a run after a step."""

    def __init__(self, last: int = 0) -> None:
        self.last, self.told = last, list[Place]()

    def rate(self, place: Place) -> None:
        self.told.append(place)

    def step(self, place: Place, loss: float) -> None:
        if place.step == self.last:
            raise KeyboardInterrupt


def trained(
    folder: Path,
    kind: str = "small",
    controls: Controls | None = None,
    watch: Watch | None = None,
) -> Outcome:
    chosen = plan_of(kind)
    folder.mkdir(exist_ok=True)
    with RunFolder.existing(folder) as held:
        return train(chosen, made(chosen), held, watch, controls=controls)


def lines(folder: Path, kind: str) -> list[dict[str, float]]:
    found = map(json.loads, (folder / "metrics.jsonl").read_text().splitlines())
    return [line for line in found if line["kind"] == kind]


def test_the_rate_is_another_from_the_next_step_on(tmp_path: Path) -> None:
    plain, changed = tmp_path / "plain", tmp_path / "changed"
    trained(plain)
    watch = Rates()
    controls = Planned({9: RateWish(times=0.5), 15: RateWish(0.01)})
    outcome = trained(changed, controls=controls, watch=watch)
    before = {line["step"]: line["learning_rate"] for line in lines(plain, "step")}
    after = {line["step"]: line["learning_rate"] for line in lines(changed, "step")}
    assert [after[step] for step in range(1, 10)] == [before[s] for s in range(1, 10)]
    for step in range(10, 16):
        assert after[step] == 0.5 * before[step]
    assert after[16] == pytest.approx(0.01)
    factor = 0.01 / before[16]
    assert after[21] == pytest.approx(factor * before[21])
    first, second = outcome.rate_changes
    assert first == RateChange(9, 0.5, 0.5 * before[10])
    assert second.step == 15 and second.factor == pytest.approx(factor)
    assert [place.rate_changes[-1] for place in watch.told] == [first, second]
    assert [line["step"] for line in lines(changed, "rate")] == [9, 15]
    assert read_run(changed).rate_changes == outcome.rate_changes
    assert lines(changed, "epoch")[1]["learning_rate"] == after[14]


@pytest.mark.parametrize("kind", ["small", "native rich"])
def test_a_changed_run_that_dies_ends_in_the_same_bytes(
    tmp_path: Path, kind: str
) -> None:
    whole = tmp_path / "whole"
    wishes = {5: RateWish(times=2.0), 8: RateWish(0.02)}
    trained(whole, kind, Planned(dict(wishes)))
    for last in (6, 9, 13, 14):
        died = tmp_path / f"died {last}"
        with pytest.raises(KeyboardInterrupt):
            trained(died, kind, Planned(dict(wishes)), Rates(last))
        rest = Planned({step: wish for step, wish in wishes.items() if step > last})
        trained(died, kind, rest)
        assert files(died) == files(whole), last


def test_a_change_is_on_the_disk_before_it_is_told(tmp_path: Path) -> None:
    found: list[Place] = []

    class Looking(Watch):
        def rate(self, place: Place) -> None:
            checkpoint = latest_checkpoint(tmp_path).checkpoint
            assert checkpoint is not None
            found.append(checkpoint.place)
            assert place == checkpoint.place

    trained(tmp_path, controls=Planned({4: RateWish(times=3.0)}), watch=Looking())
    assert found[0].step == 4 and found[0].rate_factor == 3.0


def test_measurements_that_were_lost_tell_of_changes_again(tmp_path: Path) -> None:
    watch = Rates(last=16)
    with pytest.raises(KeyboardInterrupt):
        trained(tmp_path, controls=Planned({7: RateWish(times=0.1)}), watch=watch)
    (tmp_path / "metrics.jsonl").unlink()
    trained(tmp_path)
    kinds = (tmp_path / "metrics.jsonl").read_text().splitlines()
    told = [json.loads(text)["kind"] for text in kinds][:4]
    assert told == ["start", "epoch", "rate", "epoch"]
    assert read_run(tmp_path).rate_changes[0].step == 7


def test_a_place_that_nobody_changed_is_written_as_ever() -> None:
    assert "rate_changes" not in Place().to_dict()
    place = Place(step=3, rate_changes=(RateChange(2, 0.1, 0.001),))
    assert Place.from_dict(json.loads(json.dumps(place.to_dict()))) == place


@pytest.mark.parametrize(
    ("wish", "factor"),
    [
        (RateWish(times=0.1), 0.2),
        (RateWish(0.5), 5.0),
        (RateWish(float("nan")), 2.0),
        (RateWish(0.0), 2.0),
        (RateWish(-1.0), 2.0),
        (RateWish(2000.0), 2.0),
        (RateWish(times=1e300), 2.0),
    ],
)
def test_what_would_make_no_sense_changes_nothing(
    wish: RateWish, factor: float
) -> None:
    assert wish.factor(0.1, 2.0) == pytest.approx(factor)


def test_a_rate_that_is_over_cannot_be_set() -> None:
    assert RateWish(0.1).factor(0.0, 2.0) == 2.0


class Waiting(Watch):
    """Pauses after a step and lets go on after a while."""

    def __init__(self, controls: Controls, step: int, seconds: float) -> None:
        self.controls, self.at, self.seconds = controls, step, seconds
        self.told: list[tuple[str, int]] = []
        self.saved = -1
        self.folder = Path()

    def step(self, place: Place, loss: float) -> None:
        self.told.append(("step", place.step))
        if place.step == self.at:
            self.controls.pause()

    def paused(self, place: Place) -> None:
        self.told.append(("paused", place.step))
        found = latest_checkpoint(self.folder).checkpoint
        assert found is not None
        self.saved = found.place.step
        threading.Timer(self.seconds, self.controls.go_on).start()

    def resumed(self) -> None:
        self.told.append(("resumed", 0))


def test_a_run_that_waits_is_saved_and_ends_the_same(tmp_path: Path) -> None:
    whole, held = tmp_path / "whole", tmp_path / "held"
    trained(whole)
    controls = Controls()
    watch = Waiting(controls, 8, 0.3)
    watch.folder = held
    began = time.monotonic()
    trained(held, controls=controls, watch=watch)
    assert time.monotonic() - began >= 0.3
    place = watch.told.index(("paused", 8))
    assert watch.told[place + 1 : place + 3] == [("resumed", 0), ("step", 9)]
    assert watch.saved == 8
    assert files(held) == files(whole)
    spent = [json.loads(t) for t in (held / "timing.jsonl").read_text().splitlines()]
    assert sum(line["seconds"] for line in spent) < time.monotonic() - began - 0.3


def test_time_that_a_run_waits_is_no_time_of_its_budget(tmp_path: Path) -> None:
    chosen = plan(seconds=2.0, last_step=None)
    controls = Controls()
    watch = Waiting(controls, 3, 2.1)
    watch.folder = tmp_path
    with RunFolder.new(tmp_path) as held:
        outcome = train(chosen, made(chosen), held, watch, controls=controls)
    assert outcome.ended == "epochs"


def test_a_run_that_waits_hears_a_signal(tmp_path: Path) -> None:
    controls, interrupt = Controls(), Interrupt()

    class Stopped(Watch):
        def step(self, place: Place, loss: float) -> None:
            controls.pause()

        def paused(self, place: Place) -> None:
            interrupt.number = 15

    chosen = plan_of("small")
    with RunFolder.new(tmp_path) as held, pytest.raises(RunInterruptedError):
        train(chosen, made(chosen), held, Stopped(), interrupt, controls)


def test_several_watches_hear_everything(tmp_path: Path) -> None:
    heard: list[str] = []

    class Hearing(Watch):
        def validated(self, place: Place, found: Evaluation) -> None:
            heard.append(f"validated {place.epoch} {found.count}")

        def epoch(self, row: EpochRow, seconds: float, images: int) -> None:
            heard.append(f"epoch {row.epoch}")

    names = {name for name, value in vars(Watch).items() if callable(value)}
    assert names <= vars(Watches).keys()
    trained(tmp_path, watch=Watches(Hearing()))
    assert heard[:2] == ["validated 0 30", "epoch 1"]


def test_the_record_writes_rates_in_their_order(tmp_path: Path) -> None:
    row = EpochRow(1, 7, 0.1, 1.0, 0.5, 0.75, 0.5, best=True)
    changes = (RateChange(3, 2.0, 0.2), RateChange(7, 1.0, 0.1))
    with RunFolder.new(tmp_path) as held:
        record = Record(held, plan().configuration)
        record.cut(Place(step=8, rows=(row,), rate_changes=changes))
    kinds = (tmp_path / "metrics.jsonl").read_text().splitlines()
    told = [json.loads(text)["kind"] for text in kinds]
    assert told == ["start", "rate", "epoch", "rate"]
