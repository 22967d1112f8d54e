"""Which device the PyTorch engine takes, and what it says where there is none."""

import importlib.util
from importlib.machinery import ModuleSpec

import pytest

from mirada.engines import create
from mirada.errors import MemoryLimitError, UnsupportedError, UsageError
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
    with refuses(UnsupportedError, "torch-missing", "pip install 'mirada[torch]'"):
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


def test_engines_of_the_processor_take_no_device() -> None:
    words = "The native engine computes on the processor", "--engine torch"
    with refuses(UsageError, "engine-without-device", *words):
        create("native", TINY, Recipe(), device="cuda")
    assert type(create("reference", TINY, Recipe(), device="cpu")).__name__ == (
        "ReferenceEngine"
    )


def test_only_pytorch_is_asked_to_compile_steps() -> None:
    words = "The native engine lets PyTorch compile nothing", "--engine torch"
    with refuses(UsageError, "engine-without-compile", *words):
        create("native", TINY, Recipe(), compiled=True)
    with refuses(UsageError, "engine-without-compile", "The reference engine"):
        create("reference", TINY, Recipe(), compiled=True)


def test_the_torch_engine_takes_no_isa_and_no_two_precisions_at_once() -> None:
    with refuses(UsageError, "engine-without-isa", "The torch engine"):
        create("torch", TINY, Recipe(), isa="x86-64-v3")
    with refuses(UsageError, "precision-unknown", "'fp8'"):
        create("torch", TINY, Recipe(), precision="fp8", device="cpu")
    with refuses(UsageError, "precision-exact", "'bf16'"):
        create("torch", TINY, Recipe(), precision="bf16", exact=True, device="cpu")
    with refuses(UsageError, "thread-count", "got 0"):
        create("torch", TINY, Recipe(), 0, device="cpu")


def test_what_does_not_fit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mirada.engines.memory.available_bytes", lambda: 10**6)
    with refuses(MemoryLimitError, "memory-network", "'tiny'", "0.0 GiB are free"):
        create("torch", TINY, Recipe(), device="cpu")
    create("torch", TINY, Recipe(), device="cpu", trains=False)


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
