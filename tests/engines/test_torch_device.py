"""Which device the PyTorch engine takes, and what it says where there is none."""

import importlib.util
from importlib.machinery import ModuleSpec

import pytest

from mirada.engines import create
from mirada.errors import UsageError
from mirada.network import Linear, Network, Recipe
from tests.refusal import refuses

torch = pytest.importorskip("torch")
device = pytest.importorskip("mirada.engines.torch.device")

TINY = Network("tiny", (3,), (Linear(2),))


def test_without_pytorch_the_engine_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def nothing(name: str) -> ModuleSpec | None:
        return None if name == "torch" else importlib.util.find_spec(name)

    monkeypatch.setattr("mirada.engines.find_spec", nothing)
    with refuses(UsageError, "torch-missing", "pip install 'mirada[torch]'"):
        create("torch", TINY, Recipe())
    create("reference", TINY, Recipe())


@pytest.mark.parametrize("name", ["gpu", "cuda:", "cuda:x", "cpu:0:0", "cuda:-1"])
def test_a_device_that_nobody_knows(name: str) -> None:
    with refuses(UsageError, "device-unknown", repr(name), "cpu, cuda, cuda:1"):
        create("torch", TINY, Recipe(), device=name)


def test_a_device_that_is_not_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    with refuses(UsageError, "device-missing", "'cuda'", "Use --device cpu"):
        create("torch", TINY, Recipe(), device="cuda")


def test_the_first_gpu_is_taken_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for count, names in ((0, ("cpu",)), (2, ("cuda:0", "cuda:1", "cpu"))):
        monkeypatch.setattr(torch.cuda, "device_count", lambda n=count: n)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
        assert device.available() == names
        assert device.chosen().type == names[0].partition(":")[0]
    assert device.chosen("cuda:1").index == 1
    with refuses(UsageError, "device-missing", "'cuda:2'", "cuda:0, cuda:1, cpu"):
        device.chosen("cuda:2")
