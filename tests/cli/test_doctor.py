"""`mirada doctor`: what it finds, what it checks, and that it can find something."""

from dataclasses import fields
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import numpy as np
import pytest

from mirada.data.limits import Limits
from mirada.engines import torch_devices
from mirada.engines.native import NativeEngine
from mirada.errors import UnsupportedError
from mirada.version import __version__
from tests.cli.calling import Caller
from tests.cli.documented import run_examples
from tests.cli.stage import died


@pytest.fixture
def no_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is compiled: a test of the cache alone is not to wait for it."""
    monkeypatch.setattr("mirada.cli.doctor._native_problem", lambda: "")


def test_every_example_of_help_runs(call: Caller, here: Path) -> None:
    run_examples(call, "doctor")


def test_facts_and_checks(call: Caller) -> None:
    found = call("doctor", "--json").json
    assert set(found) == {"schema", "facts", "checks"}
    assert found["facts"]["mirada"] == __version__
    assert found["facts"]["numpy"] == np.__version__
    devices = ", ".join(torch_devices()) or "none"
    assert found["facts"]["torch_devices"] == devices
    assert found["facts"]["language"] == "en"
    assert "64,000,000" in found["facts"]["limit_pixels"]
    assert found["checks"] == {"cache": "", "native": "", "runs": ""}


@pytest.mark.usefixtures("no_code")
def test_every_limit_is_told_in_both_languages(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIRADA_PIXEL_CACHE_BYTES", "2048")
    english, spanish = (
        call("doctor", "--json", "--lang", language).json["facts"]
        for language in ("en", "es")
    )
    wanted = {f"limit_{field.name}" for field in fields(Limits)}
    assert {key for key in english if key.startswith("limit_")} == wanted
    assert english["limit_image_seconds"] == "10 s"
    assert english["limit_archive_ratio"] == "100"
    assert (english["limit_image_bytes"], spanish["limit_image_bytes"]) == (
        "512.0 MiB",
        "512,0 MiB",
    )
    assert english["limit_cache_bytes"] == "2.0 KiB", "the environment goes before it"
    assert spanish["limit_dataset_bytes"] == "la mitad de la memoria libre"


@pytest.mark.usefixtures("no_code")
def test_names_of_limits_are_told_to_people(call: Caller) -> None:
    assert "longest time to decode an image" in call("doctor").out
    called = call("doctor", "--lang", "es")
    assert "tiempo máximo para decodificar una imagen" in called.out


@pytest.mark.usefixtures("no_code")
def test_what_is_optional_is_there_or_not(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def only_numpy(package: str) -> str:
        if package == "numpy":
            return "2.0"
        raise PackageNotFoundError(package)

    monkeypatch.setattr("mirada.cli.facts.version", only_numpy)
    found = call("doctor", "--json").json["facts"]
    assert found["numpy"] == "2.0"
    extras = ("torch", "scikit-learn", "optuna", "pyarrow", "datasets")
    for package in (*extras, "mlflow", "wandb", "trackio"):
        assert found[package] == "not installed"
    assert "trackio (optional)" in call("doctor").out
    assert "trackio (opcional)" in call("doctor", "--lang", "es").out


@pytest.mark.usefixtures("no_code")
def test_the_cache_of_decoded_images(
    call: Caller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIRADA_CACHE", str(tmp_path))
    folder = tmp_path / "pixels"
    wanted = f"{folder} (made when it is needed)"
    assert call("doctor", "--json").json["facts"]["pixel_cache"] == wanted
    folder.mkdir(mode=0o700)
    (folder / "entry").write_bytes(bytes(1536))
    found = call("doctor", "--json").json["facts"]["pixel_cache"]
    assert found == f"{folder} (1 files, 1.5 KiB)"
    assert f"{folder} (1 " in call("doctor", "--lang", "es").out


def test_both_languages_find_the_same(call: Caller) -> None:
    english, spanish = call("doctor"), call("doctor", "--lang", "es")
    assert english.code == spanish.code == 0
    assert "well   compiled code answers like the reference" in english.out
    assert "bien   el código compilado responde igual" in spanish.out
    plain = call("doctor", "--json").json, call("doctor", "--json", "lang=es").json
    assert plain[0]["checks"] == plain[1]["checks"]
    assert plain[0]["facts"].keys() == plain[1]["facts"].keys()


@pytest.mark.usefixtures("no_code")
def test_nothing_is_made_where_no_code_was_kept(
    call: Caller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIRADA_CACHE", str(tmp_path / "cache"))
    found = call("doctor", "--json").json
    assert "(made when it is needed)" in found["facts"]["cache"]
    assert not (tmp_path / "cache").exists()


@pytest.mark.usefixtures("no_code")
def test_a_cache_that_is_open_to_others(
    call: Caller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "objects"
    folder.mkdir(mode=0o755)
    monkeypatch.setenv("MIRADA_CACHE", str(tmp_path))
    for language, words in (("en", "is open to others"), ("es", "abierta a otros")):
        called = call("doctor", "--lang", language)
        assert called.code == 7
        assert words in called.out and f"chmod 700 {folder}" in called.out
    assert list(folder.iterdir()) == []


@pytest.mark.usefixtures("no_code")
def test_a_cache_that_cannot_be_written(
    call: Caller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("MIRADA_CACHE", str(tmp_path / "file"))
    called = call("doctor", "--json")
    assert called.code == 7
    assert "set MIRADA_CACHE to a folder that can" in called.json["checks"]["cache"]


def test_compiled_code_that_answers_wrongly(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = NativeEngine.predict
    monkeypatch.setattr(NativeEngine, "predict", lambda *given: right(*given) + 0.5)
    called = call("doctor")
    assert called.code == 7
    assert "WRONG  compiled code answers like the reference: the answers" in called.out
    assert "differ by 0.5" in called.out


def test_compiled_code_that_cannot_be_made(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*given: object) -> None:
        raise UnsupportedError("native-layer", "No code can be made here.")

    monkeypatch.setattr(NativeEngine, "predict", refuse)
    called = call("doctor", "--json")
    assert called.code == 7
    assert called.json["checks"]["native"] == "No code can be made here."


@pytest.mark.usefixtures("no_code")
def test_a_run_that_died_in_machine_code_is_named(call: Caller, here: Path) -> None:
    died(here / "runs" / "example")
    called = call("doctor", "--json")
    assert called.code == 7
    problem = called.json["checks"]["runs"]
    assert "'runs/example' died in machine code of network 'digits'" in problem
    assert "Illegal instruction" in problem
