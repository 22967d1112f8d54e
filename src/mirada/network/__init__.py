"""What a network is: layers, their places, and how it is trained. Values, all of it."""

from mirada.network.activation import (
    GELU,
    Hardsigmoid,
    Hardswish,
    LeakyReLU,
    ReLU,
    ReLU6,
    Sigmoid,
    SiLU,
    Softmax,
    Tanh,
)
from mirada.network.convolution import Conv2d, ConvTranspose2d
from mirada.network.dropout import Dropout
from mirada.network.join import Add, Concat, Multiply
from mirada.network.layer import Layer, Parameter, Shape
from mirada.network.linear import Flatten, Linear
from mirada.network.loss import CrossEntropy, Loss, MeanSquaredError
from mirada.network.normalization import BatchNorm2d
from mirada.network.optimizer import SGD, AdamW, Optimizer
from mirada.network.pooling import AvgPool2d, GlobalAvgPool2d, MaxPool2d
from mirada.network.rate import Rate
from mirada.network.recipe import Recipe
from mirada.network.resize import Upsample
from mirada.network.schedule import Constant, Cosine, OneCycle, Schedule, Step

# isort: split
# After the module of its name: `mirada.network.join` is the function.
from mirada.network.graph import INPUT, Network, Node, join, named

__all__ = [
    "GELU",
    "INPUT",
    "SGD",
    "AdamW",
    "Add",
    "AvgPool2d",
    "BatchNorm2d",
    "Concat",
    "Constant",
    "Conv2d",
    "ConvTranspose2d",
    "Cosine",
    "CrossEntropy",
    "Dropout",
    "Flatten",
    "GlobalAvgPool2d",
    "Hardsigmoid",
    "Hardswish",
    "Layer",
    "LeakyReLU",
    "Linear",
    "Loss",
    "MaxPool2d",
    "MeanSquaredError",
    "Multiply",
    "Network",
    "Node",
    "OneCycle",
    "Optimizer",
    "Parameter",
    "Rate",
    "ReLU",
    "ReLU6",
    "Recipe",
    "Schedule",
    "Shape",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Step",
    "Tanh",
    "Upsample",
    "join",
    "named",
]
