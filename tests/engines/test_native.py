"""What the native engine takes, refuses and gives back, case by case."""

import numpy as np
import pytest

from mirada.compiler.target import host
from mirada.engines import ENGINES, create
from mirada.engines.native import NativeEngine
from mirada.engines.reference import ReferenceEngine
from mirada.errors import (
    ConfigurationError,
    DataError,
    DivergenceError,
    FileError,
    UnsupportedError,
    UsageError,
)
from mirada.network import (
    GELU,
    INPUT,
    SGD,
    AdamW,
    Add,
    AvgPool2d,
    BatchNorm2d,
    Concat,
    Conv2d,
    ConvTranspose2d,
    CrossEntropy,
    Dropout,
    Flatten,
    GlobalAvgPool2d,
    Hardsigmoid,
    Hardswish,
    Layer,
    LeakyReLU,
    Linear,
    Loss,
    MaxPool2d,
    MeanSquaredError,
    Multiply,
    Network,
    Node,
    Optimizer,
    Recipe,
    ReLU,
    ReLU6,
    Sigmoid,
    SiLU,
    Softmax,
    Tanh,
    Upsample,
    join,
    named,
)
from tests.bounds import forward_bounds, network_bounds
from tests.compiled import TARGETS
from tests.refusal import refuses
from tests.strategies import batch, lively_parameters
from tests.tolerance import assert_within

TINY = Network("tiny", (2, 5, 5), (Conv2d(3, 3), ReLU(), Flatten(), Linear(4)))
RATE = 0.05


def engine_of(*layers: Layer, shape: tuple[int, ...] = (2, 6, 6)) -> NativeEngine:
    return NativeEngine(Network("tried", shape, layers), Recipe(batch_size=4), 1)


# Against the law, where something is out of the ordinary ------------------------------


def agree(
    network: Network,
    loss: Loss,
    labels: list[int] | None = None,
    target: str = "host",
    rule: Optimizer | None = None,
) -> NativeEngine:
    """Passes when predictions, loss and gradients are within their bounds."""
    recipe = Recipe(loss, rule or SGD(), batch_size=4, seed=3)
    images, drawn = batch(network, 4, 1)
    known = drawn if labels is None else np.array(labels)
    parameters = lively_parameters(network, 1)
    engine = NativeEngine(network, recipe, 2, TARGETS[target])
    engine.load_parameters(parameters)
    last = network.nodes[-1].name
    exact = forward_bounds(network, parameters, images, np.float32)[last]
    assert_within(engine.predict(images), exact.value, exact.bound)
    bounds = network_bounds(
        network, loss, parameters, images, known, np.float32, seed=3, step=2
    )
    found_loss, found = engine.gradients(images, known, step=2)
    assert_within(found_loss, bounds.loss.value, bounds.loss.bound)
    for name, gradient in bounds.gradients.items():
        assert_within(found[name], gradient.value, gradient.bound)
    return engine


UNUSUAL: dict[str, tuple[tuple[int, ...], tuple[Layer | Node, ...]]] = {
    "pooled without ReLU": ((2, 9, 9), (Conv2d(3, 3), MaxPool2d(2), Flatten())),
    "pooled across": ((2, 5, 9), (Conv2d(3, 3), MaxPool2d((1, 3)), Flatten())),
    "pooled, then ReLU": ((1, 8, 8), (Conv2d(2, 3), MaxPool2d(3), ReLU(), Flatten())),
    "an image of scores": ((2, 5, 5), (Conv2d(4, 5),)),
    "means of scores": ((2, 5, 5), (Conv2d(3, 2), GlobalAvgPool2d())),
    "scores in rows and columns": ((2, 4, 4), (Conv2d(2, 3), Flatten())),
    "flattened, then a layer an element": (
        (3, 3, 3),
        (Flatten(), ReLU(), Dropout(0.5), Linear(3)),
    ),
    "flattened twice": ((2, 3, 3), (Flatten(), Flatten(), Linear(3), Flatten())),
    "no layer that learns": ((2, 2, 2), (Flatten(),)),
    "dropout first and last": ((3, 4, 4), (Dropout(0.5), Flatten(), Dropout(0.25))),
    "a window over all": ((1, 12, 12), (MaxPool2d(12), Conv2d(2, 1))),
    "more places than a byte counts": (
        (1, 20, 20),
        (MaxPool2d(17, 3, 2), Flatten(), Linear(2)),
    ),
    "means over padding": (
        (2, 5, 6),
        (AvgPool2d((3, 2), (2, 3), (1, 0, 0, 1), ceil=True), Flatten(), Linear(2)),
    ),
    "a vector": ((9,), (Linear(17, bias=False), ReLU(), Linear(2))),
    "one class": ((3,), (Linear(1),)),
    "a hundred classes": ((3,), (Linear(100),)),
    "one pixel": ((1, 1, 1), (Conv2d(1, 1), Flatten(), Linear(2))),
    "a column": ((2, 13, 1), (Conv2d(3, (5, 1), padding=(0, 2, 0, 0)), Flatten())),
    "a softmax of pixels inside": ((3, 4, 4), (Softmax(), Flatten(), Linear(3))),
    "a softmax before the mean squares": ((4,), (Linear(3), Softmax())),
    "a softmax of a flattened image": ((2, 2, 2), (Flatten(), Softmax(), Linear(2))),
    "groups": ((4, 6, 6), (Conv2d(6, 3, groups=2), ReLU(), Flatten())),
    "a channel a group": (
        (5, 6, 6),
        (Conv2d(10, 3, groups=5), MaxPool2d(2), Flatten()),
    ),
    "one layer read twice": (
        (2, 5, 5),
        (named(Conv2d(3, 2), "stem"), ReLU(), join(Add(), "stem"), Flatten()),
    ),
    "a branch": (
        (2, 5, 5),
        (
            named(ReLU(), "stem"),
            Sigmoid(),
            named(Tanh(), "branch", source="stem"),
            join(Concat(), "sigmoid1"),
            Flatten(),
        ),
    ),
    "a branch that nobody reads": (
        (2, 4, 4),
        (
            named(Conv2d(3, 2), "stem"),
            named(Conv2d(4, 3), "lost"),
            named(Flatten(), "flat", source="stem"),
            Linear(2),
        ),
    ),
    "added to itself": ((3, 4, 4), (join(Add(), INPUT), Flatten(), Linear(2))),
    "squeeze and excitation": (
        (2, 6, 6),
        (
            named(Conv2d(20, 3), "wide"),
            *(GlobalAvgPool2d(), Conv2d(3, 1), SiLU(), Conv2d(20, 1), Sigmoid()),
            join(Multiply(), "wide"),
            *(MaxPool2d(2), Flatten(), Linear(2)),
        ),
    ),
    "a product with itself": ((3, 4, 4), (join(Multiply(), INPUT, INPUT), Flatten())),
    "a product of vectors": (
        (2, 3, 3),
        (named(Flatten(), "flat"), Linear(18), join(Multiply(), "flat"), Linear(2)),
    ),
    "images put together": (
        (2, 6, 6),
        (
            named(Conv2d(3, 3), "small"),
            join(Concat(crop=True), INPUT),
            Upsample(2, "bilinear"),
            ConvTranspose2d(2, 3, 2, 1, 1),
            GlobalAvgPool2d(),
        ),
    ),
    "vectors put together": (
        (2, 3, 3),
        (named(Flatten(), "flat"), Linear(4), join(Concat(), "flat"), Linear(2)),
    ),
    "every activation": (
        (3, 4, 4),
        (
            *(LeakyReLU(0.1), GELU(), SiLU(), GELU("tanh"), Hardswish(), ReLU6()),
            *(Hardsigmoid(), Tanh(), Sigmoid(), Flatten()),
        ),
    ),
    "normalized": (
        (3, 5, 5),
        (BatchNorm2d(), Conv2d(4, 2), BatchNorm2d(momentum=0.0), Flatten()),
    ),
    "a normalized sum": (
        (3, 5, 5),
        (
            named(Conv2d(3, 1), "stem"),
            *(Conv2d(3, 3, padding=1), BatchNorm2d(), join(Add(), "stem"), ReLU()),
            *(Dropout(0.5), AvgPool2d(2), Flatten(), Linear(2)),
        ),
    ),
    "long steps": ((1, 16, 15), (Conv2d(2, 3, stride=(4, 5), padding=2), Flatten())),
}


@pytest.mark.parametrize("name", UNUSUAL)
def test_unusual_networks_agree_with_the_law(name: str) -> None:
    shape, layers = UNUSUAL[name]
    loss = MeanSquaredError() if len(name) % 2 else CrossEntropy(0.1)
    target = [*TARGETS][list(UNUSUAL).index(name) % len(TARGETS)]
    agree(Network("unusual", shape, layers), loss, target=target)


def test_a_last_softmax_is_left_out_of_training() -> None:
    layers = (Flatten(), Linear(3), Softmax())
    agree(Network("soft", (2, 2, 2), layers), CrossEntropy())
    agree(Network("soft", (2, 2, 2), (Flatten(), Softmax())), CrossEntropy())
    agree(Network("soft", (3,), (Softmax(),)), CrossEntropy())


def test_the_softmax_of_every_pixel() -> None:
    network = Network("soft", (3, 4, 5), (Conv2d(5, 2), Softmax()))
    images, _ = batch(network, 3, 0)
    engine = NativeEngine(network, Recipe(), 1)
    exact = forward_bounds(network, engine.parameters(), images, np.float32)
    last = exact["softmax1"]
    assert_within(engine.predict(images), last.value, last.bound)


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_class_weights(smoothing: float) -> None:
    network = Network("weighed", (3,), (Linear(3),))
    loss = CrossEntropy(smoothing, (0.5, 0.0, 3.0))
    agree(network, loss, [0, 1, 2, 2])
    engine = agree(network, loss, [1, 1, 1, 1])
    images, _ = batch(network, 4, 1)
    before = engine.parameters()
    told = engine.train_step(images, np.ones(4, np.int64), step=0, learning_rate=1.0)
    assert told.loss == 0, "where no weight counts, nothing does"
    for name, value in engine.parameters().items():
        np.testing.assert_array_equal(value, before[name])


RULES: tuple[Optimizer, ...] = (
    SGD(0.1, 0.0),
    SGD(0.1, 0.5, True, 0.25),
    SGD(0.1, 0.75, False, 0.5),
    AdamW(0.1, 0.5, 0.75, 1e-3, 0.5),
    AdamW(0.1, 0.0, 0.0, 1e-6, 0.0),
    AdamW(0.1, epsilon=1e-60),
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.text())
def test_twenty_steps_stay_beside_the_law(rule: Optimizer) -> None:
    """Within 5e-4 of the largest parameter; memory too; some gradients are zero."""
    stay_beside_the_law(TINY, Recipe(CrossEntropy(0.1), rule, batch_size=4, seed=5))


NORMAL = Network(
    "normal",
    (2, 5, 5),
    (Conv2d(3, 3, bias=False), BatchNorm2d(momentum=0.3), ReLU(), Flatten(), Linear(4)),
)


@pytest.mark.parametrize("network", [TINY, NORMAL], ids=["streamed", "layered"])
@pytest.mark.parametrize(("clip", "ema"), [(0.05, 0.0), (0.0, 0.75), (0.5, 0.9)])
def test_limited_gradients_and_averages(
    network: Network, clip: float, ema: float
) -> None:
    """The first limit is met in every step, the others now and then."""
    for rule in (SGD(0.1, 0.5), AdamW(0.01)):
        recipe = Recipe(
            CrossEntropy(0.1), rule, batch_size=4, gradient_clip=clip, ema=ema
        )
        stay_beside_the_law(network, recipe)


def stay_beside_the_law(network: Network, recipe: Recipe) -> None:
    engines = NativeEngine(network, recipe, 2), ReferenceEngine(network, recipe)
    for step in range(20):
        images, labels = batch(network, 4 if step % 3 else 3, step)
        images[:, 0, 0, 0] = images[:, 1] = 0
        told = [
            one.train_step(images, labels, step=step, learning_rate=RATE)
            for one in engines
        ]
        assert abs(told[0].loss - told[1].loss) <= 5e-4 * abs(told[1].loss)
        assert told[0].correct == told[1].correct
    for kept in ("parameters", "optimizer_state", "averaged_parameters"):
        native, law = (getattr(one, kept)() for one in engines)
        assert native.keys() == law.keys()
        for name, value in law.items():
            assert np.abs(native[name] - value).max() <= 5e-4 * max(
                np.abs(value).max(), 1e-3
            ), name


# The contract ------------------------------------------------------------------------


def test_engines_begin_alike() -> None:
    for rule in (SGD(), AdamW()):
        recipe = Recipe(optimizer=rule, seed=9)
        native, law = NativeEngine(TINY, recipe, 1), ReferenceEngine(TINY, recipe)
        for kept in ("parameters", "optimizer_state"):
            ours, theirs = getattr(native, kept)(), getattr(law, kept)()
            assert ours.keys() == theirs.keys()
            for name, value in theirs.items():
                assert ours[name].tobytes() == value.tobytes()


def test_weights_that_are_loaded_are_used_everywhere() -> None:
    """In predictions of one image and of many, and in training."""
    images, labels = batch(TINY, 4, 0)
    engine = NativeEngine(TINY, Recipe(batch_size=4), 1)
    for seed in (1, 2):
        other = NativeEngine(TINY, Recipe(batch_size=4), 1)
        for one in (engine, other):
            one.load_parameters(lively_parameters(TINY, seed))
        for count in (1, 4):
            found = [one.predict(images[:count]).tobytes() for one in (engine, other)]
            assert found[0] == found[1]
        losses = [one.gradients(images, labels)[0] for one in (engine, other)]
        assert losses[0] == losses[1]
        told = [
            one.train_step(images, labels, step=0, learning_rate=RATE)
            for one in (engine, other)
        ]
        assert told[0] == told[1]


def test_what_an_engine_gives_is_a_copy() -> None:
    engine = NativeEngine(TINY, Recipe(), 1)
    images, _ = batch(TINY, 2, 0)
    before = engine.predict(images)
    for value in (*engine.parameters().values(), *engine.optimizer_state().values()):
        value.fill(7)
    assert engine.predict(images).tobytes() == before.tobytes()


def test_any_number_of_images_is_predicted() -> None:
    engine = NativeEngine(TINY, Recipe(), 2)
    images, _ = batch(TINY, 40, 0)
    whole = engine.predict(images)
    assert engine.predict(images[:0]).shape == (0, 4)
    for count in (2, 15, 16, 17, 33):
        assert engine.predict(images[:count]).tobytes() == whole[:count].tobytes()
    exact = forward_bounds(TINY, engine.parameters(), images[:1], np.float32)
    one = exact["linear1"]
    assert_within(engine.predict(images[:1]), one.value, one.bound)


def test_images_of_any_layout_and_kind_are_taken() -> None:
    engine = NativeEngine(TINY, Recipe(), 1)
    images, _ = batch(TINY, 6, 0)
    wanted = engine.predict(images).tobytes()
    turned = np.asfortranarray(images)
    assert engine.predict(turned).tobytes() == wanted
    assert engine.predict(images.astype(np.float64)).tobytes() == wanted
    assert engine.predict(np.repeat(images, 2, 0)[::2]).tobytes() == wanted


def test_names_of_layers_are_free() -> None:
    """Also those that memory, kernels and functions have."""
    names = ("images", "gradients", "parameters", "labels", "scores", "run", "enter")
    layers = (Conv2d(2, 2), ReLU(), Dropout(0.5), Conv2d(3, 2), Flatten(), Linear(4))
    nodes = [named(each, name) for each, name in zip(layers, names, strict=False)]
    other = Network("n", (2, 5, 5), layers)
    network = Network("n", (2, 5, 5), nodes)
    images, labels = batch(network, 4, 0)
    found = []
    for one in (network, other):
        engine = NativeEngine(one, Recipe(batch_size=4), 1)
        told = engine.train_step(images, labels, step=0, learning_rate=RATE)
        loss, gradients = engine.gradients(images, labels)
        answers = engine.predict(images).tobytes()
        found.append((told, loss, gradients["input"].tobytes(), answers))
    assert found[0] == found[1]


# Refusals ----------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [0, -1, 257])
def test_a_number_of_threads_out_of_bounds(threads: int) -> None:
    words = f"must be from 1 to 256; got {threads}"
    with refuses(UsageError, "thread-count", words):
        NativeEngine(TINY, Recipe(), threads)


def test_without_a_number_every_core_is_used() -> None:
    assert 1 <= NativeEngine(TINY, Recipe()).threads <= 256
    assert NativeEngine(TINY, Recipe(), 256).threads == 256


def test_an_engine_nobody_knows() -> None:
    with refuses(
        UsageError, "engine-unknown", "no engine 'magic'", "native, reference"
    ):
        create("magic", TINY, Recipe())


def test_engines_are_created_by_name() -> None:
    kinds = {name: type(create(name, TINY, Recipe(), 1)).__name__ for name in ENGINES}
    assert kinds == {
        "native": "NativeEngine",
        "reference": "ReferenceEngine",
        "torch": "TorchEngine",
    }


def test_a_layer_that_is_not_compiled_is_named() -> None:
    engine_of(MaxPool2d(64), shape=(1, 70, 70))
    words = ("does not compile 'maxpool 65'", "layer 'maxpool1' is one")
    with refuses(UnsupportedError, "native-layer", *words):
        engine_of(MaxPool2d(65), shape=(1, 70, 70))


def test_exact_computes_by_the_definition() -> None:
    """Winograd's way gives other bits, on every program alike."""
    layers = (Conv2d(32, 3), Conv2d(32, 3), ReLU(), Flatten(), Linear(3))
    network = Network("wide", (2, 14, 14), layers)
    images, labels = batch(network, 3, 0)
    fast, exact = (
        NativeEngine(network, Recipe(batch_size=4), 1, None, way)
        for way in (False, True)
    )
    ways = fast.predict(images), exact.predict(images)
    assert not np.array_equal(*ways)
    np.testing.assert_allclose(*ways, rtol=1e-3, atol=1e-4)
    slopes, others = (
        one.gradients(images, labels)[1]["conv2.weight"] for one in (fast, exact)
    )
    assert not np.array_equal(slopes, others)


def test_batches_that_do_not_fit_are_refused() -> None:
    engine = NativeEngine(TINY, Recipe(batch_size=4), 1)
    images, labels = batch(TINY, 5, 0)
    with refuses(UsageError, "batch-size", "1 to 4 images; got 5"):
        engine.train_step(images, labels, step=0, learning_rate=RATE)
    with refuses(UsageError, "batch-images", "shape (n, 2, 5, 5)"):
        engine.predict(images[:, :1])
    with refuses(UsageError, "batch-labels", "needs 4 whole-number labels"):
        engine.gradients(images[:4], labels[:3])
    with refuses(DataError, "label-range", "Image 1 of the batch has label 4"):
        engine.gradients(images[:2], np.array([0, 4]))
    with refuses(ConfigurationError, "class-weights-count", "has 2 class weights"):
        other = NativeEngine(TINY, Recipe(CrossEntropy(0.0, (1.0, 2.0))), 1)
        other.train_step(images[:4], labels[:4], step=0, learning_rate=RATE)


def test_weights_of_another_network_are_refused() -> None:
    engine = NativeEngine(TINY, Recipe(), 1)
    values = engine.parameters()
    with refuses(FileError, "weights-shape", "'conv1.bias' of shape (4,)"):
        engine.load_parameters({**values, "conv1.bias": np.zeros(4)})
    with refuses(FileError, "weights-names", "lack 'conv1.bias'"):
        engine.load_parameters({n: v for n, v in values.items() if n != "conv1.bias"})
    with refuses(FileError, "weights-names", "lack 'momentum."):
        engine.load_optimizer_state({})


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        ("image", "the batch of images"),
        ("conv1.weight", "layer 'relu1'"),
        ("linear1.bias", "layer 'linear1'"),
    ],
)
def test_what_is_not_finite_is_told_with_its_layer(spoil: str, words: str) -> None:
    engine = NativeEngine(TINY, Recipe(batch_size=4), 2)
    images, labels = batch(TINY, 4, 0)
    values = engine.parameters()
    if spoil == "image":
        images[2, 1, 2, 2] = np.nan
    else:
        values[spoil].flat[0] = np.inf
    engine.load_parameters(values)
    with refuses(DivergenceError, "loss-not-finite", "Step 6", words):
        engine.train_step(images, labels, step=5, learning_rate=RATE)


def test_the_host_is_the_default() -> None:
    assert NativeEngine(TINY, Recipe(), 1).target == host()
