"""torchvision's networks in PyTorch, small enough to read: the same module names.

Written from the papers and from the names that torchvision's documentation and files
show; only what gives a parameter its name and an output its value is here.
"""

from collections.abc import Callable, Sequence
from math import ceil

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["TWINS"]

Norm = Callable[[int], nn.Module]


def plain(channels: int) -> nn.Module:
    return nn.BatchNorm2d(channels)


def steady(channels: int) -> nn.Module:
    return nn.BatchNorm2d(channels, eps=0.001)


def multiple(channels: float) -> int:
    """The multiple of 8 next to a number of channels, at least 0.9 of it."""
    near = max(8, round(channels / 8 + 1e-9) * 8)
    return near if near >= 0.9 * channels else near + 8


class Unit(nn.Sequential):
    """0 the convolution, 1 its normalization, then the activation."""

    def __init__(
        self,
        before: int,
        behind: int,
        side: int,
        norm: Norm,
        act: nn.Module | None,
        stride: int = 1,
        groups: int = 1,
    ) -> None:
        padding = side // 2
        conv = nn.Conv2d(before, behind, side, stride, padding, 1, groups, bias=False)
        super().__init__(conv, norm(behind), *([act] if act else []))


class Residual(nn.Module):
    """A block of ResNet: conv1, bn1 and so on, and a downsample where it changes."""

    def __init__(self, before: int, width: int, stride: int, deep: bool) -> None:
        super().__init__()
        behind = width * (4 if deep else 1)
        sizes = (
            [(before, width, 1, 1), (width, width, 3, stride), (width, behind, 1, 1)]
            if deep
            else [(before, width, 3, stride), (width, width, 3, 1)]
        )
        self.count = len(sizes)
        for place, (given, made, side, step) in enumerate(sizes, 1):
            conv = nn.Conv2d(given, made, side, step, side // 2, bias=False)
            setattr(self, f"conv{place}", conv)
            setattr(self, f"bn{place}", nn.BatchNorm2d(made))
        changes = stride > 1 or before != behind
        self.downsample = (
            Unit(before, behind, 1, plain, None, stride) if changes else None
        )

    def forward(self, x: Tensor) -> Tensor:
        y = x
        for place in range(1, self.count + 1):
            y = getattr(self, f"bn{place}")(getattr(self, f"conv{place}")(y))
            y = functional.relu(y) if place < self.count else y
        return functional.relu(
            y + (x if self.downsample is None else self.downsample(x))
        )


class ResNet(nn.Module):
    def __init__(self, depths: Sequence[int], deep: bool, classes: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        before = 64
        for stage, depth in enumerate(depths):
            blocks = []
            for place in range(depth):
                width, stride = 64 << stage, 2 if stage and not place else 1
                blocks.append(Residual(before, width, stride, deep))
                before = width * (4 if deep else 1)
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
        self.fc = nn.Linear(before, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.max_pool2d(functional.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        for stage in range(1, 5):
            x = getattr(self, f"layer{stage}")(x)
        return self.fc(x.mean((2, 3)))


class Classified(nn.Module):
    """Features, the mean of every channel where wanted, a classifier."""

    def __init__(
        self, features: nn.Module, classifier: nn.Module, mean: bool = True
    ) -> None:
        super().__init__()
        self.features, self.classifier, self.mean = features, classifier, mean

    def forward(self, x: Tensor) -> Tensor:
        x = self.features(x)
        return self.classifier(x.mean((2, 3)) if self.mean else torch.flatten(x, 1))


def vgg(counts: Sequence[int], normalized: bool, classes: int, side: int) -> nn.Module:
    layers: list[nn.Module] = []
    before = 3
    for count, width in zip(counts, (64, 128, 256, 512, 512), strict=True):
        for _ in range(count):
            layers.append(nn.Conv2d(before, width, 3, padding=1))
            layers += [nn.BatchNorm2d(width)] if normalized else []
            layers.append(nn.ReLU())
            before = width
        layers.append(nn.MaxPool2d(2))
    head = (
        *(nn.Linear(512 * (side // 32) ** 2, 4096), nn.ReLU(), nn.Dropout()),
        *(nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, classes)),
    )
    return Classified(nn.Sequential(*layers), nn.Sequential(*head), mean=False)


class Inverted(nn.Module):
    """MobileNetV2's block: all in `conv`, the last two modules without a sequence."""

    def __init__(self, before: int, behind: int, stride: int, widen: int) -> None:
        super().__init__()
        wide = before * widen
        units = [] if widen == 1 else [Unit(before, wide, 1, plain, nn.ReLU6())]
        units.append(Unit(wide, wide, 3, plain, nn.ReLU6(), stride, wide))
        narrow = nn.Conv2d(wide, behind, 1, bias=False), nn.BatchNorm2d(behind)
        self.conv = nn.Sequential(*units, *narrow)
        self.adds = stride == 1 and before == behind

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv(x) if self.adds else self.conv(x)


def mobilenet_v2(classes: int) -> nn.Module:
    blocks: list[nn.Module] = [Unit(3, 32, 3, plain, nn.ReLU6(), 2)]
    before = 32
    rows = "1 16 1 1, 6 24 2 2, 6 32 3 2, 6 64 4 2, 6 96 3 1, 6 160 3 2, 6 320 1 1"
    for row in rows.split(","):
        widen, behind, count, stride = map(int, row.split())
        for place in range(count):
            blocks.append(Inverted(before, behind, 1 if place else stride, widen))
            before = behind
    blocks.append(Unit(before, 1280, 1, plain, nn.ReLU6()))
    head = nn.Sequential(nn.Dropout(), nn.Linear(1280, classes))
    return Classified(nn.Sequential(*blocks), head)


class Squeeze(nn.Module):
    def __init__(self, wide: int, narrow: int, act: nn.Module, gate: nn.Module) -> None:
        super().__init__()
        self.fc1, self.fc2 = nn.Conv2d(wide, narrow, 1), nn.Conv2d(narrow, wide, 1)
        self.act, self.gate = act, gate

    def forward(self, x: Tensor) -> Tensor:
        means = x.mean((2, 3), keepdim=True)
        return x * self.gate(self.fc2(self.act(self.fc1(means))))


class Gated(nn.Module):
    """A block of MobileNetV3 and EfficientNet: all in `block`."""

    def __init__(
        self,
        sizes: tuple[int, int, int],
        side: int,
        stride: int,
        act: nn.Module,
        norm: Norm,
        squeeze: nn.Module | None,
    ) -> None:
        super().__init__()
        before, wide, behind = sizes
        units = [] if wide == before else [Unit(before, wide, 1, norm, act)]
        units.append(Unit(wide, wide, side, norm, act, stride, wide))
        narrow = Unit(wide, behind, 1, norm, None)
        gate = [] if squeeze is None else [squeeze]
        self.block = nn.Sequential(*units, *gate, narrow)
        self.adds = stride == 1 and before == behind

    def forward(self, x: Tensor) -> Tensor:
        return x + self.block(x) if self.adds else self.block(x)


SMALL = (
    "3 16 16 S R 2, 3 72 24 - R 2, 3 88 24 - R 1, 5 96 40 S H 2, 5 240 40 S H 1, "
    "5 240 40 S H 1, 5 120 48 S H 1, 5 144 48 S H 1, 5 288 96 S H 2, 5 576 96 S H 1, "
    "5 576 96 S H 1"
)
LARGE = (
    "3 16 16 - R 1, 3 64 24 - R 2, 3 72 24 - R 1, 5 72 40 S R 2, 5 120 40 S R 1, "
    "5 120 40 S R 1, 3 240 80 - H 2, 3 200 80 - H 1, 3 184 80 - H 1, 3 184 80 - H 1, "
    "3 480 112 S H 1, 3 672 112 S H 1, 5 672 160 S H 2, 5 960 160 S H 1, "
    "5 960 160 S H 1"
)


def mobilenet_v3(rows: str, features: int, classes: int) -> nn.Module:
    blocks: list[nn.Module] = [Unit(3, 16, 3, steady, nn.Hardswish(), 2)]
    before = 16
    for row in rows.split(","):
        side, wide, behind, gate, bend, stride = row.split()
        act = nn.ReLU() if bend == "R" else nn.Hardswish()
        narrow = multiple(int(wide) // 4)
        squeeze = Squeeze(int(wide), narrow, nn.ReLU(), nn.Hardsigmoid())
        sizes = before, int(wide), int(behind)
        squeezed = squeeze if gate == "S" else None
        blocks.append(Gated(sizes, int(side), int(stride), act, steady, squeezed))
        before = int(behind)
    blocks.append(Unit(before, 6 * before, 1, steady, nn.Hardswish()))
    first = nn.Linear(6 * before, features)
    head = first, nn.Hardswish(), nn.Dropout(), nn.Linear(features, classes)
    return Classified(nn.Sequential(*blocks), nn.Sequential(*head))


def efficientnet(width: float, depth: float, norm: Norm, classes: int) -> nn.Module:
    before = multiple(32 * width)
    stages: list[nn.Module] = [Unit(3, before, 3, norm, nn.SiLU(), 2)]
    rows = (
        "1 3 16 1 1, 6 3 24 2 2, 6 5 40 2 2, 6 3 80 3 2, 6 5 112 3 1, 6 5 192 4 2, "
        "6 3 320 1 1"
    )
    for row in rows.split(","):
        widen, side, channels, count, stride = map(int, row.split())
        behind, blocks = multiple(channels * width), []
        for place in range(ceil(count * depth)):
            wide, act = before * widen, nn.SiLU()
            squeeze = Squeeze(wide, before // 4, nn.SiLU(), nn.Sigmoid())
            step, sizes = 1 if place else stride, (before, wide, behind)
            blocks.append(Gated(sizes, side, step, act, norm, squeeze))
            before = behind
        stages.append(nn.Sequential(*blocks))
    stages.append(Unit(before, 4 * before, 1, norm, nn.SiLU()))
    head = nn.Sequential(nn.Dropout(), nn.Linear(4 * before, classes))
    return Classified(nn.Sequential(*stages), head)


TWINS: dict[str, Callable[[int, int], nn.Module]] = {
    "resnet18": lambda classes, side: ResNet((2, 2, 2, 2), False, classes),
    "resnet34": lambda classes, side: ResNet((3, 4, 6, 3), False, classes),
    "resnet50": lambda classes, side: ResNet((3, 4, 6, 3), True, classes),
    "resnet101": lambda classes, side: ResNet((3, 4, 23, 3), True, classes),
    "resnet152": lambda classes, side: ResNet((3, 8, 36, 3), True, classes),
    "vgg11": lambda classes, side: vgg((1, 1, 2, 2, 2), False, classes, side),
    "vgg11_bn": lambda classes, side: vgg((1, 1, 2, 2, 2), True, classes, side),
    "vgg16": lambda classes, side: vgg((2, 2, 3, 3, 3), False, classes, side),
    "mobilenet_v2": lambda classes, side: mobilenet_v2(classes),
    "mobilenet_v3_small": lambda classes, side: mobilenet_v3(SMALL, 1024, classes),
    "mobilenet_v3_large": lambda classes, side: mobilenet_v3(LARGE, 1280, classes),
    "efficientnet_b0": lambda classes, side: efficientnet(1.0, 1.0, plain, classes),
    "efficientnet_b3": lambda classes, side: efficientnet(1.2, 1.4, plain, classes),
    "efficientnet_b7": lambda classes, side: efficientnet(2.0, 3.1, steady, classes),
}
"""By their names, for a number of classes and the side of the images."""
