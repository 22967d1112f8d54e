"""What a form needs of a layer: its fields with their words, values and limits."""

from collections.abc import Iterator, Mapping
from typing import Any

from mirada.analysis.purpose import does
from mirada.errors import Phrase
from mirada.network import Layer
from mirada.network.text import read_node

__all__ = ["GROUPS", "fields_of", "kinds"]

_WORDS: Mapping[str, Phrase] = {
    "out_channels": Phrase("Filters"),
    "kernel_size": Phrase("Kernel"),
    "stride": Phrase("Stride"),
    "padding": Phrase("Padding"),
    "output_padding": Phrase("Output padding"),
    "dilation": Phrase("Dilation"),
    "groups": Phrase("Groups"),
    "bias": Phrase("Bias"),
    "init": Phrase("Weights begin as"),
    "ceil": Phrase("Round up"),
    "count_padding": Phrase("Count the padding"),
    "slope": Phrase("Slope"),
    "approximate": Phrase("Approximation"),
    "p": Phrase("Share dropped"),
    "epsilon": Phrase("Epsilon"),
    "momentum": Phrase("Momentum"),
    "out_features": Phrase("Outputs"),
    "scale": Phrase("Times as large"),
    "mode": Phrase("Pixels between"),
    "crop": Phrase("Crop the larger"),
}

GROUPS: Mapping[Phrase, tuple[str, ...]] = {
    Phrase("Learn"): (
        "conv 16 3x3 pad 1",
        "linear 10",
        "convtranspose 16 2x2 stride 2",
    ),
    Phrase("Make smaller"): ("maxpool 2", "avgpool 2", "globalavgpool", "flatten"),
    Phrase("Activate"): (
        *("relu", "leakyrelu", "relu6", "sigmoid", "tanh", "gelu", "silu"),
        *("hardsigmoid", "hardswish", "softmax"),
    ),
    Phrase("Steady"): ("batchnorm", "dropout 0.5"),
    Phrase("Join and enlarge"): ("add", "multiply", "concat", "upsample 2"),
}
"""What a layer can be added as, every kind once."""


def fields_of(layer: Layer) -> Iterator[dict[str, Any]]:
    """Each field: its name and word, its value and default, and its form control."""
    for name, limit in layer.limits().items():
        words = _WORDS.get(name)
        yield {
            "name": name,
            "label": str(words) if words is not None else name,
            "value": limit.plain(getattr(layer, name)),
            "default": None if limit.required else limit.plain(limit.default),
            "is_required": limit.required,
            "control": dict(limit.control()),
        }


def kinds() -> Iterator[dict[str, Any]]:
    """Every kind of layer, by what it is added for."""
    for group, texts in GROUPS.items():
        layers = [read_node(text).layer for text in texts]
        yield {
            "title": str(group),
            "layers": [
                {"text": text, "kind": layer.kind, "does": str(does(layer))}
                for text, layer in zip(texts, layers, strict=True)
            ],
        }
