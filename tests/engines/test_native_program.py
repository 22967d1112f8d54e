"""Machine code and interpreter leave the same bits after a whole program."""

import numpy as np
import pytest

from mirada.compiler import interpreter
from mirada.engines.native import NativeEngine
from mirada.network import AdamW, CrossEntropy
from tests.compiler.programs import CASES, Case
from tests.engines.interpreted import Interpreted, processor
from tests.strategies import batch, lively_parameters

RATE = np.float32(0.125)


def prepared(case: Case, mode: str, name: str) -> tuple[NativeEngine, Interpreted]:
    """Both ways with the same parameters; the processor depends on the case."""
    target = processor(name)
    engine = NativeEngine(*case, threads=2, target=target)
    parameters = lively_parameters(case.network, 5)
    engine.load_parameters(parameters)
    batch_size = case.recipe.batch_size if mode != "predict" else 16
    other = Interpreted(*case, mode, batch_size, target)
    other.take(parameters)
    return engine, other


def scale(case: Case, labels: np.ndarray) -> float:
    """One over what the sum of the batch's losses is divided by."""
    loss = case.recipe.loss
    if not isinstance(loss, CrossEntropy):
        return 1 / (len(labels) * int(np.prod(case.network.output)))
    weights = loss.class_weights or (1.0,) * int(np.prod(case.network.output))
    return 1 / float(np.array(weights)[labels].sum())


@pytest.mark.parametrize("name", CASES)
def test_predictions(name: str) -> None:
    case = CASES[name]
    engine, other = prepared(case, "predict", name)
    images, labels = batch(case.network, 3, 1)
    other.run(images, labels)
    assert engine.predict(images).tobytes() == other.memory["outputs"].tobytes()


@pytest.mark.parametrize("name", CASES)
def test_training_steps(name: str) -> None:
    """Two steps, the second on a smaller batch; loss, parameters, memory."""
    case = CASES[name]
    engine, other = prepared(case, "train", name)
    rule = case.recipe.optimizer
    for step, count in enumerate((3, 2)):
        images, labels = batch(case.network, count, step)
        scalars = other.floats("scalars")
        scalars[:2] = scale(case, labels), RATE
        if isinstance(rule, AdamW):
            scalars[2] = 1 / (1 - rule.beta1 ** (step + 1))
            scalars[3] = 1 / (1 - rule.beta2 ** (step + 1))
        other.run(images, labels, step=step)
        told = engine.train_step(images, labels, step=step, learning_rate=float(RATE))
        results = other.floats("results").reshape(other.chunks, -1)
        assert told.loss == np.add.accumulate(results[:, 0])[-1]
        assert told.correct == results[:, 1].sum()
    for parameter, value in engine.parameters().items():
        assert value.tobytes() == other.parameters()[parameter].tobytes(), parameter
    for entry, value in engine.optimizer_state().items():
        kind, parameter = entry.split(".", 1)
        assert value.tobytes() == other.parameters(kind)[parameter].tobytes(), entry


def test_a_planted_rounding_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """With two roundings in place of one, the interpreter no longer agrees."""
    twice = {**interpreter._OPS, "fma": lambda a, b, c: a * b + c}
    monkeypatch.setattr(interpreter, "_OPS", twice)
    with pytest.raises(AssertionError):
        test_predictions("block")


@pytest.mark.parametrize("name", ["pooled", "dilated", "flat", "normal", "joined"])
def test_gradients(name: str) -> None:
    case = CASES[name]
    engine, other = prepared(case, "gradients", name)
    images, labels = batch(case.network, 3, 2)
    other.floats("scalars")[0] = scale(case, labels)
    other.run(images, labels, step=4)
    _, found = engine.gradients(images, labels, step=4)
    assert found.pop("input").tobytes() == other.memory["input_gradient"].tobytes()
    for parameter, value in found.items():
        wanted = other.parameters("gradients")[parameter]
        assert value.tobytes() == wanted.tobytes(), parameter
