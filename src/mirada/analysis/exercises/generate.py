"""The exercises of a seed: the same ones on every computer and in every language."""

from collections.abc import Callable, Mapping, Sequence
from types import ModuleType

from mirada.analysis.exercises import (
    convolution,
    field,
    macs,
    parameters,
    parameters_network,
    pooling,
    relu,
    size,
    size_layers,
    size_missing,
    softmax,
)
from mirada.analysis.exercises.draw import Draw
from mirada.analysis.exercises.exercise import Exercise
from mirada.errors import Phrase, UsageError
from mirada.near_names import did_you_mean
from mirada.network.field import Whole

__all__ = ["LEVELS", "TOPICS", "generate_exercises", "generate_versions"]

LEVELS = (1, 2, 3)
TOPICS: Mapping[str, Phrase] = {
    "convolution": Phrase("One number of a convolution"),
    "size": Phrase("Output sizes"),
    "parameters": Phrase("Parameters"),
    "relu": Phrase("ReLU"),
    "pooling": Phrase("Pooling"),
    "softmax": Phrase("Softmax"),
    "receptive-field": Phrase("Receptive field"),
    "macs": Phrase("Operations (MACs)"),
}
"""The topics in the order in which they are taught."""

_MODULES: Mapping[str, Sequence[ModuleType]] = {
    "convolution": (convolution,),
    "size": (size, size_layers, size_missing),
    "parameters": (parameters, parameters_network),
    "relu": (relu,),
    "pooling": (pooling,),
    "softmax": (softmax,),
    "receptive-field": (field,),
    "macs": (macs,),
}
_MOST_SEED = 2**32 - 1
_MOST_COUNT = 500
_MOST_VERSIONS = 26
_ATTEMPTS = 200
"""How often a kind may refuse what was drawn."""
_FRESH_ATTEMPTS = 40
"""After so many, an exercise may come again: some kinds have few numbers."""
_KINDS_DRAWN = 0xFFFFFFFF

Maker = Callable[[Draw, int], Exercise | None]


def generate_exercises(
    seed: int, level: int = 1, count: int = 10, topics: Sequence[str] = ()
) -> tuple[Exercise, ...]:
    """`count` exercises of one level, topic by topic in turn; all topics unless named.

    More of them begin with the same ones. Raises `UsageError` for a topic that is not
    there and `FieldError` for a number out of range.

    >>> [one.answer.text for one in generate_exercises(1, 1, 3)]
    ['15', '5x5', '17']
    """
    return generate_versions(seed, level, count, topics, 1)[0]


def generate_versions(
    seed: int,
    level: int = 1,
    count: int = 10,
    topics: Sequence[str] = (),
    versions: int = 2,
) -> tuple[tuple[Exercise, ...], ...]:
    """As many sets of exercises of the same kinds in the same order, other numbers.

    The first is what `generate_exercises` gives.

    >>> one, other = generate_versions(1, 1, 4)
    >>> [a.kind == b.kind and a.answer != b.answer for a, b in zip(one, other)]
    [True, True, True, True]
    """
    Whole(0, _MOST_SEED).inside("seed").check(seed)
    Whole(1, 3).inside("level").check(level)
    Whole(1, _MOST_COUNT).inside("count").check(count)
    Whole(1, _MOST_VERSIONS).inside("versions").check(versions)
    chosen = _known(topics)
    seen: set[str] = set()
    return tuple(
        tuple(
            _exercise(seed, level, chosen[i % len(chosen)], i // len(chosen), v, seen)
            for i in range(count)
        )
        for v in range(versions)
    )


def _known(topics: Sequence[str]) -> tuple[str, ...]:
    """The topics, each once, in the order of teaching."""
    for topic in topics:
        if topic not in TOPICS:
            raise UsageError(
                "exercise-topic",
                "There are no exercises on {topic!r}; there are {known}. {hint}",
                topic=topic[:60],
                known=", ".join(TOPICS),
                hint=did_you_mean(topic, TOPICS, 2),
            )
    return tuple(name for name in TOPICS if not topics or name in topics)


def _makers(topic: str, level: int) -> list[Maker]:
    return [maker for module in _MODULES[topic] for maker in module.KINDS[level]]


def _exercise(
    seed: int, level: int, topic: str, turn: int, version: int, seen: set[str]
) -> Exercise:
    """The exercise of one turn: of the kind that is next, and not one seen before."""
    place = list(TOPICS).index(topic) * 4 + level
    makers = _makers(topic, level)
    cycle, next_kind = divmod(turn, len(makers))
    order = Draw(seed, place, cycle, _KINDS_DRAWN).shuffled(range(len(makers)))
    maker = makers[order[next_kind]]
    for attempt in range(_ATTEMPTS):
        made = maker(Draw(seed, place, turn, version * _ATTEMPTS + attempt), level)
        if made is None:
            continue
        numbers = f"{made.kind} {made.given}"
        if numbers not in seen or attempt >= _FRESH_ATTEMPTS:
            seen.add(numbers)
            return made
    raise AssertionError(f"{maker.__name__} refuses every draw")
