"""ONNX files become networks that compute the same."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirada.data.preprocessing import Preprocessing
from mirada.errors import FileError, UsageError
from mirada.export.onnx import onnx_bytes
from mirada.export.onnx_graph import onnx_graph
from mirada.export.probabilities import ending_in_softmax
from mirada.importing import Normalization, read_onnx
from mirada.importing.naming import legal_name
from mirada.network import Conv2d, Network
from mirada.reference.rounding import Bounded
from mirada.training import Model, load_model, save_model
from mirada.training.model import model_metadata
from mirada.training.scores import class_count
from tests.bounds import forward_bounds
from tests.export.test_onnx import grey_or_colour
from tests.importing.elsewhere import (
    MODELS,
    VGG,
    Normalized,
    agrees,
    exported,
    graph,
    noise,
    small,
)
from tests.refusal import refuses
from tests.strategies import lively_parameters, networks
from tests.tolerance import assert_within


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("importing") / "some model.onnx"


def model_of(network: Network, seed: int) -> Model:
    channels, height, width = network.input
    seen = Preprocessing((height, width), channels, "squash", (0.4,), (0.3,))
    names = tuple(f"<b>{n}" for n in range(class_count(network)))
    return Model(network, lively_parameters(network, seed), names, seen, {"epoch": 3})


@settings(max_examples=60)
@given(
    network=networks(scores=True, most_layers=8).filter(grey_or_colour),
    seed=st.integers(0, 1000),
)
def test_what_mirada_exports_comes_back(
    network: Network, seed: int, file: Path
) -> None:
    """As it was, by the metadata; and by the graph alone it computes the same."""
    model = model_of(network, seed)
    made = onnx_graph(network, model.parameters, model.preprocessing)
    file.write_bytes(onnx_bytes(made, model_metadata(model)))
    save_model(file.with_suffix(".one"), model)
    save_model(file.with_suffix(".two"), read_onnx(file).model)
    assert (
        file.with_suffix(".one").read_bytes() == file.with_suffix(".two").read_bytes()
    )
    file.write_bytes(onnx_bytes(made, {}))
    found = read_onnx(file).model
    shape = (2, *model.preprocessing.size, model.preprocessing.channels)
    pixels = np.random.default_rng(seed).integers(0, 256, shape, np.uint8)
    meant = ending_in_softmax(network)
    exact = outputs(meant, model, pixels), outputs(found.network, found, pixels)
    bound = np.nan_to_num(sum(one.bound for one in exact), nan=np.inf, posinf=np.inf)
    assert_within(exact[1].value, exact[0].value, bound)


def outputs(network: Network, model: Model, pixels: Any) -> Bounded:
    """What a network means with a model's parameters, one row an image."""
    images = model.preprocessing.normalize(pixels)
    with np.errstate(all="ignore"):
        every = forward_bounds(network, model.parameters, images, np.float32)
    last = every[network.nodes[-1].name]
    rows = (len(pixels), -1)
    return Bounded(last.value.reshape(rows), last.bound.reshape(rows), last.u)


def test_metadata_that_no_longer_speak_of_the_graph_are_left_aside(file: Path) -> None:
    """A planted lie: the description stays, and a layer of the graph is another."""
    model = model_of(read_small(file).model.network, 1)
    made = onnx_graph(model.network, model.parameters, model.preprocessing)
    content = onnx_bytes(made, model_metadata(model))
    changed = onnx.load_from_string(content)
    (relu,) = [node for node in changed.graph.node if node.op_type == "Relu"]
    relu.op_type = "Tanh"
    file.write_bytes(changed.SerializeToString())
    found = read_onnx(file).model
    kinds = [node.layer.kind for node in found.network.nodes]
    assert "tanh" in kinds and "relu" not in kinds
    assert found.classes == model.classes


def read_small(file: Path, **more: Any) -> Any:
    body = "c = Conv(x, w) r = Relu(c) f = Flatten(r) y = Gemm<transB=1>(f, v)"
    file.write_bytes(small(body, w=noise(2, 1, 3, 3), v=noise(2, 8)))
    return read_onnx(file, **more)


@pytest.mark.parametrize("name", MODELS)
def test_what_pytorch_exports(name: str, file: Path) -> None:
    make, opset = MODELS[name]
    for folded in (True, False):
        content = exported(make, opset, 34, folded=folded, open=not folded)
        found = agrees(content, file)
        assert found.producer.startswith("pytorch")
        if name == "resnet" and not folded:
            names = [node.name for node in found.model.network.nodes]
            assert names[:2] == ["conv1", "bn1"]
            assert {"layer1_1_downsample_0", "layer1_1_bn2", "fc"} <= set(names)


def test_logarithms_of_shares_are_left_out(file: Path) -> None:
    weights = noise(16, 2)
    found = []
    for end in ("y = MatMul(f, w)", "z = MatMul(f, w) y = LogSoftmax(z)"):
        file.write_bytes(small(f"f = Flatten(x) {end}", w=weights))
        found.append(read_onnx(file))
    one, two = found
    assert one.model.network == two.model.network
    assert "logarithm of softmax" in str(two.notes[0])


def test_normalization_inside_becomes_preprocessing(file: Path) -> None:
    plain = exported(VGG, 17, 34, folded=True, open=False)
    inside = exported(lambda: Normalized(VGG()), 17, 34, folded=True, open=False)
    file.write_bytes(inside)
    found = read_onnx(file)
    seen = found.model.preprocessing
    assert seen.mean == pytest.approx((0.485, 0.456, 0.406), rel=1e-6)
    assert seen.std == pytest.approx((0.229, 0.224, 0.225), rel=1e-6)
    assert "pixels from 0 to 1" in str(found.notes[0])
    named = Normalization((0.485,), (0.2,))
    with refuses(UsageError, "import-normalized"):
        read_onnx(file, normalization=named)
    file.write_bytes(plain)
    other = read_onnx(file, normalization=named).model
    assert other.preprocessing.mean == (0.485,) * 3
    layers = [node.layer for node in other.network.nodes]
    assert layers == [node.layer for node in found.model.network.nodes]


def test_pixels_to_255_are_told_by_their_numbers(file: Path) -> None:
    body = "c = Conv(b, w) p = GlobalAveragePool(c) y = Flatten(p)"
    for steps, mean, std in (
        ("a = Sub(x, m) b = Div(a, s)", 127.5 / 255, 0.25),
        ("b = Div(x, s)", 0.0, 0.25),
    ):
        content = small(
            f"{steps} {body}",
            m=np.float32(127.5),
            s=np.float32(63.75),
            w=noise(2, 1, 3, 3),
        )
        file.write_bytes(content)
        seen = read_onnx(file).model.preprocessing
        assert (seen.mean, seen.std) == ((mean,), (std,))


def test_channels_in_the_last_axis(file: Path) -> None:
    """As converters from Keras write: transposes around every window, and a flatten."""
    content = graph(
        """g (float[n,9,8,3] x) => (float[n,4] y) {
            t = Transpose<perm=[0,3,1,2]>(x)
            c = Conv<auto_pad="SAME_UPPER", strides=[2,2]>(t, w)
            u = Transpose<perm=[0,2,3,1]>(c)
            a = Add(u, b)
            r = Relu(a)
            v = Transpose<perm=[0,3,1,2]>(r)
            m = MaxPool<kernel_shape=[2,2], pads=[0,0,1,0]>(v)
            p = Transpose<perm=[0,2,3,1]>(m)
            f = Reshape(p, shape)
            k = MatMul(f, d)
            z = Add(k, e)
            y = Softmax(z)
        }""",
        w=noise(5, 3, 3, 3),
        b=noise(5),
        shape=np.array([-1, 75]),
        d=noise(75, 4),
        e=noise(4),
    )
    found = agrees(content, file, last=True)
    kinds = [node.layer.kind for node in found.model.network.nodes]
    assert kinds == ["conv", "relu", "maxpool", "flatten", "linear", "softmax"]


def test_borders_and_constants_by_themselves(file: Path) -> None:
    content = graph(
        """g (float[n,1,6,6] x) => (float[n,2] y) {
            one = Constant<value_ints=[0,0,1,1,0,0,2,0]>()
            p = Pad(x, one)
            w = Transpose<perm=[3,2,0,1]>(turned)
            c = Conv(p, w)
            r = Relu(c)
            q = Pad(r, two)
            m = MaxPool<kernel_shape=[3,3], strides=[2,2]>(q)
            h = Identity(m)
            f = Flatten(h)
            d = Dropout(f)
            y = Gemm<transB=1, alpha=0.5>(d, v, b)
        }""",
        turned=noise(3, 3, 1, 4),
        two=np.array([0, 0, 0, 0, 0, 0, 1, 1]),
        v=noise(2, 24),
        b=noise(1, 2),
    )
    layer = agrees(content, file).model.network.nodes[0].layer
    assert isinstance(layer, Conv2d) and layer.padding == (1, 2, 1, 0)


def test_numbers_of_other_lengths_are_converted_and_told(file: Path) -> None:
    content = small(
        "c = Cast<to=1>(w) f = Flatten(x) y = MatMul(f, c)",
        w=noise(16, 2).astype(np.float16),
    )
    found = agrees(content, file)
    assert any("not float32" in str(note) for note in found.notes)


def test_classes_by_option_or_by_number(file: Path) -> None:
    assert read_small(file).model.classes == ("0", "1")
    assert read_small(file, classes=("cat", "dog")).model.classes == ("cat", "dog")
    with refuses(FileError, "model-classes"):
        read_small(file, classes=("cat",))


@pytest.mark.parametrize(
    "name", ("../../etc/passwd", "<script>alert(1)</script>", "a\nb", "as", "x" * 300)
)
def test_hostile_names_become_legal(name: str, file: Path, tmp_path: Path) -> None:
    model = onnx.load_from_string(
        small("f = Flatten(x) y = MatMul(f, w)", w=noise(16, 2))
    )
    for tensor in model.graph.initializer:
        tensor.name = f"{name}.weight"
    model.graph.node[1].input[1] = f"{name}.weight"
    file.write_bytes(model.SerializeToString())
    found = read_onnx(file).model
    save_model(tmp_path / "m.safetensors", found)
    assert load_model(tmp_path / "m.safetensors").network == found.network
    assert legal_name("\x00///") == ""


def test_what_the_output_does_not_need_is_left_out(file: Path) -> None:
    dead = "e = Elu(x) s = LRN<size=3>(e)"
    text = f"r = Relu(x) {dead} f = Flatten(r) y = MatMul(f, w)"
    found = agrees(small(text, w=noise(16, 2)), file)
    kinds = [node.layer.kind for node in found.model.network.nodes]
    assert kinds == ["relu", "flatten", "linear"]
