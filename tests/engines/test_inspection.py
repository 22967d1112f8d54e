"""Values and gradients by name, in every mode, beside the law."""

from collections.abc import Collection
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirada.engines.engine import Engine
from mirada.engines.native import NativeEngine
from mirada.engines.reference import ReferenceEngine
from mirada.engines.torch import TorchEngine
from mirada.errors import UsageError
from mirada.network import (
    INPUT,
    Add,
    BatchNorm2d,
    Concat,
    Conv2d,
    Dropout,
    Flatten,
    LeakyReLU,
    Linear,
    MaxPool2d,
    Network,
    Recipe,
    ReLU,
    Softmax,
    join,
    named,
)
from mirada.reference import Gradients, backward, forward, loss_and_gradients
from tests.engines.drawn import MIXED, compiled_networks
from tests.refusal import refuses
from tests.strategies import batch, lively_parameters

CLOSE = 2e-4
"""Of the largest number of a layer: the bounds proper are those of test_parity."""

SOFT = Network("soft", (2, 3, 3), (Flatten(), Linear(4), ReLU(), Linear(3), Softmax()))
POOLED = Network(
    "pooled",
    (1, 12, 12),
    (
        *(Conv2d(6, 5, padding=2), ReLU(), MaxPool2d(2)),
        *(Conv2d(8, 3, bias=False), BatchNorm2d(), ReLU(), MaxPool2d(2), Dropout(0.5)),
        *(Flatten(), Linear(7), ReLU(), Linear(4)),
    ),
)
ALIKE = Network(
    "alike",
    (2, 4, 4),
    (
        named(Conv2d(3, 2), "stem"),
        named(Dropout(0.5), "kept"),
        named(Dropout(0.25), "again"),
        join(Add(), "stem"),
        *(Flatten(), Linear(3)),
    ),
)
"""In inference form three of its layers have one value, and gradients of their own."""
NETWORKS = {"soft": SOFT, "pooled": POOLED, "mixed": MIXED, "alike": ALIKE}


ALL = ("soft", 1), ("soft", 18), ("pooled", 1), ("pooled", 18), ("mixed", 3)
BY_KIND = [(kind, *one) for kind in (NativeEngine, TorchEngine) for one in ALL]
BY_KIND.remove((TorchEngine, "mixed", 3))
"""MIXED enlarges equal pixels before a maximum: PyTorch breaks that tie elsewhere."""
FAST = pytest.mark.parametrize("kind", [NativeEngine, TorchEngine])


def engine_of(
    network: Network, threads: int = 2, kind: type[Engine] = NativeEngine
) -> Any:
    seed = 3
    engine: Any = kind(network, Recipe(batch_size=4, seed=seed), threads)  # type: ignore[call-arg]
    engine.load_parameters(lively_parameters(network, seed))
    return engine


def close(
    found: dict[str, np.ndarray], exact: dict[str, np.ndarray], names: Collection[str]
) -> None:
    assert found.keys() >= set(names)
    for name in names:
        wanted = exact[name]
        assert found[name].shape == wanted.shape, name
        assert found[name].dtype == np.float32
        allowed = CLOSE * max(float(np.abs(wanted).max(initial=0)), 1e-3)
        assert np.abs(found[name] - wanted).max(initial=0) <= allowed, name


def inspected(network: Network, images: np.ndarray, arriving: np.ndarray) -> Gradients:
    """The law's gradients in inference form."""
    parameters = lively_parameters(network, 3)
    told, last = forward(network, parameters, images), network.nodes[-1].name
    return backward(network, parameters, told, {last: arriving.astype(np.float64)})


@FAST
@pytest.mark.parametrize("count", [0, 1, 5, 19])
@pytest.mark.parametrize("name", NETWORKS)
def test_every_value_is_told(name: str, count: int, kind: type[Engine]) -> None:
    """All at once, and each alone: asking changes how layers are put together."""
    network = NETWORKS[name]
    engine, (images, _) = engine_of(network, 1, kind), batch(network, count, count)
    exact = forward(network, lively_parameters(network, 3), images)
    names = [*network.shapes]
    close(engine.activations(images, names), exact, names)
    if count == 5 and network is not MIXED:
        for one in names[2::3]:
            close(engine.activations(images, [one]), exact, [one])
    assert engine.activations(images, []) == {}


@pytest.mark.parametrize(
    ("kind", "name"),
    [*((NativeEngine, n) for n in NETWORKS), (TorchEngine, "pooled")],
)
def test_gradients_of_training_by_every_value(kind: type[Engine], name: str) -> None:
    network = NETWORKS[name]
    engine, (images, labels) = engine_of(network, 1, kind), batch(network, 3, 1)
    exact = loss_and_gradients(
        network,
        engine.recipe.loss,
        lively_parameters(network, 3),
        images,
        labels,
        seed=3,
        step=5,
    )
    names = [n for n in network.shapes if n in exact.by_activations]
    loss, found = engine.gradients(images, labels, step=5, names=names)
    assert abs(loss - exact.loss) <= CLOSE * abs(exact.loss)
    close(found, exact.by_activations, [n for n in names if n != INPUT])
    close(found, exact.gradients, [*exact.gradients])
    assert found[INPUT].shape == images.shape


@pytest.mark.parametrize(("kind", "name", "count"), BY_KIND)
def test_gradients_in_inference_form(kind: type[Engine], name: str, count: int) -> None:
    network = NETWORKS[name]
    engine, (images, _) = engine_of(network, 1, kind), batch(network, count, 2)
    noise = np.random.default_rng(7)
    arriving = noise.normal(size=(count, *network.output)).astype(np.float32)
    exact = inspected(network, images, arriving).activations
    names = [*network.shapes]
    close(engine.output_gradients(images, arriving, names), exact, names)
    if count == 18:
        for one in names[1::4]:
            close(engine.output_gradients(images, arriving, [one]), exact, [one])


@FAST
def test_layers_of_one_value_have_gradients_of_their_own(kind: type[Engine]) -> None:
    engine, (images, _) = engine_of(ALIKE, 1, kind), batch(ALIKE, 3, 2)
    arriving = np.ones((3, *ALIKE.output), np.float32)
    exact = inspected(ALIKE, images, arriving).activations
    names = [*ALIKE.shapes]
    close(engine.output_gradients(images, arriving, names), exact, names)


@settings(max_examples=4)
@given(compiled_networks(scores=True), st.integers(0, 1000), st.data())
def test_drawn_networks_are_inspected(
    network: Network, seed: int, data: st.DataObject
) -> None:
    """Values and gradients of some of their layers, in inference form."""
    names = data.draw(st.sets(st.sampled_from([*network.shapes]), min_size=1))
    engine, (images, _) = engine_of(network, 1 + seed % 3), batch(network, 3, seed)
    exact = forward(network, lively_parameters(network, 3), images)
    close(engine.activations(images, names), exact, names)
    arriving = images.reshape(3, -1)[:, :1] * np.ones((3, *network.output), np.float32)
    found = engine.output_gradients(images, arriving, names)
    assert found.keys() == names
    kinds = {type(node.layer) for node in network.nodes}
    if not kinds & {ReLU, LeakyReLU, MaxPool2d, Dropout}:
        close(found, inspected(network, images, arriving).activations, names)


@FAST
def test_asking_leaves_everything_as_it_was(kind: type[Engine]) -> None:
    engine, (images, labels) = engine_of(MIXED, 1, kind), batch(MIXED, 4, 1)
    before = engine.predict(images).tobytes()
    kept = {name: value.tobytes() for name, value in engine.parameters().items()}
    answers = engine.predict(images)
    engine.activations(images, [*MIXED.shapes])
    engine.output_gradients(images, answers, [*MIXED.shapes])
    engine.gradients(images, labels, names=[*MIXED.shapes])
    assert engine.predict(images).tobytes() == before
    found = {name: value.tobytes() for name, value in engine.parameters().items()}
    assert found == kept


@pytest.mark.parametrize("kind", [NativeEngine, ReferenceEngine, TorchEngine])
def test_what_is_asked_wrongly_is_refused(kind: type[Engine]) -> None:
    engine = kind(ALIKE, Recipe(batch_size=4))  # type: ignore[call-arg]
    images, labels = batch(ALIKE, 4, 0)
    words = "Network 'alike' has no layer 'conv9'", "input, stem, kept, again"
    with refuses(UsageError, "layer-name", *words):
        engine.activations(images, ["stem", "conv9"])
    with refuses(UsageError, "layer-name", *words):
        engine.gradients(images, labels, names=["conv9"])
    words = "outputs of 4 images has shape (4, 3)", "got (4, 2)"
    with refuses(UsageError, "arriving-shape", *words):
        engine.output_gradients(images, np.zeros((4, 2), np.float32), [INPUT])


def test_both_engines_tell_the_same() -> None:
    network = Network(
        "join", (2, 5, 5), (Conv2d(3, 2), ReLU(), join(Concat(), "conv1"))
    )
    law = ReferenceEngine(network, Recipe(batch_size=4, seed=3))
    law.load_parameters(lively_parameters(network, 3))
    engine, (images, _) = engine_of(network), batch(network, 5, 0)
    arriving = np.ones((5, *network.output), np.float32)
    names = [*network.shapes]
    close(engine.activations(images, names), law.activations(images, names), names)
    close(
        engine.output_gradients(images, arriving, names),
        law.output_gradients(images, arriving, names),
        names,
    )


@pytest.mark.parametrize("make", [NativeEngine, ReferenceEngine, TorchEngine])
def test_parameters_have_gradients_by_what_arrives(make: type[Engine]) -> None:
    engine = make(POOLED, Recipe(batch_size=4))  # type: ignore[call-arg]
    images, _ = batch(POOLED, 70, 2)
    arriving = np.ones((70, *POOLED.output), np.float32)
    values = forward(POOLED, engine.parameters(), images)
    last = {POOLED.nodes[-1].name: arriving.astype(np.float64)}
    exact = backward(POOLED, engine.parameters(), values, last).parameters
    found = engine.output_gradients(images, arriving, [*exact, INPUT])
    assert set(found) == {*exact, INPUT}
    close(found, exact, [*exact])


@pytest.mark.parametrize("make", [NativeEngine, ReferenceEngine, TorchEngine])
def test_an_engine_makes_its_like_for_another_network(make: type[Engine]) -> None:
    engine = make(SOFT, Recipe(batch_size=4, seed=7))  # type: ignore[call-arg]
    bare = Network("bare", SOFT.input, SOFT.nodes[:-1])
    found = engine.alike(bare)
    assert type(found) is make and found.network is bare
    own, images = engine.parameters(), batch(SOFT, 5, 0)[0]
    assert all((found.parameters()[name] == own[name]).all() for name in own)
    last = bare.nodes[-1].name
    scores = {last: found.predict(images)}
    close(scores, engine.activations(images, [last]), [last])


def test_what_nobody_asked_for_is_not_computed() -> None:
    """Gradients by values alone go back to these values and no further."""
    engine, (images, _) = engine_of(POOLED), batch(POOLED, 2, 1)
    arriving = np.ones((2, *POOLED.output), np.float32)
    engine.output_gradients(images, arriving, ["relu2"])
    engine.output_gradients(images, arriving, ["relu2", "conv1.weight"])
    short, whole = (
        {call.name for step in made.program.work for call in step.calls}
        for made in engine.prepared()
    )
    left_out = {name for name in whole if name.startswith("conv")} - short
    assert "conv1.weight_gradient" in left_out
    assert not any("weight_gradient" in name for name in short)
    assert "linear1.input_gradient" in short
