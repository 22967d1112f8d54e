"""`mirada import`: what is written, what is told, and that it serves as a run."""

import shutil
from pathlib import Path

import numpy as np

from mirada.training import load_model
from tests.cli.bilingual import refused
from tests.cli.calling import Caller
from tests.cli.documented import documented_fields, run_examples
from tests.importing.elsewhere import graph, write_weights

RUN = "runs/example"
BODY = "{ c = Conv(x, k) p = GlobalAveragePool(c) y = Flatten(p) }"


def other(size: str) -> bytes:
    """A small file of somebody else's, for images of a size."""
    text = f"g (float[n,3,{size}] x) => (float[n,2] y) {BODY}"
    return graph(text, k=np.ones((2, 3, 3, 3), np.float32))


def exported(call: Caller) -> None:
    """An export of the run in `model.onnx`."""
    assert call("export", RUN, "--to", "onnx", "--out", "away").code == 0
    shutil.copy(Path("away", "model.onnx"), "model.onnx")


def test_every_example_of_help_runs(call: Caller, here: Path) -> None:
    exported(call)
    (here / "other.onnx").write_bytes(other("8,8"))
    write_weights(here / "weights.safetensors", "mobilenet_v3_small", 4)
    run_examples(call, "import")
    assert load_model(here / "other.safetensors").classes == ("cat", "dog")
    whole = (here / "digits.safetensors").read_bytes()
    assert whole == (here / RUN / "best.safetensors").read_bytes()


def test_json_has_the_documented_fields_and_the_file_serves(
    call: Caller, here: Path
) -> None:
    exported(call)
    called = call("import", "model.onnx", "--json", "--lang", "es")
    assert called.code == 0 and len(called.out.splitlines()) == 1
    plain = called.json
    assert set(plain) == documented_fields("mirada import")
    assert plain["file"] == "model.safetensors" and plain["notes"] == []
    assert plain["bytes"] == (here / "model.safetensors").stat().st_size
    for words in (
        ("summary", "model.safetensors"),
        ("explain", "model.safetensors", "conv1"),
        ("predict", "model.safetensors", "image.png"),
        ("evaluate", "model.safetensors", "digits"),
        ("look", "model.safetensors", "--image", "image.png"),
        ("export", "model.safetensors", "--to", "weights", "--images", "2"),
        ("summary", RUN),
    ):
        assert call(*words).code == 0, words


def test_what_is_assumed_is_told(call: Caller, here: Path) -> None:
    (here / "other.onnx").write_bytes(other("h,w"))
    (here / "names.txt").write_text("cat\ndog, brown\n")
    words = ("--input", "3x8x8", "--out", "o.safetensors")
    called = call("import", "other.onnx", *words)
    assert called.code == 0
    facts, written = called.out.splitlines()
    assert facts == "other: 3 layers, 54 parameters; images of 3x8x8, 2 classes."
    assert written.startswith("Written to o.safetensors (")
    assert "pixel / 255" in called.err and "--classes" in called.err
    more = ("--classes", "names.txt", "--mean", "0.5", "--std", "0.25")
    called = call("import", "other.onnx", *words, *more)
    assert called.err == ""
    found = load_model(here / "o.safetensors")
    assert found.classes == ("cat", "dog, brown")
    assert found.preprocessing.mean == (0.5, 0.5, 0.5)
    deep = ("--input", "3x8x8", "--out", "made/for/it.safetensors")
    assert call("import", "other.onnx", *deep).code == 0
    assert (here / "made" / "for" / "it.safetensors").is_file()


def test_refusals(call: Caller, here: Path) -> None:
    (here / "other.onnx").write_bytes(other("h,w"))
    refused(call, "import", "nothing.onnx", code="file-missing", exit_code=3)
    refused(call, "import", "image.png", code="onnx-foreign", exit_code=3)
    refused(call, "import", "other.onnx", code="import-size", exit_code=2)
    for words, code in (
        (("--out", "a.onnx"), "import-out"),
        (("--mean", "1,2"), "numbers-option"),
        (("--std", "x"), "real-option"),
    ):
        refused(call, "import", "other.onnx", *words, code=code, exit_code=2)
    more = ("--input", "3x8x8", "--classes", "names.txt")
    refused(call, "import", "other.onnx", *more, code="file-missing", exit_code=3)
    assert not list(here.glob("*.safetensors"))
