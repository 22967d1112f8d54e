"""What does not fit in memory is refused before it is allocated."""

import pytest

from mirada.data import limits
from mirada.data.limits import Limits, available_bytes, require_memory
from mirada.errors import MemoryLimitError
from tests.refusal import refuses


def test_what_fits_is_let_through() -> None:
    require_memory(1000, 10, (10, 10), Limits(dataset_bytes=1000))
    require_memory(1000, 10, (10, 10), Limits())


def test_what_does_not_fit_is_told_in_megabytes() -> None:
    words = ("500 images of 64x48 need 2 MB", "1 MB may be used", "smaller image size")
    with refuses(MemoryLimitError, "dataset-memory", *words):
        require_memory(1_500_000, 500, (64, 48), Limits(dataset_bytes=1_400_000))


def test_half_of_the_free_memory_is_the_usual_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "available_bytes", lambda: 2000)
    require_memory(1000, 1, (1, 1), Limits())
    with refuses(MemoryLimitError, "dataset-memory", "need 1 MB"):
        require_memory(1001, 1, (1, 1), Limits())


def test_there_is_memory_here() -> None:
    assert available_bytes() > 2**20


def test_a_container_may_have_less(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_container_bytes", lambda: [4096])
    assert available_bytes() == 4096
