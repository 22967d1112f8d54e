"""Each value of a run from where it comes: given, described, default or chosen."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from mirada.data import (
    Augmentation,
    Dataset,
    Preprocessing,
    Split,
    divide,
    read_split,
)
from mirada.data.groups import FIELD as OWN_GROUPS
from mirada.data.groups import UNGROUPED, groups_of
from mirada.engines import asked_device, asked_isa, require_compiling
from mirada.errors import ConfigurationError, Phrase
from mirada.network import (
    CrossEntropy,
    Loss,
    Network,
    Optimizer,
    Rate,
    Recipe,
    Schedule,
)
from mirada.training import automatic
from mirada.training.automatic import Choice
from mirada.training.configuration import DataFacts, Origin
from mirada.training.inheritance import Inheritance, Inherited, inherit
from mirada.training.wishes import Wishes

__all__ = ["Choices"]

T = TypeVar("T")

_GIVEN, _DESCRIBED, _DEFAULT = Origin("given"), Origin("description"), Origin("default")


class Choices:
    """Takes each value from where it comes, and remembers where that was."""

    def __init__(self, wishes: Wishes) -> None:
        self.wishes = wishes
        self.origins: dict[str, Origin] = {}

    def seed(self) -> int:
        """What chance begins with."""
        described = self._described(lambda recipe: recipe.seed)
        return self._default("recipe.seed", self.wishes.seed, described, 0)

    def data(self, data: Dataset, seed: int, source: str) -> tuple[DataFacts, Split]:
        """The division of the images, and what is told of it."""
        wishes = self.wishes
        validation = self._default("data.validation", wishes.validation, None, 0.1)
        test = self._default("data.test", wishes.test, None, 0.2)
        for name in ("split", "folds"):
            if getattr(wishes, name):
                self.origins[f"data.{name}"] = _GIVEN
        group_by = self._group_by(data)
        groups = groups_of(data, group_by) if group_by else None
        split = self._split(data, seed, validation, test, groups)
        facts = DataFacts(
            source=source or data.name,
            name=data.name,
            fingerprint=data.fingerprint,
            classes=data.classes,
            counts=(len(split.train), len(split.validation), len(split.test)),
            validation=validation,
            test=test,
            group_by=group_by,
            folds=wishes.folds or 0,
            fold=wishes.fold or 0,
            split=split.digest,
        )
        return facts, split

    def _group_by(self, data: Dataset) -> str:
        """By what samples are kept together; by the source's own groups if it has any.

        A split or parts that are given say already who is where.
        """
        wishes = self.wishes
        if wishes.group_by:
            self.origins["data.group_by"] = _GIVEN
            return "" if wishes.group_by == UNGROUPED else wishes.group_by
        if data.groups is None or data.given is not None or wishes.split is not None:
            return ""
        why = Phrase("the source says which images belong together")
        self.origins["data.group_by"] = Origin("automatic", why)
        return OWN_GROUPS

    def _split(
        self,
        data: Dataset,
        seed: int,
        validation: float,
        test: float,
        groups: Sequence[str] | None,
    ) -> Split:
        wishes = self.wishes
        if wishes.split is not None:
            return read_split(wishes.split, data)
        return divide(
            data,
            validation=validation,
            test=test,
            seed=seed,
            groups=groups,
            folds=wishes.folds or 0,
            fold=wishes.fold or 0,
        )

    def loss(self, data: Dataset, split: Split) -> Loss:
        """The loss that was described, smoothed and weighted as it is asked for."""
        wishes = self.wishes
        described = self._described(lambda r: r.loss)
        loss = self._default("recipe.loss", None, described, CrossEntropy())
        if not isinstance(loss, CrossEntropy):
            self._refuse_for(loss)
            return loss
        if wishes.smoothing is not None:
            self.origins["recipe.loss.label_smoothing"] = _GIVEN
            loss = replace(loss, label_smoothing=wishes.smoothing)
        if described is not None and wishes.class_weights is None:
            return loss
        labels = data.labels[split.train]
        counts = np.bincount(labels, minlength=len(data.classes))
        return replace(loss, class_weights=self._class_weights(counts, data))

    def _class_weights(
        self, counts: NDArray[np.int64], data: Dataset
    ) -> tuple[float, ...]:
        name, wanted = "recipe.loss.class_weights", self.wishes.class_weights
        if wanted in (None, "auto"):
            choice = automatic.class_weights(counts, asked=wanted == "auto")
            self.origins[name] = Origin("automatic", choice.reason)
            return choice.value
        self.origins[name] = _GIVEN
        weights = () if isinstance(wanted, str) or wanted is None else wanted
        if weights and len(weights) != len(data.classes):
            raise ConfigurationError(
                "class-weights-data",
                "There are {given} class weights, but {data} has {count} classes: "
                "{classes}. Give one for each, in this order, or 'auto'.",
                given=len(weights),
                data=data.name,
                count=len(data.classes),
                classes=", ".join(data.classes[:20]),
            )
        return weights

    def _refuse_for(self, loss: Loss) -> None:
        for name in ("smoothing", "class_weights"):
            if getattr(self.wishes, name):
                raise ConfigurationError(
                    "loss-without",
                    "The loss {loss!r} has no {name}. Leave it out, or use the loss "
                    "'crossentropy'.",
                    loss=loss.text(),
                    name=name,
                )

    def beginning(
        self, network: Network, data: Dataset, seed: int
    ) -> Inheritance | None:
        """The weights that are begun with, None where they are drawn."""
        wishes = self.wishes
        if wishes.weights is None:
            return None
        self.origins["inherited"] = _GIVEN
        return inherit(
            network,
            seed,
            wishes.weights,
            data.classes,
            path=wishes.weights_from,
            keep_head=wishes.keep_head,
        )

    def preprocessing(self, data: Dataset, split: Split) -> Preprocessing:
        """What is done to images: measured, or as the weights expect it."""
        model = self.wishes.weights
        if model is None or model.preprocessing.channels != data.channels:
            return Preprocessing.measured(data.images[split.train], data.resize)
        kept = model.preprocessing
        why = Phrase("the weights of {name} expect it", name=model.network.name)
        self.origins["preprocessing"] = Origin("automatic", why)
        return replace(kept, size=data.size, resize=data.resize)

    def _rates(self, inherited: Inherited | None) -> tuple[Rate, ...]:
        """What learns at a rate of its own; frozen layers first."""
        wishes, given = self.wishes, None
        drawn = inherited.drawn_layers if inherited else ()
        if wishes.freeze or wishes.rates:
            frozen = [Rate(pattern, 0.0) for pattern in wishes.freeze or ()]
            free = [Rate(layer, 1.0) for layer in drawn] if frozen else []
            own = wishes.rates or ()
            given = (*frozen, *(rate for rate in free if rate not in own), *own)
        described = self._described(lambda r: r.rates)
        if inherited is None:
            return self._default("recipe.rates", given, described, ())
        return self._take(
            "recipe.rates", given, described, lambda: automatic.rates(drawn)
        )

    def recipe(
        self,
        data: Dataset,
        images: int,
        seed: int,
        loss: Loss,
        inherited: Inherited | None = None,
    ) -> Recipe:
        """How the network is trained, by so many images."""
        wishes = self.wishes
        return Recipe(
            loss=loss,
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
                lambda: automatic.epochs(images, max(data.size)),
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
            rates=self._rates(inherited),
        )

    def augmentation(self, data: Dataset, images: int) -> Augmentation:
        """How training images change."""
        wanted, given = self.wishes.augment, None
        if wanted in (False, "none"):
            given = Augmentation()
        elif isinstance(wanted, Augmentation):
            given = wanted
        elif isinstance(wanted, str) and wanted != "auto":
            given = Augmentation.from_text(wanted)
        is_asked = wanted in (True, "auto")
        return self._take(
            "augmentation",
            given,
            None,
            lambda: automatic.augmentation(data, 0 if is_asked else images),
        )

    def patience(self, schedule: Schedule) -> int | None:
        """After how many epochs without a better one to stop."""
        wanted = self.wishes.patience
        if wanted is not None:
            self.origins["patience"] = _GIVEN
            return wanted or None
        return self._take("patience", None, None, lambda: automatic.patience(schedule))

    def flips(self) -> bool:
        """Whether mirror images are answered at the end."""
        if self.wishes.flips is not None:
            self.origins["flips"] = _GIVEN
        return bool(self.wishes.flips)

    def seconds(self) -> float | None:
        """How long training may take."""
        if self.wishes.seconds is not None:
            self.origins["seconds"] = _GIVEN
        return self.wishes.seconds

    def engine(self) -> str:
        """What computes."""
        return self._default("engine", self.wishes.engine, None, "native")

    def isa(self, engine: str) -> str:
        """The processor that machine code is made for."""
        if self.wishes.isa:
            self.origins["isa"] = _GIVEN
        return asked_isa(engine, self.wishes.isa)

    def device(self, engine: str) -> str:
        """What the engine computes on."""
        found = asked_device(engine, self.wishes.device)
        if self.wishes.device:
            self.origins["device"] = _GIVEN
        elif engine == "torch":
            why = Phrase("the best that PyTorch sees here")
            self.origins["device"] = Origin("automatic", why)
        return found

    def compiled(self, engine: str, device: str) -> bool:
        """Whether PyTorch compiles its steps; on a GPU, unless it is asked not to."""
        wanted = self.wishes.compiled
        require_compiling(engine, wanted)
        if wanted is not None:
            self.origins["compiled"] = _GIVEN
        return device.startswith("cuda") if wanted is None else wanted

    def threads(self) -> int:
        """How many threads compute."""
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
