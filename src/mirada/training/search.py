"""What is searched: names with their values, written as `lr=log 0.001..0.1`.

Every value is drawn by counter (Philox keyed by the seed and the number of the trial),
so a trial's values are the same whenever, and on whatever machine, they are drawn.
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mirada.errors import ConfigurationError, Phrase
from mirada.randomness import Purpose, uniform

__all__ = ["Among", "Between", "Domain", "Searched", "draw", "read_searched"]

_RANGE = re.compile(r"(log\s+)?([0-9.eE+-]+?)\.\.([0-9.eE+-]+)")
_WHOLE = re.compile(r"-?[0-9]{1,15}", re.ASCII)
_NAME = re.compile(r"[A-Za-z_][\w.-]*")
_MOST_VALUES = 1000
_REDRAWS = 50

Given = str | int | float


@dataclass(frozen=True)
class Among:
    """One of some values, each as likely.

    >>> Among((32, 64, 128)).at(0.99)
    128
    """

    values: tuple[Given, ...]

    def at(self, share: float) -> Given:
        """The value at a place in [0, 1)."""
        return self.values[int(share * len(self.values))]


@dataclass(frozen=True)
class Between:
    """A number from `low` to `high`, both included; with `log` each factor as likely.

    >>> Between(8, 64, whole=True).at(0.5), Between(0.001, 0.1, log=True).at(0.5)
    (36, 0.01)
    """

    low: float
    high: float
    log: bool = False
    whole: bool = False

    def at(self, share: float) -> int | float:
        """The number at a place in [0, 1); four digits are enough where not whole."""
        low, high = self.low, self.high
        if self.whole:
            low, high = low - 0.5, high + 0.5
        if self.log:
            number = math.exp(math.log(low) + share * math.log(high / low))
        else:
            number = low + share * (high - low)
        if self.whole:
            return int(min(max(round(number), self.low), self.high))
        return float(f"{number:.4g}")


Domain = Among | Between


@dataclass(frozen=True)
class Searched:
    """One thing that is searched: its name and the values it may take."""

    name: str
    domain: Domain

    def text(self) -> str:
        """As it is written on a command line."""
        domain = self.domain
        if isinstance(domain, Among):
            return f"{self.name}={'|'.join(map(str, domain.values))}"
        ends = (domain.low, domain.high)
        shown = [str(int(end)) if domain.whole else repr(end) for end in ends]
        return f"{self.name}={'log ' * domain.log}{'..'.join(shown)}"


def read_searched(text: str) -> Searched:
    """What `NAME=LOW..HIGH`, `NAME=log LOW..HIGH` or `NAME=A|B|C` says.

    Raises ConfigurationError (`search-text`).

    >>> read_searched("lr=log 0.001..0.1").domain
    Between(low=0.001, high=0.1, log=True, whole=False)
    >>> read_searched("batch=32|64").domain
    Among(values=(32, 64))
    """
    name, equals, values = (part.strip() for part in text.partition("="))
    if not equals or not _NAME.fullmatch(name) or not values:
        raise _refusal(text, Phrase("it is no NAME=VALUES"))
    match = _RANGE.fullmatch(values)
    if match:
        return Searched(name, _between(text, bool(match[1]), match[2], match[3]))
    found = [word.strip() for word in values.split("|")]
    if not all(found) or len(found) > _MOST_VALUES:
        raise _refusal(text, Phrase("a value is empty, or there are too many"))
    if len(set(found)) != len(found):
        raise _refusal(text, Phrase("a value is there twice"))
    return Searched(name, Among(tuple(map(_given, found))))


def draw(
    space: Sequence[Searched],
    seed: int,
    trial: int,
    taken: Iterable[tuple[Given, ...]] = (),
) -> tuple[Given, ...] | None:
    """The values of a trial, in the order of the space; None when nothing is left.

    Values that are `taken` by earlier trials are drawn again.

    >>> space = [read_searched("lr=log 0.001..0.1"), read_searched("batch=32|64")]
    >>> draw(space, 0, 3) == draw(space, 0, 3)
    True
    """
    known = set(taken)
    for again in range(_REDRAWS):
        shares = uniform(seed, Purpose.TUNE, len(space), epoch=again, sample=trial)
        found = tuple(
            item.domain.at(float(share))
            for item, share in zip(space, shares, strict=True)
        )
        if found not in known:
            return found
    return None


def _between(text: str, log: bool, low: str, high: str) -> Between:
    whole = bool(_WHOLE.fullmatch(low) and _WHOLE.fullmatch(high))
    try:
        ends = float(low), float(high)
    except ValueError:
        raise _refusal(text, Phrase("its ends are no numbers")) from None
    if not all(map(math.isfinite, ends)) or not ends[0] < ends[1]:
        raise _refusal(text, Phrase("its second end must be above the first"))
    if log and ends[0] <= 0:
        raise _refusal(text, Phrase("with log both ends must be above 0"))
    return Between(*ends, log=log, whole=whole)


def _given(word: str) -> Given:
    if _WHOLE.fullmatch(word):
        return int(word)
    try:
        number = float(word)
    except ValueError:
        return word
    return number if math.isfinite(number) else word


def _refusal(text: str, reason: Phrase) -> ConfigurationError:
    return ConfigurationError(
        "search-text",
        "--search {text!r} cannot be read: {reason}. Write a range as "
        "'lr=log 0.001..0.1' or 'conv1.out_channels=8..64', or values as "
        "'batch=32|64|128'.",
        text=text[:100],
        reason=reason,
    )
