"""`--isa`, $MIRADA_ISA and `--exact` of the commands that compute."""

import json
from pathlib import Path

import pytest

from mirada.compiler.target import host, require_here, target
from mirada.engines import asked_isa, create
from mirada.engines.native import NativeEngine
from mirada.errors import UsageError
from mirada.models import lenet5
from mirada.network import Recipe
from tests.cli.bilingual import refused
from tests.cli.calling import Caller
from tests.refusal import refuses


def _runs(name: str) -> bool:
    try:
        require_here(target(name))
    except UsageError:
        return False
    return True


LEVEL = "x86-64-v3"
x86 = pytest.mark.skipif(not _runs(LEVEL), reason=f"this is no {LEVEL}")
FOREIGN = "aarch64" if host().architecture == "x86_64" else "x86-64-v2"
TRAINED = ("train", "digits", "--epochs", "1", "--threads", "1", "--quiet")


def test_an_engine_is_made_for_what_was_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIRADA_ISA", "x86-64-v2")
    assert asked_isa("native") == "x86-64-v2"
    assert asked_isa("native", "native") == "native"
    assert asked_isa("reference") == "native"
    monkeypatch.delenv("MIRADA_ISA")
    made = create("native", lenet5(), Recipe(), 1, exact=True)
    assert isinstance(made, NativeEngine) and made.exact and made.target == host()
    create("reference", lenet5(), Recipe(), isa="native", exact=True)
    with refuses(UsageError, "engine-without-isa", "makes no machine code", "aarch64"):
        create("reference", lenet5(), Recipe(), isa="aarch64")


@x86
def test_the_environment_reaches_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIRADA_ISA", LEVEL)
    made = create("native", lenet5(), Recipe(), 1)
    assert isinstance(made, NativeEngine) and made.target == target(LEVEL)
    create("reference", lenet5(), Recipe())


@x86
def test_a_run_says_for_what_it_was_compiled(call: Caller, here: Path) -> None:
    words = (*TRAINED, "--isa", LEVEL, "--exact", "--out", "runs/v2")
    assert call(*words).code == 0
    stored = json.loads((here / "runs/v2/configuration.json").read_text())
    assert (stored["isa"], stored["exact"]) == (LEVEL, True)
    assert LEVEL in (here / "runs/v2/report.html").read_text()
    usual = json.loads((here / "runs/example/configuration.json").read_text())
    assert (usual["isa"], usual["exact"]) == ("native", False)
    # Gone on with for the same processor, although the environment says another.
    called = call(*TRAINED[:2], "--resume", "--out", "runs/v2")
    assert called.code == 0, called.err
    told = refused(
        call,
        *("train", "--resume", "--isa", "native", "--out", "runs/v2"),
        code="resume-differs",
        exit_code=4,
    )
    assert 'isa: "x86-64-v3" -> "native"' in told.english


@x86
def test_the_environment_is_written_down_too(
    call: Caller, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIRADA_ISA", LEVEL)
    assert call(*TRAINED, "--out", "runs/env").code == 0
    stored = json.loads((here / "runs/env/configuration.json").read_text())
    assert stored["isa"] == LEVEL


def test_an_older_run_has_neither(call: Caller, here: Path) -> None:
    path = here / "runs/example/configuration.json"
    stored = json.loads(path.read_text())
    del stored["isa"], stored["exact"]
    path.write_text(json.dumps(stored))
    assert len(call("runs", "--json").json["runs"]) == 1


@x86
def test_predictions_for_another_level(call: Caller, here: Path) -> None:
    words = ("predict", "runs/example", "image.png", "--json")
    usual = call(*words).json
    other = call(*words, "--isa", LEVEL, "--exact").json
    assert other["label"] == usual["label"]
    words = ("evaluate", "runs/example", "digits", "--json")
    found = call(*words, "--isa", LEVEL, "--exact").json
    assert found["accuracy"] == call(*words).json["accuracy"]


@pytest.mark.parametrize(
    "words",
    [
        "train digits --isa pdp11",
        "predict runs/example image.png --isa pdp11",
        "evaluate runs/example digits --isa pdp11",
        "bench lenet5 --isa pdp11",
        "compile lenet5 --isa pdp11",
    ],
)
def test_an_unknown_processor(call: Caller, here: Path, words: str) -> None:
    told = refused(call, *words.split(), code="isa-unknown", exit_code=2)
    assert "'pdp11'" in told.english and "aarch64" in told.english


@pytest.mark.parametrize(
    "words",
    [
        "train digits --isa {isa} --out runs/new",
        "predict runs/example image.png --isa {isa}",
        "evaluate runs/example digits --isa {isa}",
        "bench lenet5 --isa {isa}",
    ],
)
def test_a_processor_that_is_not_here(call: Caller, here: Path, words: str) -> None:
    given = words.format(isa=FOREIGN).split()
    told = refused(call, *given, code="isa-foreign", exit_code=2)
    assert f"'{FOREIGN}'" in told.english
    assert not (here / "runs" / "new").exists()


def test_the_environment_names_what_is_not_known(
    call: Caller, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIRADA_ISA", "pdp11")
    refused(call, "bench", "lenet5", code="isa-unknown", exit_code=2)
    words = ("predict", "runs/example", "image.png")
    refused(call, *words, code="isa-unknown", exit_code=2)


def test_a_precision_that_the_processor_lacks_is_refused(call: Caller) -> None:
    refused(
        call,
        *("compile", "lenet5", "--isa", LEVEL, "--precision", "bf16"),
        code="precision-target",
        exit_code=2,
    )
    refused(
        call,
        *("compile", "lenet5", "--exact", "--precision", "bf16"),
        code="precision-exact",
        exit_code=2,
    )


@pytest.mark.skipif(not host().bf16, reason="this processor has no bf16 dot products")
def test_a_run_says_with_what_numbers_it_was_trained(call: Caller, here: Path) -> None:
    words = (*TRAINED, "--precision", "bf16", "--out", "runs/half")
    assert call(*words).code == 0
    stored = json.loads((here / "runs/half/configuration.json").read_text())
    assert stored["precision"] == "bf16"
    usual = json.loads((here / "runs/example/configuration.json").read_text())
    assert usual["precision"] == "float32"
