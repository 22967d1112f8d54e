"""What is asked: scores before softmax, few programs, engines left as they were."""

import numpy as np
import pytest

from mirada.engines import ENGINES
from mirada.engines.native import NativeEngine
from mirada.errors import ConfigurationError, UsageError
from mirada.inspection.question import ask, scoring
from mirada.network import INPUT, Conv2d, Linear, Network, Softmax
from tests.inspection.looked_at import NETWORKS, close, engine_of, image_of
from tests.refusal import refuses

SOFT, LENET = NETWORKS["soft"], NETWORKS["lenet"]


@pytest.mark.parametrize("kind", ENGINES)
def test_scores_are_those_before_softmax(kind: str) -> None:
    engine, images = engine_of(SOFT, kind), image_of(SOFT)
    question = ask(engine, images)
    scores = engine.activations(images, ["linear1"])["linear1"]
    close(question.scores(images), scores)
    close(question.probability(images), engine.predict(images)[:, question.place])
    assert question.place == int(scores[0].argmax())
    assert question.engine is not engine
    assert ask(engine_of(LENET, kind), image_of(LENET)).engine.network is LENET


def test_a_network_of_a_softmax_alone_is_taken_as_it_is() -> None:
    engine = engine_of(Network("alone", (3, 1, 1), (Softmax(),)), "reference")
    assert scoring(engine) is engine


def test_only_the_softmax_is_left_out() -> None:
    made = scoring(engine_of(SOFT))
    names = [node.name for node in SOFT.nodes]
    assert [node.name for node in made.network.nodes] == names[:-1]
    own = engine_of(SOFT).parameters()
    assert all((made.parameters()[name] == own[name]).all() for name in own)


def test_one_class_an_output_of_one_pixel() -> None:
    network = Network("pixel", (1, 3, 3), (Conv2d(4, 3),))
    question = ask(engine_of(network), image_of(network), 3)
    assert question.scores(image_of(network)).shape == (1, 4)
    slopes = question.gradients(image_of(network))[INPUT]
    weights = question.engine.parameters()["conv1.weight"]
    close(slopes[0], weights[3])


def test_few_programs_are_compiled() -> None:
    engine = engine_of(LENET)
    assert isinstance(engine, NativeEngine)
    question = ask(engine, image_of(LENET), 0, names=(INPUT, "relu2"))
    for count in (1, 2, 7, 16, 40):
        images = np.repeat(image_of(LENET), count, axis=0)
        assert question.gradients(images)["relu2"].shape == (count, 6, 6, 6)
        assert question.scores(images).shape == (count, 4)
    question.maps("relu2")
    assert len(engine.prepared()) == 3


def test_an_engine_holds_its_own_parameters_again_whatever_happens() -> None:
    engine = engine_of(LENET)
    question = ask(engine, image_of(LENET), 0)
    before, own = question.scores(image_of(LENET)), engine.parameters()
    other = {name: np.zeros_like(value) for name, value in own.items()}
    with pytest.raises(ZeroDivisionError), question.holding(other):
        assert not question.scores(image_of(LENET)).any()
        raise ZeroDivisionError
    assert (question.scores(image_of(LENET)) == before).all()
    assert all((engine.parameters()[name] == own[name]).all() for name in own)


@pytest.mark.parametrize("shape", [(1, 16, 16), (2, 1, 16, 16), (1, 1, 15, 16), ()])
def test_an_image_of_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    words = "takes images of shape 1x16x16", "one image is explained at a time"
    with refuses(UsageError, "explained-image", *words):
        ask(engine_of(LENET), np.zeros(shape, np.float32))


def test_a_network_that_takes_no_images_is_refused() -> None:
    network = Network("vector", (5,), (Linear(2),))
    with refuses(UsageError, "explained-image", "'vector'"):
        ask(engine_of(network, "reference"), np.zeros((1, 5), np.float32))


@pytest.mark.parametrize("place", [-1, 4])
def test_a_class_that_is_not_there_is_refused(place: int) -> None:
    with refuses(UsageError, "explained-class", f"0 to 3; got {place}"):
        ask(engine_of(LENET), image_of(LENET), place)


def test_a_network_without_classes_is_refused() -> None:
    network = Network("maps", (1, 4, 4), (Conv2d(2, 3),))
    with refuses(ConfigurationError, "output-not-classes", "2x2x2"):
        ask(engine_of(network, "reference"), np.zeros((1, 1, 4, 4), np.float32))
