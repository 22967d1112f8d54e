"""ONNX files that mirada did not make: of PyTorch's exporter, and node by node."""

import io
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from torch import nn

from mirada.importing import Imported, read_onnx
from mirada.importing.torchvision import torchvision_names
from mirada.models import build
from mirada.reference import initial_parameters
from mirada.reference.first_order import first_order_bounds
from mirada.training.tensors import write_tensors
from tests.tolerance import assert_within

__all__ = ["MODELS", "agrees", "exported", "graph", "noise", "small", "write_weights"]

Floats = NDArray[np.float32]
_NOISE = np.random.default_rng(3)


class Residual(nn.Module):
    """A block of ResNet's."""

    def __init__(self, channels: int, filters: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, filters, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(filters)
        self.conv2 = nn.Conv2d(filters, filters, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(filters)
        side = (
            nn.Conv2d(channels, filters, 1, stride, bias=False),
            nn.BatchNorm2d(filters),
        )
        same = stride == 1 and channels == filters
        self.downsample = nn.Identity() if same else nn.Sequential(*side)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = torch.relu(self.bn1(self.conv1(x)))
        return torch.relu(self.bn2(self.conv2(y)) + self.downsample(x))


class ResNet(nn.Module):
    """A stem, two blocks, the mean of each channel."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(8)
        self.layer1 = nn.Sequential(Residual(8, 8, 1), Residual(8, 12, 2))
        self.fc = nn.Linear(12, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = nn.functional.max_pool2d(torch.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        x = nn.functional.adaptive_avg_pool2d(self.layer1(x), 1)
        return self.fc(torch.flatten(x, 1))


class VGG(nn.Module):
    """Convolutions, then linear layers; the flattening asks for the batch's size."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            *(nn.Conv2d(3, 6, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Conv2d(6, 6, 3, padding=1), nn.LeakyReLU(0.1)),
            nn.AvgPool2d(3, 2, 1, ceil_mode=True),
        )
        self.classifier = nn.Sequential(
            *(nn.Linear(6 * 81, 20), nn.ReLU(), nn.Dropout(0.4), nn.Linear(20, 4))
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.features(x)
        return torch.softmax(self.classifier(x.view(x.size(0), -1)), 1)


class MobileNet(nn.Module):
    """Depthwise convolutions, a gate, padding by itself, any activation."""

    def __init__(self, activation: type[nn.Module]) -> None:
        super().__init__()
        self.before = nn.Sequential(
            *(nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), activation()),
            *(nn.Conv2d(8, 8, 3, 1, 1, groups=8), activation()),
        )
        self.gate = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Conv2d(8, 8, 1), nn.Sigmoid()
        )
        self.after = nn.Sequential(
            *(nn.ZeroPad2d((0, 1, 0, 1)), nn.Conv2d(8, 6, 3, 2), activation())
        )
        self.last = nn.Linear(6, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.before(x)
        return self.last(self.after(x * self.gate(x)).mean([2, 3]))


class UNet(nn.Module):
    """Enlarging in three ways, joined."""

    def __init__(self) -> None:
        super().__init__()
        self.down = nn.Conv2d(3, 5, 3, 2, 1)
        self.up = nn.ConvTranspose2d(5, 4, 3, 2, 1, output_padding=1)
        self.nearest = nn.Upsample(scale_factor=2, mode="nearest")
        self.bilinear = nn.Upsample(scale_factor=2, mode="bilinear")
        self.last = nn.Conv2d(14, 4, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = torch.tanh(self.down(x))
        y = torch.cat([self.up(y), self.nearest(y), self.bilinear(y)], 1)
        return self.last(y).amax((2, 3))


class Normalized(nn.Module):
    """A network that normalizes pixels from 0 to 1 itself, by ImageNet's numbers."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner
        mean, std = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(std).view(1, 3, 1, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.inner((x - self.mean) / self.std)


MODELS: dict[str, tuple[Any, int]] = {
    "resnet": (ResNet, 9),
    "vgg": (VGG, 17),
    "silu": (lambda: MobileNet(nn.SiLU), 20),
    "gelu": (lambda: MobileNet(nn.GELU), 11),
    "hardswish": (lambda: MobileNet(nn.Hardswish), 13),
    "relu6": (lambda: MobileNet(nn.ReLU6), 17),
    "unet": (UNet, 17),
}
"""Networks by their name, and the operator set that each is exported to."""


def exported(make: Any, opset: int, size: int, *, folded: bool, open: bool) -> bytes:
    """What PyTorch's exporter writes; `open` leaves the batch's size open."""
    torch.manual_seed(5)
    module = make()
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            nn.init.normal_(part.running_mean, 0.0, 0.3)
            nn.init.uniform_(part.running_var, 0.5, 2.0)
            nn.init.uniform_(part.weight, 0.5, 1.5)
    modes, stream = torch.onnx.TrainingMode, io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module.eval(),
            (torch.rand(1, 3, size, size),),
            stream,
            opset_version=opset,
            dynamo=False,
            do_constant_folding=folded,
            training=modes.EVAL if folded else modes.PRESERVE,
            input_names=["x"],
            dynamic_axes={"x": {0: "n"}} if open else None,
        )
    return stream.getvalue()


def graph(text: str, opset: int = 17, **arrays: Any) -> bytes:
    """A file of a graph in ONNX's own notation, with arrays beside it."""
    head = f'<ir_version: 8, opset_import: ["" : {opset}]>\n'
    model = onnx.parser.parse_model(head + text)
    for name, value in arrays.items():
        tensor = onnx.numpy_helper.from_array(np.asarray(value), name)
        model.graph.initializer.append(tensor)
    content: bytes = model.SerializeToString()
    return content


def small(nodes: str, **arrays: Any) -> bytes:
    """A file of nodes from x, an image of 1x4x4, to y, one number for two classes."""
    head = "g (float[n,1,4,4] x) => (float[n,2] y)"
    return graph(f"{head} {{ {nodes} }}", **arrays)


def noise(*shape: int) -> Floats:
    """Numbers of an array that is drawn."""
    return _NOISE.normal(size=shape).astype(np.float32)


def agrees(content: bytes, path: Path, *, last: bool = False, **more: Any) -> Imported:
    """What is read computes what onnxruntime does of the file, within the bound."""
    path.write_bytes(content)
    found = read_onnx(path, **more)
    model = found.model
    shape = (1, *model.preprocessing.size, model.preprocessing.channels)
    pixels = np.random.default_rng(4).integers(0, 256, shape, np.uint8)
    images = model.preprocessing.normalize(pixels)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    ran = onnxruntime.InferenceSession(
        content, options, providers=["CPUExecutionProvider"]
    )
    (taken,) = ran.get_inputs()
    given = images.transpose(0, 2, 3, 1) if last else images
    (outputs,) = ran.run(None, {taken.name: given})
    exact = first_order_bounds(model.network, model.parameters, images, np.float32)
    rows = np.asarray(outputs).reshape(exact.value.shape)
    assert_within(rows, exact.value, exact.bound)
    return found


def write_weights(path: Path, network: str, classes: int) -> None:
    """A file of weights with torchvision's names, as they begin."""
    made = build(network, classes=classes)
    names = torchvision_names(made)
    found = initial_parameters(made, 1).items()
    write_tensors(path, {names[name]: value for name, value in found}, {})
