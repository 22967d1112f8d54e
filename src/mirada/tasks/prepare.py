"""From the words of a command line to a plan: the network, the data, every value."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from mirada import models
from mirada.data import Dataset, load, quick_warnings
from mirada.data.groups import UNGROUPED
from mirada.data.naming import shown_path
from mirada.data.sources import DIGITS
from mirada.errors import ConfigurationError, Phrase, ShapeError
from mirada.language import translate
from mirada.network import Network, Recipe, Shape
from mirada.network.file import Description
from mirada.network.head import with_classes
from mirada.network.layer import shape_text
from mirada.talk import say
from mirada.tasks.networks import described
from mirada.training import Configuration, Model, Origin, Plan, Wishes, resolve
from mirada.training.folder import SPLIT
from mirada.training.scores import class_count

__all__ = [
    "AUTOMATIC",
    "Chosen",
    "Order",
    "choose",
    "going_on",
    "loaded",
    "prepare",
]

AUTOMATIC = "auto"

_UNEVEN = 5
_GIVEN = Origin("given")

T = TypeVar("T")


@dataclass(frozen=True)
class Order:
    """What is to be trained on what: a name or a file, a source, a size of images.

    `described` takes the place of the name where a run is gone on with.
    """

    network: str
    source: str
    size: int | None = None
    wishes: Wishes = field(default_factory=Wishes)
    described: Network | None = None


class Chosen(NamedTuple):
    """The network and the images of an order, and the recipe of a description."""

    network: Network
    data: Dataset
    origin: Origin = _GIVEN
    recipe: Recipe | None = None

    def plan(self, wishes: Wishes, source: str) -> Plan:
        """The plan to train this network on these images as is wished."""
        if wishes.recipe is None:
            wishes = replace(wishes, recipe=self.recipe)
        return resolve(
            self.data, self.network, wishes, source=source, origin=self.origin
        )


def going_on(order: Order, stored: Configuration, folder: Path) -> Order:
    """The order with what is not said taken from the run that is gone on with."""
    asked, facts = order.wishes, stored.data
    from_file = "data.split" in stored.origins and asked.split is None
    wishes = replace(
        asked,
        recipe=stored.recipe,
        augment=stored.augmentation if asked.augment is None else asked.augment,
        patience=_first(asked.patience, stored.patience or 0),
        flips=_first(asked.flips, stored.flips),
        seconds=_first(asked.seconds, stored.seconds),
        last_step=stored.last_step,
        engine=asked.engine or stored.engine,
        isa=asked.isa or stored.isa,
        exact=_first(asked.exact, stored.exact),
        precision=asked.precision or stored.precision,
        **_where(asked, stored),
        validation=_first(asked.validation, facts.validation),
        test=_first(asked.test, facts.test),
        split=folder / SPLIT if from_file else asked.split,
        group_by=asked.group_by or facts.group_by or UNGROUPED,
        folds=asked.folds or facts.folds or None,
        fold=_first(asked.fold, facts.fold),
        log=asked.log or stored.log or None,
    )
    is_open = order.network == AUTOMATIC and order.size is None
    return replace(
        order,
        source=order.source or stored.data.source,
        described=stored.network if is_open else None,
        wishes=wishes,
    )


def _where(asked: Wishes, stored: Configuration) -> dict[str, Any]:
    """On what to go on; another engine than the run's chooses for itself."""
    if asked.engine not in (None, stored.engine):
        return {}
    threads = stored.threads if stored.decided_by_threads else None
    return {
        "device": asked.device or stored.device,
        "compiled": _first(asked.compiled, stored.compiled),
        "threads": asked.threads or threads,
    }


def prepare(order: Order) -> Plan:
    """The plan for an order; what is left out or chosen of the data is told as talk."""
    plan = choose(order).plan(order.wishes, order.source)
    if plan.configuration.inherited is not None:
        say(str(plan.configuration.inherited.text))
    for warning in quick_warnings(plan.data, plan.split):
        say(warning.text)
    return plan


def choose(order: Order) -> Chosen:
    """What an order names, the images read; plans for it can be made many times."""
    chosen = _chosen(order)
    _tell_uneven(chosen.data)
    return chosen


def loaded(source: str, shape: Shape, resize: str = "crop") -> Dataset:
    """The data of a source, at the size and channels of an input shape.

    What was left out and what was chosen is told as talk.
    """
    _announce(source)
    return _told(load(source, size=_size(shape), channels=shape[0], resize=resize))


def _sized(source: str, size: int | None) -> Dataset:
    _announce(source)
    return _told(load(source, size=size))


def _announce(source: str) -> None:
    """A folder may take a while; the digits never do."""
    if source != DIGITS:
        text = translate("Reading the images of {source} ...")
        say(text.format(source=shown_path(source)))


def _told(data: Dataset) -> Dataset:
    for note in data.notes:
        say(note)
    for item in data.skipped:
        text = translate("Left out: {name}. {why}")
        say(text.format(name=item.name, why=item.reason))
    return data


def _chosen(order: Order) -> Chosen:
    name, source = order.network, order.source
    if order.described is not None:
        network = order.described
        return Chosen(network, loaded(source, network.input))
    if name == AUTOMATIC and order.wishes.weights is not None:
        return _of_weights(order.wishes.weights, source, order.size)
    if name == AUTOMATIC:
        return _automatic(source, order.size)
    if name in models.MODELS and not Path(name).is_file():
        return _known(name, source, order.size)
    description = _described(name, order.size)
    network = description.network
    return Chosen(network, loaded(source, network.input), recipe=description.recipe)


def _described(name: str, size: int | None) -> Description:
    found = described(name)
    if size is None:
        return found
    return described(name, (found.network.input[0], size, size))


def _of_weights(model: Model, source: str, size: int | None) -> Chosen:
    """The network of the weights, its head for the classes of the images."""
    network = model.network if size is None else _resized(model.network, size)
    data = loaded(source, network.input, model.preprocessing.resize)
    if class_count(network) != len(data.classes):
        network = with_classes(network, len(data.classes))
    why = Phrase("that of the weights it begins with")
    return Chosen(network, data, Origin("automatic", why))


def _resized(network: Network, size: int) -> Network:
    """The network for images of another size, with parameters of the same shapes."""
    found = Network(network.name, (network.input[0], size, size), network.nodes)
    shapes = {name: item.shape for name, item in network.parameters.items()}
    for name, item in found.parameters.items():
        if item.shape != shapes[name]:
            raise ConfigurationError(
                "size-of-weights",
                "With --size {size} the parameter {name!r} of network {network!r} "
                "would have the shape {needed}, and the weights have {given}. Leave "
                "--size out, or begin with weights of a network that ends in global "
                "pooling.",
                size=size,
                name=name,
                network=network.name,
                needed=shape_text(item.shape),
                given=shape_text(shapes[name]),
            )
    return found


def _automatic(source: str, size: int | None) -> Chosen:
    data = _sized(source, size)
    found = _shape_of(data)
    network = models.automatic(found, len(data.classes))
    return Chosen(network, data, Origin("automatic", models.automatic_reason(found)))


def _known(name: str, source: str, size: int | None) -> Chosen:
    """A known network for the data as it is, else the data at the network's size."""
    data = _sized(source, size)
    found = _shape_of(data)
    try:
        return Chosen(models.build(name, found, len(data.classes)), data)
    except ShapeError:
        own = models.build(name).input
        if size is not None or own == found:
            raise
        text = translate("The images of {given} are read at {size}, as {name} needs.")
        shown = {"given": shape_text(found), "size": shape_text(own)}
        say(text.format(name=name, **shown))
        data = load(source, size=_size(own), channels=own[0])
        return Chosen(models.build(name, own, len(data.classes)), data)


def _size(shape: Shape) -> tuple[int, int]:
    if len(shape) != 3:
        raise ConfigurationError(
            "input-not-images",
            "The network takes a vector of {count} numbers; images have channels, "
            "height and width. Give the description an input such as 1x28x28, and a "
            "flatten layer.",
            count=shape[0],
        )
    return shape[1], shape[2]


def _shape_of(data: Dataset) -> Shape:
    return (data.channels, *data.size)


def _tell_uneven(data: Dataset) -> None:
    counts = data.counts()
    most, least = int(counts.argmax()), int(counts.argmin())
    if counts[most] >= _UNEVEN * counts[least]:
        text = translate(
            "The classes are uneven: {most_count} images of {most}, {least_count} of "
            "{least}. Look at the recall of each class, not only at the accuracy."
        )
        say(
            text.format(
                most=data.classes[most],
                most_count=int(counts[most]),
                least=data.classes[least],
                least_count=int(counts[least]),
            )
        )


def _first(asked: T | None, stored: T) -> T:
    return stored if asked is None else asked
