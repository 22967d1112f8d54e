"""A network as a PyTorch module: Python that needs no mirada."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mirada.analysis import count_parameters
from mirada.data.preprocessing import Preprocessing
from mirada.export.torch_layers import LAYERS, Written
from mirada.export.torch_names import class_name, identifiers
from mirada.network import INPUT, BatchNorm2d, Network
from mirada.network.layer import shape_text
from mirada.version import __version__

__all__ = ["torch_source"]


def torch_source(
    network: Network,
    classes: Sequence[str] | None = None,
    preprocessing: Preprocessing | None = None,
) -> str:
    """A file `model.py`: the network as a plain `torch.nn.Module`.

    It has `load(path)`, which takes the weights of a run (`best.safetensors`) as they
    are; with `classes` also `class_names`, and with `preprocessing` a function
    `preprocess` from pixels to what the network takes.

    >>> from mirada.network import Conv2d, ReLU
    >>> text = torch_source(Network("tiny", (1, 5, 5), (Conv2d(2, 3), ReLU())))
    >>> [line.strip() for line in text.splitlines() if "conv1" in line]
    ['self.conv1 = nn.Conv2d(1, 2, 3)  # 2x3x3', 'x = self.conv1(x)']
    """
    names = identifiers(node.name for node in network.nodes)
    written = {
        node.name: LAYERS[type(node.layer)](node.layer, network.input_shapes(node))
        for node in network.nodes
    }
    module = [*_module(network, names, written)]
    body = "\n".join(module)
    parts = [
        _opening(network, preprocessing),
        _imports("functional." in body, preprocessing is not None),
    ]
    if classes is not None:
        parts.append(_classes(classes))
    if preprocessing is not None:
        parts.append("\n" + _preprocess(preprocessing))
    return "\n\n".join([*parts, body, _load(network, names)]) + "\n"


def _opening(network: Network, preprocessing: Preprocessing | None) -> str:
    total = sum(count_parameters(network, node).total for node in network.nodes)
    given = "preprocess(image)" if preprocessing else "images"
    return (
        f'"""{network.name} as a PyTorch module: {shape_text(network.input)} in, '
        f"{shape_text(network.output)} out, {total:,} parameters.\n\n"
        f"Written by mirada {__version__}; it needs PyTorch and safetensors, not "
        "mirada:\n\n"
        '    model = load("model.safetensors")\n'
        "    with torch.inference_mode():\n"
        f"        scores = model({given})\n"
        '"""'
    )


def _imports(functional: bool, numpy: bool) -> str:
    lines = ["import numpy as np"] if numpy else []
    lines += [
        "import torch",
        "from safetensors.torch import load_file",
        "from torch import nn",
    ]
    return "\n".join(lines + ["from torch.nn import functional"] * functional)


def _classes(classes: Sequence[str]) -> str:
    return "\n".join(["class_names = [", *(f"    {_quoted(n)}," for n in classes), "]"])


def _quoted(name: str) -> str:
    """Any text as a Python literal, in double quotes where that takes no escapes."""
    text = repr(name)
    return f'"{text[1:-1]}"' if text[0] == "'" and '"' not in text else text


def _preprocess(preprocessing: Preprocessing) -> str:
    """The pixels as the engines see them, by the same two float32 operations."""
    height, width = preprocessing.size
    channels = preprocessing.channels
    scale, offset = preprocessing.coefficients()
    what = "grey" if channels == 1 else "RGB"
    mean, deviation = (
        ", ".join(f"{value:.6g}" for value in values)
        for values in (preprocessing.mean, preprocessing.std)
    )
    return f'''def preprocess(image: np.ndarray) -> torch.Tensor:
    """What the model takes of uint8 {what} pixels, {height}x{width}x{channels} or \
a batch of such.

    (pixel / 255 - mean) / std for each channel; mean {mean}; std {deviation}.
    """
    pixels = np.asarray(image)
    if pixels.dtype != np.uint8 or pixels.shape[-3:] != ({height}, {width}, {channels}):
        raise ValueError(
            "uint8 pixels {height}x{width}x{channels} are needed; "
            f"got {{pixels.dtype}} {{pixels.shape}}"
        )
    batch = torch.from_numpy(pixels.copy()).reshape(-1, {height}, {width}, {channels})
    scale = torch.tensor({_numbers(scale)}).reshape(1, {channels}, 1, 1)
    offset = torch.tensor({_numbers(offset)}).reshape(1, {channels}, 1, 1)
    return batch.permute(0, 3, 1, 2).to(torch.float32) * scale + offset'''


def _numbers(values: NDArray[np.float32]) -> str:
    """float32 numbers by the fewest digits that give them back."""
    return f"[{', '.join(str(value) for value in values)}]"


def _module(
    network: Network, names: Mapping[str, str], written: Mapping[str, Written]
) -> Iterator[str]:
    makes = [
        f"self.{names[node.name]} = {written[node.name].make}"
        f"  # {shape_text(network.shapes[node.name])}"
        for node in network.nodes
        if written[node.name].make
    ]
    yield ""
    yield f"class {class_name(network.name)}(nn.Module):"
    shape, output = (
        f"(n, {', '.join(map(str, sizes))})"
        for sizes in (network.input, network.output)
    )
    yield f'    """float32 {shape} to {output}; weights begin as PyTorch has it."""'
    yield ""
    yield "    def __init__(self) -> None:"
    yield "        super().__init__()"
    yield from (f"        {line}" for line in makes)
    yield ""
    yield "    def forward(self, x: torch.Tensor) -> torch.Tensor:"
    yield from (f"        {line}" for line in _forward(network, names, written))


def _forward(
    network: Network, names: Mapping[str, str], written: Mapping[str, Written]
) -> Iterator[str]:
    """What the next layer alone reads is called `x`; anything else by its layer."""
    held = _variables(network, names)
    if held[INPUT] != "x":
        yield f"{held[INPUT]} = x"
    for node in network.nodes:
        inputs = [held[name] for name in node.inputs]
        places = {"out": held[node.name], "self": f"self.{names[node.name]}"}
        for line in written[node.name].call:
            yield line.format(*inputs, **places)
    yield f"return {held[network.nodes[-1].name]}"


def _variables(network: Network, names: Mapping[str, str]) -> dict[str, str]:
    held = {INPUT: "x", **names}
    order = [INPUT, *(node.name for node in network.nodes)]
    for name, after in zip(order, network.nodes, strict=False):
        held[name] = "x" if set(network.readers[name]) == {after.name} else held[name]
    held[order[-1]] = "x"
    if set(network.readers[INPUT]) != {network.nodes[0].name}:
        held[INPUT] = _unused("image", set(names.values()))
    return held


def _unused(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    return name


def _load(network: Network, names: Mapping[str, str]) -> str:
    """The function that reads the weights by the names that mirada gives them."""
    renamed = {old: new for old, new in names.items() if old != new}
    lines = [
        "",
        f"def load(path: str) -> {class_name(network.name)}:",
        '    """The model with the weights of a safetensors file, ready to predict."""',
        f"    model = {class_name(network.name)}()",
        "    weights = load_file(path)",
    ]
    if renamed:
        lines += [
            f"    renamed = {renamed!r}",
            "    for name in list(weights):",
            '        layer, _, parameter = name.rpartition(".")',
            "        if layer in renamed:",
            '            weights[f"{renamed[layer]}.{parameter}"] = weights.pop(name)',
        ]
    if any(isinstance(node.layer, BatchNorm2d) for node in network.nodes):
        lines += [
            "    for name, value in model.state_dict().items():",
            '        if name.endswith(".num_batches_tracked"):  # PyTorch\'s own count',
            "            weights[name] = value",
        ]
    lines += ["    model.load_state_dict(weights)", "    return model.eval()"]
    return "\n".join(lines)
