"""Everything that a run is made of, resolved, and where each value came from."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Self

from mirada.data import Augmentation, Preprocessing
from mirada.errors import FileError, MiradaError, Phrase
from mirada.network import Network, Recipe
from mirada.network.file import from_json, recipe_from_plain, to_json
from mirada.training.difference import Difference, Forced
from mirada.training.inheritance import Inherited
from mirada.training.reason import plain_reason, reason_from
from mirada.training.typed import typed
from mirada.version import __version__

__all__ = ["Configuration", "DataFacts", "Difference", "Origin", "Origins"]

SCHEMA = 1

_FREE = (
    *("threads", "checkpoint_seconds", "checkpoint_steps", "origins", "data.source"),
    *("seconds", "log", "inherited.path"),
)
"""What may differ when a run is gone on with: it changes no byte of the result.

`threads` does on PyTorch (`Configuration.decided_by_threads`), `seconds` only where it
is up before the last epoch.
"""

_UNREAD = (
    *(KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError),
)


class Origin(NamedTuple):
    """Where a value came from: "given", "description", "automatic" or "default".

    The reason is that of an automatic value.
    """

    kind: str
    reason: Phrase | str = ""


Origins = Mapping[str, Origin]


@dataclass(frozen=True)
class DataFacts:
    """The data of a run: where it was, what it is, how it was divided.

    `fingerprint` is that of the dataset; `counts` are the images to train, to validate
    and to test; the fractions are those that were asked of `divide`, as are `group_by`,
    `folds` and `fold`. `split` is the SHA-256 of who is in which part, empty in runs
    of older versions.
    """

    source: str
    name: str
    fingerprint: str
    classes: tuple[str, ...]
    counts: tuple[int, int, int]
    validation: float
    test: float
    group_by: str = ""
    folds: int = 0
    fold: int = 0
    split: str = ""


@dataclass(frozen=True)
class Configuration:
    """A run, described completely: the same configuration ends in the same bytes.

    `patience` is how many epochs without a better one end the run, None for no end
    but the last. With `flips` the held-out part is answered as the mean of each image
    and its mirror image. After `seconds` of training the run ends early, None for
    never. `log` names the programs that are told. A checkpoint is written at the end
    of each epoch, when `checkpoint_seconds` have passed since the last one and, where
    it is not None, every `checkpoint_steps` steps.
    """

    network: Network
    recipe: Recipe
    data: DataFacts
    preprocessing: Preprocessing
    augmentation: Augmentation = field(default_factory=Augmentation)
    engine: str = "native"
    isa: str = "native"
    """The processor that machine code is made for: other vectors, other roundings."""
    exact: bool = False
    """Whether every convolution is computed by its definition."""
    precision: str = "float32"
    """The numbers that convolutions multiply."""
    device: str = "cpu"
    """What the engine computes on."""
    compiled: bool = False
    """Whether PyTorch compiles its steps."""
    threads: int = 1
    patience: int | None = None
    flips: bool = False
    seconds: float | None = None
    last_step: int | None = None
    """After how many steps to end, where it is before the last epoch's end."""
    log: tuple[str, ...] = ()
    checkpoint_seconds: float = 30.0
    checkpoint_steps: int | None = None
    origins: Origins = field(default_factory=dict)
    inherited: Inherited | None = None
    """The weights that it began with, None where the seed drew them."""
    version: str = __version__
    """The mirada that trains."""
    forced: tuple[Forced, ...] = ()
    """What differed when the run was gone on with all the same."""

    @property
    def steps_per_epoch(self) -> int:
        """How many steps one epoch has."""
        return -(-self.data.counts[0] // self.recipe.batch_size)

    @property
    def steps(self) -> int:
        """How many steps a run has that nothing ends early."""
        steps = self.steps_per_epoch * self.recipe.epochs
        return steps if self.last_step is None else min(steps, self.last_step)

    def scheduled_rate(self, position: int) -> float:
        """The learning rate that the schedule has for a step, counted from 0."""
        share = self.recipe.schedule.share(min(position, self.steps - 1), self.steps)
        return self.recipe.optimizer.learning_rate * share

    @property
    def decided_by_threads(self) -> bool:
        """Whether another number of threads gives other bytes: PyTorch's on a CPU."""
        return self.engine == "torch" and self.device == "cpu"

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of everything that decides the result."""
        plain = self._decisive(self.to_dict())
        text = json.dumps(plain, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def differences(self, now: "Configuration") -> tuple[Difference, ...]:
        """What decides the result and is not the same in `now`."""
        before, after = (c._decisive(c._whole()) for c in (self, now))
        names = [*before, *(name for name in after if name not in before)]
        return tuple(
            Difference(name, _shown(before.get(name)), _shown(after.get(name)))
            for name in names
            if before.get(name) != after.get(name)
        )

    def _decisive(self, plain: dict[str, Any]) -> dict[str, Any]:
        """Every value that decides the result, by its full name."""
        found = dict(_flat(plain))
        return found | ({"threads": self.threads} if self.decided_by_threads else {})

    def _whole(self) -> dict[str, Any]:
        """What `to_dict` gives, the defaults of the recipe's parts written out."""
        return {**self.to_dict(), "recipe": self.recipe.whole()}

    def with_origins(self, origins: Origins) -> "Configuration":
        """The same configuration with other words on where its values came from."""
        return replace(self, origins=origins)

    def to_dict(self) -> dict[str, Any]:
        """The configuration as `configuration.json` holds it, reasons in English."""
        return {
            "schema": SCHEMA,
            "version": self.version,
            "forced": [record.to_dict() for record in self.forced],
            "network": json.loads(to_json(self.network)),
            "recipe": self.recipe.plain(),
            "data": {
                **vars(self.data),
                "classes": list(self.data.classes),
                "counts": list(self.data.counts),
            },
            "preprocessing": self.preprocessing.to_dict(),
            "augmentation": self.augmentation.to_dict(),
            "engine": self.engine,
            "isa": self.isa,
            "exact": self.exact,
            "precision": self.precision,
            "device": self.device,
            "compiled": self.compiled,
            "threads": self.threads,
            "patience": self.patience,
            "flips": self.flips,
            "seconds": self.seconds,
            "last_step": self.last_step,
            "log": list(self.log),
            "checkpoint_seconds": self.checkpoint_seconds,
            "checkpoint_steps": self.checkpoint_steps,
            **({"inherited": self.inherited.to_dict()} if self.inherited else {}),
            "origins": {
                name: {"kind": origin.kind, **plain_reason(origin.reason)}
                for name, origin in self.origins.items()
            },
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], file: str = "configuration") -> Self:
        """The configuration that `to_dict` wrote.

        Raises FileError (`configuration-file`).
        """
        try:
            return typed(cls._read(values))
        except (MiradaError, *_UNREAD) as error:
            reason = error if isinstance(error, MiradaError) else repr(error)[:120]
            raise FileError(
                "configuration-file",
                "'{file}' is not a configuration that this version of mirada "
                "({version}) reads ({reason}). Start the run again in another folder.",
                file=file,
                version=__version__,
                reason=reason,
            ) from None

    @classmethod
    def _read(cls, values: Mapping[str, Any]) -> Self:
        if values["schema"] != SCHEMA:
            raise ValueError(f"schema {values['schema']!r}"[:60])
        data = values["data"]
        lists = {name: tuple(data[name]) for name in ("classes", "counts")}
        origins, inherited = values["origins"].items(), values.get("inherited")
        return cls(
            network=from_json(json.dumps(values["network"])).network,
            recipe=recipe_from_plain(values["recipe"]),
            data=typed(DataFacts(**{**data, **lists})),
            preprocessing=Preprocessing.from_dict(values["preprocessing"]),
            augmentation=Augmentation.from_dict(values["augmentation"]),
            origins={n: Origin(o["kind"], reason_from(o)) for n, o in origins},
            version=str(values["version"]),
            forced=tuple(map(Forced.from_dict, values.get("forced", ()))),
            isa=str(values.get("isa", "native")),
            exact=bool(values.get("exact", False)),
            precision=str(values.get("precision", "float32")),
            device=str(values.get("device", "cpu")),
            compiled=bool(values.get("compiled", False)),
            flips=bool(values.get("flips", False)),
            seconds=values.get("seconds"),
            last_step=values.get("last_step"),
            log=tuple(map(str, values.get("log", ()))),
            inherited=None if inherited is None else Inherited.from_dict(inherited),
            **{
                name: values[name]
                for name in (
                    *("engine", "threads", "patience"),
                    *("checkpoint_seconds", "checkpoint_steps"),
                )
            },
        )


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of nested tables by its full name, free ones left out."""
    if name in _FREE:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(inner, f"{name}.{key}" if name else key)
    elif isinstance(value, list) and name == "network.layers":
        for place, layer in enumerate(value):
            yield from _flat(layer, f"{name}.{layer.get('name', place)}")
    else:
        yield name, value


def _shown(value: object) -> str:
    text = "-" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else text[:77] + "..."
