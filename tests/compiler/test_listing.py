"""A program as people look at it."""

import pytest

from mirada.compiler.listing import (
    calls_of,
    compiled,
    distinct,
    instructions,
    members,
    rows,
    streams,
)
from mirada.compiler.plan import plan
from mirada.compiler.sharing import shared
from mirada.compiler.target import host, target
from mirada.models import build, lenet5
from mirada.network import (
    Add,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Flatten,
    Linear,
    MaxPool2d,
    Network,
    Node,
    Recipe,
    ReLU,
    Softmax,
)

TWINS = Network(
    "twins",
    (4, 6, 6),
    (
        Node(Conv2d(4, 3, padding=1), "a"),
        Node(Conv2d(4, 3, padding=1), "b"),
        Node(Add(), "sum", "b", ("a",)),
        Node(ReLU(), "last"),
    ),
)


def test_stages_have_their_layers() -> None:
    program = plan(lenet5(), Recipe(), "predict", 16, host())
    found = {row.name: row for row in rows(lenet5(), program)}
    assert list(found) == [
        *("maxpool1", "maxpool2", "relu3", "relu4", "linear3"),
        *("enter", "leave"),
    ]
    assert found["maxpool1"].layers == ("conv1", "relu1", "maxpool1")
    assert found["maxpool1"].kernels == ("conv1.forward", "conv1.pack")
    assert found["maxpool1"].schedules == ("direct",)
    assert found["relu3"].layers == ("flatten1", "linear1", "relu3")
    assert found["enter"].layers == ()
    assert streams(program)


def test_every_call_is_in_one_row_and_every_layer_in_one_stage() -> None:
    net = build("resnet18_cifar", (3, 8, 8), 5)
    for mode in ("predict", "train"):
        program = plan(net, Recipe(), mode, 4, host())
        found = rows(net, program)
        names = [name for row in found for name in row.kernels]
        assert sorted(names) == sorted(call.name for call in program.calls)
        layers = [name for row in found for name in row.layers]
        assert sorted(layers) == sorted(node.name for node in net.nodes)
        assert not streams(program) or mode == "predict"


def test_layers_that_are_not_computed_belong_to_those_that_read_them() -> None:
    layers = (Dropout(0.5), Flatten(), Linear(3), Softmax())
    net = Network("flat", (1, 2, 2), layers)
    assert members(net, ["linear1"]) == {"linear1": ("dropout1", "flatten1", "linear1")}
    assert members(net, ["linear1", "softmax1"])["softmax1"] == ("softmax1",)
    assert members(net, []) == {}


def test_the_calls_of_a_layer_however_it_is_called() -> None:
    program = plan(lenet5(), Recipe(), "train", 8, host())
    names = [call.name for call in calls_of(lenet5(), program, "conv1")]
    assert "conv1.forward" in names and "conv1.weight_gradient" in names
    for name in ("relu1", "maxpool1"):
        assert [c.name for c in calls_of(lenet5(), program, name)] == names
    assert [c.name for c in calls_of(lenet5(), program, "update")] == ["update"]
    assert calls_of(lenet5(), program, "nowhere") == ()


def test_kernels_that_compute_the_same_are_one() -> None:
    program = plan(TWINS, Recipe(), "predict", 4, host())
    found = list(distinct(program.calls))
    calls = [call.name for one in found for call in one.calls]
    assert sorted(calls) == sorted(call.name for call in program.calls)
    packs = next(one for one in found if one.calls[0].name == "a.pack")
    assert [call.name for call in packs.calls] == ["a.pack", "b.pack"]
    kernels = {one.kernel.name: one.kernel for one in found}
    assert {name: kernel.name for name, kernel in shared(kernels).items()} == {
        name: name for name in kernels
    }


@pytest.mark.parametrize("name", ["native", "x86-64-v2", "aarch64", "riscv64"])
def test_machine_code_for_any_processor(name: str) -> None:
    net = Network("tiny", (1, 8, 8), (Conv2d(4, 3), MaxPool2d(2), Flatten(), Linear(3)))
    made = target(name)
    program = plan(net, Recipe(), "predict", 4, made)
    code = compiled(program, made)
    assert 100 < code.code_bytes < code.object_bytes
    assert code.emit_seconds > 0 and code.compile_seconds > 0
    text = instructions(program, made)
    assert all(f"{call.name}:" in text.replace('"', "") for call in program.calls)


def test_the_instructions_of_a_layer_alone() -> None:
    net = Network("two", (2, 6, 6), (Conv2d(4, 3), BatchNorm2d(), ReLU(), Conv2d(5, 3)))
    program = plan(net, Recipe(), "predict", 2, host())
    text = instructions(program, host(), calls_of(net, program, "conv2"))
    assert "conv2.forward:" in text and "conv1.forward" not in text
