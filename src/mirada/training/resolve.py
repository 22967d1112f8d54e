"""From what was asked for to a plan in which nothing is left open."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from mirada.data import Augmentation, Dataset, Preprocessing, Split, divide
from mirada.engines import asked_isa
from mirada.errors import ConfigurationError
from mirada.network import CrossEntropy, Network, Optimizer, Recipe, Schedule
from mirada.training import automatic
from mirada.training.automatic import Choice
from mirada.training.configuration import Configuration, DataFacts, Origin
from mirada.training.plan import Plan
from mirada.training.scores import class_count

__all__ = ["Wishes", "resolve"]

T = TypeVar("T")

_GIVEN, _DESCRIBED, _DEFAULT = Origin("given"), Origin("description"), Origin("default")


@dataclass(frozen=True)
class Wishes:
    """What was asked for; None where nothing was.

    `recipe` is that of a description file; what else is given goes before it. A
    `patience` of 0 asks for no early end.
    """

    recipe: Recipe | None = None
    epochs: int | None = None
    batch_size: int | None = None
    optimizer: Optimizer | None = None
    learning_rate: float | None = None
    schedule: Schedule | None = None
    seed: int | None = None
    gradient_clip: float | None = None
    ema: float | None = None
    augment: bool | None = None
    patience: int | None = None
    engine: str | None = None
    isa: str | None = None
    exact: bool | None = None
    precision: str | None = None
    threads: int | None = None
    validation: float | None = None
    test: float | None = None


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

    Raises ConfigurationError (`network-classes`, `network-images`), FieldError for a
    value outside its limit, DataError of `data.divide`.

    >>> from mirada import data, models
    >>> plan = resolve(data.load("digits"), models.build("digits", None, None))
    >>> plan.configuration.data.counts
    (1259, 179, 359)
    """
    _require_fit(network, data)
    choices = _Choices(wishes or Wishes())
    choices.origins["network"] = origin
    seed = choices.seed()
    facts, split = choices.data(data, seed, source)
    engine = choices.engine()
    recipe = choices.recipe(len(split.train), seed)
    configuration = Configuration(
        network=network,
        recipe=recipe,
        data=facts,
        preprocessing=Preprocessing.measured(data.images[split.train], data.resize),
        augmentation=choices.augmentation(data, len(split.train)),
        patience=choices.patience(recipe.schedule),
        engine=engine,
        isa=choices.isa(engine),
        exact=bool(wishes and wishes.exact),
        precision=(wishes and wishes.precision) or "float32",
        threads=choices.threads(),
        origins=choices.origins,
    )
    return Plan(configuration, data, split)


class _Choices:
    """Takes each value from where it comes, and remembers where that was."""

    def __init__(self, wishes: Wishes) -> None:
        self.wishes = wishes
        self.origins: dict[str, Origin] = {}

    def seed(self) -> int:
        described = self._described(lambda recipe: recipe.seed)
        return self._default("recipe.seed", self.wishes.seed, described, 0)

    def data(self, data: Dataset, seed: int, source: str) -> tuple[DataFacts, Split]:
        wishes = self.wishes
        validation = self._default("data.validation", wishes.validation, None, 0.1)
        test = self._default("data.test", wishes.test, None, 0.2)
        split = divide(data, validation=validation, test=test, seed=seed)
        counts = (len(split.train), len(split.validation), len(split.test))
        facts = DataFacts(
            source=source or data.name,
            name=data.name,
            fingerprint=data.fingerprint,
            classes=data.classes,
            counts=counts,
            validation=validation,
            test=test,
        )
        return facts, split

    def recipe(self, images: int, seed: int) -> Recipe:
        wishes = self.wishes
        return Recipe(
            loss=self._default(
                "recipe.loss", None, self._described(lambda r: r.loss), CrossEntropy()
            ),
            optimizer=self._optimizer(),
            schedule=self._take(
                "recipe.schedule",
                wishes.schedule,
                self._described(lambda r: r.schedule),
                automatic.schedule,
            ),
            epochs=self._take(
                "recipe.epochs",
                wishes.epochs,
                self._described(lambda r: r.epochs),
                lambda: automatic.epochs(images),
            ),
            batch_size=self._take(
                "recipe.batch_size",
                wishes.batch_size,
                self._described(lambda r: r.batch_size),
                lambda: automatic.batch_size(images),
            ),
            seed=seed,
            gradient_clip=self._default(
                "recipe.gradient_clip",
                wishes.gradient_clip,
                self._described(lambda r: r.gradient_clip),
                0.0,
            ),
            ema=self._default(
                "recipe.ema", wishes.ema, self._described(lambda r: r.ema), 0.0
            ),
        )

    def augmentation(self, data: Dataset, images: int) -> Augmentation:
        wanted = self.wishes.augment
        chosen = automatic.augmentation(data, 0 if wanted else images)
        given = Augmentation() if wanted is False else None
        return self._take("augmentation", given, None, lambda: chosen)

    def patience(self, schedule: Schedule) -> int | None:
        wanted = self.wishes.patience
        if wanted is not None:
            self.origins["patience"] = _GIVEN
            return wanted or None
        return self._take("patience", None, None, lambda: automatic.patience(schedule))

    def engine(self) -> str:
        return self._default("engine", self.wishes.engine, None, "native")

    def isa(self, engine: str) -> str:
        if self.wishes.isa:
            self.origins["isa"] = _GIVEN
        return asked_isa(engine, self.wishes.isa)

    def threads(self) -> int:
        return self._take("threads", self.wishes.threads, None, automatic.threads)

    def _optimizer(self) -> Optimizer:
        found = self._take(
            "recipe.optimizer",
            self.wishes.optimizer,
            self._described(lambda r: r.optimizer),
            automatic.optimizer,
        )
        rate = self.wishes.learning_rate
        if rate is None:
            return found
        self.origins["recipe.optimizer.learning_rate"] = _GIVEN
        whole: Any = found
        changed: Optimizer = replace(whole, learning_rate=rate)
        return changed

    def _described(self, part: Callable[[Recipe], T]) -> T | None:
        return None if self.wishes.recipe is None else part(self.wishes.recipe)

    def _default(self, name: str, given: T | None, described: T | None, value: T) -> T:
        found = self._asked(name, given, described)
        if found is None:
            self.origins[name] = _DEFAULT
        return value if found is None else found

    def _take(
        self,
        name: str,
        given: T | None,
        described: T | None,
        chosen: Callable[[], Choice[T]],
    ) -> T:
        found = self._asked(name, given, described)
        if found is not None:
            return found
        choice = chosen()
        self.origins[name] = Origin("automatic", choice.reason)
        return choice.value

    def _asked(self, name: str, given: T | None, described: T | None) -> T | None:
        if given is None and described is None:
            return None
        self.origins[name] = _DESCRIBED if given is None else _GIVEN
        return described if given is None else given


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
