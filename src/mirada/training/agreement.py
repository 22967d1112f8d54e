"""What the processes of one run agree on: that they are alike, and what to do next."""

import hashlib
from typing import Any, NamedTuple, Self

from mirada.engines import Engine
from mirada.engines.group import Group
from mirada.errors import ConfigurationError, GroupError
from mirada.training.checkpoint import Checkpoint
from mirada.training.configuration import Configuration
from mirada.training.difference import differences_text
from mirada.training.place import Place
from mirada.training.tensors import Arrays, packed, unpacked

__all__ = ["Asked", "require_alike", "shared"]

_ARRAYS = ("parameters", "optimizer", "best")


class Asked(NamedTuple):
    """What is to be done before the next step: a clock, a person or a signal asks."""

    signal: int = 0
    saves: bool = False
    waits: bool = False
    ends: bool = False
    changes_rate: bool = False

    def agreed(self, group: Group) -> Self:
        """The same at every process: any may hear a signal, the first decides the rest.

        >>> from mirada.engines.group import ALONE
        >>> Asked(signal=15, ends=True).agreed(ALONE)
        Asked(signal=15, saves=False, waits=False, ends=True, changes_rate=False)
        """
        own = self if group.is_first else Asked(self.signal)
        signal, *others = group.most([int(value) for value in own])
        return type(self)(signal, *map(bool, others))


def require_alike(group: Group, configuration: Configuration, engine: Engine) -> None:
    """Refuses to begin where processes have other images, values or parameters.

    Raises ConfigurationError (`ranks-without-images`), GroupError (`ranks-differ`);
    ElsewhereError at all processes but one.
    """
    if group.size == 1:
        return
    group.everywhere(lambda: _require_images(group, configuration))
    first = Configuration.from_dict(group.told(configuration.to_dict()))
    differences = first.differences(configuration)
    own = _digest(engine.parameters())
    known = group.told(own)

    def require() -> None:
        what = differences_text(differences)
        if own != known and not differences:
            what = f"parameters: {known[:12]} -> {own[:12]}"
        if what:
            raise GroupError(
                "ranks-differ",
                "Process {rank} would not train what process 0 does: {differences}. "
                "Give every process the same command, the same mirada and PyTorch, and "
                "the same images.",
                rank=group.rank,
                differences=what,
            )

    group.everywhere(require)


def shared(
    group: Group, configuration: Configuration, state: Checkpoint | None
) -> tuple[Configuration, Checkpoint] | None:
    """The first process's configuration and state, at the others; None at itself.

    `state` is what the first one has, and None at the others.
    """
    if group.size == 1:
        return None
    told: Any = group.told(
        [state and [state.run, state.place.to_dict()], configuration.to_dict()]
    )
    kinds = [getattr(state, name) if state else {} for name in _ARRAYS]
    found = [
        unpacked(group.from_first(b"".join(packed(arrays, {})))) for arrays in kinds
    ]
    if group.is_first:
        return None
    (run, place), plain = told
    checkpoint = Checkpoint(run, Place.from_dict(place), *found)
    return Configuration.from_dict(plain), checkpoint


def _require_images(group: Group, configuration: Configuration) -> None:
    size = configuration.recipe.batch_size
    if size < group.size:
        raise ConfigurationError(
            "ranks-without-images",
            "{ranks} processes share a batch of {batch} images, so some would compute "
            "nothing. Give --batch {ranks} or more, or start {batch} processes.",
            ranks=group.size,
            batch=size,
        )


def _digest(arrays: Arrays) -> str:
    return hashlib.sha256(b"".join(packed(arrays, {}))).hexdigest()
