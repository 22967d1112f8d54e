"""What a training of the lab is asked to be: the wishes that `mirada train` takes."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from mirada.engines import ENGINES
from mirada.errors import UsageError
from mirada.lab.asked import Asked
from mirada.near_names import did_you_mean
from mirada.network import Rate
from mirada.network.file import from_toml
from mirada.network.head import head_of
from mirada.network.text import OPTIMIZERS, SCHEDULES, read_value
from mirada.tasks.prepare import AUTOMATIC, Order
from mirada.tasks.trained import trained
from mirada.training import Wishes
from mirada.training.controls import LARGEST_RATE

__all__ = ["OPTIONS", "begun_with", "order_of", "read_options", "wishes_of"]

_LEAST_RATE = 1e-9
_MOST_TEXT = 1 << 20
_LARGEST_SIDE = 1024
_MOST_PATTERN = 80

Reader = Callable[[Asked, str], Any]


def _whole(low: int, high: int) -> Reader:
    return lambda asked, name: asked.whole(name, low, high)


def _number(low: float, high: float) -> Reader:
    return lambda asked, name: asked.number(name, low, high)


def _one_of(kinds: Mapping[str, type[Any]]) -> Reader:
    return lambda asked, name: read_value(asked.text(name), kinds)


OPTIONS: Mapping[str, Reader] = {
    "epochs": _whole(1, 100_000),
    "batch_size": _whole(1, 65536),
    "learning_rate": _number(_LEAST_RATE, LARGEST_RATE),
    "optimizer": _one_of(OPTIMIZERS),
    "schedule": _one_of(SCHEDULES),
    "augment": lambda asked, name: asked.text(name),
    "class_weights": lambda asked, name: asked.text(name),
    "seed": _whole(0, 2**32 - 1),
    "seconds": _number(0.1, 1e7),
    "patience": _whole(0, 100_000),
    "threads": _whole(1, 256),
    "engine": lambda asked, name: asked.choice(name, ENGINES),
    "ema": _number(0.0, 0.999999),
    "gradient_clip": _number(0.0, 1e6),
    "validation": _number(0.0, 0.9),
    "test": _number(0.0, 0.9),
    "group_by": lambda asked, name: asked.text(name, most=_MOST_PATTERN),
    "size": _whole(1, _LARGEST_SIDE),
}
"""What may be said of a training: the names of `Wishes`, and the `size` of images.

The size is for a network that is chosen; one that is given has its own.
"""


def wishes_of(options: Mapping[str, Any]) -> Wishes:
    """The wishes that options stand for; what is null or missing is left open.

    Raises what `read_options` does.

    >>> wishes_of({"epochs": 3, "seed": None}).epochs
    3
    """
    found = read_options(options)
    return Wishes(**{name: found[name] for name in found.keys() - {"size"}})


def read_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """What options say, without what is null.

    Raises UsageError (`training-option`, `request-field`), and what texts are refused
    with.
    """
    for name in options:
        if name not in OPTIONS:
            raise UsageError(
                "training-option",
                "A training has no option {name!r}. It has: {known}. {hint}",
                name=name[:60],
                known=", ".join(OPTIONS),
                hint=did_you_mean(name[:60], OPTIONS, 2),
            )
    given = {name: value for name, value in options.items() if value is not None}
    asked = Asked(value=given)
    return {name: OPTIONS[name](asked, name) for name in given}


def order_of(value: Mapping[str, Any]) -> Order:
    """The order of a request: {"network": TOML or "", "data", "options": {}}.

    Without a network one is chosen for the data. Raises what `wishes_of` and
    `network.file.from_toml` do.
    """
    asked = Asked(value=value)
    options = value.get("options")
    if not isinstance(options, dict):
        options = {}
    wishes, size = wishes_of(options), read_options(options).get("size")
    source, text = asked.text("data"), asked.text("network", "", most=_MOST_TEXT)
    if not source:
        raise UsageError(
            "training-without-data", "Choose first what to train on, in the room Data."
        )
    if not text.strip():
        return Order(AUTOMATIC, source, size, wishes)
    described = from_toml(text)
    network = described.network
    if described.recipe is not None:
        wishes = Wishes(**{**vars(wishes), "recipe": described.recipe})
    return Order(network.name, source, wishes=wishes, described=network)


def begun_with(order: Order, value: Mapping[str, Any]) -> Order:
    """The order with the weights that a request names: {"weights": PATH, "freeze"}.

    With `freeze` the head learns alone. Raises what `tasks.trained.trained` does.
    """
    asked = Asked(value=value)
    path = asked.text("weights", "")
    if not path:
        return order
    model = trained(path)
    wishes = replace(order.wishes, weights=model, weights_from=path)
    head = head_of(order.described or model.network)
    if asked.flag("freeze") and head is not None:
        wishes = replace(wishes, freeze=("*",), rates=(Rate(head.name, 1.0),))
    return replace(order, wishes=wishes)
