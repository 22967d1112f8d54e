"""The memory of a run as a whole, foretold before it begins."""

from dataclasses import dataclass, replace

from mirada.engines.held import held_bytes, most_bytes
from mirada.engines.memory import ANSWERED, TrainingMemory, training_memory
from mirada.training.feed import feeders
from mirada.training.plan import Plan

__all__ = ["ForetoldMemory", "foretold_memory"]


@dataclass(frozen=True)
class ForetoldMemory:
    """The most bytes that the process of a run will hold.

    `held` is what it holds already, images and packages, `most` the most it ever held.
    """

    held: int
    most: int
    training: TrainingMemory

    @property
    def total(self) -> int:
        """The peak of the run."""
        return max(self.most, self.held + self.training.total)

    def to_dict(self) -> dict[str, int]:
        """The parts by name."""
        return {"held": self.held, "most": self.most, **self.training.to_dict()}


def foretold_memory(plan: Plan) -> ForetoldMemory:
    """What training by a plan will take in this process, which has its images."""
    chosen = plan.configuration
    target = None
    if chosen.engine == "native":
        # LLVM takes a while to load, and only this needs it.
        from mirada.compiler.target import target as named

        target = named(chosen.isa)
    train, *answered = chosen.data.counts
    batch = min(chosen.recipe.batch_size, train)
    threads = feeders(chosen, plan.data)
    ahead = 2 * threads + 2 if threads else 0
    training = training_memory(
        chosen.network,
        replace(chosen.recipe, batch_size=batch),
        chosen.threads,
        target,
        engine=chosen.engine,
        exact=chosen.exact,
        precision=chosen.precision,
        answered=min(ANSWERED, max(answered)),
        ahead=ahead,
    )
    return ForetoldMemory(held_bytes(), most_bytes(), training)
