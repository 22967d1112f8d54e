"""The ONNX file of a network computes what the law does, with its pixels and names."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from mirada.data.preprocessing import Preprocessing
from mirada.errors import InternalError, Phrase, UnsupportedError
from mirada.export import FORMATS, asking, export
from mirada.export import onnx as onnx_door
from mirada.export.onnx import MODEL, graph_text, onnx_bytes, onnx_outputs
from mirada.export.onnx_graph import onnx_graph
from mirada.export.onnx_layers import WRITERS
from mirada.export.onnx_operators import Graph
from mirada.export.probabilities import ending_in_softmax
from mirada.models import build
from mirada.network import (
    GELU,
    AvgPool2d,
    Concat,
    Conv2d,
    ConvTranspose2d,
    Flatten,
    Linear,
    MaxPool2d,
    Network,
    ReLU,
    Softmax,
    Upsample,
    join,
    named,
)
from mirada.network.layer import Layer
from mirada.network.text import LAYERS
from mirada.reference.first_order import first_order_bounds
from mirada.training.model import model_metadata
from tests.bounds import forward_bounds
from tests.export.test_exported import examples_for, model_of
from tests.golden import golden
from tests.refusal import refuses
from tests.strategies import lively_parameters, networks
from tests.tolerance import assert_within

graph_module = sys.modules["mirada.export.onnx_graph"]
GOLDEN = Path(__file__).parent / "golden"


def graph_for(network: Network, seed: int) -> tuple[Graph, Any, Preprocessing]:
    channels, height, width = network.input
    seen = Preprocessing((height, width), channels, mean=(0.4,), std=(0.3,))
    parameters = lively_parameters(network, seed)
    return onnx_graph(network, parameters, seen), parameters, seen


def computed(content: bytes, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    ran = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    images = np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))
    (found,) = ran.run(["probabilities"], {"image": images})
    return np.asarray(found)


def agrees(network: Network, seed: int, count: int = 2, *, deep: bool = False) -> None:
    """Onnxruntime is within the derived bound of the law, for a batch of any size."""
    graph, parameters, seen = graph_for(network, seed)
    content = onnx_bytes(graph, {})
    onnx.checker.check_model(content, full_check=True)
    shape = (count, *seen.size, seen.channels)
    pixels = np.random.default_rng(seed).integers(0, 256, shape, np.uint8)
    found, images = computed(content, pixels), seen.normalize(pixels)
    meant = ending_in_softmax(network)
    if deep:
        exact = first_order_bounds(meant, parameters, images, np.float32)
    else:
        with np.errstate(all="ignore"):
            every = forward_bounds(meant, parameters, images, np.float32)
        exact = every[meant.nodes[-1].name]
    bound = np.nan_to_num(exact.bound, nan=np.inf, posinf=np.inf)
    assert found.shape == (count, np.prod(network.output))
    assert_within(found, exact.value.reshape(found.shape), bound.reshape(found.shape))


def grey_or_colour(network: Network) -> bool:
    return len(network.input) == 3 and network.input[0] in (1, 3)


@settings(max_examples=100)
@given(
    network=networks(scores=True, most_layers=8).filter(grey_or_colour),
    seed=st.integers(0, 1000),
)
def test_drawn_networks_agree_with_the_law(network: Network, seed: int) -> None:
    agrees(network, seed)


@pytest.mark.parametrize(
    "layer",
    (
        Conv2d(4, (2, 3), padding="same-lower", stride=(2, 1)),
        Conv2d(3, 3, padding=(2, 0, 1, 3), groups=3),
        ConvTranspose2d(4, 3, stride=2, padding=(2, 1, 0, 1), output_padding=1),
        ConvTranspose2d(4, 2, padding=(0, 1, 0, 0), output_padding=2, dilation=3),
        MaxPool2d(3, (3, 2), (0, 1, 1, 0), dilation=2, ceil=True),
        AvgPool2d(3, 2, (1, 0, 0, 1), count_padding=False),
        AvgPool2d(3, 2, (0, 1, 1, 0), ceil=True),
        AvgPool2d(3, 2, (0, 1, 1, 0), ceil=True, count_padding=False),
        Upsample((2, 3), "bilinear"),
        GELU("tanh"),
    ),
    ids=lambda layer: layer.text(),
)
def test_sides_windows_and_formulas(layer: Layer) -> None:
    for height, width in ((11, 12), (8, 9), (7, 6)):
        given = (layer, Flatten(), Linear(3))
        agrees(Network("sides", (3, height, width), given), height)


def test_normalization_and_depth_of_a_known_network() -> None:
    agrees(build("mobilenet", (3, 16, 16), 4), 3, count=1, deep=True)


def test_the_graph_of_lenet5() -> None:
    graph, _, _ = graph_for(build("lenet5"), 1)
    golden(GOLDEN / "lenet5.onnx.txt", graph_text(graph) + "\n")


def test_every_layer_is_written() -> None:
    assert set(WRITERS) == set(LAYERS.values())


def test_names_that_the_graph_itself_uses() -> None:
    nodes = (
        named(Conv2d(2, 3), "image"),
        named(ReLU(), "probabilities"),
        named(Conv2d(2, 3), "preprocessing"),
        join(Concat(crop=True), "image", "probabilities"),
        *(Flatten(), named(Linear(2), "last"), named(Softmax(), "n")),
    )
    agrees(Network("names", (1, 8, 8), nodes), 2)


def test_metadata_and_names_are_the_model_s(tmp_path: Path) -> None:
    model = model_of()
    FORMATS["onnx"].write(model, examples_for(model), tmp_path)
    found = onnx.load_from_string((tmp_path / MODEL).read_bytes())
    told = {entry.key: entry.value for entry in found.metadata_props}
    digest = told.pop("graph_sha256")
    assert told == model_metadata(model) and len(digest) == 64
    assert json.loads(told["classes"]) == list(model.classes)
    held = {
        tensor.name: onnx.numpy_helper.to_array(tensor)
        for tensor in found.graph.initializer
    }
    for name, value in model.parameters.items():
        assert held[name].tobytes() == value.tobytes()
    assert found.opset_import[0].version >= 17


def test_a_graph_that_computes_something_else_is_not_given_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A planted bug: a padding on the wrong side."""
    turned = Conv2d(4, 3, padding=(1, 0, 1, 2))
    honest = WRITERS[Conv2d]
    wrong = dict(WRITERS)
    wrong[Conv2d] = lambda layer, place: honest(turned, place)
    monkeypatch.setattr(graph_module, "WRITERS", wrong)
    model, folder = model_of(), tmp_path / "out"
    found = export(model, "onnx", examples_for(model), folder)
    assert found.parity.passed is False and found.files == {}
    assert [*tmp_path.iterdir()] == []


def test_what_cannot_be_written_is_refused_before_anything_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = model_of()
    with monkeypatch.context() as patched:
        patched.setattr(graph_module, "WRITERS", {})
        with refuses(UnsupportedError, "onnx-layer", "'conv1'"):
            export(model, "onnx", examples_for(model), tmp_path / "out")
    with monkeypatch.context() as patched:
        patched.setattr(graph_module, "_MOST_BYTES", 100)
        with refuses(UnsupportedError, "onnx-too-large"):
            export(model, "onnx", examples_for(model), tmp_path / "out")
    with monkeypatch.context() as patched:
        patched.setitem(sys.modules, "onnx", None)
        with refuses(UnsupportedError, "onnx-missing", "mirada[export]"):
            export(model, "onnx", examples_for(model), tmp_path / "out")
    assert [*tmp_path.iterdir()] == []


def test_without_onnxruntime_nothing_is_said_to_have_passed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels = np.zeros((1, 6, 5, 3), np.uint8)
    with monkeypatch.context() as patched:
        patched.setattr(onnx_door, "find_spec", lambda name: None)
        found = onnx_outputs(tmp_path, pixels)
    assert str(found) == "not checked: onnxruntime is not installed"
    (tmp_path / "onnxruntime.py").write_text("raise ImportError('no library')")
    monkeypatch.syspath_prepend(str(tmp_path))
    found = onnx_outputs(tmp_path, pixels)
    assert isinstance(found, Phrase) and "no library" in str(found)
    monkeypatch.setattr(asking, "ask", lambda *given: asking.Failed("why"))
    with refuses(InternalError, "export-onnx-failed"):
        onnx_outputs(tmp_path, pixels)
