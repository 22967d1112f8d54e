"""What processes agree on, without torch: shares of a batch, and who fails."""

import json
from collections.abc import Sequence

import numpy as np
import pytest

from mirada.data import Augmentation, batches, epoch_order
from mirada.engines import joined
from mirada.engines.group import ALONE, Alone, ElsewhereError, Group, started_here
from mirada.engines.intake import checked_share
from mirada.errors import DataError, GroupError, UsageError
from mirada.training import Wishes
from mirada.training.agreement import Asked
from mirada.training.feed import batch_of
from tests.refusal import refuses
from tests.training.example import network, plan, rich_augmentation


class Rank(Alone):
    """One of several, to whom the others have said something already."""

    def __init__(self, rank: int, size: int, *others: bytes) -> None:
        self.rank, self.size, self.others = rank, size, others

    def gathered(self, content: bytes) -> list[bytes]:
        found = list(self.others)
        found.insert(self.rank, content)
        return found

    def most(self, values: Sequence[int]) -> tuple[int, ...]:
        heard = [values, *(json.loads(other) for other in self.others)]
        return tuple(int(value) for value in np.max(heard, axis=0))


@pytest.mark.parametrize("size", (1, 2, 4, 7))
@pytest.mark.parametrize("count", (0, 1, 3, 64))
def test_shares_are_the_whole_batch_in_order(size: int, count: int) -> None:
    shares = [Rank(rank, size).share(count) for rank in range(size)]
    assert [i for s in shares for i in range(count)[s]] == [*range(count)]
    lengths = [share.stop - share.start for share in shares]
    assert max(lengths) - min(lengths) <= 1


@pytest.mark.parametrize("size", (2, 4))
@pytest.mark.parametrize("augmentation", (Augmentation(shift=1), rich_augmentation()))
def test_any_number_of_processes_sees_the_same_batches(
    size: int, augmentation: Augmentation
) -> None:
    of = plan(wishes=Wishes(batch_size=30), augmentation=augmentation)
    order = epoch_order(of.split.train[:63], of.configuration.recipe.seed, 3)
    for samples in batches(order, 30):
        images, labels, mixing = batch_of(of, samples, 3)
        shares = [batch_of(of, samples, 3, Rank(r, size)) for r in range(size)]
        found = np.concatenate([share.images for share in shares])
        np.testing.assert_array_equal(found, images)
        for share in shares:
            np.testing.assert_array_equal(share.labels, labels)
            assert (share.mixing is None) == (mixing is None)
            if mixing is not None and share.mixing is not None:
                np.testing.assert_array_equal(share.mixing.labels, mixing.labels)
                np.testing.assert_array_equal(share.mixing.shares, mixing.shares)


def refuse() -> int:
    raise DataError("no-images", "{folder!r} holds no images.", folder="cats")


def test_one_that_fails_tells_and_the_others_end_with_its_code() -> None:
    with refuses(DataError, "no-images"):
        Rank(1, 3, b"0", b"0").everywhere(refuse)
    with pytest.raises(ElsewhereError) as caught:
        Rank(0, 3, b"3", b"0").everywhere(lambda: 7)
    assert caught.value.exit_code == DataError.exit_code
    with pytest.raises(ElsewhereError):
        Rank(1, 2, b"3").everywhere(refuse)
    assert Rank(0, 2, b"0").everywhere(lambda: 7) == 7


def test_any_process_may_hear_a_signal_and_the_first_decides_the_rest() -> None:
    first = json.dumps([0, 1, 0, 0, 0]).encode()
    asked = Asked(15, ends=True, waits=True)
    assert asked.agreed(Rank(1, 2, first)) == Asked(15, saves=True)


def test_a_process_that_no_launcher_started_is_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("RANK", raising=False)
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "4")
    assert joined() is ALONE
    assert started_here() == 1
    for name in ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"):
        monkeypatch.setenv(name, "1")
    assert started_here() == 4


def test_what_torch_says_of_others_is_one_error() -> None:
    group = pytest.importorskip("mirada.engines.torch.group")
    words = (
        "[/__w/pair.cc:537] Read error [127.0.0.1]: Connection reset by peer. This is "
        "typically caused by a remote worker crashing. Check its logs."
    )
    told = "(Read error [127.0.0.1]: Connection reset by peer). One", "--max-restarts"
    with refuses(GroupError, "rank-lost", *told), group.heard():
        raise RuntimeError(words)


def test_a_share_has_as_many_images_as_it_should() -> None:
    images = np.zeros((3, 1, 8, 8), np.float32)
    with refuses(UsageError, "batch-share", "computes 2 images of the batch; got 3"):
        checked_share(network(), images, slice(4, 6))
    assert len(checked_share(network(), images[:0], slice(4, 4))) == 0


def test_each_process_needs_a_gpu_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    device = pytest.importorskip("mirada.engines.torch.device")
    torch = pytest.importorskip("torch")
    group: Group = Rank(1, 2)
    monkeypatch.setattr(device, "available", lambda: ("cuda:0", "cpu"))
    monkeypatch.setenv("LOCAL_RANK", "1")
    with refuses(UsageError, "ranks-without-device", "cuda:1", "--device cpu"):
        device.own(torch.device("cuda"), group)
    monkeypatch.setenv("LOCAL_RANK", "0")
    assert device.own(torch.device("cuda"), group) == torch.device("cuda:0")
    assert device.own(torch.device("cpu"), group) == torch.device("cpu")
