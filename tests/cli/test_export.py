"""`mirada export`: files, parity, exit codes, both languages."""

import json
import shutil
from pathlib import Path

import pytest

from mirada.export import FORMATS
from tests.cli.bilingual import refused
from tests.cli.calling import Caller
from tests.cli.documented import documented_fields, run_examples

RUN = "runs/example"
PARITY_FIELDS = {
    *("max_abs", "max_rel", "top1_agreement", "images", "bound", "passed"),
    "latency_ms",
}


def test_every_example_of_help_runs(call: Caller, here: Path) -> None:
    run_examples(call, "export")
    assert (here / "example-torch" / "model.py").is_file()
    assert (here / "digits-onnx" / "model.onnx").is_file()
    assert (here / "digits-weights" / "model.safetensors").is_file()
    assert (here / "digits-network" / "network.toml").is_file()


@pytest.mark.parametrize("more", [(), ("--lang", "es")], ids=" ".join)
def test_json_has_the_documented_fields(
    call: Caller, here: Path, more: tuple[str, ...]
) -> None:
    words = ("--to", "weights", "--out", "away", "--images", "7")
    called = call("export", RUN, *words, "--json", *more)
    assert called.code == 0 and len(called.out.splitlines()) == 1
    plain = called.json
    assert set(plain) == documented_fields("mirada export")
    assert set(plain["parity"]) == set(plain["engine"]) == {*PARITY_FIELDS, "reason"}
    assert plain["passed"] is True is plain["parity"]["passed"]
    assert plain["parity"]["images"] == 7
    assert all(Path(path).is_file() for path in plain["files"])
    assert plain["bytes"] == sum(Path(path).stat().st_size for path in plain["files"])
    report = json.loads((here / "away" / "parity.json").read_text())
    assert report["parity"] == plain["parity"] and report["images"] == "held-out"


def test_words_for_people(call: Caller, here: Path) -> None:
    called = call("export", RUN, "--to", "description", "--out", "away")
    engine, files, _, head, *rows = called.out.splitlines()
    assert engine.startswith("The native engine: agrees with the exact computation.")
    assert files == "The description: not checked: these files compute nothing"
    assert head == "Written to away:"
    assert [row.split()[0] for row in rows] == [
        *("README.md", "network.json", "network.py", "network.toml", "parity.json")
    ]
    assert "Compared on 100 of 359 images." in called.err
    spanish = call("export", RUN, "--to", "description", "--out", "away", "--lang=es")
    assert spanish.out.startswith("El motor nativo: coincide con el cálculo exacto.")


def test_the_card_says_what_the_run_says(call: Caller, here: Path) -> None:
    assert call("export", RUN, "--to", "weights", "--out", "away").code == 0
    card = (here / "away" / "README.md").read_text()
    kept = json.loads((here / RUN / "evaluation.json").read_text())
    assert f"{100 * kept['accuracy']:.1f} % of 359 held-out images" in card
    assert "1,259 images to train, 179 to validate, 359 held out" in card
    assert "151,306 parameters, 1,330,432 MACs an image." in card


def test_weights_without_their_run_or_data(call: Caller, here: Path) -> None:
    shutil.copy(here / RUN / "best.safetensors", here / "alone.safetensors")
    called = call("export", "alone.safetensors", "--to", "weights", "--images", "3")
    assert called.code == 0
    assert "random pixels are compared" in called.err
    folder = here / "alone.safetensors-weights"
    assert json.loads((folder / "parity.json").read_text())["images"] == "random"
    assert "not measured on held-out images" in (folder / "README.md").read_text()
    words = ("--data", "digits", "--out", "named", "--images", "3", "--to", "weights")
    called = call("export", "alone.safetensors", *words)
    assert "Compared on 3 of 1,797 images." in called.err


def test_what_computes_something_else_ends_in_7(
    call: Caller, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = FORMATS["weights"]
    ask = honest.outputs
    assert ask is not None
    wrong = honest._replace(outputs=lambda folder, pixels: ask(folder, 255 - pixels))
    monkeypatch.setitem(FORMATS, "weights", wrong)
    called = call("export", RUN, "--to", "weights", "--out", "away", "--json")
    assert called.code == 7
    assert called.json["files"] == [] and called.json["bytes"] == 0
    assert called.json["passed"] is False is called.json["parity"]["passed"]
    assert not (here / "away").exists()
    told = call("export", RUN, "--to", "weights", "--out", "away")
    assert "does not agree with the exact computation" in told.out
    assert told.out.endswith("Nothing was written.\n")


def test_refusals(call: Caller, here: Path) -> None:
    (here / "mine").mkdir()
    (here / "mine" / "model.py").write_text("mine")
    refused(call, "export", RUN, "--out", "mine", code="export-foreign", exit_code=2)
    refused(
        call, "export", RUN, "--out", "image.png", code="export-folder", exit_code=5
    )
    refused(call, "export", "nothing", code="file-missing", exit_code=3)
    refused(
        call, "export", RUN, "--data", "nothing", code="source-missing", exit_code=3
    )
