"""What is seen while a network is trained: a bar on a terminal, lines in a log."""

import re
from pathlib import Path

import pytest

from mirada.cli.progress import BarWatch, LineWatch, watching
from mirada.errors import Phrase
from mirada.training import EpochRow, Place
from tests.cli.calling import Caller
from tests.cli.terminal import Shown, on_terminal
from tests.training.example import plan

ROW = EpochRow(
    epoch=2,
    step=14,
    learning_rate=0.1,
    train_loss=1.23456,
    train_accuracy=0.5,
    validation_loss=1.0,
    validation_accuracy=0.625,
    best=True,
)


@pytest.fixture(scope="module")
def shown(stage: Path, tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """A training on a terminal, seen to its end."""
    folder = tmp_path_factory.mktemp("terminal")
    words = ("train", "digits", "--epochs", "6", "--out", "run")
    return on_terminal(*words, folder=folder)


def test_the_bar_has_the_time_left_and_images_a_second(shown: Shown) -> None:
    assert shown.code == 0, shown.written
    plain = re.sub(r"\x1b\[[\d;]*m", "", shown.written)
    assert re.search(r"epoch \d+/6 +[━╸╺ ]+ +\d+ % 0:00:0\d ", plain)
    assert re.search(r"\d+ % 0:00:0\d .*[\d,]+ images/s", plain)
    assert re.search(r"validation [\d.]+ %  [\d,]+ images/s", plain)


def test_the_bar_leaves_nothing_on_the_screen(shown: Shown) -> None:
    text = "\n".join(shown.screen)
    assert "━" not in text and "images/s" not in text
    assert shown.cursor
    end = next(place for place, line in enumerate(shown.screen) if "are done" in line)
    assert re.match(r"threads +\d", shown.screen[end - 1])
    assert shown.screen[-1].endswith("mirada look run")


def test_a_terminal_without_colours_or_unicode(stage: Path, tmp_path: Path) -> None:
    poor = {"NO_COLOR": "1", "PYTHONIOENCODING": "ascii"}
    words = ("train", "photos", "--epochs", "3", "--out", f"{tmp_path}/run")
    found = on_terminal(*words, folder=stage, environment=poor)
    assert found.code == 0, found.written
    assert not re.search(r"\x1b\[[\d;]*[349][0-7]m", found.written)
    assert found.written.isascii()
    assert found.cursor


def test_ctrl_c_takes_the_bar_away(stage: Path, tmp_path: Path) -> None:
    pressed: list[str] = []

    def typed(written: str) -> str:
        if pressed or "images/s" not in written:
            return ""
        pressed.append("Ctrl-C")
        return "\x03"

    words = ("train", "digits", "--epochs", "200", "--out", "run")
    found = on_terminal(*words, folder=tmp_path, typed=typed)
    assert found.code == 130
    assert found.cursor
    assert "━" not in "\n".join(found.screen)
    assert found.screen[-1].endswith("mirada train --resume --out run")
    assert "Traceback" not in found.written


def test_elsewhere_an_epoch_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    with watching() as watch:
        assert type(watch) is LineWatch
        watch.began(plan().configuration, Place())
        watch.step(Place(step=1), 2.0)
        watch.epoch(ROW, 0.5, 1000)
    assert capsys.readouterr().err == (
        "epoch 2/3  loss 1.2346  training 50.0 %  validation 62.5 %  2,000 images/s  "
        "best\n"
    )


def test_going_on_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    watch = LineWatch()
    watch.note(Phrase("A checkpoint is damaged."))
    watch.began(plan().configuration, Place(step=9, epoch=1))
    watch.began(plan().configuration, Place(step=21, epoch=3, ended="epochs"))
    assert capsys.readouterr().err.splitlines() == [
        "A checkpoint is damaged.",
        "Going on in epoch 2, after 9 steps.",
        "All its epochs had been trained already.",
    ]


def test_without_validation_there_is_a_dash(capsys: pytest.CaptureFixture[str]) -> None:
    watch = LineWatch()
    watch.began(plan().configuration, Place())
    row = EpochRow(1, 7, 0.1, 1.0, 0.5, None, None, best=False)
    watch.epoch(row, 0.0, 0)
    line = capsys.readouterr().err
    assert "validation -  0 images/s\n" in line


def test_quiet_is_quiet(
    call: Caller, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    called = call("--quiet", "train", "photos", "--epochs", "1")
    assert called.code == 0
    assert called.err == ""


def test_a_bar_that_never_began_can_be_closed() -> None:
    with BarWatch():
        pass
