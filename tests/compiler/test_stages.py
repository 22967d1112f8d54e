from mirada.compiler.stages import Stage, stages
from mirada.network import (
    AvgPool2d,
    Conv2d,
    CrossEntropy,
    Dropout,
    Flatten,
    Layer,
    Linear,
    MaxPool2d,
    MeanSquaredError,
    Network,
    ReLU,
    Softmax,
)


def cut(*layers: Layer, shape: tuple[int, ...] = (3, 12, 12)) -> list[Stage]:
    return stages(Network("n", shape, layers), MeanSquaredError())


def taken(*layers: Layer) -> list[str]:
    """The last layer of each stage."""
    return [stage.name for stage in cut(*layers)]


def test_a_convolution_takes_relu_and_max_pooling_along() -> None:
    assert taken(Conv2d(4, 3), ReLU(), MaxPool2d(2), Flatten()) == [
        "maxpool1",
        "flatten1",
    ]
    assert taken(Conv2d(4, 3), MaxPool2d(2), ReLU()) == ["maxpool1", "relu1"]
    assert taken(Conv2d(4, 3), ReLU(), ReLU()) == ["relu1", "relu2"]
    (stage,) = cut(Conv2d(4, 3), ReLU(), MaxPool2d(2))
    assert stage.relu and stage.pool == MaxPool2d(2)
    assert (stage.input, stage.output) == ((3, 12, 12), (4, 5, 5))


def test_only_windows_apart_and_inside_are_taken_along() -> None:
    for pool in (
        MaxPool2d(3, 2),
        MaxPool2d(2, padding=1),
        MaxPool2d(3, ceil=True),
        MaxPool2d(2, 2, dilation=2),
        MaxPool2d(5),
        AvgPool2d(2),
    ):
        assert taken(Conv2d(4, 3), ReLU(), pool) == ["relu1", f"{pool.kind}1"]
    for pool in (
        MaxPool2d(2, 3),
        MaxPool2d((1, 2)),
        MaxPool2d(4),
        MaxPool2d(2, ceil=True),
    ):
        assert taken(Conv2d(4, 3), ReLU(), pool) == ["maxpool1"]


def test_a_linear_layer_takes_relu_along() -> None:
    names = taken(Flatten(), Linear(5), ReLU(), Dropout(0.5), Linear(2))
    assert names == ["flatten1", "relu1", "dropout1", "linear2"]


def test_a_linear_layer_knows_the_image_it_reads() -> None:
    found = cut(Conv2d(4, 3), Flatten(), Dropout(0.5), Linear(5), Linear(2))
    assert [s.flattened for s in found if isinstance(s.layer, Linear)] == [
        (4, 10, 10),
        (),
    ]


def test_a_stage_knows_its_place_in_the_network() -> None:
    """By it dropout draws, whatever was taken along before."""
    found = cut(Conv2d(4, 3), ReLU(), MaxPool2d(2), Dropout(0.5), Flatten())
    assert [stage.place for stage in found] == [0, 3, 4]


def test_a_last_softmax_belongs_to_the_loss() -> None:
    network = Network("n", (3,), (Linear(2), Softmax()))
    assert [s.name for s in stages(network, CrossEntropy())] == ["linear1"]
    assert [s.name for s in stages(network)] == ["linear1", "softmax1"]
    assert stages(Network("n", (3,), (Softmax(),)), CrossEntropy()) == []
