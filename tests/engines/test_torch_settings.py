"""What the PyTorch engine asks of PyTorch, and leaves as it found it."""

from typing import Any

import pytest

torch = pytest.importorskip("torch")
settings = pytest.importorskip("mirada.engines.torch.settings")

CPU = torch.device("cpu")


def asked() -> dict[str, Any]:
    return {
        "threads": torch.get_num_threads(),
        "matmul": torch.get_float32_matmul_precision(),
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "filled": torch.utils.deterministic.fill_uninitialized_memory,
        "nnpack": torch.backends.nnpack.flags(enabled=True) is None,
    }


@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_settings_are_of_a_call_and_no_longer(precision: str) -> None:
    before = asked()
    torch.set_float32_matmul_precision("medium")
    try:
        with settings.Settings(CPU, 3, precision).used():
            inside = asked()
        assert torch.get_float32_matmul_precision() == "medium"
    finally:
        torch.set_float32_matmul_precision(before["matmul"])
    assert inside["threads"] == 3
    assert inside["matmul"] == ("highest" if precision == "float32" else "high")
    assert asked() == before


def test_they_come_back_after_an_error() -> None:
    before = asked()
    with (
        pytest.raises(RuntimeError, match="lost"),
        settings.Settings(CPU, 2).used(),
    ):
        raise RuntimeError("lost")
    assert asked() == before


def test_ways_that_give_the_same_bytes_are_preferred_on_a_gpu() -> None:
    """What `used` does there, as far as it can be done without one."""
    from contextlib import ExitStack

    before = asked()
    with ExitStack() as undo:
        settings.prefer_deterministic(undo)
        assert torch.are_deterministic_algorithms_enabled()
        assert torch.is_deterministic_algorithms_warn_only_enabled()
        assert not torch.utils.deterministic.fill_uninitialized_memory
    assert asked() == before


@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_bf16_is_cast_where_it_is_asked_for(precision: str) -> None:
    image, weight = torch.randn(1, 2, 5, 5), torch.randn(3, 2, 3, 3)
    with settings.Settings(CPU, 1, precision).autocast():
        found = torch.nn.functional.conv2d(image, weight)
    wanted = torch.float32 if precision == "float32" else torch.bfloat16
    assert found.dtype == wanted
