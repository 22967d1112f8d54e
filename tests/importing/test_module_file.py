"""A PyTorch module out of the user's own file."""

import sys
from pathlib import Path

import pytest

from mirada.errors import UsageError
from mirada.importing.module_file import network_in_file
from tests.refusal import refuses

SOURCE = """
import torch
from beside import CHANNELS

print("a word of the file's own")

class Net(torch.nn.Sequential):
    def __init__(self, channels=CHANNELS):
        super().__init__(torch.nn.Conv2d(1, channels, 3), torch.nn.ReLU())

net = Net(5)

def wide():
    return Net(6)

def several(count):
    return Net(count)

def ends():
    raise SystemExit(3)

number = 7

if __name__ == "__main__":
    raise RuntimeError("the file is trained, not read")
"""
SHAPE = (1, 4, 4)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.delitem(sys.modules, "beside", raising=False)
    (tmp_path / "beside.py").write_text("CHANNELS = 4")
    path = tmp_path / "model.py"
    path.write_text(SOURCE)
    return str(path)


@pytest.mark.parametrize(("name", "channels"), [("Net", 4), ("net", 5), ("wide", 6)])
def test_a_class_a_module_and_a_function(
    file: str, name: str, channels: int, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [*sys.path]
    taken = network_in_file(f"{file}:{name}", SHAPE)
    assert taken.network.output == (channels, 2, 2)
    assert sys.path == paths
    written = capsys.readouterr()
    assert written.out == "" and "a word of the file's own" in written.err


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("nett", "module-name-unknown", ("defines no 'nett'", "net")),
        ("Quite", "module-name-unknown", ("Name a module, a class or a function",)),
        ("number", "module-kind", ("builtins.int",)),
        ("several", "module-not-made", ("without arguments", "TypeError")),
        ("ends", "module-not-made", ("SystemExit: 3",)),
        ("not a name", "module-spelled", ("FILE.py:NAME",)),
    ],
)
def test_another_name_is_refused(
    file: str, name: str, code: str, words: tuple[str, ...]
) -> None:
    with refuses(UsageError, code, *words):
        network_in_file(f"{file}:{name}", SHAPE)


@pytest.mark.parametrize("suffix", ["pt", "pth", "pt2", "pkl"])
def test_what_pytorch_unpickles_is_never_read(tmp_path: Path, suffix: str) -> None:
    for spelled in (f"{tmp_path}/net.{suffix}", f"{tmp_path}/net.{suffix}:Net"):
        with refuses(UsageError, "module-pickled", f"'net.{suffix}'", "pickle"):
            network_in_file(spelled, SHAPE)


def test_a_file_that_is_missing_or_fails(tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    with refuses(UsageError, "module-file-missing", "model.py"):
        network_in_file(f"{path}:Net", SHAPE)
    path.write_text("import torch\nraise KeyError('weights')")
    with refuses(UsageError, "module-file-failed", "KeyError: 'weights'", "__main__"):
        network_in_file(f"{path}:Net", SHAPE)
