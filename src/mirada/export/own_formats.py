"""What mirada itself reads again: the file of weights, and the description alone."""

from pathlib import Path

from mirada.errors import Phrase
from mirada.export.format import Answered, Examples, Format, Pixels, one_image_ms
from mirada.export.python_source import python_source
from mirada.export.torch import WEIGHTS
from mirada.network.file import to_json, to_toml
from mirada.training import Model, load_model, save_model
from mirada.training.disk import write_text

__all__ = ["DESCRIPTION", "OWN_WEIGHTS"]


def _write_weights(model: Model, examples: Examples, folder: Path) -> None:
    save_model(folder / WEIGHTS, model)


def _weights_outputs(folder: Path, pixels: Pixels) -> Answered:
    """What the file gives when it is read again."""
    model = load_model(folder / WEIGHTS)
    engine, normalize = model.engine(exact=True), model.preprocessing.normalize
    latency = one_image_ms(lambda image: engine.predict(normalize(image)), pixels)
    return Answered(engine.predict(normalize(pixels)), latency)


def _write_description(model: Model, examples: Examples, folder: Path) -> None:
    network = model.network
    write_text(folder / "network.toml", to_toml(network))
    write_text(folder / "network.json", to_json(network) + "\n")
    write_text(folder / "network.py", python_source(network))


OWN_WEIGHTS = Format(
    Phrase(
        "One safetensors file with the weights and all that prediction needs, to use "
        "with mirada on another computer."
    ),
    _write_weights,
    _weights_outputs,
)
DESCRIPTION = Format(
    Phrase(
        "The network without its weights, as TOML, JSON and Python: to change it, "
        "train it anew, or print it."
    ),
    _write_description,
)
