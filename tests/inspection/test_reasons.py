"""Every method where the answer is known, and what is never told alone."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from mirada import engines
from mirada.cli import main
from mirada.data import load
from mirada.engines import ENGINES, Engine
from mirada.engines.native import NativeEngine
from mirada.errors import UsageError
from mirada.inspection import METHODS, fitting_methods, reasons
from mirada.inspection.methods import ABOUT, CAMS, SIGNED
from mirada.inspection.question import ask
from mirada.inspection.reason import PARTS, strongest
from mirada.inspection.reliability import deletion, insertion
from mirada.network import (
    Conv2d,
    Flatten,
    GlobalAvgPool2d,
    Linear,
    Network,
    Recipe,
    ReLU,
)
from mirada.training import Model, load_model
from tests.inspection.looked_at import (
    NETWORKS,
    close,
    engine_of,
    image_of,
)
from tests.refusal import refuses

Floats = NDArray[np.float32]

LENET, SOFT = NETWORKS["lenet"], NETWORKS["soft"]


def bright_or_dark(kind: str) -> Engine:
    """Class 1 is bright pixels anywhere, class 0 dark ones."""
    layers = (Conv2d(2, 1), ReLU(), GlobalAvgPool2d(), Flatten(), Linear(2))
    engine = engines.create(kind, Network("bright", (1, 14, 14), layers), Recipe(), 1)
    values = {name: np.zeros_like(x) for name, x in engine.parameters().items()}
    values["conv1.weight"][:, 0, 0, 0] = 1.0, -1.0
    values["linear1.weight"][:] = [[-9.0, 9.0], [9.0, -9.0]]
    engine.load_parameters(values)
    return engine


def bright_corner() -> Floats:
    """Bright in the top left corner, darker than the mean elsewhere."""
    image = np.full((1, 1, 14, 14), -0.05, np.float32)
    image[..., :4, :4] = 1.0
    return image


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kind", ENGINES)
def test_every_method_points_to_the_corner_that_matters(kind: str, method: str) -> None:
    (found,) = reasons(bright_or_dark(kind), bright_corner(), [method], place=1)
    region = strongest(found.values)
    assert region.part == PARTS[0][0]
    assert region.row < 5 and region.column < 5
    if method != "saliency":
        assert region.share > 0.5
        assert found.falls_sooner and found.rises_sooner


def test_against_the_class_is_negative_or_left_out() -> None:
    for found in reasons(bright_or_dark("native"), bright_corner(), METHODS, place=0):
        corner = found.values[:4, :4]
        if found.signed:
            assert (corner < 0).all() and (found.values[6:, 6:] > 0).all()
        elif found.layer is not None:
            assert not corner.any()


def test_a_map_of_nothing_is_empty() -> None:
    """Nothing in a black image is bright."""
    dark = np.full((1, 1, 14, 14), -1.0, np.float32)
    (found,) = reasons(bright_or_dark("native"), dark, ["layer-cam"], place=1)
    assert found.empty and not found.trusted
    assert [str(words) for words in found.verdict] == [
        "The map is empty: this method finds nothing for the class."
    ]


def test_a_network_that_learned_nothing_is_told() -> None:
    """The untrained network itself: what it shows, other untrained ones show too."""
    network = Network(
        "edges",
        (1, 12, 12),
        (Conv2d(8, 3, padding=1, bias=False), ReLU(), Flatten(), Linear(2)),
    )
    engine = engines.create("native", network, Recipe(seed=5), 1)
    image = np.zeros((1, 1, 12, 12), np.float32)
    image[..., 3:9, 3:9] = np.random.default_rng(0).normal(size=(6, 6)) * 5
    (found,) = reasons(engine, image, ["layer-cam"])
    assert not found.randomisation.passes and not found.trusted
    assert "does not depend on what was learned" in str(found.verdict[0])
    assert "Do not trust it." in str(found.verdict[0])


def test_a_network_that_answers_the_same_whatever_it_sees() -> None:
    engine = engine_of(LENET)
    engine.load_parameters(
        {name: np.zeros_like(value) for name, value in engine.parameters().items()}
    )
    for reason in reasons(engine, image_of(LENET), METHODS):
        assert np.ptp(reason.values) == pytest.approx(0, abs=1e-12)
        assert not reason.trusted, reason.method


def test_the_same_numbers_each_time_and_the_engine_as_it_was() -> None:
    engine = engine_of(LENET)
    own = engine.parameters()
    once, again = (reasons(engine, image_of(LENET), METHODS) for _ in range(2))
    other = reasons(engine, image_of(LENET), METHODS, seed=1)
    for one, two, three in zip(once, again, other, strict=True):
        assert one.values.tobytes() == two.values.tobytes()
        assert (one.deletion, one.insertion) == (two.deletion, two.insertion)
        assert one.randomisation == two.randomisation
        assert one.deletion.elsewhere != three.deletion.elsewhere
    kept = engine.parameters()
    assert all(kept[name].tobytes() == own[name].tobytes() for name in own)


def test_all_engines_tell_the_same() -> None:
    first, *others = [
        reasons(engine_of(LENET, kind), image_of(LENET), METHODS) for kind in ENGINES
    ]
    for other in others:
        for one, two in zip(first, other, strict=True):
            close(one.values, two.values)
            assert one.deletion.area == pytest.approx(two.deletion.area, abs=0.02)


def test_few_programs_for_all_methods() -> None:
    engine = engine_of(LENET)
    assert isinstance(engine, NativeEngine)
    reasons(engine, image_of(LENET), METHODS)
    assert len(engine.prepared()) == 3
    alone = engine_of(LENET)
    assert isinstance(alone, NativeEngine)
    reasons(alone, image_of(LENET), ["grad-cam"])
    assert len(alone.prepared()) == 3


def test_a_network_that_ends_in_softmax_is_explained_by_its_scores() -> None:
    engine = engine_of(SOFT)
    bare = Network("soft", SOFT.input, SOFT.nodes[:-1])
    plain = engines.create("native", bare, Recipe(), 2)
    plain.load_parameters(engine.parameters())
    pairs = zip(
        reasons(engine, image_of(SOFT), METHODS),
        reasons(plain, image_of(SOFT), METHODS),
        strict=True,
    )
    for one, two in pairs:
        np.testing.assert_allclose(one.values, two.values, rtol=1e-5, atol=1e-7)
        assert one.answer == two.answer


def test_what_is_known_of_each_map() -> None:
    for reason in reasons(engine_of(LENET), image_of(LENET), METHODS, place=3):
        assert reason.values.shape == (16, 16)
        assert reason.values.dtype == np.float64
        assert reason.answer.place == 3
        assert reason.signed == bool((reason.values < 0).any())
        assert (reason.layer is None) == (reason.method not in CAMS)
        assert 0 <= reason.deletion.area <= 1 and 0 <= reason.insertion.area <= 1
        assert -1 <= reason.randomisation.similarity <= 1
        assert reason.verdict and str(ABOUT[reason.method])
    assert set(SIGNED) < set(METHODS) and set(ABOUT) == set(METHODS)


def test_a_method_that_is_not_there_is_refused() -> None:
    with refuses(UsageError, "explained-method", "'lime'", "saliency, integrated"):
        reasons(engine_of(LENET), image_of(LENET), ["grad-cam", "lime"])


def test_without_maps_no_class_activation_map() -> None:
    network = Network("plain", (1, 4, 4), (Flatten(), Linear(2)))
    fitting = fitting_methods(network)
    assert fitting == ("saliency", "integrated-gradients", "occlusion", "rise")
    assert fitting_methods(LENET) == METHODS
    assert len(reasons(engine_of(network), image_of(network), fitting)) == 4


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """LeNet's like, trained on the digits that come with mirada."""
    folder: Path = tmp_path_factory.mktemp("learned") / "run"
    words = ["train", "digits", "--epochs", "6", "--out", str(folder)]
    assert main(["--quiet", "--lang", "en", *words]) == 0
    return load_model(folder / "best.safetensors")


def digit_images(model: Model, count: int) -> Iterator[Floats]:
    """Some of the digits, as the network takes them."""
    for image in model.preprocessing.normalize(load("digits").images[:count]):
        yield image[None]


def test_maps_of_a_trained_network_are_meaningful(learned: Model) -> None:
    engine, methods = learned.engine(), ("integrated-gradients", "occlusion", "rise")
    found = [
        reason
        for image in digit_images(learned, 8)
        for reason in reasons(engine, image, methods)
    ]
    assert np.mean([r.deletion.area < r.insertion.area for r in found]) > 0.95
    assert np.mean([r.falls_sooner for r in found]) > 0.8
    assert np.mean([r.rises_sooner for r in found]) > 0.8
    assert np.mean([r.randomisation.passes for r in found]) > 0.9


def test_useless_maps_are_told_apart(learned: Model) -> None:
    """Noise, and a corner: laid elsewhere they are as good."""
    engine, passed = learned.engine(), []
    for number, image in enumerate(digit_images(learned, 8)):
        (real,) = reasons(engine, image, ["saliency"])
        question = ask(engine, image)
        noise = np.random.default_rng(number).normal(size=question.size)
        corner = np.add.outer(np.arange(8.0), np.arange(8.0))
        for values in (noise, corner):
            planted = replace(
                real,
                values=values,
                deletion=deletion(question, values),
                insertion=insertion(question, values),
            )
            passed.append(planted.trusted)
            assert (
                planted.trusted
                or "by chance" in str(planted.verdict)
                or ("with care" in str(planted.verdict))
            )
    assert np.mean(passed) < 0.2
