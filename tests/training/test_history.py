import csv
import io
import json

import pytest

from mirada.training.history import EpochRow, line, results_csv

FIRST = EpochRow(1, 10, 0.03, 2.5, 0.25, 2.0, 0.5, best=True)
SECOND = EpochRow(2, 20, 1 / 3, 1.25, 0.5, None, None, best=False)


def test_a_row_turns_into_json_and_back() -> None:
    for row in (FIRST, SECOND):
        assert EpochRow.from_dict(json.loads(json.dumps(row.to_dict()))) == row


def test_merit_is_accuracy_then_less_loss() -> None:
    better = EpochRow(3, 30, 0.1, 9.0, 0.1, 1.9, 0.5, best=False)
    assert better.merit > FIRST.merit
    assert SECOND.merit == (0.5, -1.25)


def test_lines_are_json() -> None:
    text = line("epoch", **SECOND.to_dict())
    assert text.endswith(b"}\n") and text.count(b"\n") == 1
    assert json.loads(text) == {"kind": "epoch", **SECOND.to_dict()}
    with pytest.raises(ValueError, match="JSON"):
        line("epoch", loss=float("nan"))


def test_results_are_a_table() -> None:
    text = results_csv([FIRST, SECOND]).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert rows[0] == {
        "epoch": "1",
        "step": "10",
        "learning_rate": "0.03",
        "train_loss": "2.5",
        "train_accuracy": "0.25",
        "validation_loss": "2",
        "validation_accuracy": "0.5",
        "best": "1",
    }
    assert rows[1]["learning_rate"] == "0.333333"
    assert rows[1]["validation_loss"] == ""
    assert rows[1]["best"] == "0"
