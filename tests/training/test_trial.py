"""A trial as JSON, and watches that pause."""

import time

import pytest

from mirada.training.place import Place
from mirada.training.trial import PausedError, Pausing, Trial


def test_pausing_stops_in_the_middle_when_the_time_is_up() -> None:
    with pytest.raises(PausedError):
        Pausing(None, time.monotonic() - 1).step(Place(), 1.0)
    Pausing(None, time.monotonic() + 60).step(Place(), 1.0)
    Pausing(None).step(Place(), 1.0)


def test_a_trial_comes_back_from_json() -> None:
    trial = Trial(3, {"lr": 0.1})
    assert trial.with_record(trial.to_dict()) == trial
    assert trial.state == "waiting" and trial.name == "trial-0003"
