"""Mixed batches: the law, PyTorch, machine code, interpreter and C agree."""

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch.nn import functional

from mirada.engines import Engine
from mirada.engines.intake import dominant
from mirada.engines.native import NativeEngine
from mirada.engines.reference import ReferenceEngine
from mirada.engines.torch import TorchEngine
from mirada.errors import DataError, UsageError
from mirada.mixing import Mixing
from mirada.network import CrossEntropy, Loss, MeanSquaredError, Recipe
from tests.compiler.programs import CASES
from tests.engines.interpreted import Interpreted, processor
from tests.peer import peer_forward, tensors
from tests.refusal import refuses
from tests.strategies import batch, lively_parameters

LOSSES: tuple[Loss, ...] = (
    CrossEntropy(),
    CrossEntropy(0.1),
    CrossEntropy(0.1, (0.5, 1.0, 2.0)),
    MeanSquaredError(),
)
Kind = type[NativeEngine] | type[ReferenceEngine] | type[TorchEngine]
NETWORK = CASES["block"].network
COUNT = 5


def mixing(count: int, classes: int, seed: int = 0) -> Mixing:
    """Second labels and shares, of nothing, a half and all too."""
    rng = np.random.default_rng(seed)
    shares = rng.uniform(0, 1, count).astype(np.float32)
    shares[: min(count, 3)] = np.array([0.0, 0.5, 1.0], np.float32)[:count]
    return Mixing(rng.integers(0, classes, count), shares)


def made(kind: Kind, loss: Loss, **options: Any) -> Engine:
    engine = kind(NETWORK, Recipe(loss, batch_size=COUNT), **options)
    engine.load_parameters(lively_parameters(NETWORK, 5))
    return engine


def close(found: NDArray[Any], wanted: NDArray[Any]) -> bool:
    """Within some roundings of float32, next to the largest."""
    return bool(np.abs(found - wanted).max() <= 2e-6 * max(np.abs(wanted).max(), 0.1))


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.text())
@pytest.mark.parametrize("kind", [NativeEngine, TorchEngine])
def test_machine_code_and_pytorch_are_the_law(kind: Kind, loss: Loss) -> None:
    images, labels = batch(NETWORK, COUNT, 1)
    mixed = mixing(COUNT, 3)
    fast, law = made(kind, loss, threads=1), made(ReferenceEngine, loss)
    (value, found), (wanted, exact) = (
        engine.gradients(images, labels, mixing=mixed) for engine in (fast, law)
    )
    assert value == pytest.approx(wanted, rel=1e-6)
    assert all(close(found[name], exact[name]) for name in exact)
    told = [
        engine.train_step(images, labels, step=0, learning_rate=0.1, mixing=mixed)
        for engine in (fast, law)
    ]
    assert told[0].correct == told[1].correct
    assert told[0].loss == pytest.approx(told[1].loss, rel=1e-6)
    moved = law.parameters()
    assert all(close(p, moved[n]) for n, p in fast.parameters().items())


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_law_is_pytorchs_for_targets_that_are_vectors(smoothing: float) -> None:
    images, labels = batch(NETWORK, COUNT, 1)
    mixed, law = mixing(COUNT, 3), made(ReferenceEngine, CrossEntropy(smoothing))
    value, found = law.gradients(images, labels, mixing=mixed)
    theirs = tensors(NETWORK, law.parameters())
    x = torch.from_numpy(images.astype(np.float64))
    scores = peer_forward(NETWORK, theirs, x, training=True)[NETWORK.nodes[-1].name]
    share = mixed.shares.astype(np.float64)[:, None]
    target = (1 - share) * np.eye(3)[labels] + share * np.eye(3)[mixed.labels]
    peer = functional.cross_entropy(
        scores, torch.from_numpy(target), label_smoothing=smoothing
    )
    peer.backward()
    assert value == pytest.approx(float(peer.detach()), rel=1e-12)
    for name, tensor in theirs.items():
        assert tensor.grad is not None
        assert np.abs(found[name] - tensor.grad.numpy()).max() < 1e-6


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.text())
@pytest.mark.parametrize("kind", [NativeEngine, ReferenceEngine, TorchEngine])
def test_all_of_one_label_is_that_label(kind: Kind, loss: Loss) -> None:
    """With shares of 0 the own one, with shares of 1 the other, to the last bit."""
    images, labels = batch(NETWORK, COUNT, 1)
    others = (labels + 1) % 3
    for share, known in ((0.0, labels), (1.0, others)):
        mixed = Mixing(others, np.full(COUNT, share, np.float32))
        plain, other = made(kind, loss), made(kind, loss)
        for step in range(2):
            given: dict[str, Any] = {"step": step, "learning_rate": 0.1}
            wanted = plain.train_step(images, known, **given)
            assert other.train_step(images, labels, **given, mixing=mixed) == wanted
        after = plain.parameters()
        assert all(
            p.tobytes() == after[n].tobytes() for n, p in other.parameters().items()
        )


@pytest.mark.parametrize("kind", [NativeEngine, ReferenceEngine, TorchEngine])
def test_the_loss_is_linear_in_the_shares(kind: Kind) -> None:
    images, labels = batch(NETWORK, COUNT, 1)
    mixed = mixing(COUNT, 3)
    for loss in (LOSSES[1], LOSSES[3]):
        engine = made(kind, loss)
        both = 0.0
        for image in range(COUNT):
            piece, share = slice(image, image + 1), float(mixed.shares[image])
            own, _ = engine.gradients(images[piece], labels[piece])
            other, _ = engine.gradients(images[piece], mixed.labels[piece])
            both += (1 - share) * own + share * other
        found, _ = engine.gradients(images, labels, mixing=mixed)
        assert found == pytest.approx(both / COUNT, rel=1e-6)


def test_right_is_the_label_with_the_larger_share() -> None:
    labels, others = np.array([0, 1, 2, 0]), np.array([1, 2, 0, 1])
    shares = np.array([0.5, 0.51, 1.0, 0.49], np.float32)
    assert dominant(labels, Mixing(others, shares)).tolist() == [0, 2, 0, 0]
    assert dominant(labels, None) is labels
    images, _ = batch(NETWORK, 4, 1)
    for kind in (NativeEngine, ReferenceEngine, TorchEngine):
        engine = made(kind, CrossEntropy())
        answers = engine.predict(images).argmax(axis=1)
        mixed = Mixing((answers + 1) % 3, shares)
        found = engine.train_step(
            images, answers, step=0, learning_rate=0.0, mixing=mixed
        )
        assert found.correct == 2


@pytest.mark.parametrize("name", ["block", "dilated", "dense", "normal"])
def test_the_interpreter_has_the_same_bits(name: str) -> None:
    case = CASES[name]
    target, size = processor(name), case.recipe.batch_size
    engine = NativeEngine(*case, threads=2, target=target)
    other = Interpreted(*case, "train", size, target, mixed=True)
    values = lively_parameters(case.network, 5)
    engine.load_parameters(values)
    other.take(values)
    for step, count in enumerate((3, 2)):
        images, labels = batch(case.network, count, step)
        mixed = mixing(count, int(np.prod(case.network.output)), step)
        told = engine.train_step(
            images, labels, step=step, learning_rate=0.125, mixing=mixed
        )
        (used,) = engine.prepared()
        other.floats("scalars")[:4] = used.scalars[:4]
        other.mix(*mixed)
        other.run(images, labels, step=step)
        results = other.floats("results").reshape(other.chunks, -1)
        assert told.loss == np.add.accumulate(results[:, 0])[-1]
        assert told.correct == results[:, 1].sum()
    for parameter, value in engine.parameters().items():
        assert value.tobytes() == other.parameters()[parameter].tobytes(), parameter


def test_a_program_of_its_own_is_made_when_it_is_needed() -> None:
    case = CASES["block"]
    engine = NativeEngine(*case, threads=1)
    images, labels = batch(case.network, 3, 0)
    engine.train_step(images, labels, step=0, learning_rate=0.1)
    (plain,) = engine.prepared()
    assert "others" not in plain.program.places
    mixed = mixing(3, 3)
    engine.train_step(images, labels, step=1, learning_rate=0.1, mixing=mixed)
    assert [one.program.places.keys() >= {"others"} for one in engine.prepared()] == [
        False,
        True,
    ]


def wrong(count: int, labels: object = None, shares: object = None) -> Mixing:
    given = mixing(count, 3)
    own = given.labels if labels is None else np.array(labels)
    return Mixing(own, given.shares if shares is None else np.array(shares))


@pytest.mark.parametrize("kind", [NativeEngine, ReferenceEngine, TorchEngine])
def test_a_mixing_that_does_not_fit_is_refused(kind: Kind) -> None:
    engine = made(kind, CrossEntropy())
    images, labels = batch(NETWORK, 3, 0)

    def step(mixed: Mixing) -> None:
        engine.train_step(images, labels, step=0, learning_rate=0.1, mixing=mixed)

    with refuses(DataError, "label-range", "has label 3, but"):
        step(wrong(3, [0, 3, 1]))
    with refuses(UsageError, "batch-labels", "needs 3 whole-number labels"):
        step(wrong(2))
    for shares in ([0.5, 1.5, 0.0], [0.5, np.nan, 0.0], [0.5, 0.5], [0, 1, 0]):
        with refuses(UsageError, "mixing-shares", "needs 3 shares from 0 to 1"):
            step(wrong(3, shares=shares))
