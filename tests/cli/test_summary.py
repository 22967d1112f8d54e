"""`mirada summary`."""

from pathlib import Path

import pytest

from mirada.analysis import summarize
from mirada.cli.summary import command
from mirada.models import MODELS, lenet5_lecture, vgg16
from mirada.network.file import to_toml
from tests.cli.calling import Caller
from tests.golden import golden

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("example", command.examples)
def test_every_example_runs(call: Caller, example: str) -> None:
    program, *words = example.split()
    called = call(*words)
    assert program == "mirada"
    assert called.code == 0 and called.out and called.err == ""


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("lenet5", "lenet5"),
        ("lenet5_lecture --explain", "lenet5_lecture-explained"),
        ("resnet18_cifar", "resnet18_cifar"),
    ],
)
def test_the_text(call: Caller, words: str, name: str) -> None:
    called = call("summary", *words.split())
    golden(GOLDEN / f"summary-{name}.txt", called.out)


def test_the_interface(call: Caller) -> None:
    called = call("summary", "vgg16", "--json")
    assert called.out.count("\n") == 1
    assert called.json == summarize(vgg16()).to_dict()
    assert called.json["totals"]["parameters"] == 138_357_544


def test_a_file_and_a_known_network_are_summed_up_alike(
    call: Caller, tmp_path: Path
) -> None:
    path = tmp_path / "net.toml"
    path.write_text(to_toml(lenet5_lecture()))
    file, known = call("summary", str(path)), call("summary", "lenet5_lecture")
    assert file.out == known.out
    assert "62,006" in file.out and "651,720" in file.out


def test_input_and_classes(call: Caller) -> None:
    called = call("summary", "lenet5", "input=3x32x32", "classes=4", "--json").json
    assert called["input_shape"] == [3, 32, 32]
    assert called["output_shape"] == [4]


def test_statistics_are_said_apart(call: Caller) -> None:
    assert "Running statistics, not learned: 9,600" in call("summary", "resnet18").out


def test_a_network_on_vectors_has_no_fields(call: Caller, tmp_path: Path) -> None:
    path = tmp_path / "fc.json"
    path.write_text('{"input": [784], "layers": ["linear 100", "linear 10"]}')
    called = call("summary", str(path))
    assert "Parameters: 79,510 (79,400 weights, 110 biases)" in called.out
    assert called.out.splitlines()[3].endswith("-")


def test_fields_that_are_not_square(call: Caller, tmp_path: Path) -> None:
    path = tmp_path / "flat.toml"
    path.write_text('input = "1x9x9"\nlayers = ["conv 1 3x1"]\n')
    assert call("summary", str(path)).out.splitlines()[3].endswith(" 3x1")


@pytest.mark.parametrize("name", MODELS)
def test_every_known_network(call: Caller, name: str) -> None:
    assert call("summary", name).code == 0


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ('input = "1x4x4"\nlayers = ["conv 2 9x9"]', "window-too-large", "line 2"),
        ("layers = [", "description-syntax", "not TOML"),
        ('input = "1x4x4"\nlayers = ["cnov 2"]', "text-unknown-kind", "line 2"),
    ],
)
def test_files_that_cannot_work(
    call: Caller, tmp_path: Path, text: str, code: str, words: str
) -> None:
    path = tmp_path / "net.toml"
    path.write_text(text)
    called = call("summary", str(path), "--json")
    assert called.code == 4
    error = called.json["error"]
    assert error["code"] == code and words in error["message"]


@pytest.mark.parametrize(
    ("words", "exit_code", "code"),
    [
        ("nowhere", 2, "network-unknown"),
        ("nowhere.toml", 4, "description-missing"),
        ("lenet5 --input 3x", 2, "input-option"),
        ("lenet5 --classes 0", 2, "whole-option"),
        ("lenet5 lenet5", 2, "usage"),
    ],
)
def test_refusals(call: Caller, words: str, exit_code: int, code: str) -> None:
    called = call("summary", *words.split(), "--json")
    assert (called.code, called.json["error"]["code"]) == (exit_code, code)


def test_sizes_of_a_fully_connected_network(call: Caller) -> None:
    called = call("summary", "784-300-100-10")
    assert (
        "Parameters, layer by layer: (784 + 1)*300 + (300 + 1)*100 + (100 + 1)*10 = "
        "235,500 + 30,100 + 1,010 = 266,610" in called.out
    )
    assert "layer by layer" not in call("summary", "lenet5").out


def test_a_module_of_pytorch(call: Caller, tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    path.write_text(
        "from torch.nn import Conv2d, ReLU, Sequential\n"
        "print('building')\n"
        "net = Sequential(Conv2d(3, 8, 5, padding=2), ReLU())\n"
    )
    given = (f"{path}:net", "--torch", "--input", "3x9x9")
    called = call("summary", *given, "--json")
    assert called.code == 0 and "building" in called.err
    assert called.json["output_shape"] == [8, 9, 9]
    assert called.json["totals"]["parameters"] == 3 * 25 * 8 + 8
    explained = call("explain", f"{path}:net", "0", "--torch")
    assert "8x224x224" in explained.out
    refused = call("summary", *given, "--classes", "3")
    assert refused.code == 2 and "classes-of-module" in refused.err
