"""From what was asked for to a plan in which nothing is left open."""

from mirada.data import Dataset
from mirada.errors import ConfigurationError
from mirada.network import Network
from mirada.network.rate import rate_factors
from mirada.training.choices import Choices
from mirada.training.configuration import Configuration, Origin
from mirada.training.plan import Plan
from mirada.training.scores import class_count
from mirada.training.wishes import Wishes

__all__ = ["resolve"]

_GIVEN = Origin("given")


def resolve(
    data: Dataset,
    network: Network,
    wishes: Wishes | None = None,
    *,
    source: str = "",
    origin: Origin = _GIVEN,
) -> Plan:
    """The plan to train a network on data: the split, every value and its origin.

    `source` is how the data was named, `origin` where the network comes from.

    Raises ConfigurationError (`network-classes`, `network-images`, those of
    `inherit` and `rate_factors`), FieldError for a value outside its limit, DataError
    of `data.divide`.

    >>> from mirada import data, models
    >>> plan = resolve(data.load("digits"), models.build("digits", None, None))
    >>> plan.configuration.data.counts
    (1259, 179, 359)
    """
    _require_fit(network, data)
    choices = Choices(wishes or Wishes())
    choices.origins["network"] = origin
    seed = choices.seed()
    facts, split = choices.data(data, seed, source)
    engine = choices.engine()
    device = choices.device(engine)
    begun = choices.beginning(network, data, seed)
    inherited = begun.told if begun else None
    loss = choices.loss(data, split)
    recipe = choices.recipe(data, len(split.train), seed, loss, inherited)
    rate_factors(network, recipe.rates)  # refuses what the network has not
    configuration = Configuration(
        network=network,
        recipe=recipe,
        data=facts,
        preprocessing=choices.preprocessing(data, split),
        augmentation=choices.augmentation(data, len(split.train)),
        patience=choices.patience(recipe.schedule),
        flips=choices.flips(),
        seconds=choices.seconds(),
        last_step=wishes.last_step if wishes else None,
        log=(wishes and wishes.log) or (),
        engine=engine,
        isa=choices.isa(engine),
        exact=bool(wishes and wishes.exact),
        precision=(wishes and wishes.precision) or "float32",
        device=device,
        compiled=choices.compiled(engine, device),
        threads=choices.threads(),
        inherited=inherited,
        origins=choices.origins,
    )
    return Plan(configuration, data, split, begun.parameters if begun else None)


def _require_fit(network: Network, data: Dataset) -> None:
    """Refuses a network that takes other images or tells other classes apart."""
    images = (data.channels, *data.size)
    if network.input != images:
        raise ConfigurationError(
            "network-images",
            "Network {network!r} takes images of {needed}, but those of {data} are "
            "{given} (channels x height x width). Load the data at the network's size, "
            "or change the input of the network.",
            network=network.name,
            needed="x".join(map(str, network.input)),
            data=data.name,
            given="x".join(map(str, images)),
        )
    if class_count(network) != len(data.classes):
        raise ConfigurationError(
            "network-classes",
            "Network {network!r} answers with {shape} for an image, but {data} has "
            "{count} classes. End the network with a linear layer of {count}.",
            network=network.name,
            shape="x".join(map(str, network.output)),
            data=data.name,
            count=len(data.classes),
        )
