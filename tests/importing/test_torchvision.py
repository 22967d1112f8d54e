"""torchvision's names: every parameter has one, and the answers are PyTorch's."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from mirada.importing.torchvision import (
    COUNTER,
    has_torchvision_names,
    torchvision_names,
)
from mirada.importing.weights import read_weights
from mirada.models import MODELS, build
from mirada.reference import forward
from mirada.reference.first_order import first_order_bounds
from tests.importing.twins import TWINS
from tests.tolerance import assert_within

CLASSES, SIDE = 5, 32
FAMILIES = (
    *("resnet18", "resnet50", "vgg11_bn", "mobilenet_v2", "mobilenet_v3_small"),
    "efficientnet_b0",
)


def lively(name: str, seed: int) -> torch.nn.Module:
    """A twin as if trained: scales, shifts and statistics of which none is 0 or 1."""
    torch.manual_seed(seed)
    twin = TWINS[name](CLASSES, SIDE).eval()
    for module in twin.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            for value in (module.weight.data, module.running_var):
                value.copy_(1 + 0.5 * torch.rand_like(value))
            for value in (module.bias.data, module.running_mean):
                value.copy_(0.3 * torch.randn_like(value))
    return twin


@pytest.mark.parametrize("name", TWINS)
def test_names_and_shapes_are_the_twins(name: str) -> None:
    with torch.device("meta"):
        twin = TWINS[name](CLASSES, SIDE)
    shapes = {key: tuple(value.shape) for key, value in twin.state_dict().items()}
    network = build(name, (3, SIDE, SIDE), CLASSES)
    names = torchvision_names(network)
    ours = {names[key]: item.shape for key, item in network.parameters.items()}
    assert len(ours) == len(network.parameters)
    assert ours == {k: s for k, s in shapes.items() if not k.endswith(COUNTER)}


def test_every_network_of_torchvisions_has_a_name_for_every_parameter() -> None:
    known = [name for name in MODELS if has_torchvision_names(name)]
    assert {"vgg19_bn", "resnet152", "efficientnet_b5"} < set(known)
    others = {"lenet5", "alexnet", "mobilenet", "resnet18_cifar", "resnet50_v1", "unet"}
    assert not others & set(known)
    for name in known:
        network = build(name)
        assert len(set(torchvision_names(network).values())) == len(network.parameters)


@pytest.mark.parametrize("name", FAMILIES)
def test_a_twins_weights_give_the_twins_answers(name: str, tmp_path: Path) -> None:
    """The law computes in float64, as PyTorch is asked to."""
    twin, path = lively(name, 7), tmp_path / "twin.safetensors"
    save_file(twin.state_dict(), path)
    network = build(name, (3, SIDE, SIDE), CLASSES)
    parameters = read_weights(path, network)
    images = np.random.default_rng(3).normal(size=(1, 3, SIDE, SIDE))
    with torch.no_grad():
        theirs = twin.double()(torch.from_numpy(images)).numpy()
    bound = first_order_bounds(network, parameters, images, np.float64, most=1)
    ours = forward(network, parameters, images)[network.nodes[-1].name]
    assert_within(theirs, ours, bound.bound)
    assert theirs.max() > 1e6 * bound.bound.min()
