"""A compiler and workbench for convolutional networks.

    import mirada

    data = mirada.load("digits")
    network = mirada.build("digits", input=(1, 8, 8), classes=10)
    outcome = mirada.train(network, data, "runs/first", epochs=20)
    model = mirada.load_model(outcome.weights)
    shares = model.predict(data.images[:3])

Names are looked up when they are first used, so that importing mirada takes no time.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from mirada.version import __version__

if TYPE_CHECKING:
    from mirada.analysis import summarize
    from mirada.data import load
    from mirada.engines import create
    from mirada.errors import MiradaError
    from mirada.importing.torch import network_of as from_torch
    from mirada.models import build
    from mirada.network import Network, Recipe
    from mirada.network.file import from_json, from_toml, read, to_json, to_toml
    from mirada.training import Model, load_model
    from mirada.training.start import start as train

__all__ = [
    "MiradaError",
    "Model",
    "Network",
    "Recipe",
    "__version__",
    "build",
    "create",
    "from_json",
    "from_toml",
    "from_torch",
    "load",
    "load_model",
    "read",
    "summarize",
    "to_json",
    "to_toml",
    "train",
]

_PLACES = {
    "MiradaError": ("mirada.errors", "MiradaError"),
    "Model": ("mirada.training", "Model"),
    "Network": ("mirada.network", "Network"),
    "Recipe": ("mirada.network", "Recipe"),
    "build": ("mirada.models", "build"),
    "create": ("mirada.engines", "create"),
    "from_json": ("mirada.network.file", "from_json"),
    "from_toml": ("mirada.network.file", "from_toml"),
    "from_torch": ("mirada.importing.torch", "network_of"),
    "load": ("mirada.data", "load"),
    "load_model": ("mirada.training", "load_model"),
    "read": ("mirada.network.file", "read"),
    "summarize": ("mirada.analysis", "summarize"),
    "to_json": ("mirada.network.file", "to_json"),
    "to_toml": ("mirada.network.file", "to_toml"),
    "train": ("mirada.training.start", "start"),
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'mirada' has no attribute {name!r}")
    module, attribute = _PLACES[name]
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
