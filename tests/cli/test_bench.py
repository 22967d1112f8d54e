"""`mirada bench`."""

from pathlib import Path

import pytest

from mirada.engines import profile as room
from tests.cli.bilingual import refused
from tests.cli.calling import Caller
from tests.cli.documented import documented_fields, run_examples

WORDS = ("bench", "lenet5", "--batch", "4", "--threads", "1", "--repeat", "1")


def test_every_example_of_help_runs(call: Caller) -> None:
    run_examples(call, "bench")


@pytest.mark.parametrize("mode", ["predict", "train"])
def test_the_interface(call: Caller, mode: str) -> None:
    found = call(*WORDS, "--mode", mode, "--json").json
    assert set(found) == documented_fields("mirada bench")
    for row in found["layers"]:
        assert set(row) == documented_fields("mirada bench", inside="layers")
    about = {"network": "lenet5", "mode": mode, "batch": 4, "threads": 1}
    assert about.items() <= found.items()
    assert found["isa"] == "native" and found["exact"] is False
    first = found["layers"][0]
    assert (first["name"], first["layers"][0]) == ("maxpool1", "conv1")
    assert first["ms"] > 0 and first["bytes"] > 0 and "direct" in first["schedule"]
    assert found["images_per_second"] > 0 and found["peak_gflops"] > 0


def test_a_table(call: Caller) -> None:
    called = call(*WORDS)
    title, _, heading, *rows = called.out.splitlines()
    assert title.startswith("lenet5: predict, batch 4, for native, ")
    assert heading.split()[:4] == ["Stage", "Layers", "ms", "Time"]
    assert rows[0].startswith("maxpool1  conv1 relu1 maxpool1")
    assert rows[-2].startswith("Layers, on one thread: ")
    assert rows[-1].startswith("Total, threads 1: ") and "GF/s" in rows[-1]
    assert call(*WORDS, "--lang", "es").code == 0


def test_a_description_has_its_own_batch(call: Caller, tmp_path: Path) -> None:
    path = tmp_path / "net.toml"
    text = 'input = "1x6x6"\nlayers = ["conv 2 3x3", "flatten", "linear 3"]\n'
    path.write_text(f"{text}[recipe]\nbatch_size = 5\n")
    words = ("bench", str(path), "--threads", "1", "--repeat", "1", "--json")
    assert call(*words).json["batch"] == 5
    assert call(*words, "--batch", "3").json["batch"] == 3


def test_layers_that_cannot_be_timed_are_left_out(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "counts_ticks", lambda target: False)
    called = call(*WORDS)
    assert "lets no program read its clock" in called.err
    assert "Total, threads 1" in called.out and "Stage" not in called.out
    assert call(*WORDS, "--json").json["layers"] == []


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("nowhere", "network-unknown"),
        ("lenet5 --batch 0", "whole-option"),
        ("lenet5 --batch 65537", "whole-option"),
        ("lenet5 --repeat 0", "whole-option"),
        ("lenet5 --threads 257", "whole-option"),
    ],
)
def test_refusals(call: Caller, words: str, code: str) -> None:
    refused(call, "bench", *words.split(), code=code, exit_code=2)
