"""The known networks to start from, with a word on each family."""

import inspect
from collections.abc import Mapping
from typing import Any

from mirada import models
from mirada.errors import Phrase
from mirada.network.layer import shape_text

__all__ = ["FAMILIES", "families"]

FAMILIES: Mapping[tuple[str, Phrase], tuple[str, ...]] = {
    (
        "LeNet-5",
        Phrase("The network of the lecture: two convolutions, two poolings, 1998."),
    ): ("lenet5", "lenet5_lecture"),
    (
        "mirada",
        Phrase(
            "Small networks that learn in seconds, for 8x8 digits and 32x32 photos."
        ),
    ): ("digits", "cifar"),
    (
        "AlexNet",
        Phrase("Five convolutions and three large linear layers, 2012."),
    ): ("alexnet",),
    (
        "VGG",
        Phrase("Nothing but 3x3 convolutions, 2014; with _bn normalized."),
    ): (
        *("vgg11", "vgg11_bn", "vgg13", "vgg13_bn"),
        *("vgg16", "vgg16_bn", "vgg19", "vgg19_bn"),
    ),
    (
        "ResNet",
        Phrase("Shortcuts around every block, 2015; resnet18_cifar is for 32x32."),
    ): (
        "resnet18_cifar",
        "resnet18",
        "resnet34",
        "resnet50",
        "resnet50_v1",
        "resnet101",
        "resnet152",
    ),
    (
        "MobileNet",
        Phrase("Each channel filtered by itself, then mixed: few parameters, 2017."),
    ): (
        *("mobilenet", "mobilenet_v2"),
        *("mobilenet_v3_small", "mobilenet_v3_large"),
    ),
    (
        "EfficientNet",
        Phrase(
            "Blocks that weigh their channels, wider and deeper from b0 to b7, 2019."
        ),
    ): tuple(f"efficientnet_b{place}" for place in range(8)),
    (
        "U-Net",
        Phrase("Down and up again: a class for every pixel, 2015."),
    ): ("unet_padded", "unet"),
}
"""Every known network once, by its family."""


def families() -> list[dict[str, Any]]:
    """The families, each known network with the input and classes it is made for."""
    return [
        {
            "title": title,
            "about": str(about),
            "networks": [_usual(name) for name in names],
        }
        for (title, about), names in FAMILIES.items()
    ]


def _usual(name: str) -> dict[str, Any]:
    given = inspect.signature(models.MODELS[name]).parameters
    return {
        "name": name,
        "input": shape_text(given["input"].default),
        "classes": given["classes"].default,
    }
