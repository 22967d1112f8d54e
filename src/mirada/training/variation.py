"""A network and its training with some values changed, as a search tries them.

Names are those of the command line (`lr`, `batch`, `optimizer`, ...), fields of the
optimizer (`momentum`, `optimizer.weight_decay`), `network` for known networks, `depth`
for automatic ones, and fields of layers by the layer's name (`conv1.out_channels`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mirada import models
from mirada.errors import ConfigurationError
from mirada.near_names import did_you_mean
from mirada.network import Network, Node
from mirada.network.layer import Layer
from mirada.network.text import OPTIMIZERS, SCHEDULES, read_value
from mirada.training.plan import Plan
from mirada.training.search import Given, Searched
from mirada.training.wishes import Wishes

__all__ = ["Base", "Variation", "deepened", "require_known", "varied"]

_WISHES: Mapping[str, tuple[str, Callable[[Any], Any]]] = {
    "lr": ("learning_rate", float),
    "batch": ("batch_size", int),
    "epochs": ("epochs", int),
    "seed": ("seed", int),
    "clip": ("gradient_clip", float),
    "ema": ("ema", float),
    "smoothing": ("smoothing", float),
    "patience": ("patience", int),
    "augment": ("augment", str),
    "class_weights": ("class_weights", str),
    "optimizer": ("optimizer", lambda text: read_value(str(text), OPTIMIZERS)),
    "schedule": ("schedule", lambda text: read_value(str(text), SCHEDULES)),
}
_SHORT = ("momentum", "weight_decay", "nesterov")
_OPTIMIZER = "optimizer."
_ENDS_BLOCK = "maxpool"
_MOST_CHANNELS = 256


@dataclass(frozen=True)
class Base:
    """What a search begins from: a plan, the wishes for it, and whether it was chosen.

    Only a network that was chosen automatically has a `depth` to vary.
    """

    plan: Plan
    wishes: Wishes
    is_automatic: bool = False

    @property
    def network(self) -> Network:
        """The network as it is."""
        return self.plan.configuration.network


@dataclass(frozen=True)
class Variation:
    """A network and what is wished of its training.

    `model` names a known network that takes the place of the one there was; `is_own`
    says that the network is none that has a name any more.
    """

    network: Network
    wishes: Wishes
    model: str = ""
    is_own: bool = False


def require_known(space: list[Searched], base: Base) -> None:
    """Refuses names that nothing has.

    Raises ConfigurationError (`search-unknown`, `search-depth`, `search-twice`).
    """
    names = [item.name for item in space]
    for name in names:
        if names.count(name) > 1:
            raise ConfigurationError(
                "search-twice",
                "--search names {name!r} twice. Put all its values into one.",
                name=name,
            )
    if "depth" in names and not base.is_automatic:
        raise ConfigurationError(
            "search-depth",
            "--search depth varies a network that is chosen automatically, but "
            "{network!r} was given. Leave the network out, or search fields of its "
            "layers.",
            network=base.network.name,
        )
    is_open = "depth" in names or "network" in names
    known = [*_WISHES, *_SHORT, "network", "depth", *_layer_fields(base.network)]
    for name in names:
        is_layer = is_open and "." in name and not name.startswith(_OPTIMIZER)
        is_optimizer = name.startswith(_OPTIMIZER) and _has_field(name)
        if name not in known and not is_layer and not is_optimizer:
            raise _unknown(name, known, base.network)


def varied(base: Base, values: Mapping[str, Given]) -> Variation:
    """The base with these values.

    A field of a layer that this network has not, because its depth or the network
    itself is searched too, changes nothing.

    Raises DescriptionError for what no network can be, UsageError for an unknown
    network, ConfigurationError (`search-value`) for a value of another kind.
    """
    found = _network(base, values)
    wishes = found.wishes
    for name, value in values.items():
        if name in _WISHES:
            field, kind = _WISHES[name]
            wishes = replace(wishes, **{field: _converted(name, value, kind)})
    wishes = _with_optimizer(base, wishes, values)
    return replace(found, wishes=wishes)


def deepened(base: Network, depth: int) -> Network:
    """The network with so many of its blocks, each of which ends in a max pooling.

    Blocks beyond those that it has repeat the last with twice the filters, up to 256;
    what follows the last block stays.

    >>> from mirada.models import cifar
    >>> [node.layer.text() for node in deepened(cifar(), 1).nodes][:4]
    ['conv 32 3x3 pad 1', 'relu', 'maxpool 2', 'flatten']
    >>> deepened(cifar(), 4).shapes["maxpool4"]
    (256, 2, 2)
    """
    layers = [node.layer for node in base.nodes]
    ends = [n for n, layer in enumerate(layers) if layer.kind == _ENDS_BLOCK]
    if not ends or any(node.others for node in base.nodes) or depth < 0:
        raise ConfigurationError(
            "depth-of-network",
            "Network {network!r} cannot be given depth {depth}: a depth is a number of "
            "blocks that follow each other, each ending in a max pooling. Search "
            "fields of its layers.",
            network=base.name,
            depth=depth,
        )
    starts = [0, *(end + 1 for end in ends)]
    blocks = [
        layers[first : last + 1] for first, last in zip(starts, ends, strict=False)
    ]
    while len(blocks) < depth:
        blocks.append([_wider(layer) for layer in blocks[-1]])
    kept = [layer for block in blocks[:depth] for layer in block]
    return Network(f"depth-{depth}", base.input, [*kept, *layers[ends[-1] + 1 :]])


def _wider(layer: Layer) -> Layer:
    """The layer with twice the filters where it has any."""
    if "out_channels" not in layer.limits():
        return layer
    found: Any = layer
    filters = max(min(2 * found.out_channels, _MOST_CHANNELS), found.out_channels)
    wider: Layer = replace(found, out_channels=filters)
    return wider


def _network(base: Base, values: Mapping[str, Given]) -> Variation:
    network, model, is_own = base.network, "", False
    if "network" in values:
        model = str(values["network"])
        network = models.build(model, network.input, network.output[0])
    if "depth" in values:
        network = deepened(network, _converted("depth", values["depth"], int))
        is_own = True
    nodes = list(network.nodes)
    for place, node in enumerate(nodes):
        changed = _changes(node, values)
        if changed:
            layer: Any = node.layer
            nodes[place] = replace(node, layer=replace(layer, **changed))
    if nodes != list(network.nodes):
        is_own = True
        network = Network(network.name, network.input, nodes)
    return Variation(network, base.wishes, model, is_own)


def _changes(node: Node, values: Mapping[str, Given]) -> dict[str, Any]:
    limits, prefix = node.layer.limits(), node.name + "."
    found = {}
    for name, value in values.items():
        field = name.removeprefix(prefix)
        if name.startswith(prefix) and field in limits:
            is_text = isinstance(value, str)
            found[field] = limits[field].read(str(value)) if is_text else value
    return found


def _with_optimizer(base: Base, wishes: Wishes, values: Mapping[str, Given]) -> Wishes:
    """The wishes with fields of the optimizer changed, where it has them."""
    asked = {
        name.removeprefix(_OPTIMIZER): value
        for name, value in values.items()
        if name in _SHORT or name.startswith(_OPTIMIZER)
    }
    found: Any = wishes.optimizer or base.plan.configuration.recipe.optimizer
    limits = found.limits()
    kept = {
        name: limits[name].read(value) if isinstance(value, str) else value
        for name, value in asked.items()
        if name in limits
    }
    return replace(wishes, optimizer=replace(found, **kept)) if kept else wishes


def _converted(name: str, value: Given, kind: Callable[[Any], Any]) -> Any:
    try:
        found = kind(value)
    except (ValueError, TypeError) as error:
        if hasattr(error, "code"):
            raise
        found = None
    if found is None or (kind is int and found != value):
        raise ConfigurationError(
            "search-value",
            "--search gives {name} the value {value!r}, which is of another kind. Give "
            "values as the option of 'mirada train' takes them.",
            name=name,
            value=value,
        )
    return found


def _layer_fields(network: Network) -> list[str]:
    return [f"{n.name}.{field}" for n in network.nodes for field in n.layer.limits()]


def _has_field(name: str) -> bool:
    field = name.removeprefix(_OPTIMIZER)
    return any(field in kind.limits() for kind in OPTIMIZERS.values())


def _unknown(name: str, known: list[str], network: Network) -> ConfigurationError:
    return ConfigurationError(
        "search-unknown",
        "--search does not know {name!r}. It knows {known}, and fields of the layers "
        "of {network!r} as in {example!r}. {hint}",
        name=name[:60],
        known=", ".join([*_WISHES, *_SHORT[:2], "network", "depth"]),
        network=network.name,
        example=next(iter(_layer_fields(network)), "conv1.out_channels"),
        hint=did_you_mean(name, known),
    )
