"""PyTorch's modules become networks that compute the same."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from mirada.engines import create
from mirada.errors import UnsupportedError, UsageError
from mirada.importing import torch as door
from mirada.importing.torch import network_of
from mirada.network import Recipe
from mirada.network.file import from_toml, to_toml
from tests.bounds import forward_bounds
from tests.importing.modules import (
    Branching,
    Depthwise,
    Gated,
    LeNet,
    Refused,
    Residual,
    Shared,
    UNet,
)
from tests.refusal import refuses
from tests.tolerance import assert_within

CASES = (
    (LeNet, (1, 28, 28)),
    (Residual, (3, 16, 17)),
    (Depthwise, (3, 19, 16)),
    (Gated, (3, 9, 8)),
    (UNet, (1, 8, 12)),
)


def lively(module: nn.Module) -> nn.Module:
    """The module with statistics and scales that look as if it were trained."""
    torch.manual_seed(3)
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            for value in (*part.parameters(), part.running_mean, part.running_var):
                nn.init.uniform_(value, 0.5, 1.5)
    return module


@pytest.mark.parametrize(("kind", "shape"), CASES, ids=lambda case: str(case))
def test_a_module_and_its_network_compute_the_same(
    kind: type[nn.Module], shape: tuple[int, ...]
) -> None:
    module = lively(kind()).train()
    taken = network_of(module, shape)
    assert all(part.training for part in module.modules())
    network, parameters = taken
    learned = sum(p.numel() for p in module.parameters())
    roles = network.parameters
    counted = [a.size for n, a in parameters.items() if roles[n].role != "statistic"]
    assert sum(counted) == learned
    images = np.random.default_rng(5).normal(size=(2, *shape)).astype(np.float32)
    with torch.no_grad():
        wanted = module.double().eval()(torch.from_numpy(images).double()).numpy()
    last = network.nodes[-1].name
    assert wanted.shape[1:] == network.output
    law = forward_bounds(network, parameters, images, np.float64)[last]
    assert_within(wanted, law.value, law.bound)
    engine = create("native", network, Recipe(batch_size=1), trains=False)
    engine.load_parameters(parameters)
    bound = forward_bounds(network, parameters, images, np.float32)[last].bound
    assert_within(engine.predict(images), law.value, bound)
    assert from_toml(to_toml(network)).network == network


def test_layers_are_called_what_the_module_calls_them() -> None:
    names = [node.name for node in network_of(Residual(), (3, 16, 16)).network.nodes]
    assert names[:4] == ["stem_1", "layer1_0_conv1", "layer1_0_bn1", "layer1_0_relu"]
    assert names[-4:] == ["layer1_1_relu_2", "globalavgpool1", "flatten1", "fc"]
    assert "layer1_0_down_1" in names and "layer1_0_add1" in names


def test_everything_that_is_no_layer_is_named_at_once() -> None:
    with refuses(
        UnsupportedError,
        "module-operations",
        "'Refused' does what no layer of mirada does (6)",
        "slice.Tensor in 'Refused' (modules.py:",
        "add.Tensor in 'Refused' (modules.py:",
        "it takes the number 1.0",
        "prelu.default in 'pre' (modules.py:",
        "instance_norm.default in 'rest.0'",
    ):
        network_of(Refused(), (3, 8, 8))


class Rest(nn.Module):
    """A function of the input as a module."""

    def __init__(self, function: object) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("module", "reason"),
    [
        (Shared(), "it shares 'conv.weight' with another"),
        (Rest(lambda x: x.reshape(-1, 4)), "it mixes the images of a batch"),
        (Rest(lambda x: x.reshape(2, 4, 2, 4)), "only an image becomes a vector"),
        (nn.AdaptiveAvgPool2d(3), "4x4 is no multiple of 3x3"),
        (nn.Sequential(nn.ZeroPad2d(1), nn.MaxPool2d(2)), "zeros go around its image"),
        (nn.ZeroPad2d(1), "nothing takes the zeros"),
        (nn.ReflectionPad2d(1), "anything but zeros"),
        (nn.BatchNorm2d(2, affine=False), "it has not all of weight, bias"),
        (nn.LogSoftmax(1), "leave it out"),
        (nn.Softmax(3), "other axes than the channels"),
        (nn.Hardtanh(), "its limits are -1.0 and 1.0"),
        (nn.Upsample(6), "6x6 is no multiple of 4x4"),
        (nn.AvgPool2d(2, divisor_override=3), "it divides by a number of its own"),
        (Rest(lambda x: (x, x)), "it gives anything but one answer an image"),
        (Rest(lambda x: torch.cat([x, x], 2)), "another axis than the channels"),
        (Rest(lambda x: torch.add(x, x, alpha=2)), "it multiplies before it adds"),
        (Rest(lambda x: x.mean(1)), "other axes than height and width"),
        (Rest(lambda x: torch.relu_(x.flatten(1))), "writes into a view"),
        (nn.Linear(4, 2), "needs a vector"),
    ],
    ids=lambda case: case if isinstance(case, str) else "",
)
def test_why_something_is_no_layer(module: nn.Module, reason: str) -> None:
    with refuses(UnsupportedError, "module-operations", reason):
        network_of(module, (2, 4, 4))


def test_what_depends_on_the_values_is_refused() -> None:
    words = ("GuardOnDataDependentSymNode", "modules.py:", "if, while")
    with refuses(UnsupportedError, "module-not-exported", *words):
        network_of(Branching(), (1, 4, 4))


def test_another_shape_of_images_is_refused() -> None:
    words = ("does not run on images of 3x28x28", "expected input[2, 3, 28, 28]")
    with refuses(UsageError, "module-input", *words):
        network_of(LeNet(), (3, 28, 28))


def test_a_module_that_ends_the_program_is_refused() -> None:
    class Ends(nn.Module):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            raise SystemExit(0)

    with refuses(UsageError, "module-input", "SystemExit: 0 (", "test_torch.py"):
        network_of(Ends(), (3, 8, 8))


def test_what_is_no_module_is_refused() -> None:
    with refuses(UsageError, "module-kind", "builtins.int"):
        network_of(3, (3, 28, 28))


def test_without_pytorch_it_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(door, "find_spec", lambda name: None)
    with refuses(UsageError, "module-needs-torch", "pip install 'mirada[torch]'"):
        network_of(LeNet(), (1, 28, 28))
