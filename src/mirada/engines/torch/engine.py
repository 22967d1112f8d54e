"""The PyTorch engine: a network as PyTorch computes it, on one device."""

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from mirada.compiler.target import cores
from mirada.engines.engine import Arrays, Engine, Floats, StepResult
from mirada.engines.intake import (
    MOST_THREADS,
    checked_arrays,
    checked_arriving,
    checked_images,
    checked_labels,
    checked_mixing,
    checked_names,
    checked_threads,
    chunks,
    classes,
)
from mirada.engines.memory import refuse_beyond
from mirada.engines.precision import checked_precision
from mirada.engines.torch.device import chosen, free_bytes
from mirada.engines.torch.graph import Recorded
from mirada.engines.torch.layer import Moment
from mirada.engines.torch.loss import Answers
from mirada.engines.torch.network import NetworkModule
from mirada.engines.torch.results import PendingResult
from mirada.engines.torch.settings import Settings
from mirada.engines.torch.step import TrainingStep
from mirada.mixing import Mixing
from mirada.network import INPUT, Network, Recipe
from mirada.network.rate import frozen_layers
from mirada.reference import initial_parameters

__all__ = ["TorchEngine"]

_BLOCK = 64
"""Images that are answered, or looked into, together."""


class TorchEngine(Engine):
    """A network computed by PyTorch on `device`; see `device.chosen`.

    On a CPU the same bytes come out again for the same number of threads, which is
    every core where `threads` is None. With `compiled` PyTorch compiles what trains.
    Several Python threads may use one engine: they take turns. What does not fit in
    memory raises `MemoryLimitError`: here, or for one that is not made to train
    (`trains`) nowhere.

    >>> from mirada.network import Linear
    >>> engine = TorchEngine(Network("tiny", (3,), (Linear(2),)), Recipe(), 1, "cpu")
    >>> engine.predict(np.ones((5, 3), np.float32)).shape
    (5, 2)
    """

    def __init__(
        self,
        network: Network,
        recipe: Recipe,
        threads: int | None = None,
        device: str | None = None,
        exact: bool = False,
        precision: str = "float32",
        compiled: bool = False,
        trains: bool = True,
    ) -> None:
        self.network, self.recipe, self.device = network, recipe, chosen(device)
        self.settings = Settings(
            self.device,
            checked_threads(min(cores(), MOST_THREADS) if threads is None else threads),
            checked_precision(precision, exact),
            exact,
        )
        if trains:
            free = free_bytes(self.device)
            refuse_beyond(network, recipe, engine="torch", free=free)
        with self.settings.used():
            values = initial_parameters(network, recipe.seed)
            fixed = frozen_layers(network, recipe.rates)
            self.module = NetworkModule(network, values, fixed)
            self.module.to(self.device, memory_format=torch.channels_last)
            self._step = TrainingStep(self.module, recipe, self.settings)
        if compiled:
            self._step.compile()
        self._recorded: dict[int, Recorded] = {}

    # Parameters --------------------------------------------------------------------

    def parameters(self) -> Arrays:
        with self.settings.used():
            return _arrays(self.module.tensors)

    def load_parameters(self, values: Mapping[str, NDArray[np.floating]]) -> None:
        self._load(self.module.tensors, values)

    def optimizer_state(self) -> Arrays:
        with self.settings.used():
            return _arrays(self._step.descent.state())

    def load_optimizer_state(self, values: Mapping[str, NDArray[np.floating]]) -> None:
        self._load(self._step.descent.state(), values)

    def _load(
        self,
        tensors: Mapping[str, torch.Tensor],
        values: Mapping[str, NDArray[np.floating]],
    ) -> None:
        shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
        given = checked_arrays(values, shapes)
        with self.settings.used(), torch.no_grad():
            for name, tensor in tensors.items():
                tensor.copy_(torch.from_numpy(given[name]))
            self._step.descent.start_again()

    # Training ----------------------------------------------------------------------

    def train_step(
        self,
        images: Floats,
        labels: NDArray[np.int64],
        *,
        step: int,
        learning_rate: float,
        mixing: Mixing | None = None,
    ) -> StepResult:
        with self.settings.used():
            given, answers = self._batch(images, labels, mixing)
            self._step.prepare(step, learning_rate)
            loss, right = self._trained(given, answers)
            found = PendingResult(
                loss, right, step, lambda: self._first_not_finite(given, step)
            )
        if found.is_ready:
            return StepResult(found.loss, found.correct)
        return found

    def _trained(
        self, images: torch.Tensor, answers: Answers
    ) -> tuple[torch.Tensor, ...]:
        """One step on the device: the loss, and how many were right."""
        known = tuple(tensor for tensor in answers if tensor is not None)
        if not self._is_recorded(len(images)):
            return self._step(images, answers)
        if len(known) not in self._recorded:
            self._recorded[len(known)] = Recorded(
                lambda images, *known: self._step(images, Answers(*known)),
                (images, *known),
                self._step.state(),
            )
        return self._recorded[len(known)](images, *known)

    def _is_recorded(self, count: int) -> bool:
        """Whether such a batch is played; the last one of an epoch may be smaller."""
        return self.device.type == "cuda" and count == self.recipe.batch_size

    def _first_not_finite(self, images: torch.Tensor, step: int) -> str | None:
        with self.settings.used():
            found: str | None = self._step.first_not_finite(images, step)
            return found

    def gradients(
        self,
        images: Floats,
        labels: NDArray[np.int64],
        *,
        step: int = 0,
        names: Collection[str] = (),
        mixing: Mixing | None = None,
    ) -> tuple[float, Arrays]:
        wanted = checked_names(self.network, names) - {INPUT}
        with self.settings.used():
            given, answers = self._batch(images, labels, mixing)
            given.requires_grad_()
            self._step.prepare(step)
            found = self._step.score(given, answers, wanted)
            by = {**self._step.descent.learned, INPUT: given, **found.outputs}
            return float(found.loss.detach()), _arrays(_gradients(found.loss, by))

    def _batch(
        self, images: Floats, labels: NDArray[np.int64], mixing: Mixing | None
    ) -> tuple[torch.Tensor, Answers]:
        """A training batch, checked and on the device."""
        count = classes(self.network, self.recipe)
        batch = checked_images(self.network, images, self.recipe.batch_size)
        known = checked_labels(labels, len(batch), count)
        mixed = checked_mixing(mixing, len(batch), count)
        others = () if mixed is None else (mixed.labels, mixed.shares)
        return self._sent(batch), Answers(*map(self._sent, (known, *others)))

    # Answers -----------------------------------------------------------------------

    def predict(self, images: Floats) -> Floats:
        last = self.network.nodes[-1].name
        return self.activations(images, (last,))[last]

    def activations(self, images: Floats, names: Collection[str]) -> Arrays:
        batch = checked_images(self.network, images)
        wanted = checked_names(self.network, names)
        found = self._empty(wanted, len(batch))
        with self.settings.used(), torch.inference_mode():
            for piece in chunks(len(batch), _BLOCK):
                outputs = self._answered(self._sent(batch[piece]), wanted)
                for name, value in outputs.items():
                    found[name][piece] = value.float().cpu().numpy()
        return found

    def output_gradients(
        self, images: Floats, arriving: Floats, names: Collection[str]
    ) -> Arrays:
        batch = checked_images(self.network, images)
        slopes = checked_arriving(self.network, arriving, len(batch))
        learned = self._step.descent.learned
        own = {name: learned[name] for name in names if name in learned}
        wanted = checked_names(self.network, frozenset(names) - own.keys())
        found = self._empty(wanted, len(batch))
        sums = {n: np.zeros(tuple(value.shape), np.float32) for n, value in own.items()}
        last = self.network.nodes[-1].name
        with self.settings.used():
            for piece in chunks(len(batch), _BLOCK):
                given = self._sent(batch[piece]).requires_grad_()
                outputs = self._answered(given, {*wanted, last})
                total = (outputs[last] * self._sent(slopes[piece])).sum()
                by = {**own, **{name: outputs[name] for name in wanted}}
                passed = _arrays(_gradients(total, by))
                for name in wanted:
                    found[name][piece] = passed[name]
                for name, value in sums.items():
                    value += passed[name]
        return {**found, **sums}

    def alike(self, network: Network) -> "TorchEngine":
        how = self.settings
        return TorchEngine(
            network,
            replace(self.recipe, rates=()),
            how.threads,
            str(self.device),
            how.exact,
            how.precision,
            trains=False,
        )

    def _answered(
        self, images: torch.Tensor, names: Collection[str]
    ) -> dict[str, torch.Tensor]:
        """The outputs of layers in inference form."""
        moment = Moment(self._step.step)
        with self.settings.autocast():
            found: dict[str, torch.Tensor] = self.module(images, moment, names)
        return found

    def _empty(self, names: Collection[str], count: int) -> Arrays:
        """Room for the outputs of layers, (count, *shape of the layer)."""
        shapes = self.network.shapes
        return {name: np.empty((count, *shapes[name]), np.float32) for name in names}

    def _sent(self, values: NDArray[np.generic]) -> torch.Tensor:
        """Values on the device; images with the channels of a pixel side by side."""
        tensor = torch.from_numpy(values)
        if self.device.type == "cuda":
            tensor = tensor.pin_memory().to(self.device, non_blocking=True)
        tensor = tensor.to(self.device)
        if tensor.ndim == 4:
            tensor = tensor.contiguous(memory_format=torch.channels_last)
        return tensor


def _gradients(
    total: torch.Tensor, by: Mapping[str, torch.Tensor]
) -> dict[str, torch.Tensor]:
    """The gradients of a number by what is named; 0 where it does not depend on it."""
    slopes = torch.autograd.grad(
        total, list(by.values()), allow_unused=True, materialize_grads=True
    )
    return dict(zip(by, slopes, strict=True))


def _arrays(tensors: Mapping[str, torch.Tensor]) -> Arrays:
    """Copies as float32 arrays, each in the order of its axes."""
    return {
        name: np.array(tensor.detach().float().cpu().numpy(), order="C", copy=True)
        for name, tensor in tensors.items()
    }
