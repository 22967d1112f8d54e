"""The PyTorch module of a network computes what the law does, with its weights."""

import ast
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from safetensors.numpy import save_file

from mirada.analysis import count_parameters
from mirada.data.preprocessing import Preprocessing
from mirada.export import torch_source
from mirada.export.torch_names import TAKEN, class_name, identifiers
from mirada.models import MODELS, build
from mirada.network import (
    Add,
    AvgPool2d,
    BatchNorm2d,
    Concat,
    Conv2d,
    ConvTranspose2d,
    Flatten,
    Linear,
    MaxPool2d,
    Network,
    ReLU,
    join,
    named,
)
from mirada.network.layer import Layer
from mirada.reference.first_order import first_order_bounds
from tests.bounds import forward_bounds
from tests.models.test_models import SMALL
from tests.strategies import batch, lively_parameters, networks
from tests.tolerance import assert_within

Floats = NDArray[np.float32]


def run(text: str) -> dict[str, Any]:
    """Everything the source defines, which imports nothing of mirada."""
    imported = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.ImportFrom)]
    assert not any((n.module or "").startswith("mirada") for n in imported)
    found: dict[str, Any] = {"__name__": "model"}
    exec(compile(text, "model.py", "exec"), found)  # it is ours
    return found


def loaded(network: Network, parameters: dict[str, Floats], path: Path) -> Any:
    """The module with the weights of a file, ready to predict."""
    save_file(parameters, path)
    return run(torch_source(network))["load"](path)


def computed(module: Any, images: Floats) -> NDArray[np.floating]:
    with torch.inference_mode():
        found: NDArray[np.floating] = module(torch.from_numpy(images)).numpy()
    return found


def agrees(network: Network, path: Path, seed: int, count: int = 2) -> None:
    """The module, in float32, is within the derived bound of the law."""
    parameters = lively_parameters(network, seed)
    images, _ = batch(network, count, seed)
    module = loaded(network, parameters, path)
    found = computed(module, images)
    with np.errstate(all="ignore"):
        exact = forward_bounds(network, parameters, images, np.float32)
    last = exact[network.nodes[-1].name]
    bound = np.nan_to_num(last.bound, nan=np.inf, posinf=np.inf)
    assert_within(found, last.value, bound)
    learned = sum(count_parameters(network, node).total for node in network.nodes)
    assert sum(value.numel() for value in module.parameters()) == learned


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("weights") / "model.safetensors"


@settings(max_examples=120)
@given(network=networks(most_layers=8), seed=st.integers(0, 1000))
def test_drawn_networks_agree_with_the_law(
    network: Network, seed: int, weights: Path
) -> None:
    agrees(network, weights, seed)


@pytest.mark.parametrize(
    "layer",
    (
        Conv2d(4, 3, padding=(2, 0, 1, 3)),
        Conv2d(4, 4, padding="same"),
        Conv2d(4, (2, 3), padding="same-lower", stride=(2, 1)),
        Conv2d(4, 4, padding="same-torch", dilation=2),
        ConvTranspose2d(4, 3, stride=2, padding=(2, 1, 0, 1), output_padding=1),
        ConvTranspose2d(4, 2, stride=2, padding=(3, 3, 2, 2)),
        MaxPool2d(3, 2, (1, 0, 0, 1)),
        MaxPool2d(3, 1, (0, 1, 1, 0), ceil=True),
        MaxPool2d(3, 2, (0, 1, 1, 0), ceil=True),
        MaxPool2d(3, (3, 2), (0, 1, 1, 0), dilation=2, ceil=True),
        AvgPool2d(3, 2, (1, 0, 0, 1)),
        AvgPool2d(3, 2, (1, 0, 0, 1), count_padding=False),
        AvgPool2d(3, 2, (0, 1, 1, 0), ceil=True),
        AvgPool2d(2, 2, (0, 1, 0, 0), ceil=True),
        AvgPool2d(3, 2, (0, 1, 1, 0), ceil=True, count_padding=False),
        AvgPool2d(3, 2, 1, ceil=True, count_padding=False),
    ),
    ids=lambda layer: layer.text(),
)
def test_padding_of_four_sides(layer: Layer, weights: Path) -> None:
    for height, width in ((11, 12), (8, 9), (7, 6), (10, 10)):
        agrees(Network("sides", (4, height, width), (layer,)), weights, height)


@pytest.mark.parametrize("name", MODELS)
def test_known_networks_keep_their_names_and_shapes(name: str) -> None:
    """On "meta" tensors, which have shapes and no numbers: VGG in an instant."""
    network = build(name)
    found = run(torch_source(network))
    with torch.device("meta"):
        module = found[class_name(network.name)]()
        output = module.eval()(torch.empty(1, *network.input))
    assert tuple(output.shape) == (1, *network.output)
    state = module.state_dict()
    shapes = {name: parameter.shape for name, parameter in network.parameters.items()}
    kept = {n: tuple(v.shape) for n, v in state.items() if not n.endswith("_tracked")}
    assert kept == shapes


@pytest.mark.parametrize("name", [n for n in SMALL if n not in ("alexnet", "unet")])
def test_small_known_networks_agree_with_the_law(name: str, weights: Path) -> None:
    small = (3, 32, 32) if name == "unet_padded" else SMALL[name]
    agrees(build(name, small), weights, 1, 1)


@pytest.mark.parametrize("name", ("resnet18_cifar", "mobilenet"))
def test_joins_and_normalization_of_known_networks(name: str, weights: Path) -> None:
    """These are too deep for the worst case to say anything."""
    network = build(name, (3, 16, 16), 10)
    parameters, (images, _) = lively_parameters(network, 3), batch(network, 1, 3)
    found = computed(loaded(network, parameters, weights), images)
    exact = first_order_bounds(network, parameters, images, np.float32)
    assert exact.bound.max() < 0.1 * np.abs(exact.value).max()
    assert_within(found, exact.value, exact.bound)


def test_names_that_python_or_pytorch_use_are_carried() -> None:
    assert set(dir(torch.nn.Module())) - set(TAKEN) == {
        name for name in dir(torch.nn.Module()) if name.startswith("_")
    }


def test_awkward_names_are_renamed_and_loaded(weights: Path) -> None:
    words = ("train", "side-2", "side_2", "2nd", "__init__", "class", "x", "self")
    convs = [named(Conv2d(3, 3, padding=1), word, source="input") for word in words]
    sums = (join(Add(), *words[1:], source="train"), named(BatchNorm2d(), "forward"))
    network = Network("class", (3, 5, 5), (*convs, *sums, ReLU(), Flatten(), Linear(2)))
    agrees(network, weights, 4)
    given = identifiers(node.name for node in network.nodes)
    assert len(set(given.values())) == len(given)
    assert given["side_2"] == "side_2"


def test_what_several_layers_read_has_a_name_of_its_own() -> None:
    network = Network(
        "skip",
        (2, 6, 6),
        (
            Conv2d(2, 3, padding=1),
            ReLU(),
            Conv2d(2, 3),
            join(Concat(crop=True), "relu1", "input"),
        ),
    )
    text = torch_source(network)
    body = text[text.index("def forward") :].split("\n\n")[0].splitlines()[1:]
    assert [line.strip() for line in body] == [
        "image = x",
        "x = self.conv1(image)",
        "relu1 = self.relu1(x)",
        "x = self.conv2(relu1)",
        "x = torch.cat((x, relu1[:, :, 1:5, 1:5], image[:, :, 1:5, 1:5]), dim=1)",
        "return x",
    ]


def test_pixels_become_what_the_engines_see() -> None:
    network = build("digits", (3, 10, 12), 2)
    seen = Preprocessing((10, 12), 3, mean=(0.4, 0.5, 0.1), std=(0.2, 0.31, 0.7))
    words = ['"', "año\n\u2028"]
    found = run(torch_source(network, words, seen))
    images = np.random.default_rng(1).integers(0, 256, (4, 10, 12, 3), np.uint8)
    assert_within(found["preprocess"](images).numpy(), seen.normalize(images), 0)
    assert_within(found["preprocess"](images[0]).numpy(), seen.normalize(images[:1]), 0)
    assert found["class_names"] == words
    with pytest.raises(
        ValueError, match="uint8 pixels 10x12x3 are needed; got float64"
    ):
        found["preprocess"](images / 255)
