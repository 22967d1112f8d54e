"""What `mirada look` looks at: a trained network, an image, images of known classes."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirada.cli.held_out import held_out
from mirada.cli.networks import layer_named
from mirada.cli.prepare import loaded
from mirada.cli.trained import run_folder, trained
from mirada.data import Dataset
from mirada.data.naming import shown_path
from mirada.data.pool import Decoders
from mirada.engines import Engine
from mirada.errors import DataError, Phrase, UsageError
from mirada.network import INPUT
from mirada.training import Configuration, Model
from mirada.training.folder import CONFIGURATION, read_json

__all__ = ["Picture", "Subject"]


class Picture(NamedTuple):
    """One image: name, pixels (h, w, c), what the network sees of it (1, c, h, w)."""

    name: str
    pixels: NDArray[np.uint8]
    values: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Subject:
    """A run, or a file of weights, and what is needed to look into it.

    `engine_name` is the engine that computes. Everything is read when it is first asked
    for.
    """

    run: str
    engine_name: str = "native"

    @cached_property
    def model(self) -> Model:
        """The trained network; raises what `cli.trained.trained` does."""
        return trained(self.run)

    @cached_property
    def engine(self) -> Engine:
        """An engine that holds the trained parameters."""
        return self.model.engine(self.engine_name)

    @property
    def folder(self) -> Path:
        """The folder of the run, or that of the file of weights."""
        return run_folder(self.run)

    @cached_property
    def configuration(self) -> Configuration | None:
        """What the run was made of; None for weights without their run."""
        path = self.folder / CONFIGURATION
        if not path.is_file():
            return None
        return Configuration.from_dict(read_json(path), shown_path(path))

    def picture(self, path: str) -> Picture:
        """An image file as the network takes it; DataError where it cannot be read."""
        wanted = self.model.preprocessing
        with Decoders(workers=1) as decoders:
            found = next(
                iter(
                    decoders.decode(
                        [path],
                        wanted.size,
                        channels=wanted.channels,
                        rule=wanted.resize,
                    )
                )
            )
        if isinstance(found, DataError):
            raise found
        return Picture(shown_path(Path(path)), found, wanted.normalize(found[None]))

    def data(self, source: str | None = None) -> tuple[Dataset, NDArray[np.int64]]:
        """Images of known classes, and which of them the run did not train on.

        Without `source` those that the run was trained on; UsageError
        (`look-without-data`) where nothing says which they were.
        """
        asked = source or (self.configuration and self.configuration.data.source)
        if not asked:
            raise UsageError(
                "look-without-data",
                "Nothing beside {run!r} says what it was trained on. Name the images "
                "with --data.",
                run=self.run[:200],
            )
        wanted = self.model.preprocessing
        data = loaded(asked, self.model.network.input, wanted.resize)
        data = data.with_classes(self.model.classes)
        return data, held_out(self.run, data)

    def layer(self, name: str) -> str:
        """The name of a layer, or "input"; else UsageError (`layer-unknown`)."""
        return layer_named(self.model.network, name, [INPUT])

    def class_place(self, name: str) -> int:
        """The number of a class by its name; else UsageError (`class-unknown`)."""
        classes = self.model.classes
        if name in classes:
            return classes.index(name)
        raise UsageError(
            "class-unknown",
            "The network tells no class {name!r}. {hint}Its classes: {known}.",
            name=name[:60],
            hint=_near(name, classes),
            known=", ".join(classes[:40]) + (", ..." if len(classes) > 40 else ""),
        )


def _near(name: str, names: Sequence[str]) -> Phrase | str:
    near = get_close_matches(name, names, 2, 0.5)
    return Phrase("Did you mean {near}? ", near=", ".join(near)) if near else ""
