"""What `mirada look` looks at: a trained network, an image, images of known classes."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirada.data import Dataset, Preprocessing
from mirada.data.naming import shown_path
from mirada.data.pool import decoded
from mirada.engines import Engine
from mirada.errors import DataError, UsageError
from mirada.near_names import did_you_mean
from mirada.network import INPUT
from mirada.talk import say
from mirada.tasks.held_out import Judges, judges
from mirada.tasks.networks import layer_named
from mirada.tasks.prepare import loaded
from mirada.tasks.trained import run_folder, trained
from mirada.training import Configuration, Model
from mirada.training.folder import CONFIGURATION, read_json

__all__ = ["Images", "Picture", "Subject", "pixels_for"]


class Picture(NamedTuple):
    """One image: name, pixels (h, w, c), what the network sees of it (1, c, h, w)."""

    name: str
    pixels: NDArray[np.uint8]
    values: NDArray[np.float32]


class Images(NamedTuple):
    """Images of known classes, and by which of them the network is judged."""

    data: Dataset
    judges: Judges


def pixels_for(wanted: Preprocessing, path: str) -> NDArray[np.uint8]:
    """The pixels (h, w, c) of an image file at the size that a network takes.

    Raises DataError where it cannot be read.
    """
    (found,) = decoded(
        [path], wanted.size, channels=wanted.channels, rule=wanted.resize, workers=1
    )
    if isinstance(found, DataError):
        raise found
    return found


@dataclass(frozen=True, eq=False)
class Subject:
    """A run, or a file of weights, and what is needed to look into it.

    `engine_name` is the engine that computes, `device` what it computes on; `every`
    asks for all images of data, also those that the run was trained on. Everything is
    read when it is first asked for.
    """

    run: str
    engine_name: str = "native"
    every: bool = False
    device: str | None = None

    @cached_property
    def model(self) -> Model:
        """The trained network; raises what `tasks.trained.trained` does."""
        return trained(self.run)

    @cached_property
    def engine(self) -> Engine:
        """An engine that holds the trained parameters."""
        return self.model.engine(self.engine_name, device=self.device)

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
        found = pixels_for(wanted, path)
        return Picture(shown_path(Path(path)), found, wanted.normalize(found[None]))

    def data(self, source: str | None = None) -> tuple[Dataset, NDArray[np.int64]]:
        """Images of known classes, and which of them the run did not train on.

        Raises what `images` does.
        """
        data, found = self.images(source)
        return data, found.samples

    def images(self, source: str | None = None) -> Images:
        """Images of known classes, which of them count, and why these, told as talk.

        Without `source` those that the run was trained on.

        Raises UsageError (`look-without-data`) where nothing says which they were,
        DataError (`look-data-gone`) where they are no longer there, and those of
        `data.load` and `Dataset.with_classes`.
        """
        classes = self.model.classes
        data = self._own_data() if source is None else self._loaded(source)
        data = data.with_classes(classes)
        found = judges(self.run, data, every=self.every)
        for reason in found.reasons:
            say(reason)
        return Images(data, found)

    def _loaded(self, source: str) -> Dataset:
        wanted = self.model.preprocessing
        return loaded(source, self.model.network.input, wanted.resize)

    def _own_data(self) -> Dataset:
        """What the run was trained on, by the name that it had then."""
        stored = self.configuration
        if stored is None or not stored.data.source:
            raise UsageError(
                "look-without-data",
                "Nothing beside {run!r} says what it was trained on. Name the images "
                "with --data.",
                run=self.run[:200],
            )
        try:
            return self._loaded(stored.data.source)
        except DataError as error:
            if error.code != "source-missing":
                raise
            raise DataError(
                "look-data-gone",
                "The run {run!r} was trained on {source!r}, which is not here. Go to "
                "the folder in which it was trained, or name the images with --data.",
                run=self.run[:200],
                source=shown_path(stored.data.source),
            ) from None

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
            "The network tells no class {name!r}. Its classes: {known}. {hint}",
            name=name[:60],
            known=", ".join(classes[:40]) + (", ..." if len(classes) > 40 else ""),
            hint=did_you_mean(name, classes, 2),
        )
