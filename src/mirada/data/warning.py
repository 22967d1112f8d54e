"""What a person should know of a data set before training on it, each with its files.

duplicates                 the same pixels, more than once, of one class in one part
leakage                    the same pixels in more than one part
torn-group                 a group (a person, a place) in more than one part
conflicting-labels         the same pixels, in more than one class
near-duplicates, near-leakage, near-conflicts   as above, of nearly the same pixels
class-without-images, class-too-small, class-missing-in-part, class-imbalance
one-class, no-images       there is nothing to tell apart
mixed-orientation          some are upright, some lie across
exif-rotated               turned by their EXIF: other programs may show them lying
constant-images, tiny-images, grey-among-colour
"""

from dataclasses import dataclass, field
from typing import Any

from mirada.errors import Phrase

__all__ = ["SERIOUS", "DataWarning"]

SERIOUS = (
    *("leakage", "torn-group", "conflicting-labels", "class-without-images"),
    *("class-missing-in-part", "one-class", "no-images"),
)
"""The codes of what spoils training or its figures; the others may be meant."""


@dataclass(frozen=True)
class DataWarning:
    """One thing to know: a stable code, the words, the files it speaks of, and facts.

    >>> told = DataWarning("tiny-images", Phrase("Very small."), ("a.png",))
    >>> told.to_dict()["files"], told.is_serious
    (['a.png'], False)
    """

    code: str
    text: Phrase
    files: tuple[str, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def is_serious(self) -> bool:
        """Whether it spoils training or its figures."""
        return self.code in SERIOUS

    def to_dict(self) -> dict[str, Any]:
        """The warning as JSON holds it."""
        return {
            "code": self.code,
            "serious": self.is_serious,
            "message": str(self.text),
            "files": list(self.files),
            **self.facts,
        }
