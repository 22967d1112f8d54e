"""What `import mirada` gives, and what it costs."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import mirada
from mirada.errors import MiradaError
from mirada.network import Network
from mirada.training.start import start

HEAVY = ("numpy", "llvmlite", "PIL", "safetensors", "click", "rich", "torch")


@pytest.mark.parametrize("name", mirada.__all__)
def test_every_name_is_there(name: str) -> None:
    assert getattr(mirada, name) is not None


def test_the_names_are_sorted_and_listed() -> None:
    assert list(mirada.__all__) == sorted(mirada.__all__)
    assert set(mirada.__all__) <= set(dir(mirada))


def test_a_name_comes_from_the_room_it_is_made_in() -> None:
    assert mirada.Network is Network
    assert mirada.train is start
    assert mirada.MiradaError is MiradaError


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'mirada' has no attribute 'fly'"):
        mirada.fly  # noqa: B018


def test_importing_loads_nothing_heavy() -> None:
    code = (
        "import sys, mirada; "
        f"sys.exit(', '.join(set({HEAVY}) & set(sys.modules)) or None)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr


def test_a_network_needs_the_standard_library_only() -> None:
    code = (
        "import sys, mirada; mirada.build('lenet5'); mirada.from_toml; "
        f"sys.exit(', '.join(set({HEAVY}) & set(sys.modules)) or None)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr


def test_the_lines_of_its_docstring_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert mirada.__doc__
    lines = mirada.__doc__.splitlines()
    shown = [line for line in lines if line.startswith("    ")]
    code = textwrap.dedent("\n".join(shown)).replace("epochs=20", "epochs=1")
    monkeypatch.chdir(tmp_path)
    found: dict[str, object] = {}
    exec(code, found)
    model = found["model"]
    assert isinstance(model, mirada.Model)
    assert model.classes == tuple("0123456789")
