import pytest

from mirada.errors import MemoryLimitError
from mirada.models import lenet5, vgg16
from mirada.network import SGD, AdamW, Network, Recipe
from mirada.training import memory
from mirada.training.memory import require_training_memory, training_bytes
from tests.refusal import refuses


@pytest.mark.parametrize("network", [lenet5(), vgg16()])
def test_the_batch_that_is_offered_fits_and_the_next_does_not(network: Network) -> None:
    limit = training_bytes(network, Recipe(batch_size=100))
    for batch in (101, 400):
        with refuses(MemoryLimitError, "training-memory", "fits: --batch 100."):
            require_training_memory(network, Recipe(batch_size=batch), limit)
    require_training_memory(network, Recipe(batch_size=100), limit)


def test_where_no_batch_fits_that_is_said() -> None:
    words = ("'vgg16'", "no batch is small enough")
    with refuses(MemoryLimitError, "training-memory-any-batch", *words):
        require_training_memory(vgg16(), Recipe(), 10**9)


def test_the_optimizer_counts() -> None:
    parameters = 61706
    plain, momentum, adam = (
        training_bytes(lenet5(), Recipe(optimizer=rule))
        for rule in (SGD(0.1, momentum=0.0), SGD(0.1), AdamW(0.1))
    )
    assert momentum - plain == adam - momentum == 2 * 4 * parameters
    average = training_bytes(lenet5(), Recipe(optimizer=AdamW(0.1), ema=0.9))
    assert average - adam == 2 * 4 * parameters


def test_the_limit_is_the_memory_that_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    require_training_memory(lenet5(), Recipe())
    monkeypatch.setattr(memory, "available_bytes", lambda: 10**6)
    with refuses(MemoryLimitError, "training-memory-any-batch", "1 MB are free"):
        require_training_memory(lenet5(), Recipe())
