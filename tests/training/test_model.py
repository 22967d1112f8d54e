import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mirada.data import Preprocessing
from mirada.engines.reference import ReferenceEngine
from mirada.errors import FileError, UsageError
from mirada.network import Recipe
from mirada.training.model import Model, load_model, save_model
from mirada.training.tensors import open_tensors, write_tensors
from tests.refusal import refuses
from tests.training.example import few_digits, network


def example(**changes: Any) -> Model:
    whole = Model(
        network=network(),
        parameters=ReferenceEngine(network(), Recipe(seed=2)).parameters(),
        classes=tuple("0123456789"),
        preprocessing=Preprocessing((8, 8), 1, mean=(0.3,), std=(0.4,)),
        facts={"epoch": 3, "data": "ñandú"},
    )
    return replace(whole, **changes)


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    one, path = example(), tmp_path / "model.safetensors"
    save_model(path, one)
    two = load_model(path)
    assert (two.network, two.classes) == (one.network, one.classes)
    assert (two.preprocessing, two.facts) == (one.preprocessing, one.facts)
    assert two.parameters.keys() == one.parameters.keys()
    for name, value in one.parameters.items():
        assert np.array_equal(two.parameters[name], value)
    first = path.read_bytes()
    save_model(path, two)
    assert path.read_bytes() == first


def test_the_file_says_what_it_is(tmp_path: Path) -> None:
    save_model(tmp_path / "m", example())
    with open_tensors(tmp_path / "m") as file:
        told = file.metadata
    assert told["kind"] == "mirada model" and told["schema"] == "1"
    assert json.loads(told["classes"]) == list("0123456789")
    assert json.loads(told["description"])["layers"][0]["kind"] == "conv"
    assert json.loads(told["preprocessing"])["size"] == [8, 8]


def test_prediction_is_what_the_engine_gives(tmp_path: Path) -> None:
    model, images = example(), few_digits().images[:5]
    answers = model.predict(images, model.engine("reference"))
    batch = model.preprocessing.normalize(images)
    outputs = model.engine("reference").predict(batch)
    assert answers.shape == (5, 10)
    np.testing.assert_allclose(answers.sum(axis=1), 1)
    assert answers.argmax(axis=1).tolist() == outputs.argmax(axis=1).tolist()
    assert model.predict(images[:0], model.engine("reference")).shape == (0, 10)


def test_without_an_engine_the_native_one_answers() -> None:
    model, images = example(), few_digits().images
    wanted = model.predict(images, model.engine("reference"))
    np.testing.assert_allclose(model.predict(images), wanted, atol=1e-5)


def test_an_engine_that_is_not_there() -> None:
    with refuses(UsageError, "engine-unknown", "'abacus'"):
        example().engine("abacus")


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"classes": tuple("012")}, "model-classes", "there are 3 class names"),
        ({"classes": tuple("0123456788")}, "model-classes", "equal"),
        ({"classes": (*"012345678", "")}, "model-classes", "empty"),
        ({"classes": (*"012345678", "x" * 1001)}, "model-classes", "1000 letters"),
        (
            {"preprocessing": Preprocessing((9, 8), 1)},
            "model-input",
            "takes 1x8x8 (channels x height x width), but the preprocessing gives 1x9",
        ),
        ({"parameters": {}}, "model-parameters", "shape 4x1x3x3 by the description"),
    ],
)
def test_parts_that_do_not_fit(changes: dict[str, Any], code: str, words: str) -> None:
    with refuses(FileError, code, words, "Model:"):
        example(**changes)


def test_parameters_of_another_shape() -> None:
    values = dict(example().parameters)
    values["conv1.bias"] = np.zeros(5, np.float32)
    with refuses(FileError, "model-parameters", "'conv1.bias'", "shape 4", "has 5."):
        example(parameters=values)
    del values["conv1.bias"]
    values["extra"] = np.zeros(1, np.float32)
    with refuses(FileError, "model-parameters", "'conv1.bias'", "has -."):
        example(parameters=values)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_weights_that_are_not_finite(tmp_path: Path, bad: float) -> None:
    path = tmp_path / "m.safetensors"
    save_model(path, example())
    with open_tensors(path) as file:
        metadata, values = dict(file.metadata), file.arrays()
    del metadata["digest"]
    broken = values["linear1.weight"].copy()
    broken[3, 4] = bad
    write_tensors(path, {**values, "linear1.weight": broken}, metadata)
    words = (f"'{path}': the parameter 'linear1.weight' holds NaN",)
    with refuses(FileError, "model-not-finite", *words):
        load_model(path)


def changed(folder: Path, **metadata: str | None) -> Path:
    """A model file with other metadata; None leaves a part out."""
    path = folder / "m.safetensors"
    save_model(path, example())
    with open_tensors(path) as file:
        whole = {**file.metadata, **metadata}
        values = file.arrays()
    del whole["digest"]
    write_tensors(path, values, {k: v for k, v in whole.items() if v is not None})
    return path


@pytest.mark.parametrize(
    ("metadata", "code", "words"),
    [
        ({"kind": "mirada checkpoint"}, "model-kind", "is a 'mirada checkpoint'"),
        ({"kind": None}, "model-kind", "is a '-'"),
        ({"schema": "2"}, "model-schema", "has schema '2'"),
        ({"description": None}, "model-part", "'description'"),
        ({"description": '{"layers":["conv 0"]}'}, "model-part", "'description'"),
        ({"description": "[" * 10**5}, "model-part", "'description'"),
        ({"classes": "{}"}, "model-part", "'classes'"),
        ({"classes": "[1]"}, "model-part", "no text"),
        ({"classes": None}, "model-part", "'classes'"),
        ({"preprocessing": "{}"}, "model-part", "'preprocessing'"),
        ({"preprocessing": "[]"}, "model-part", "'preprocessing'"),
        ({"facts": "1"}, "model-part", "'facts'"),
        ({"facts": "1" * 5000}, "model-part", "'facts'"),
        ({"classes": '["a"]'}, "model-classes", "there are 1 class names"),
    ],
)
def test_metadata_that_cannot_be_used(
    tmp_path: Path, metadata: dict[str, str | None], code: str, words: str
) -> None:
    path = changed(tmp_path, **metadata)
    with refuses(FileError, code, words, str(path)):
        load_model(path)


def test_a_description_of_other_layers_is_found_before_anything_is_read(
    tmp_path: Path,
) -> None:
    description = json.dumps(
        {"input": "1x8x8", "layers": ["flatten", "linear 60000", "linear 10"]}
    )
    path = changed(tmp_path, description=description)
    began = time.monotonic()
    with refuses(FileError, "model-parameters", "shape 60000x64", str(path)):
        load_model(path)
    assert time.monotonic() - began < 1


def test_every_length_and_many_flips_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    save_model(path, example())
    whole = path.read_bytes()
    draw = np.random.default_rng(6)
    began = time.monotonic()
    for case in range(400):
        broken = bytearray(whole)
        if case % 2:
            broken[draw.integers(len(whole))] ^= 1 << int(draw.integers(8))
        else:
            del broken[draw.integers(len(whole)) :]
        path.write_bytes(broken)
        with pytest.raises(FileError, match=str(path)):
            load_model(path)
    assert time.monotonic() - began < 20


def test_a_model_answers_as_its_run_did() -> None:
    images = few_digits().images[:5]
    plain, turned = example(), example(facts={"flips": True})
    made = plain.engine("reference")
    assert not plain.flips and turned.flips
    mirrored = plain.predict(images[:, :, ::-1], made)
    mean = (plain.predict(images, made) + mirrored) / 2
    assert np.allclose(turned.predict(images, made), mean)
    assert np.allclose(plain.predict(images, made, flips=True), mean)
    same = turned.predict(images, made, flips=False)
    assert np.array_equal(same, plain.predict(images, made))
