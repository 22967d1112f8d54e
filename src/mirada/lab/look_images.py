"""The images that are looked at, sent or held out; the last few are kept in memory."""

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirada.engines import Arrays
from mirada.errors import UsageError
from mirada.lab.decoders import LabDecoders
from mirada.lab.lab import Lab
from mirada.lab.look_runs import Opened
from mirada.lab.uploads import decoded_upload
from mirada.language import translate
from mirada.tasks.subject import Picture
from mirada.views.png import png_bytes

__all__ = ["Photos", "Seen", "Source"]

_MOST_SOURCES = 24
_MOST_SEEN = 12
_MOST_BYTES = 256 * 2**20


class Source(NamedTuple):
    """Where an image came from: its bytes, and its number in the data of a run."""

    name: str
    content: bytes
    data: str = ""
    sample: int = -1


@dataclass(frozen=True, eq=False)
class Seen:
    """An image in a run: its pixels, every layer's values, every class's probability.

    `label` is the name of its true class, empty where nobody knows.
    """

    key: str
    picture: Picture
    values: Arrays
    shares: NDArray[np.float64]
    label: str = ""

    @property
    def bytes(self) -> int:
        """The memory that its values take."""
        return sum(value.nbytes for value in self.values.values())


class Photos:
    """The images that were shown last; every thread may ask it."""

    def __init__(self, lab: Lab) -> None:
        self._lock = threading.Lock()
        self._sources: OrderedDict[str, Source] = OrderedDict()
        self._seen: OrderedDict[tuple[object, str], Seen] = OrderedDict()
        self._decoders = lab.part(LabDecoders)

    def close(self) -> None:
        """Lets the images go."""
        with self._lock:
            self._sources.clear()
            self._seen.clear()

    def sent(self, run: Opened, name: str, content: bytes) -> Seen:
        """An image file that was sent, as the run's network takes it.

        Raises DataError where it is none.
        """
        source = Source(name or translate("the image"), content)
        seen = self._look(run, source, self._key(source))
        self._hold(seen.key, source)
        return seen

    def held_out(self, run: Opened, sample: int) -> Seen:
        """An image of the run's data by its number; UsageError (`look-sample`)."""
        data = run.images().data
        if not 0 <= sample < len(data):
            raise UsageError(
                "look-sample",
                "The data of the run has the images 0 to {last}; there is no number "
                "{sample}.",
                last=len(data) - 1,
                sample=sample,
            )
        content = png_bytes(np.ascontiguousarray(data.images[sample]))
        source = Source(data.names[sample], content, run.source or "", sample)
        seen = self._look(run, source, self._key(source))
        self._hold(seen.key, source)
        return seen

    def again(self, run: Opened, key: str) -> Seen:
        """An image that was shown before; UsageError (`look-image-gone`)."""
        with self._lock:
            source = self._sources.get(key)
        if source is None:
            raise UsageError(
                "look-image-gone",
                "The lab no longer holds this image: only the last {most} are kept, "
                "until the lab is closed. Show it again.",
                most=_MOST_SOURCES,
            )
        self._hold(key, source)
        return self._look(run, source, key)

    def _look(self, run: Opened, source: Source, key: str) -> Seen:
        place = (run.stamp, key)
        with self._lock:
            known = self._seen.get(place)
        if known is None:
            known = _seen(run, key, *self._picture(run, source))
        with self._lock:
            self._seen[place] = known
            self._seen.move_to_end(place)
            self._forget()
        return known

    def _forget(self) -> None:
        while len(self._seen) > 1 and (
            len(self._seen) > _MOST_SEEN
            or sum(seen.bytes for seen in self._seen.values()) > _MOST_BYTES
        ):
            self._seen.popitem(last=False)

    def _hold(self, key: str, source: Source) -> None:
        with self._lock:
            self._sources[key] = source
            self._sources.move_to_end(key)
            while len(self._sources) > 1 and (
                len(self._sources) > _MOST_SOURCES
                or sum(len(each.content) for each in self._sources.values())
                > _MOST_BYTES
            ):
                self._sources.popitem(last=False)

    def _key(self, source: Source) -> str:
        told = f"{source.data} {source.sample} {source.name}".encode()
        return hashlib.sha256(told + b"\0" + source.content).hexdigest()[:24]

    def _picture(self, run: Opened, source: Source) -> tuple[Picture, str]:
        """The image the run's way, and its label where it is one of its data."""
        wanted = run.model.preprocessing
        if source.data and source.data == run.source:
            data = run.images().data
            if source.sample < len(data) and data.names[source.sample] == source.name:
                pixels = np.asarray(data.images[source.sample])
                label = data.classes[int(data.labels[source.sample])]
                values = wanted.normalize(pixels[None])
                return Picture(source.name, pixels, values), label
        pixels = self._decoded(run, source)
        return Picture(source.name, pixels, wanted.normalize(pixels[None])), ""

    def _decoded(self, run: Opened, source: Source) -> NDArray[np.uint8]:
        wanted = run.model.preprocessing
        return decoded_upload(
            self._decoders.get(),
            source.content,
            wanted.size,
            wanted.channels,
            rule=wanted.resize,
            name=source.name,
        )


def _seen(run: Opened, key: str, picture: Picture, label: str) -> Seen:
    values = run.engine.activations(picture.values, [*run.model.network.shapes])
    shares = run.model.predict(picture.pixels[None], run.engine)[0]
    return Seen(key, picture, values, shares, label)
