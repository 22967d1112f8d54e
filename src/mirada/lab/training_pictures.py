"""Filters and maps while a network learns: seen by a second engine, now and then."""

import base64
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirada.data import Dataset
from mirada.engines import Engine
from mirada.errors import MiradaError
from mirada.inspection.filters import convolutions
from mirada.network import Linear, Network
from mirada.training import Plan
from mirada.training.scores import probabilities
from mirada.views.maps import shrunk
from mirada.views.png import png_bytes

__all__ = ["LivePictures", "candidates", "first_watched"]

_SHARE = 0.04
"""The most of the time that goes into pictures."""
_LEAST_S = 1.0
_MOST_IMAGES, _MOST_CANDIDATES = 4, 24
_MOST_LAYERS, _MOST_FILTERS, _MOST_CHANNELS, _MOST_MAPS = 4, 16, 3, 12
_MOST_SIDE, _THUMB = 28, 48

Arrays = Mapping[str, NDArray[np.float32]]
Tell = Callable[..., None]


class LivePictures:
    """Told of steps; at most once a second it tells what filters and maps look like.

    The engine that trains is only asked for its parameters. What follows is done in
    another thread, by an engine of one thread, so that nothing waits for it; and so
    seldom that it takes no more than a small share of the time.
    """

    def __init__(self, plan: Plan, engine: Engine, tell: Tell) -> None:
        self._plan, self._engine, self._tell = plan, engine, tell
        self.watched: tuple[int, ...] = ()
        self.is_on = True
        self._next = 0.0
        self._given: tuple[int, Arrays] | None = None
        self._wakes = threading.Condition()
        self._looker: Engine | None = None
        self._layers = _shown_layers(plan.configuration.network)
        threading.Thread(target=self._work, daemon=True).start()

    def watch(self, samples: tuple[int, ...]) -> None:
        """Looks at other images from now on."""
        known = len(self._plan.data)
        kept = [sample for sample in samples if 0 <= sample < known]
        self.watched = tuple(kept[:_MOST_IMAGES])
        self._next = 0.0

    def step(self, step: int, *, now: bool = False) -> None:
        """Hands the parameters over where it is time for pictures, or with `now`."""
        is_time = now or time.monotonic() >= self._next
        if not (self.is_on and is_time) or self._given is not None:
            return
        began = time.monotonic()
        parameters = self._engine.parameters()
        self._next = began + max(_LEAST_S, (time.monotonic() - began) / _SHARE)
        with self._wakes:
            self._given = step, parameters
            self._wakes.notify()

    def _work(self) -> None:
        while True:
            with self._wakes:
                while self._given is None:
                    self._wakes.wait()
                step, parameters = self._given
            # A step that diverged is told of elsewhere.
            with suppress(MiradaError, ArithmeticError, ValueError):
                self._show(step, parameters)
            self._given = None

    def _show(self, step: int, parameters: Arrays) -> None:
        if self._looker is None:
            # Compiling is done once, and is not what the share is about.
            self._looker = self._engine.alike(self._engine.network)
            if hasattr(self._looker, "threads"):
                self._looker.threads = 1
            self._found(parameters)
        began = time.thread_time()
        found = self._found(parameters)
        self._next = max(self._next, self._next_after(time.thread_time() - began))
        self._tell("pictures", step=step, **found)

    def _next_after(self, seconds: float) -> float:
        return time.monotonic() + max(_LEAST_S / 2, seconds / _SHARE)

    def _found(self, parameters: Arrays) -> dict[str, Any]:
        looker, plan, samples = self._looker, self._plan, self.watched
        assert looker is not None
        found = {"filters": list(_filters(looker.network, parameters)), "images": []}
        if samples:
            looker.load_parameters(parameters)
            chosen = plan.configuration.preprocessing
            images = chosen.normalize(plan.data.images[list(samples)])
            last = looker.network.nodes[-1].name
            values = looker.activations(images, {*self._layers, last})
            shares = probabilities(looker.network, values[last])
            found["images"] = [
                {
                    "sample": sample,
                    "class": int(shares[place].argmax()),
                    "probability": round(float(shares[place].max()), 4),
                    "layers": [_maps(n, values[n][place]) for n in self._layers],
                }
                for place, sample in enumerate(samples)
            ]
        return found


def candidates(plan: Plan) -> list[dict[str, Any]]:
    """Images to choose from: of every class some that the network does not train on."""
    split, data = plan.split, plan.data
    samples = split.validation if len(split.validation) else split.train
    labels = data.labels[samples]
    places = [samples[labels == label] for label in range(len(data.classes))]
    found: list[int] = []
    for turn in range(_MOST_CANDIDATES):
        found += [int(own[turn]) for own in places if turn < len(own)]
        if len(found) >= _MOST_CANDIDATES:
            break
    return [_candidate(data, sample) for sample in found[:_MOST_CANDIDATES]]


def first_watched(found: list[dict[str, Any]]) -> tuple[int, ...]:
    """The images that are looked at unasked: two, of two classes where there are."""
    return tuple(int(each["sample"]) for each in found[:2])


def _candidate(data: Dataset, sample: int) -> dict[str, Any]:
    image = data.images[sample]
    small = np.rint(shrunk(image, _THUMB)).astype(np.uint8)
    return {
        "sample": sample,
        "class": int(data.labels[sample]),
        "png": base64.b64encode(png_bytes(small)).decode(),
    }


def _shown_layers(network: Network) -> tuple[str, ...]:
    """Convolutions from the first to the last, not too many, whose maps are seen."""
    names = convolutions(network)
    count = min(len(names), _MOST_LAYERS)
    places = np.linspace(0, len(names) - 1, count).round().astype(int)
    return tuple(names[place] for place in places)


def _filters(network: Network, parameters: Arrays) -> Iterator[dict[str, Any]]:
    for name in _shown_layers(network):
        yield _filter(name, parameters[f"{name}.weight"])
    first = next((n for n in network.nodes if isinstance(n.layer, Linear)), None)
    if first is not None and not convolutions(network) and len(network.input) == 3:
        weight = parameters[f"{first.name}.weight"]
        if weight.shape[1] == np.prod(network.input):
            yield _filter(first.name, weight.reshape(-1, *network.input))


def _filter(layer: str, weight: NDArray[np.float32]) -> dict[str, Any]:
    shown = weight[:_MOST_FILTERS, :_MOST_CHANNELS]
    about = {"filters": weight.shape[0], "channels": weight.shape[1]}
    return {"layer": layer, **_packed(shown), **about}


def _maps(layer: str, values: NDArray[np.float32]) -> dict[str, Any]:
    shown = values[:_MOST_MAPS]
    if max(values.shape[1:]) > _MOST_SIDE:
        shown = np.array([shrunk(each, _MOST_SIDE) for each in shown])
    return {"layer": layer, **_packed(shown), "maps": len(values)}


def _packed(values: NDArray[np.floating]) -> dict[str, Any]:
    """Numbers as bytes from -127 to 127 in base64, of `most` at most."""
    most = float(np.abs(values).max(initial=0.0))
    scaled = np.rint(values * (127.0 / most)) if most else np.zeros(values.shape)
    content = base64.b64encode(scaled.astype(np.int8).tobytes()).decode()
    return {"shape": list(values.shape), "values": content, "most": most}
