"""The PyTorch engine: a network as PyTorch computes it, on one device."""

from collections.abc import Collection, Mapping
from math import isfinite

import numpy as np
import torch
from numpy.typing import NDArray

from mirada.engines.engine import Arrays, Engine, Floats, StepResult
from mirada.engines.group import ALONE, Group
from mirada.engines.intake import (
    checked_arrays,
    checked_arriving,
    checked_images,
    checked_labels,
    checked_mixing,
    checked_names,
    checked_share,
    checked_threads,
    chunks,
    classes,
    diverged,
    learned,
)
from mirada.engines.torch.device import chosen
from mirada.engines.torch.group import TorchGroup
from mirada.engines.torch.layer import Moment
from mirada.engines.torch.loss import Answers, correct, mean_loss
from mirada.engines.torch.network import NetworkModule
from mirada.engines.torch.optimizer import Mover
from mirada.engines.torch.ranks import Ranks, all_scores, ranks_of
from mirada.engines.torch.reduction import Reduction
from mirada.engines.torch.settings import Settings
from mirada.mixing import Mixing
from mirada.network import INPUT, Network, Recipe
from mirada.reference import initial_parameters, scored

__all__ = ["TorchEngine"]

_BLOCK = 64
"""Images that are answered, or looked into, together."""


class TorchEngine(Engine):
    """A network computed by PyTorch on `device`; see `device.chosen`.

    On a CPU the same bytes come out again for the same number of threads, which is
    every core where `threads` is None. Several Python threads may use one engine: they
    take turns.

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
        group: Group = ALONE,
    ) -> None:
        self.network, self.recipe, self.group = network, recipe, group
        self.device = chosen(device, group)
        count = torch.get_num_threads() if threads is None else checked_threads(threads)
        self.settings = Settings(self.device, count, precision, exact)
        self._scored = scored(network, recipe.loss)
        with self.settings.used():
            values = initial_parameters(network, recipe.seed)
            self.module = NetworkModule(network, values)
            self.module.to(self.device, memory_format=torch.channels_last)
            self.learned = {n: self.module.tensors[n] for n in learned(network)}
            self._mover = Mover(recipe, self.learned)
            self._reduction = (
                Reduction(group, [*self.module.learned])
                if isinstance(group, TorchGroup)
                else None
            )
            self._step = torch.zeros((), dtype=torch.int64, device=self.device)

    # Parameters --------------------------------------------------------------------

    def parameters(self) -> Arrays:
        with self.settings.used():
            return _arrays(self.module.tensors)

    def load_parameters(self, values: Mapping[str, NDArray[np.floating]]) -> None:
        self._load(self.module.tensors, values)

    def optimizer_state(self) -> Arrays:
        with self.settings.used():
            return _arrays(self._mover.state())

    def load_optimizer_state(self, values: Mapping[str, NDArray[np.floating]]) -> None:
        self._load(self._mover.state(), values)

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

    # Work --------------------------------------------------------------------------

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
            ranks = ranks_of(self.group, len(labels))
            given, answers = self._batch(images, labels, mixing, ranks)
            self._step.fill_(step)
            self._mover.prepare(step, learning_rate)
            loss, right = self._trained(given, answers, ranks)
            told = StepResult(float(loss), int(right))
            if not isfinite(told.loss):
                raise diverged(step, told.loss, self._first_not_finite(given, ranks))
            return told

    def _trained(
        self, images: torch.Tensor, answers: Answers, ranks: Ranks | None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """One step on the device: the loss, and how many were right."""
        self._mover.forget_gradients()
        found = self._forward(images, (self._scored,), moves=True, ranks=ranks)
        scores = all_scores(found[self._scored].flatten(1), ranks)
        loss = mean_loss(self.recipe.loss, scores, answers)
        loss.backward()
        if self._reduction is not None:
            self._reduction.finish()
        self._mover.move(loss)
        return loss.detach(), correct(scores.detach(), answers)

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
            self._step.fill_(step)
            given.requires_grad_()
            found = self._forward(given, {*wanted, self._scored})
            scores = found[self._scored].flatten(1)
            loss = mean_loss(self.recipe.loss, scores, answers)
            by = {**self.learned, INPUT: given, **{n: found[n] for n in wanted}}
            return float(loss.detach()), _arrays(_gradients(loss, by))

    def predict(self, images: Floats) -> Floats:
        last = self.network.nodes[-1].name
        return self.activations(images, (last,))[last]

    def activations(self, images: Floats, names: Collection[str]) -> Arrays:
        batch = checked_images(self.network, images)
        wanted = checked_names(self.network, names)
        found = {
            name: np.empty((len(batch), *self.network.shapes[name]), np.float32)
            for name in wanted
        }
        with self.settings.used(), torch.inference_mode():
            for piece in chunks(len(batch), _BLOCK):
                outputs = self._forward(self._sent(batch[piece]), wanted, trains=False)
                for name, value in outputs.items():
                    found[name][piece] = value.float().cpu().numpy()
        return found

    def output_gradients(
        self, images: Floats, arriving: Floats, names: Collection[str]
    ) -> Arrays:
        batch = checked_images(self.network, images)
        slopes = checked_arriving(self.network, arriving, len(batch))
        own = {name: self.learned[name] for name in names if name in self.learned}
        wanted = checked_names(self.network, frozenset(names) - own.keys())
        shapes = self.network.shapes
        found = {n: np.empty((len(batch), *shapes[n]), np.float32) for n in wanted}
        sums = {n: np.zeros(tuple(own[n].shape), np.float32) for n in own}
        last = self.network.nodes[-1].name
        with self.settings.used():
            for piece in chunks(len(batch), _BLOCK):
                given = self._sent(batch[piece]).requires_grad_()
                outputs = self._forward(given, {*wanted, last, INPUT}, trains=False)
                total = (outputs[last] * self._sent(slopes[piece])).sum()
                by = {**own, **{name: outputs[name] for name in wanted}}
                for name, value in _arrays(_gradients(total, by)).items():
                    if name in sums:
                        sums[name] += value
                    else:
                        found[name][piece] = value
        return {**found, **sums}

    def alike(self, network: Network) -> "TorchEngine":
        how = self.settings
        return TorchEngine(
            network,
            self.recipe,
            how.threads,
            str(self.device),
            how.exact,
            how.precision,
        )

    def _forward(
        self,
        images: torch.Tensor,
        names: Collection[str],
        *,
        trains: bool = True,
        moves: bool = False,
        ranks: Ranks | None = None,
    ) -> dict[str, torch.Tensor]:
        moment = Moment(self._step, trains, moves, self.recipe.seed, ranks=ranks)
        with self.settings.autocast():
            found: dict[str, torch.Tensor] = self.module(images, moment, names)
        return found

    def _batch(
        self,
        images: Floats,
        labels: NDArray[np.int64],
        mixing: Mixing | None,
        ranks: Ranks | None = None,
    ) -> tuple[torch.Tensor, Answers]:
        """A training batch, or its share with all labels, checked and on the device."""
        count = classes(self.network, self.recipe)
        if ranks is None:
            batch = checked_images(self.network, images, self.recipe.batch_size)
            whole = len(batch)
        else:
            whole = ranks.count
            batch = checked_share(self.network, images, ranks.counts[self.group.rank])
        known = checked_labels(labels, whole, count)
        mixed = checked_mixing(mixing, whole, count)
        others = () if mixed is None else (mixed.labels, mixed.shares)
        answers = Answers(
            *(torch.from_numpy(a).to(self.device) for a in (known, *others))
        )
        return self._sent(batch), answers

    def _sent(self, values: Floats) -> torch.Tensor:
        """Values on the device; images with their channels beside each other."""
        tensor = torch.from_numpy(values)
        if tensor.ndim == 4:
            return tensor.to(self.device, memory_format=torch.channels_last)
        return tensor.to(self.device)

    def _first_not_finite(
        self, images: torch.Tensor, ranks: Ranks | None
    ) -> str | None:
        """The first of the input and the layers whose output is not finite."""
        names = (INPUT, *(node.name for node in self.network.nodes))
        with torch.no_grad():
            found = self._forward(images, names, ranks=ranks)
        wrong = (p for p, n in enumerate(names) if not found[n].isfinite().all())
        # The largest of all ranks' is the first, counted from the end.
        (before,) = self.group.most([len(names) - next(wrong, len(names))])
        return names[-before] if before else None


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
