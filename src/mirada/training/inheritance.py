"""Beginning with the weights of another run instead of weights that are drawn.

A run keeps what it begins with in its folder, so that one that is stopped before its
first checkpoint goes on without the file that the weights came from.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self

from mirada.engines import Engine
from mirada.errors import ConfigurationError, FileError, Phrase
from mirada.network import Network
from mirada.network.head import head_of
from mirada.reference import initial_parameters
from mirada.training.model import Model, load_model
from mirada.training.tensors import Arrays
from mirada.training.typed import typed

__all__ = [
    "INITIAL",
    "Inheritance",
    "Inherited",
    "begin_with",
    "digest_of",
    "inherit",
    "read_initial",
]

INITIAL = "initial.safetensors"
_MOST_NAMED = 6
_AVERAGE = "average."


@dataclass(frozen=True)
class Inherited:
    """What a run began with, as its configuration tells.

    `path` says where the weights were, `name` which network they were of, `digest` is
    the SHA-256 of all of them and `initial` that of the parameters this run began with;
    `taken` counts those that came from there, `drawn` names the others.
    """

    path: str
    name: str
    digest: str
    initial: str
    taken: int
    drawn: tuple[str, ...] = ()

    @property
    def drawn_layers(self) -> tuple[str, ...]:
        """The layers of which something was drawn anew, in order."""
        return tuple(dict.fromkeys(name.rpartition(".")[0] for name in self.drawn))

    @property
    def count(self) -> int:
        """How many parameters the network has."""
        return self.taken + len(self.drawn)

    @property
    def text(self) -> Phrase:
        """What was taken and what was not, in words."""
        names = ", ".join(self.drawn[:_MOST_NAMED])
        more = ", ..." if len(self.drawn) > _MOST_NAMED else ""
        return Phrase(
            "Begins with the weights of {path} ({name}): {taken} of {count} parameters "
            "taken; drawn anew: {drawn}.",
            path=self.path or "-",
            name=self.name,
            taken=self.taken,
            count=self.count,
            drawn=names + more if names else Phrase("none"),
        )

    def to_dict(self) -> dict[str, Any]:
        """The same as `configuration.json` holds it."""
        return {**asdict(self), "drawn": list(self.drawn)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """What `to_dict` wrote; TypeError, KeyError for anything else."""
        return typed(cls(**{**values, "drawn": tuple(values["drawn"])}))


class Inheritance(NamedTuple):
    """What is told of the beginning, and every parameter to begin with."""

    told: Inherited
    parameters: Arrays


def inherit(
    network: Network,
    seed: int,
    model: Model,
    classes: tuple[str, ...],
    *,
    path: str = "",
    keep_head: bool = False,
) -> Inheritance:
    """The parameters of `model` where name and shape agree; the others drawn anew.

    The head is drawn where the classes are not those of the model, or are called by
    numbers alone, which says nothing of what they are; not with `keep_head`.
    Raises ConfigurationError: `weights-foreign` where nothing agrees, `head-other`
    where the head that is to be kept is of another shape.
    """
    drawn = initial_parameters(network, seed)
    others = {name: value.shape for name, value in model.parameters.items()}
    node = head_of(network)
    head = "" if node is None else f"{node.name}."
    own = [name for name in drawn if head and name.startswith(head)]
    says_nothing = all(name.isdecimal() for name in classes)
    is_new = not keep_head and (says_nothing or classes != model.classes)
    taken = [
        name
        for name, value in drawn.items()
        if others.get(name) == value.shape and not (is_new and name in own)
    ]
    if keep_head and not set(own) <= set(taken):
        raise _other_head(network, head[:-1], model)
    if not taken:
        raise _foreign(network, drawn, model)
    found = {n: model.parameters[n] if n in taken else v for n, v in drawn.items()}
    told = Inherited(
        path,
        model.network.name,
        digest_of(model.parameters),
        digest_of(found),
        len(taken),
        tuple(name for name in drawn if name not in taken),
    )
    return Inheritance(told, found)


def digest_of(parameters: Mapping[str, Any]) -> str:
    """The SHA-256 of parameters: their names, their shapes and their bytes."""
    found = hashlib.sha256()
    for name in sorted(parameters):
        value = parameters[name]
        found.update(f"{name} {value.shape}\n".encode())
        found.update(value.astype("<f4").tobytes())
    return found.hexdigest()


def begin_with(engine: Engine, parameters: Arrays | None) -> None:
    """Gives a new engine these parameters, which its averages begin as too."""
    if parameters is None:
        return
    engine.load_parameters(parameters)
    state = engine.optimizer_state()
    averages = {
        name: parameters[name.removeprefix(_AVERAGE)]
        for name in state
        if name.startswith(_AVERAGE)
    }
    engine.load_optimizer_state({**state, **averages})


def read_initial(folder: Path, told: Inherited) -> Arrays:
    """What the run in a folder began with.

    Raises FileError: `initial-digest` where it is not what the run began with, and
    those of `load_model`.
    """
    found = dict(load_model(folder / INITIAL).parameters)
    if digest_of(found) != told.initial:
        raise FileError(
            "initial-digest",
            "'{file}' does not hold the weights that the run began with. Begin a new "
            "run in another folder.",
            file=str(folder / INITIAL),
        )
    return found


def _other_head(network: Network, head: str, model: Model) -> ConfigurationError:
    return ConfigurationError(
        "head-other",
        "The head {head!r} of network {network!r} cannot be kept: the weights of "
        "{name!r} are for {count} classes ({classes}). Leave out --keep-head, and it "
        "is drawn anew.",
        head=head,
        network=network.name,
        name=model.network.name,
        count=len(model.classes),
        classes=", ".join(model.classes[:10]),
    )


def _foreign(network: Network, drawn: Arrays, model: Model) -> ConfigurationError:
    return ConfigurationError(
        "weights-foreign",
        "The weights of {name!r} have nothing in common with network {network!r}: they "
        "begin with {theirs}, and it needs {ours}. Leave the network out, and that of "
        "the weights is taken.",
        name=model.network.name,
        network=network.name,
        theirs=_shown(dict(model.parameters)),
        ours=_shown(drawn),
    )


def _shown(parameters: Arrays) -> str:
    """The first names, with their shapes."""
    first = list(parameters.items())[:3]
    return ", ".join(f"{n} {'x'.join(map(str, v.shape))}" for n, v in first) or "-"
