"""`mirada train --resume --force`: gone on with although something differs."""

from pathlib import Path

from tests.cli.bilingual import refused
from tests.cli.calling import Caller

RESUME = ("train", "--resume", "--out", "runs/example")
MORE = "recipe.epochs: 8 -> 9"


def test_what_differs_is_refused_and_force_is_named(call: Caller, here: Path) -> None:
    before = (here / "runs" / "example" / "configuration.json").read_bytes()
    told = refused(call, *RESUME, "epochs=9", code="resume-differs", exit_code=4)
    for text in told[:2]:
        assert MORE in text
        assert "--force" in text
    assert (here / "runs" / "example" / "configuration.json").read_bytes() == before


def test_what_was_forced_is_told_at_once_and_later(call: Caller, here: Path) -> None:
    called = call(*RESUME, "--force", "epochs=9")
    assert called.code == 0, called.err
    assert f"although these differ: {MORE}" in called.err
    listed = call("runs", "--json")
    (row,) = [run for run in listed.json["runs"] if run["run"] == "runs/example"]
    assert (row["epochs"], row["of_epochs"], row["state"]) == (9, 9, "finished")
    (record,) = row["forced"]
    assert record["differences"] == [
        {"name": "recipe.epochs", "before": "8", "now": "9"}
    ]
    assert f"runs/example: Gone on with by force after step {record['step']}" in (
        listed.err
    )
    report = (here / "runs" / "example" / "report.html").read_text()
    assert f"forced after step {record['step']}" in report
    assert "recipe.epochs: 8 -&gt; 9" in report
    again = call(*RESUME)  # from now on the run's own
    assert again.code == 0, again.err
    assert "by force" not in again.err


def test_what_no_force_can_change(call: Caller, here: Path) -> None:
    words = ("train", "lenet5", "digits", *RESUME[1:], "--force")
    told = refused(call, *words, code="force-impossible", exit_code=4)
    assert "had the shape" in told.english
    other = (*RESUME, "--force", "optimizer=adamw 0.01")
    told = refused(call, *other, code="force-impossible", exit_code=4)
    assert "the optimizer remembers other numbers" in told.english
