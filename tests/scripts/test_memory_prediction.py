"""Memory is foretold: a few trainings in processes of their own, and a planted bug."""

from dataclasses import replace

import pytest

from mirada.engines.held import held_bytes, most_bytes
from mirada.training import foretold_memory
from scripts.memory_prediction import LEAST, MOST, Case, cases, checked, main, measured
from tests.training.example import plan

FEW = (
    Case("lenet5", 28, 1, 64),
    Case("digits", 8, 1, 32, engine="reference"),
    Case("plain-2-32", 32, 3, 64, images=200),
)


@pytest.mark.parametrize("case", FEW, ids=lambda case: case.network)
def test_the_most_that_is_held_is_foretold(case: Case) -> None:
    found = measured(case)
    assert LEAST <= found.difference <= MOST, found
    assert found.parts["held"] > 20 * 2**20


def test_a_planted_bug_is_found(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The parameters of a batch are forgotten, or counted twice."""
    good = measured(FEW[0])
    for factor in (0.8, 1.4):
        bad = replace(good, foretold=int(good.foretold * factor))
        monkeypatch.setattr("scripts.memory_prediction.measured", lambda case, b=bad: b)
        assert not checked([FEW[0]])[1]
        assert "WRONG" in capsys.readouterr().out
    monkeypatch.setattr("scripts.memory_prediction.measured", lambda case: good)
    assert checked([FEW[0]])[1]


def test_no_case_is_red(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--networks", "0"]) == 1
    assert "0 networks" in capsys.readouterr().out


def test_a_child_that_fails_is_told() -> None:
    with pytest.raises(RuntimeError, match="no such network"):
        measured(Case("no such network", 8))


def test_there_are_sixty_different_cases() -> None:
    found = list(cases(60))
    assert len(set(found)) == 60
    assert {case.engine for case in found} == {"native", "reference"}


def test_this_process_holds_something() -> None:
    assert 20 * 2**20 < held_bytes() <= most_bytes()


def test_the_whole_is_what_is_held_and_what_comes() -> None:
    found = foretold_memory(plan())
    assert found.total >= found.held + found.training.total
    assert found.total >= found.most
    assert set(found.to_dict()) == {
        *("held", "most", "code", "arrays", "answers", "copies", "images"),
    }
