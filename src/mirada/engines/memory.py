"""Memory: what a training will take, foretold; what is too much is refused at once.

One contract for every engine. What is foretold are the bytes beyond those that the
process holds already (Python, its packages, the images), by their use:

- code: LLVM itself, and what the compiler writes on the way to machine code;
- arrays: parameters, what the optimizer remembers of them, gradients, activations;
- answers: the program that answers validation images, with parameters of its own form;
- copies: the best weights, and a checkpoint on its way to the disk;
- images: a batch on its way from bytes to numbers.
"""

from dataclasses import asdict, dataclass, replace
from math import prod
from typing import TYPE_CHECKING

from mirada.analysis.memory import memory
from mirada.data.limits import available_bytes
from mirada.errors import MemoryLimitError
from mirada.network import SGD, Network, Recipe
from mirada.network.rate import learned_names

if TYPE_CHECKING:
    from mirada.compiler.program import Program
    from mirada.compiler.target import Target

__all__ = [
    "ANSWERED",
    "TrainingMemory",
    "refuse_beyond",
    "refuse_program",
    "training_bytes",
    "training_memory",
]

_NUMBER, _DOUBLE = 4, 2
ANSWERED = 256
"""Images of a piece of the validation part, see `training.answers`."""
_BLOCK = 16
"""Images that a prediction of many computes together, see `engines.native`."""
_LLVM = 36 * 2**20
"""What LLVM's own code and tables take once it has compiled something."""
_TEMPORARY = 5
"""Of the largest output's size: a padded copy, its gradient, what a sum is made of."""
_ROOM = 1.03
"""Arrays begin at pages of their own; what is freed is not given back at once."""
_NUMPY = 6 * 2**20
"""What the reference's modules take, and the buffers of NumPy's matrix product."""
_TORCH = 24 * 2**20
"""What PyTorch's libraries hold of their own once they have trained something."""
_KERNEL = 255_000
"""What the compiler's objects and text for a call leave behind: 0.13 to 0.6 MB."""


@dataclass(frozen=True)
class TrainingMemory:
    """The bytes that a training takes beyond what the process holds, by their use."""

    code: int
    arrays: int
    answers: int
    copies: int
    images: int

    @property
    def total(self) -> int:
        """All of them: at the first checkpoint they are there at the same time."""
        return self.code + self.arrays + self.answers + self.copies + self.images

    def to_dict(self) -> dict[str, int]:
        """The parts by name."""
        return asdict(self)


def training_memory(
    network: Network,
    recipe: Recipe,
    threads: int = 1,
    target: "Target | None" = None,
    *,
    engine: str = "native",
    exact: bool = False,
    precision: str = "float32",
    answered: int = ANSWERED,
    ahead: int = 0,
) -> TrainingMemory:
    """What training takes, on the engine called so; `target` None is this computer.

    `answered` is how many validation images are answered at a time, `ahead` how many
    batches are made ready before they are wanted.

    >>> from mirada.network import Linear
    >>> tiny = Network("n", (3,), (Linear(2),))
    >>> training_memory(tiny, Recipe(batch_size=1), engine="reference").arrays
    392
    """
    values, batch = prod(network.input), recipe.batch_size
    images = (1 + 2 * _NUMBER) * max(batch, answered) * values
    images += _NUMBER * ahead * batch * values
    about = memory(network)
    states = _states(recipe) + bool(recipe.ema)
    # The best, and the parameters and the memory of the optimizer as they are.
    copies = 2 * about.parameters + states * _learned(network, recipe)
    if engine == "reference":
        return TrainingMemory(
            code=_NUMPY,
            arrays=_doubles(network, recipe, states),
            answers=0,
            copies=copies,
            images=images,
        )
    if engine == "torch":
        return TrainingMemory(
            code=_TORCH,
            arrays=about.training(recipe.batch_size, states),
            answers=0,
            copies=copies,
            images=images,
        )
    made = _Programs(network, recipe, target, exact, precision)
    train, answer = made.of("train", recipe.batch_size), made.of("predict", _BLOCK)
    return TrainingMemory(
        code=_LLVM + _KERNEL * sum(1 for _ in (*train.calls, *answer.calls)),
        arrays=int(_ROOM * (_arrays(train, recipe, threads) + _NUMBER * train.length)),
        answers=_own(answer, threads),
        copies=copies,
        images=images,
    )


def training_bytes(
    network: Network,
    recipe: Recipe,
    threads: int = 1,
    target: "Target | None" = None,
    *,
    engine: str = "native",
    exact: bool = False,
    precision: str = "float32",
) -> int:
    """The sum of `training_memory`."""
    return training_memory(
        network,
        recipe,
        threads,
        target,
        engine=engine,
        exact=exact,
        precision=precision,
    ).total


class _Programs:
    """The programs of a network, planned and not compiled."""

    def __init__(
        self,
        network: Network,
        recipe: Recipe,
        target: "Target | None",
        exact: bool,
        precision: str,
    ) -> None:
        # LLVM takes a while to load, and the reference needs none.
        from mirada.compiler.target import host

        self.network, self.recipe, self.target = network, recipe, target or host()
        self.exact, self.precision = exact, precision

    def of(self, mode: str, batch: int) -> "Program":
        """The program for a kind of work on so many images."""
        from mirada.compiler.plan import plan

        return plan(
            self.network,
            self.recipe,
            mode,
            batch,
            self.target,
            exact=self.exact,
            precision=self.precision,
        )


def _doubles(network: Network, recipe: Recipe, states: int) -> int:
    """The arrays of a step on the reference, in float64.

    Every output is kept, and the gradient by each; a convolution or a normalization
    has some more of its output's size while it computes.
    """
    about = memory(network)
    largest = _NUMBER * max(prod(shape) for shape in network.shapes.values())
    activations = recipe.batch_size * (2 * about.kept + _TEMPORARY * largest)
    learned = (1 + states) * _learned(network, recipe)
    return _DOUBLE * (about.parameters + learned + activations)


def _learned(network: Network, recipe: Recipe) -> int:
    """The bytes of the parameters that training moves."""
    moved = learned_names(network, recipe.rates)
    return _NUMBER * sum(prod(network.parameters[name].shape) for name in moved)


def _likely(batch: int, needed: tuple[int, int], limit: int) -> int:
    """The largest half, quarter, ... of a batch that fits if all grow alike; 0 if none.

    `needed` are the bytes of a batch of 1 and of the whole. Every plan takes a while.

    >>> _likely(64, (100, 730), 300), _likely(64, (100, 730), 99)
    (16, 0)
    """
    least, most = needed
    part = batch // 2
    while part and least + (part - 1) * (most - least) // (batch - 1) > limit:
        part //= 2
    return part


def _arrays(program: "Program", recipe: Recipe, threads: int) -> int:
    """The arrays of a training program, and what is remembered of parameters."""
    remembered = _NUMBER * program.learned * (_states(recipe) + bool(recipe.ema))
    return _own(program, threads, chunks=_chunks(program, recipe)) + remembered


def _chunks(program: "Program", recipe: Recipe) -> int:
    """In how many parts a batch is cut, each with a gradient of its own."""
    from mirada.compiler.program import Stream

    streamed = any(isinstance(step, Stream) for step in program.work)
    return -(-recipe.batch_size // program.chunk_images) if streamed else 1


def _own(program: "Program", threads: int, chunks: int = 0) -> int:
    """The arrays that a program works on besides parameters."""
    strides = program.strides
    gradients = strides["gradients"] * chunks
    workspace = strides["workspace"] * (min(threads, chunks) if chunks else threads)
    return gradients + workspace + strides["packed"] + strides["values"]


def _states(recipe: Recipe) -> int:
    """How many numbers the optimizer remembers of each parameter."""
    rule = recipe.optimizer
    return int(rule.momentum > 0) if isinstance(rule, SGD) else 2


def refuse_program(network: Network, count: int, needed: int) -> None:
    """Raises `MemoryLimitError` if a program for `count` images takes too much."""
    limit = available_bytes()
    if needed > limit:
        raise MemoryLimitError(
            "memory-program",
            "Computing {name!r} for {count} images at a time needs {needed:.1f} GiB, "
            "and {limit:.1f} GiB are free. Use a smaller network or a smaller input.",
            name=network.name,
            count=count,
            needed=needed / 2**30,
            limit=limit / 2**30,
        )


def refuse_beyond(
    network: Network,
    recipe: Recipe,
    threads: int = 1,
    target: "Target | None" = None,
    *,
    engine: str = "native",
    exact: bool = False,
    precision: str = "float32",
    free: int | None = None,
) -> None:
    """Refuses training that does not fit in the memory that is free.

    `free` are the bytes of a device; without it, those of this computer. Raises
    MemoryLimitError: `memory-batch` with the batch that fits, `memory-network`.
    """
    limit = available_bytes() if free is None else free

    def bytes_of(batch: int) -> int:
        sized = replace(recipe, batch_size=batch)
        return training_bytes(
            network,
            sized,
            threads,
            target,
            engine=engine,
            exact=exact,
            precision=precision,
        )

    needed = bytes_of(recipe.batch_size)
    if needed <= limit:
        return

    least = bytes_of(1) if recipe.batch_size > 1 else needed
    batch = _likely(recipe.batch_size, (least, needed), limit)
    while batch and bytes_of(batch) > limit:
        batch //= 2
    while 0 < batch < recipe.batch_size // 2 and bytes_of(2 * batch) <= limit:
        batch *= 2
    if batch:
        raise MemoryLimitError(
            "memory-batch",
            "Training {name!r} on batches of {batch} needs {needed:.1f} GiB, and "
            "{limit:.1f} GiB are free. A batch of {fits} fits: --batch {fits}.",
            name=network.name,
            batch=recipe.batch_size,
            needed=needed / 2**30,
            limit=limit / 2**30,
            fits=batch,
        )
    raise MemoryLimitError(
        "memory-network",
        "Training {name!r} needs {needed:.1f} GiB even for one image at a time, and "
        "{limit:.1f} GiB are free. Use a smaller network or a smaller input.",
        name=network.name,
        needed=least / 2**30,
        limit=limit / 2**30,
    )
