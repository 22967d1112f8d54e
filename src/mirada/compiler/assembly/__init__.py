"""Which kernels a stage becomes: its forward, its backward, one door a kind."""

from collections.abc import Mapping

from mirada.compiler.assembly.activation import ActivationDoor
from mirada.compiler.assembly.convolution import ConvolutionDoor
from mirada.compiler.assembly.door import Door
from mirada.compiler.assembly.dropout import DropoutDoor
from mirada.compiler.assembly.join import AddDoor, ConcatDoor, FlattenDoor, MultiplyDoor
from mirada.compiler.assembly.linear import LinearDoor
from mirada.compiler.assembly.normalization import NormDoor
from mirada.compiler.assembly.pooling import AveragePoolDoor, MaxPoolDoor
from mirada.compiler.assembly.resize import UpsampleDoor
from mirada.compiler.assembly.transposed import TransposedDoor
from mirada.compiler.lowering.activation import ACTIVATIONS
from mirada.compiler.stages import Stage
from mirada.network import (
    Add,
    AvgPool2d,
    BatchNorm2d,
    Concat,
    Conv2d,
    ConvTranspose2d,
    Dropout,
    Flatten,
    GlobalAvgPool2d,
    Layer,
    Linear,
    MaxPool2d,
    Multiply,
    Upsample,
)

__all__ = ["STAGES", "Door", "door_of"]

STAGES: Mapping[type[Layer], Door] = {
    **{layer: ActivationDoor() for layer in ACTIVATIONS},
    Conv2d: ConvolutionDoor(),
    ConvTranspose2d: TransposedDoor(),
    Upsample: UpsampleDoor(),
    MaxPool2d: MaxPoolDoor(),
    AvgPool2d: AveragePoolDoor(),
    GlobalAvgPool2d: AveragePoolDoor(),
    BatchNorm2d: NormDoor(),
    Dropout: DropoutDoor(),
    Flatten: FlattenDoor(),
    Linear: LinearDoor(),
    Add: AddDoor(),
    Multiply: MultiplyDoor(),
    Concat: ConcatDoor(),
}


def door_of(stage: Stage) -> Door:
    """The door of a stage, by its first layer."""
    return STAGES[type(stage.layer)]
