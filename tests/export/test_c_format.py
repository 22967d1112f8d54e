"""The export to C: what lies in the folder, and who compiles and runs it."""

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mirada.errors import InternalError, Phrase, UnsupportedError, UsageError
from mirada.export import (
    FORMATS,
    PARITY,
    Int8,
    c_check,
    c_format,
    export,
    rounded_to_int8,
)
from mirada.export.c_check import c_outputs, compiler_command
from mirada.export.c_format import MOST_PARAMETERS
from mirada.export.levels import levels_of
from mirada.network import Conv2d, Flatten, Linear, MaxPool2d, Network, ReLU
from mirada.training import Model
from tests.export.c_kit import STRICT, compiler
from tests.export.test_exported import examples_for, model_of
from tests.refusal import refuses

SMALL = Network(
    "small",
    (1, 8, 9),
    (Conv2d(8, 3), ReLU(), MaxPool2d(2), Flatten(), Linear(64), ReLU(), Linear(3)),
)
NAMES = ('a "b" ??/\n', "\\ñ%s*/", "1")


def written(folder: Path, name: str = "small", int8: bool = False) -> Model:
    """A model's files in a folder; its class names try to be code."""
    model = model_of(replace(SMALL, name=name))
    model = replace(model, classes=NAMES)
    narrow = Int8(rounded_to_int8(model)) if int8 else None
    found = export(model, "c", examples_for(model, 2), folder, int8=narrow)
    assert found.passed and found.parity.passed is True
    return model


def example(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """What the example program of a folder says; it is compiled once."""
    program = folder / "example"
    if not program.is_file():
        command = [compiler(), *STRICT, "-O1", "-o", "example", "example.c", "model.c"]
        subprocess.run(command, cwd=folder, check=True)
    return subprocess.run([program, *arguments], cwd=folder, capture_output=True)


@pytest.fixture(scope="module")
def away(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Model]:
    """One export that several tests use, and its model."""
    folder = tmp_path_factory.mktemp("away")
    return folder, written(folder)


def test_the_example_answers_every_kind_of_file(away: tuple[Path, Model]) -> None:
    tmp_path, model = away
    pixels = examples_for(model, 2).pixels[0]
    (shares,) = model.predict(pixels[None])
    plain = " ".join(map(str, pixels.ravel()))
    (tmp_path / "text.pgm").write_text(f"P2 # of\n# numbers\n9 8\n255\n{plain}\n")
    order = np.argsort(-shares, kind="stable")
    lines = b"".join(
        b"%5.1f%%  %s\n" % (100 * shares[n], NAMES[n].encode()) for n in order
    )
    for name in ("example.pgm", "text.pgm"):
        assert example(tmp_path, name).stdout == lines


WRONG = {
    "ends too early": b"P5\n9 8\n255\n" + bytes(70),
    "7 x 8 pixels, but the model takes 9 x 8": b"P5\n7 8\n255\n" + bytes(756),
    "it has colours": b"P6\n9 8\n255\n" + bytes(2352),
    "no PGM or PPM": b"\x89PNG\r\n",
    "its head is broken": b"P5\n9",
    "greatest value": b"P5\n9 8\n65535\n" + bytes(1568),
    "more than numbers": b"P2\n9 8\n255\n-1",
    "greater than its head says": b"P2\n9 8\n9\n" + b"10 " * 72,
}


def test_the_example_refuses_what_it_cannot_read(away: tuple[Path, Model]) -> None:
    tmp_path, _ = away
    for words, content in WRONG.items():
        (tmp_path / "wrong").write_bytes(content)
        done = example(tmp_path, "wrong")
        assert done.returncode == 3 and words.encode() in done.stderr, words
    assert example(tmp_path, "nothing").returncode == 3
    assert example(tmp_path).returncode == 2


def test_two_models_are_one_program_whatever_they_are_called(tmp_path: Path) -> None:
    """Every name that leaves a file begins as the network's does."""
    one, two = tmp_path / "one $(x) '\n", tmp_path / "-o"
    written(one, "A-net 2.", int8=True)
    written(two, "float")
    (tmp_path / "main.c").write_text(
        '#include "one.h"\n#include "two.h"\n'
        "int main(void)\n{\n    static uint8_t pixels[72];\n    float three[3];\n"
        "    a_net_2_predict(pixels, three);\n    float_predict(pixels, three);\n"
        "    return A_NET_2_CLASSES + FLOAT_CLASSES != 6\n"
        "        || a_net_2_class_names[0][0] != 'a';\n}\n"
    )
    for name, folder in (("one", one), ("two", two)):
        (tmp_path / f"{name}.h").write_bytes((folder / "model.h").read_bytes())
        text = (folder / "model.c").read_text().replace('"model.h"', f'"{name}.h"')
        (tmp_path / f"{name}.c").write_text(text)
    command = [compiler(), *STRICT, "-o", "both", "main.c", "one.c", "two.c"]
    subprocess.run(command, cwd=tmp_path, check=True)
    assert subprocess.run([tmp_path / "both"]).returncode == 0


def test_int8_is_smaller_and_says_what_it_costs(
    away: tuple[Path, Model], tmp_path: Path
) -> None:
    written(tmp_path / "narrow", int8=True)
    sizes = [_weights_bytes(folder) for folder in (away[0], tmp_path / "narrow")]
    levels = 4 * 256
    assert (sizes[0] - levels) / (sizes[1] - levels) > 3.2
    report = json.loads((tmp_path / "narrow" / PARITY).read_text())
    assert report["weights"] == "int8" and report["int8"]["accuracy"] is None
    assert report["parity"]["passed"] is True


def _weights_bytes(folder: Path) -> int:
    (line,) = (
        line
        for line in (folder / "model.h").read_text().splitlines()
        if "_WEIGHTS_BYTES" in line
    )
    return int(line.split()[-1])


def test_other_formats_have_no_eight_bits(tmp_path: Path) -> None:
    model = model_of()
    narrow = Int8(rounded_to_int8(model))
    with refuses(UsageError, "export-int8"):
        export(model, "torch", examples_for(model), tmp_path / "out", int8=narrow)
    assert [*tmp_path.iterdir()] == []


def test_a_network_that_no_compiler_takes_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MOST_PARAMETERS, "float32", 100)
    model = model_of()
    with refuses(UnsupportedError, "export-c-large"):
        export(model, "c", examples_for(model), tmp_path / "out")
    assert [*tmp_path.iterdir()] == []


def test_without_a_compiler_nothing_is_said_to_have_passed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CC", raising=False)
    assert compiler_command() is None
    model = model_of()
    found = export(model, "c", examples_for(model), tmp_path / "out")
    assert found.passed and found.parity.passed is None
    assert str(found.parity.reason) == "not checked: no C compiler is installed"


def test_a_broken_compiler_is_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken cc"
    broken.write_text("#!/bin/sh\necho 'error: no headers' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("CC", f"'{broken}' -m32")
    assert compiler_command() == [os.fspath(broken), "-m32"]
    found = c_outputs(tmp_path, np.zeros((1, 6, 5, 3), np.uint8))
    assert isinstance(found, Phrase) and "error: no headers" in str(found)


def test_what_a_compiler_leaves_lies_in_the_private_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    messy = tmp_path / "cc"
    messy.write_text('#!/bin/sh\necho > "$TMPDIR/left.s"\nexit 1\n')
    messy.chmod(0o755)
    monkeypatch.setenv("CC", str(messy))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    found = c_outputs(tmp_path, np.zeros((1, 6, 5, 3), np.uint8))
    assert "does not work (exit 1)" in str(found)
    assert [*tmp_path.iterdir()] == [messy]


def test_a_compiler_that_does_not_end_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = tmp_path / "cc"
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setenv("CC", str(slow))
    monkeypatch.setattr(c_check, "_PATIENCE_S", 0.2)
    found = c_outputs(tmp_path, np.zeros((1, 6, 5, 3), np.uint8))
    assert "takes more than" in str(found)


def test_a_file_that_does_not_compile_is_a_bug_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiler()
    monkeypatch.setattr(c_format, "model_file", lambda *given: "int broken(;\n")
    model = model_of()
    with refuses(InternalError, "export-c-failed"):
        export(model, "c", examples_for(model), tmp_path / "out")
    assert [*tmp_path.iterdir()] == []


def test_a_file_that_computes_something_else_is_not_given_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A planted bug: black is white."""
    compiler()
    monkeypatch.setattr(
        c_format,
        "levels_of",
        lambda model: tuple(row[::-1] for row in levels_of(model)),
    )
    model = model_of(Network("small", (3, 6, 5), (Flatten(), Linear(3))))
    found = export(model, "c", examples_for(model), tmp_path / "out")
    assert not found.passed and found.parity.passed is False
    assert [*tmp_path.iterdir()] == [] and FORMATS["c"].write_int8 is not None
