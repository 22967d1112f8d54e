"""Weights of others as models: what is assumed, what is refused, and in which words."""

import json
from functools import partial
from pathlib import Path
from random import Random

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from mirada.errors import FileError, MiradaError, UsageError
from mirada.importing import Normalization
from mirada.importing.torchvision import torchvision_names
from mirada.importing.weights import IMAGENET, imported_weights
from mirada.models import build
from mirada.reference.first_order import first_order_bounds
from mirada.training import Model, load_model, save_model
from tests.hostile.mutations import mutated_bytes, mutated_tree
from tests.hostile.tried import tried
from tests.importing.twins import TWINS
from tests.refusal import refuses
from tests.tolerance import assert_within

NAME = "mobilenet_v3_small"
CASES = 100


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of five classes, of arrays as a twin begins."""
    torch.manual_seed(1)
    path = tmp_path_factory.mktemp("weights") / "weights.safetensors"
    save_file(TWINS[NAME](5, 32).state_dict(), path)
    return path


def changed(weights: Path, folder: Path, **arrays: torch.Tensor | None) -> Path:
    """The file with arrays exchanged, added or, with None, left out."""
    state = load_file(weights)
    state |= {name: value for name, value in arrays.items() if value is not None}
    for name, value in arrays.items():
        if value is None:
            del state[name]
    path = folder / "changed.safetensors"
    save_file(state, path)
    return path


def test_a_file_becomes_a_model_and_says_what_was_assumed(
    weights: Path, tmp_path: Path
) -> None:
    model, notes, producer, opset = imported_weights(weights, NAME)
    assert (producer, opset) == ("torchvision", None)
    assert model.network == build(NAME, classes=5)
    assert model.classes == ("0", "1", "2", "3", "4")
    assert (model.preprocessing.mean, model.preprocessing.std) == IMAGENET
    assert model.preprocessing.size == (224, 224)
    told = " ".join(map(str, notes))
    for words in (
        "5 classes, not ImageNet's 1000",
        "called 0 to 4",
        "--mean and --std",
    ):
        assert words in told
    path = tmp_path / "model.safetensors"
    save_model(path, model)
    again = load_model(path)
    assert again.network == model.network and again.facts == model.facts
    for name, value in model.parameters.items():
        assert again.parameters[name].tobytes() == value.tobytes()


def test_what_is_given_is_not_assumed(weights: Path) -> None:
    usual = Normalization((0.5,), (0.25,))
    size, names = (3, 96, 64), ("a", "b", "c", "d", "e")
    model, notes, *_ = imported_weights(
        weights, NAME, classes=names, normalization=usual, input=size
    )
    assert model.network == build(NAME, size, 5)
    assert model.classes == ("a", "b", "c", "d", "e")
    assert model.preprocessing.mean == (0.5, 0.5, 0.5)
    assert [str(note) for note in notes] == [
        "Its last layer has 5 classes, not ImageNet's 1000."
    ]
    with refuses(FileError, "model-classes", "5 numbers", "2 class names"):
        imported_weights(weights, NAME, classes=("a", "b"))


def test_the_compiled_engine_answers_like_pytorch(weights: Path) -> None:
    model = imported_weights(weights, NAME).model
    twin = TWINS[NAME](5, 32).eval()
    twin.load_state_dict(load_file(weights))
    small = Model(
        build(NAME, (3, 32, 32), 5),
        model.parameters,
        model.classes,
        type(model.preprocessing)((32, 32), 3),
    )
    images = np.random.default_rng(2).normal(size=(1, 3, 32, 32)).astype(np.float32)
    bound = first_order_bounds(small.network, small.parameters, images, np.float32)
    with torch.no_grad():
        theirs = twin.double()(torch.from_numpy(images).double()).numpy()
    assert_within(small.engine().predict(images), theirs, bound.bound)


@pytest.mark.parametrize(
    ("kind", "digits"),
    [(torch.float64, 53), (torch.float16, 11), (torch.bfloat16, 8)],
    ids=str,
)
def test_other_floats_become_float32(
    kind: torch.dtype, digits: int, weights: Path, tmp_path: Path
) -> None:
    state = load_file(weights)
    given = {n: v.to(kind) if v.is_floating_point() else v for n, v in state.items()}
    path = tmp_path / "other.safetensors"
    save_file(given, path)
    model, notes, *_ = imported_weights(path, NAME)
    assert "converted to float32" in str(notes[0])
    exact = imported_weights(weights, NAME).model
    for name, own in torchvision_names(model.network).items():
        assert np.array_equal(model.parameters[name], given[own].float().numpy())
        error = np.abs(model.parameters[name] - exact.parameters[name])
        assert (error <= 2.0**-digits * np.abs(exact.parameters[name]) + 1e-7).all()


def test_weights_of_another_network_are_told_by_name(
    weights: Path, tmp_path: Path
) -> None:
    words = "does not hold the weights of resnet18", "Missing: 102 ('conv1.weight'"
    with refuses(
        FileError, "weights-misfit", *words, f"the weights of {NAME}: name that."
    ):
        imported_weights(weights, "resnet18")
    with refuses(FileError, "weights-misfit", "are the weights of", NAME):
        imported_weights(weights, "efficientnet_b0")


def test_arrays_that_lack_or_do_not_belong_are_told(
    weights: Path, tmp_path: Path
) -> None:
    lacking = changed(weights, tmp_path, **{"classifier.0.bias": None})
    words = "Missing: 1 ('classifier.0.bias').", "Not of mobilenet_v3_small: 0."
    with refuses(FileError, "weights-misfit", *words, "whole and unchanged"):
        imported_weights(lacking, NAME)
    more = {f"extra{n}\x1b[2J": torch.zeros(1) for n in range(4)}
    added = changed(weights, tmp_path, **more)
    with pytest.raises(FileError) as caught:
        imported_weights(added, NAME)
    assert "4 ('extra0" in str(caught.value) and ", ...)" in str(caught.value)
    assert "\x1b" not in str(caught.value)
    shape = changed(
        weights, tmp_path, **{"features.0.0.weight": torch.zeros(16, 1, 3, 3)}
    )
    words = "Of another shape: 1 ('features.0.0.weight 16x1x3x3')", "Missing: 0."
    with refuses(FileError, "weights-misfit", *words):
        imported_weights(shape, NAME)


def test_names_of_others_are_told(tmp_path: Path) -> None:
    path = tmp_path / "timm.safetensors"
    save_file({"conv_stem.weight": torch.zeros(16, 3, 3, 3)}, path)
    with refuses(FileError, "weights-misfit", "names of timm", "state_dict()"):
        imported_weights(path, NAME)


def test_a_number_that_is_none_is_refused(weights: Path, tmp_path: Path) -> None:
    hurt = {"features.0.1.bias": torch.full((16,), torch.nan)}
    path = changed(weights, tmp_path, **hurt)
    with refuses(
        FileError, "model-not-finite", "'stem_bn.bias'", "changed.safetensors"
    ):
        imported_weights(path, NAME)
    wide = {"features.0.1.bias": torch.full((16,), 1e300, dtype=torch.float64)}
    with refuses(FileError, "model-not-finite", "'stem_bn.bias'"):
        imported_weights(changed(weights, tmp_path, **wide), NAME)


def test_quantized_weights_are_refused(weights: Path, tmp_path: Path) -> None:
    small = {"features.0.1.bias": torch.zeros(16, dtype=torch.int8)}
    path = changed(weights, tmp_path, **small)
    with refuses(FileError, "weights-numbers", "'features.0.1.bias'", "I8", "F16"):
        imported_weights(path, NAME)


@pytest.mark.parametrize("old", [False, True])
def test_a_pickle_is_not_opened(old: bool, tmp_path: Path) -> None:
    path = tmp_path / "resnet18.pth"
    new = not old
    torch.save({"fc.bias": torch.zeros(3)}, path, _use_new_zipfile_serialization=new)
    words = "written by torch.save", "weights_only=True", "'resnet18.pth'"
    with refuses(FileError, "weights-pickle", *words):
        imported_weights(path, "resnet18")


def test_a_network_that_torchvision_does_not_have(weights: Path) -> None:
    with refuses(UsageError, "weights-network", "'lenet5'", "resnet18, "):
        imported_weights(weights, "lenet5")
    with refuses(UsageError, "model-unknown", "Did you mean efficientnet_b"):
        imported_weights(weights, "efficientnet")


def test_a_file_that_was_cut_short(weights: Path, tmp_path: Path) -> None:
    path = tmp_path / "short.safetensors"
    path.write_bytes(weights.read_bytes()[:-4])
    with refuses(FileError, "tensors-truncated", "short.safetensors"):
        imported_weights(path, NAME)


def test_spoiled_files_are_refused_or_harmless(weights: Path, tmp_path: Path) -> None:
    """Headers only are written anew, into room that is left for them."""
    content, path = weights.read_bytes(), tmp_path / "spoiled.safetensors"
    length = int.from_bytes(content[:8], "little")
    head, data = content[8 : 8 + length], content[8 + length :]
    room = length + 2**14
    path.write_bytes(room.to_bytes(8, "little") + head.ljust(room) + data)

    def spoil(number: int) -> partial[object]:
        random = Random(number)
        tree = json.dumps(mutated_tree(json.loads(head), random)).encode()
        spoiled = tree if number % 2 else mutated_bytes(head, random)
        with path.open("r+b") as stream:
            stream.seek(8)
            stream.write(spoiled[:room].ljust(room))
        return partial(imported_weights, path, NAME)

    told = tried(range(CASES), spoil, 0.5)
    assert told.refused > 0.7 * CASES, told


def test_a_spoiled_number_is_another_number_or_refused(
    weights: Path, tmp_path: Path
) -> None:
    content, path = bytearray(weights.read_bytes()), tmp_path / "turned.safetensors"
    random = Random(5)
    for _ in range(3):
        turned = bytearray(content)
        for _ in range(2000):
            turned[random.randrange(len(turned) // 2, len(turned))] ^= 64
        path.write_bytes(turned)
        try:
            assert imported_weights(path, NAME).model.classes
        except MiradaError as error:
            assert error.code == "model-not-finite"
