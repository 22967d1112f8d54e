"""Modules as people write them with PyTorch, to be read by mirada."""

import torch
from torch import Tensor, nn
from torch.nn import functional


class LeNet(nn.Module):
    """With its functions inline and a view for a flatten."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, padding=2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(400, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.max_pool2d(functional.relu(self.conv1(x)), 2)
        x = functional.max_pool2d(functional.relu(self.conv2(x)), (2, 2))
        x = x.view(x.size(0), -1)
        x = functional.relu(self.fc1(x))
        return self.fc3(
            functional.dropout(functional.relu(self.fc2(x)), 0.3, self.training)
        )


class Block(nn.Module):
    """A residual block: one activation used twice, in place; a sum in place."""

    def __init__(self, before: int, channels: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(before, channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding="same", bias=False)
        self.bn2 = nn.BatchNorm2d(channels, eps=1e-3)
        self.down = nn.Sequential(
            nn.Conv2d(before, channels, 1, stride, bias=False), nn.BatchNorm2d(channels)
        )

    def forward(self, x: Tensor) -> Tensor:
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        y += self.down(x)
        return self.relu(y)


class Residual(nn.Module):
    """Two blocks under a stem that is padded apart, with a mean over the image."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.ZeroPad2d((0, 1, 0, 1)), nn.Conv2d(3, 4, 3, 2))
        self.layer1 = nn.Sequential(Block(4, 4), Block(4, 8, 2))
        self.fc = nn.Linear(8, 5)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.layer1(self.stem(x)).mean([2, 3]))


class Depthwise(nn.Module):
    """Depthwise and pointwise, with the activations there are, and even windows."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 6, 3, 2, 1, groups=3),
            nn.LeakyReLU(0.2),
            nn.Conv2d(6, 6, (1, 3), padding=(0, 2), dilation=2, groups=6),
            nn.SiLU(),
            nn.AvgPool2d(3, 2, 1, count_include_pad=False),
            nn.Conv2d(6, 8, 1),
            nn.GELU("tanh"),
            nn.Identity(),
            nn.MaxPool2d(2, 1, ceil_mode=True),
            nn.Sigmoid(),
            nn.AdaptiveAvgPool2d((2, 1)),
        )
        self.pool = nn.AdaptiveMaxPool2d(1)
        self.classifier = nn.Sequential(nn.Flatten(), nn.Linear(8, 4), nn.Tanh())

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(self.features(x))
        return functional.softmax(
            self.classifier(functional.gelu(x.contiguous())), dim=1
        )


class Gated(nn.Module):
    """Channels multiplied by gates (squeeze and excitation), mobile activations."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Hardswish(), nn.ReLU6())
        self.gate = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Conv2d(8, 2, 1),
            nn.ReLU(True),
            nn.Conv2d(2, 8, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        return functional.hardsigmoid(self.gate(x)) * x.clamp(0, 6)


class UNet(nn.Module):
    """Down and up again, both ways of it, beside what went down."""

    def __init__(self) -> None:
        super().__init__()
        self.down = nn.Conv2d(1, 4, 3, padding=1)
        self.deep = nn.Conv2d(4, 6, 3, padding=1)
        self.up = nn.ConvTranspose2d(6, 4, 3, 2, 1, output_padding=1)
        self.smooth = nn.Upsample(scale_factor=2, mode="bilinear")
        self.head = nn.Conv2d(14, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        side = torch.relu_(self.down(x))
        deep = self.deep(functional.max_pool2d(side, 2)).clamp(min=0)
        near = functional.interpolate(
            deep[:, :, :, :].mean((2, 3), keepdim=True), x.shape[2:]
        )
        joined = [self.up(deep), side, self.smooth(deep)]
        assert near.shape[2:] == side.shape[2:]
        return self.head(torch.cat(joined, 1))


class Refused(nn.Module):
    """A block that mirada takes between things that it does not."""

    def __init__(self) -> None:
        super().__init__()
        self.block = Block(3, 3)
        self.pre = nn.PReLU()
        self.rest = nn.Sequential(nn.InstanceNorm2d(3), nn.LogSoftmax(1))

    def forward(self, x: Tensor) -> Tensor:
        x = self.block(x)[:, :2]
        x = torch.cat([x, x[:, :1]], 1)
        return self.rest(self.pre(x + 1.0))


class Branching(nn.Module):
    """What it does depends on the values of an image."""

    def forward(self, x: Tensor) -> Tensor:
        return x * 2 if x.sum() > 0 else x


class Shared(nn.Module):
    """One convolution, twice."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(self.conv(x))
