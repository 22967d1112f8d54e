"""The process that trains for the lab: `python -m mirada.lab.training_process`.

One JSON object a line on stdin: first the order, then commands. One a line on stdout:
what happens. Where stdin ends the lab has gone: what there is is saved, and the process
ends within `GONE_S` whatever it is at.

    {"task": "train", "network", "data", "options", "weights", "freeze", "runs",
     "language"}
    {"task": "resume", "run", "times", "language"}
    {"task": "plan", "network", "data", "options", "weights", "freeze", "measure",
     "language"}

    {"do": "pause"} {"do": "go_on"} {"do": "stop"} {"do": "watch", "images": [3, 8]}
    {"do": "rate", "value": 0.01} {"do": "rate", "times": 0.5}
"""

import json
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mirada.errors import DivergenceError
from mirada.lab.training_order import begun_with, order_of
from mirada.lab.training_pictures import LivePictures, candidates, first_watched
from mirada.lab.training_remedy import remedy_of
from mirada.lab.training_tell import Teller, in_languages, refusal
from mirada.lab.training_watch import LabWatch, confusion_of
from mirada.language import speaking
from mirada.talk import heard_by
from mirada.tasks.ended import end_text
from mirada.tasks.folders import run_name
from mirada.tasks.foresight import foreseen, in_time, parameter_count
from mirada.tasks.pictures import settings, write_pictures
from mirada.tasks.prepare import AUTOMATIC, Order, prepare
from mirada.tasks.resuming import plan_to_go_on
from mirada.training import (
    Controls,
    Interrupt,
    Plan,
    RateWish,
    RunFolder,
    RunInterruptedError,
    engine_for,
    foretold_memory,
    train,
)
from mirada.training.crash import crash_watch
from mirada.training.record import seconds_spent
from mirada.training.watch import Watch, Watches

__all__ = ["main"]

GONE_S = 1.2
STOPPED = 128 + signal.SIGTERM


def main() -> int:
    """Does what the first line asks; the exit status."""
    ours = os.dup(1)
    os.dup2(2, 1)  # What anybody prints is no event.
    process = _Process(Teller(ours))
    text = sys.stdin.buffer.readline()
    if not text:
        return STOPPED
    return process.run(json.loads(text))


class _Process:
    """The work of the process, and who listens to commands meanwhile."""

    def __init__(self, teller: Teller) -> None:
        self._teller, self.tell = teller, teller.tell
        self._controls, self._interrupt = Controls(), Interrupt()
        self._pictures: LivePictures | None = None
        self._is_training = False

    def run(self, order: Mapping[str, Any]) -> int:
        """Does the order and tells how it ended."""
        threading.Thread(target=self._listen, daemon=True).start()
        try:
            with speaking(order["language"]), heard_by(self._said):
                getattr(self, f"_{order['task']}")(order)
            return 0
        except RunInterruptedError as stop:
            self.tell("stopped")
            return stop.exit_code
        except Exception as error:
            about = refusal(error)
            if about["code"] == "bug":
                traceback.print_exception(error)
            remedy = remedy_of(error, order.get("network") or "")
            self.tell("refused", **about, remedy=remedy)
            return int(about["exit_code"])
        finally:
            self._teller.close()

    def _said(self, text: object) -> None:
        self.tell("said", text=in_languages(text))

    # Tasks -------------------------------------------------------------------------

    def _train(self, order: Mapping[str, Any]) -> None:
        wanted = begun_with(order_of(order), order)
        self.tell("doing", what="images")
        plan = prepare(wanted)
        if plan.configuration.seconds is not None:
            self.tell("doing", what="pace")
            plan = in_time(plan)
        name = run_name(plan.configuration)
        engine = engine_for(plan.configuration)  # may refuse, before there is a folder
        self._is_training = True
        with RunFolder.numbered(Path(order["runs"]), name) as folder:
            self._trained(plan, folder, engine)

    def _resume(self, order: Mapping[str, Any]) -> None:
        with RunFolder.existing(Path(order["run"])) as folder:
            self.tell("doing", what="images")
            plan = plan_to_go_on(Order(AUTOMATIC, ""), folder)
            engine = engine_for(plan.configuration)
            self._is_training = True
            if order.get("times") is not None:
                self._controls.change_rate(RateWish(times=order["times"]))
            self._trained(plan, folder, engine)

    def _trained(self, plan: Plan, folder: RunFolder, engine: Any) -> None:
        self.tell("doing", what="compiling")
        found = candidates(plan)
        self._pictures = LivePictures(plan, engine, self.tell)
        self._pictures.watch(first_watched(found))
        classes = list(plan.data.classes)
        watched = list(self._pictures.watched)
        self.tell("images", classes=classes, images=found, watched=watched)
        watch = LabWatch(self.tell, folder.path, self._pictures)
        try:
            with (
                self._interrupt as interrupt,
                crash_watch(folder.path, Watch()) as crash,
            ):
                both = Watches(crash, watch)
                outcome = train(plan, engine, folder, both, interrupt, self._controls)
        except DivergenceError:
            self.tell("diverged")
            raise
        self._is_training = False
        write_pictures(plan, outcome, seconds_spent(folder.path))
        chosen = plan.configuration
        self.tell(
            "ended",
            ended=outcome.ended,
            text={x: _in(x, end_text, chosen, outcome) for x in in_languages("")},
            test=confusion_of(outcome.test) if outcome.test else None,
            best=outcome.best.to_dict(),
        )

    def _plan(self, order: Mapping[str, Any]) -> None:
        plan = prepare(begun_with(order_of(order), order))
        memory = foretold_memory(plan)  # before this process has computed anything
        chosen = plan.configuration
        self.tell(
            "plan",
            settings=[asdict(row) for row in settings(chosen)],
            network=chosen.network.name,
            parameters=parameter_count(plan),
            counts=list(chosen.data.counts),
            classes=len(chosen.data.classes),
            memory_bytes=memory.total,
            steps=chosen.steps,
            epochs=chosen.recipe.epochs,
            learning_rate=chosen.recipe.optimizer.learning_rate,
        )
        engine_for(chosen)
        if order.get("measure"):
            found = foreseen(plan, memory)
            rows = [asdict(row) for row in settings(found.plan.configuration)]
            self.tell("pace", settings=rows, **found.to_dict())

    # Commands ----------------------------------------------------------------------

    def _listen(self) -> None:
        for text in sys.stdin.buffer:
            self._heed(json.loads(text))
        self._stop()
        time.sleep(GONE_S)
        os._exit(STOPPED)

    def _heed(self, command: Mapping[str, Any]) -> None:
        match command["do"]:
            case "pause":
                self._controls.pause()
            case "go_on":
                self._controls.go_on()
            case "stop":
                self._stop()
            case "rate":
                wish = RateWish(command.get("value"), command.get("times", 1.0))
                self._controls.change_rate(wish)
            case "watch" if self._pictures is not None:
                self._pictures.watch(tuple(command["images"]))
                self.tell("watched", images=list(self._pictures.watched))

    def _stop(self) -> None:
        """Lets the loop save and leave; where it has not begun nothing is lost."""
        if not self._is_training:
            self.tell("stopped")
            self._teller.close()
            os._exit(STOPPED)
        self._interrupt.number = self._interrupt.number or signal.SIGTERM


def _in(language: str, does: Any, *words: Any) -> str:
    with speaking(language):
        return str(does(*words))


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    os._exit(code)
