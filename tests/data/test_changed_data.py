"""Data that changes under a run is noticed when the run goes on."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mirada.cli import main
from mirada.data.sources import load
from tests.data.copied import photo, saved


@pytest.fixture
def stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Path:
    """A run on the folder `photos` that can go on: what it wrote last is gone."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MIRADA_LANG", "en")
    for number in range(40):
        label = ("cat", "dog")[number % 2]
        saved(photo(number, (40, 40)), Path("photos") / label / f"{number:02}.png")
    words = ["train", "lenet5", "photos", "--size", "28", "--epochs", "1"]
    assert main([*words, "--engine", "reference", "--out", "run", "--quiet"]) == 0
    Path("run/evaluation.json").unlink()
    Path("run/last.safetensors").unlink()
    return tmp_path


def gone_on(capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """How going on ends, and what of it is told."""
    capsys.readouterr()
    code = main(["train", "--resume", "--out", "run", "--quiet"])
    return code, capsys.readouterr().err


def change(path: str) -> None:
    """Another colour in one corner of an image."""
    image = Image.open(path).convert("RGB")
    pixels = np.array(image)
    pixels[:9, :9] ^= 255
    Image.fromarray(pixels).save(path)


def test_the_same_data_goes_on(
    stopped: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert gone_on(capsys) == (0, "")


def test_one_changed_image_is_refused(
    stopped: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change("photos/cat/04.png")
    code, told = gone_on(capsys)
    assert code == 4
    assert "[resume-differs]" in told and "data.fingerprint" in told
    now = load("photos", size=28).fingerprint
    stored = json.loads(Path("run/configuration.json").read_text())
    assert stored["data"]["fingerprint"] != now


def test_a_new_a_lost_and_a_moved_image_are_refused(
    stopped: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy("photos/cat/04.png", "photos/cat/99.png")
    assert gone_on(capsys)[0] == 4
    Path("photos/cat/99.png").unlink()
    assert gone_on(capsys)[0] == 0
    Path("run/evaluation.json").unlink()
    shutil.move("photos/cat/04.png", "photos/dog/04.png")
    code, told = gone_on(capsys)
    assert code == 4 and "data." in told


def test_what_no_network_sees_may_change(
    stopped: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    image = Image.open("photos/cat/04.png").copy()
    image.save("photos/cat/04.png", compress_level=0)
    Path("photos/notes.txt").write_text("not an image")
    assert gone_on(capsys)[0] == 0


def test_a_run_that_goes_on_keeps_the_pixels_it_has_read(stopped: Path) -> None:
    data = load("photos", size=28)
    before = data.images.copy()
    for path in Path("photos").rglob("*.png"):
        change(str(path))
    assert (data.images == before).all()
    assert load("photos", size=28).fingerprint != data.fingerprint
