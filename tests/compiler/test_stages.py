import pytest

from mirada.compiler.stages import Cut, Form, cut
from mirada.errors import UnsupportedError
from mirada.network import (
    INPUT,
    Add,
    AvgPool2d,
    BatchNorm2d,
    Concat,
    Conv2d,
    CrossEntropy,
    Dropout,
    Flatten,
    GlobalAvgPool2d,
    Layer,
    Linear,
    MaxPool2d,
    Network,
    Node,
    ReLU,
    Softmax,
    join,
    named,
)
from tests.refusal import refuses

PREDICT = Form()
TRAIN = Form(training=True, backward=True)


def made(
    *layers: Layer | Node, shape: tuple[int, ...] = (3, 12, 12), form: Form = TRAIN
) -> Cut:
    return cut(Network("n", shape, layers), form)


def taken(*layers: Layer | Node, form: Form = TRAIN) -> list[str]:
    """The last layer of each stage."""
    return [stage.name for stage in made(*layers, form=form).stages]


@pytest.mark.parametrize("form", [PREDICT, TRAIN])
def test_a_convolution_takes_relu_and_max_pooling_along(form: Form) -> None:
    assert taken(Conv2d(4, 3), ReLU(), MaxPool2d(2), form=form) == ["maxpool1"]
    assert taken(Conv2d(4, 3), MaxPool2d(2), ReLU(), form=form) == ["maxpool1", "relu1"]
    assert taken(Conv2d(4, 3), ReLU(), ReLU(), form=form) == ["relu1", "relu2"]
    (stage,) = made(Conv2d(4, 3), ReLU(), MaxPool2d(2), form=form).stages
    assert stage.relu
    assert stage.pool == MaxPool2d(2)
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


def test_pooling_stays_apart_where_that_is_asked_for() -> None:
    form = Form(unpooled=frozenset({"conv1"}))
    assert taken(Conv2d(4, 3), MaxPool2d(2), form=form) == ["conv1", "maxpool1"]
    grouped = Conv2d(3, 3, groups=3), MaxPool2d(2)
    assert taken(*grouped) == ["conv1", "maxpool1"]


def test_normalization_is_part_of_the_convolution_in_inference_alone() -> None:
    layers = Conv2d(4, 3), BatchNorm2d(), ReLU(), MaxPool2d(2)
    assert taken(*layers, form=PREDICT) == ["maxpool1"]
    assert taken(*layers) == ["conv1", "relu1", "maxpool1"]
    assert taken(*layers, form=Form(backward=True)) == ["conv1", "relu1", "maxpool1"]
    (stage,) = made(*layers, form=PREDICT).stages
    assert stage.norm is not None
    assert stage.norm.name == "batchnorm1"


RESIDUAL = (
    named(Conv2d(3, 3, padding=1), "first"),
    BatchNorm2d(),
    join(Add(), INPUT),
    named(ReLU(), "end"),
)


def test_a_sum_is_taken_along_with_what_is_added() -> None:
    (stage,) = made(*RESIDUAL, form=PREDICT).stages
    assert stage.adds
    assert (stage.name, stage.sources) == ("end", (INPUT, INPUT))
    first, second = made(*RESIDUAL).stages
    assert (first.name, first.adds) == ("first", False)
    assert (second.name, second.sources) == ("end", ("first", INPUT))
    assert second.shapes == ((3, 12, 12), (3, 12, 12))


def test_a_value_that_others_read_is_not_taken_along() -> None:
    layers = named(Conv2d(3, 3, padding=1), "c"), ReLU(), join(Add(), "c")
    assert taken(*layers) == ["c", "relu1", "add1"]
    again = Conv2d(3, 1), join(Add(), "conv1")
    assert taken(*again, form=PREDICT) == ["conv1", "add1"]
    three = Conv2d(3, 1), join(Add(), INPUT, INPUT)
    assert taken(*three, form=PREDICT) == ["conv1", "add1"]


def test_a_value_that_is_asked_for_is_not_taken_along() -> None:
    form = Form(wanted=frozenset({"relu1"}))
    assert taken(Conv2d(4, 3), ReLU(), MaxPool2d(2), form=form) == ["relu1", "maxpool1"]


def test_joins_read_what_their_layers_gave() -> None:
    layers = named(Conv2d(2, 3), "stem"), AvgPool2d(2), join(Concat(True), "stem")
    stage = made(*layers).stages[-1]
    assert stage.sources == ("avgpool1", "stem")
    assert stage.shapes == ((2, 5, 5), (2, 10, 10))
    assert stage.output == (4, 5, 5)


def test_a_linear_layer_takes_relu_along() -> None:
    names = taken(Flatten(), Linear(5), ReLU(), Dropout(0.5), Linear(2))
    assert names == ["relu1", "dropout1", "linear2"]


def test_a_flattened_image_stays_one_for_a_linear_layer() -> None:
    """And for layers of each element before it; else its order counts."""
    found = made(Conv2d(4, 3), Flatten(), Dropout(0.5), Linear(5), Linear(2))
    linear = [s.input for s in found.stages if isinstance(s.layer, Linear)]
    assert linear == [(4, 10, 10), (5,)]
    assert found.values["flatten1"] == "conv1"
    ordered = named(Flatten(), "one"), ReLU(), join(Concat(), "one"), Linear(2)
    assert taken(*ordered) == ["one", "relu1", "concat1", "linear1"]


def test_dropout_is_nothing_in_inference() -> None:
    layers = Conv2d(4, 3), Dropout(0.5), ReLU()
    assert taken(*layers) == ["conv1", "dropout1", "relu1"]
    found = made(*layers, form=PREDICT)
    assert [stage.name for stage in found.stages] == ["conv1", "relu1"]
    assert found.values["dropout1"] == "conv1"


def test_a_stage_knows_its_place_in_the_network() -> None:
    """By it dropout draws, whatever was taken along before."""
    found = made(Conv2d(4, 3), ReLU(), MaxPool2d(2), Dropout(0.5), GlobalAvgPool2d())
    assert [stage.place for stage in found.stages] == [0, 3, 4]


def test_a_last_softmax_belongs_to_the_loss() -> None:
    layers = Linear(2), Softmax()
    scores = made(*layers, shape=(3,), form=Form(True, True, CrossEntropy()))
    assert [stage.name for stage in scores.stages] == ["linear1"]
    assert scores.last == "linear1"
    whole = made(*layers, shape=(3,))
    assert [stage.name for stage in whole.stages] == ["linear1", "softmax1"]
    bare = made(Softmax(), shape=(3,), form=Form(True, True, CrossEntropy()))
    assert (bare.stages, bare.last) == ((), INPUT)


def test_windows_of_more_places_than_are_counted_are_refused() -> None:
    made(MaxPool2d(64), shape=(1, 70, 70))
    words = "does not compile 'maxpool 65'", "layer 'maxpool1' is one"
    with refuses(UnsupportedError, "native-layer", *words):
        made(MaxPool2d(65), shape=(1, 70, 70))
