"""Known networks, as functions from an input shape and a number of classes."""

from collections.abc import Callable, Mapping

from mirada.errors import UsageError
from mirada.models.alexnet import alexnet
from mirada.models.automatic import automatic, automatic_reason
from mirada.models.efficientnet import EFFICIENTNETS
from mirada.models.lenet import lenet5, lenet5_lecture
from mirada.models.mobilenet import mobilenet
from mirada.models.mobilenet_v2 import mobilenet_v2
from mirada.models.mobilenet_v3 import mobilenet_v3_large, mobilenet_v3_small
from mirada.models.perceptron import perceptron
from mirada.models.resnet import (
    resnet18,
    resnet18_cifar,
    resnet34,
    resnet50,
    resnet50_v1,
    resnet101,
    resnet152,
)
from mirada.models.small import cifar, digits
from mirada.models.unet import unet, unet_padded
from mirada.models.vgg import (
    vgg11,
    vgg11_bn,
    vgg13,
    vgg13_bn,
    vgg16,
    vgg16_bn,
    vgg19,
    vgg19_bn,
)
from mirada.near_names import did_you_mean
from mirada.network import Network, Shape

__all__ = [
    "MODELS",
    "alexnet",
    "automatic",
    "automatic_reason",
    "build",
    "cifar",
    "digits",
    "lenet5",
    "lenet5_lecture",
    "mobilenet",
    "mobilenet_v2",
    "mobilenet_v3_large",
    "mobilenet_v3_small",
    "perceptron",
    "resnet18",
    "resnet18_cifar",
    "resnet34",
    "resnet50",
    "resnet50_v1",
    "resnet101",
    "resnet152",
    "unet",
    "unet_padded",
    "vgg11",
    "vgg11_bn",
    "vgg13",
    "vgg13_bn",
    "vgg16",
    "vgg16_bn",
    "vgg19",
    "vgg19_bn",
]

MODELS: Mapping[str, Callable[..., Network]] = {
    "lenet5": lenet5,
    "lenet5_lecture": lenet5_lecture,
    "digits": digits,
    "cifar": cifar,
    "alexnet": alexnet,
    "vgg11": vgg11,
    "vgg11_bn": vgg11_bn,
    "vgg13": vgg13,
    "vgg13_bn": vgg13_bn,
    "vgg16": vgg16,
    "vgg16_bn": vgg16_bn,
    "vgg19": vgg19,
    "vgg19_bn": vgg19_bn,
    "resnet18": resnet18,
    "resnet18_cifar": resnet18_cifar,
    "resnet34": resnet34,
    "resnet50": resnet50,
    "resnet50_v1": resnet50_v1,
    "resnet101": resnet101,
    "resnet152": resnet152,
    "mobilenet": mobilenet,
    "mobilenet_v2": mobilenet_v2,
    "mobilenet_v3_small": mobilenet_v3_small,
    "mobilenet_v3_large": mobilenet_v3_large,
    **EFFICIENTNETS,
    "unet": unet,
    "unet_padded": unet_padded,
}
"""Every known network by its name; each is called with `input` and `classes`."""


def build(name: str, input: Shape | None = None, classes: int | None = None) -> Network:
    """The known network of that name; what is None stays as its function has it.

    Raises `UsageError` with the nearest names where there is none.

    >>> build("lenet5", classes=26).output
    (26,)
    """
    if name not in MODELS:
        raise UsageError(
            "model-unknown",
            "There is no known network {name!r}; there are {known}. {hint}",
            name=name[:60],
            known=", ".join(MODELS),
            hint=did_you_mean(name, MODELS),
        )
    given = {"input": input, "classes": classes}
    return MODELS[name](**{key: v for key, v in given.items() if v is not None})
