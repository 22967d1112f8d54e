"""The race to 99 %: the examples' networks, and what is made of the times."""

from typing import Any

import numpy as np
import pytest

from benchmarks.mnist_to_99 import medians, ratio
from benchmarks.to_99.networks import NETWORKS
from benchmarks.to_99.watch import Clock
from mirada.analysis import summarize


@pytest.mark.parametrize(
    ("name", "parameters"), [("pytorch", 1_199_882), ("keras", 34_826)]
)
def test_the_networks_are_those_of_the_examples(name: str, parameters: int) -> None:
    """The totals that both examples print of themselves."""
    assert summarize(NETWORKS[name]).totals.parameters == parameters


def test_the_ratio_is_on_the_better_peers_own_network() -> None:
    seconds: dict[str, float | None] = {
        "pytorch": 100.0,
        "keras": 60.0,
        "mirada on pytorch's network": 1.0,
        "mirada on keras's network": 12.0,
    }
    assert ratio(seconds) == 5.0
    assert ratio({**seconds, "keras": None}) == 100.0
    assert ratio({**seconds, "mirada on keras's network": None}) is None
    assert ratio(dict.fromkeys(seconds)) is None


def test_a_seed_that_did_not_get_there_leaves_no_median() -> None:
    def runs(*seconds: float | None) -> list[dict[str, Any]]:
        return [{"seconds": value} for value in seconds]

    assert medians({"a": runs(3.0, 1.0, 2.0), "b": runs(1.0, None)}) == {
        "a": 2.0,
        "b": None,
    }


def test_the_clock_knows_the_goal(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    assert not clock.is_there(0.9899) and clock.is_there(np.float64(0.99))
    clock.tell()
    assert '"accuracies": [0.9899, 0.99]' in capsys.readouterr().out
