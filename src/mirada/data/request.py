"""How a source is to be loaded: the options of `load` as one checked value."""

from dataclasses import dataclass, field

from mirada.data.fitting import LARGEST_SIDE, RESIZE_RULES
from mirada.data.limits import Limits
from mirada.errors import DataError, Phrase

__all__ = ["Request"]


@dataclass(frozen=True)
class Request:
    """Size (height, width) and channels or None for automatic, rule, limits, threads.

    `cache` says whether decoded pixels may be kept on disk for the next time. Without
    `decode` a source of encoded images is listed only (see `sources.find`).

    Raises DataError (`load-option`).
    """

    size: tuple[int, int] | None = None
    channels: int | None = None
    resize: str = "crop"
    limits: Limits = field(default_factory=Limits)
    threads: int | None = None
    cache: bool = True
    decode: bool = True

    def __post_init__(self) -> None:
        sides = () if self.size is None else self.size
        rules = ", ".join(RESIZE_RULES)
        for name, wanted, holds in (
            (
                "size",
                Phrase("height and width from 1 to {most}", most=LARGEST_SIDE),
                self.size is None
                or (len(sides) == 2 and all(_is_side(side) for side in sides)),
            ),
            (
                "channels",
                Phrase("1 (grey) or 3 (RGB)"),
                self.channels in (None, 1, 3),
            ),
            (
                "resize",
                Phrase("one of {rules}", rules=rules),
                self.resize in RESIZE_RULES,
            ),
        ):
            if not holds:
                raise DataError(
                    "load-option",
                    "The option {name} must be {wanted}; got {came}.",
                    name=name,
                    wanted=wanted,
                    came=f"{getattr(self, name)!r:.80}",
                )


def _is_side(side: object) -> bool:
    return type(side) is int and 1 <= side <= LARGEST_SIDE
