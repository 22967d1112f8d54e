"""Everything mirada refuses, as one tree.

    MiradaError                     exit  is also
    ├── DescriptionError              4   ValueError     a network or recipe is wrong
    │   ├── FieldError                                   a value is outside its limit
    │   ├── ShapeError                                   a layer does not fit its input
    │   └── TextError                                    a description cannot be read
    ├── ConfigurationError            4   ValueError     options contradict each other
    ├── DataError                     3   ValueError     images, labels or sources
    ├── FileError                     3   ValueError     a file of ours is not right
    ├── MemoryLimitError              5   MemoryError    more memory than there is
    ├── StorageError                  5   OSError        the disk refuses
    ├── GroupError                    5   ConnectionError  a process of several is gone
    ├── DivergenceError               6   ArithmeticError  NaN or infinity in training
    ├── UnsupportedError              4   NotImplementedError  described, not yet built
    ├── UsageError                    2   ValueError     a command was called wrongly
    └── InternalError                 1   RuntimeError   a rule of ours was broken

A message says where and what came, what was required, and what to do. It is made
when it is read, in the language then in use; `code` never changes and never
translates.
"""

from typing import Self

from mirada.language import translate

__all__ = [
    "ConfigurationError",
    "DataError",
    "DescriptionError",
    "DivergenceError",
    "FieldError",
    "FileError",
    "GroupError",
    "InternalError",
    "MemoryLimitError",
    "MiradaError",
    "Phrase",
    "ShapeError",
    "StorageError",
    "TextError",
    "UnsupportedError",
    "UsageError",
]


class MiradaError(Exception):
    """Something mirada refuses, with a stable code and a message in two languages.

    `template` is the English message with `{name}` fields, `values` fills them. A value
    that is itself a `MiradaError` or a `Phrase` is translated with the message.

    >>> error = DataError("no-images", "{folder!r} holds no images.", folder="cats")
    >>> str(error), error.code, error.exit_code
    ("'cats' holds no images.", 'no-images', 3)
    """

    exit_code = 1

    def __init__(self, code: str, template: str, /, **values: object) -> None:
        super().__init__(code, template)
        self.code = code
        self.template = template
        self.values = values

    def __str__(self) -> str:
        return translate(self.template).format(**self.values)

    def told(self, **values: object) -> Self:
        """The same error with more of its values known."""
        return type(self)(self.code, self.template, **{**self.values, **values})

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.code, self.template, self.values)


def _rebuild(
    kind: type[MiradaError], code: str, template: str, values: dict[str, object]
) -> MiradaError:
    return kind(code, template, **values)


class Phrase:
    """A piece of a message that is translated when the whole message is.

    >>> str(Phrase("padding {size}", size=2))
    'padding 2'
    """

    def __init__(self, template: str, /, **values: object) -> None:
        self.template = template
        self.values = values

    def __str__(self) -> str:
        return translate(self.template).format(**self.values)

    def __repr__(self) -> str:
        return f"Phrase({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Phrase) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(self.template)


class DescriptionError(MiradaError, ValueError):
    """A network or a recipe cannot be what it says."""

    exit_code = 4


class FieldError(DescriptionError):
    """One value of a description is outside its limit."""


class ShapeError(DescriptionError):
    """A layer does not fit the input it is given."""


class TextError(DescriptionError):
    """A description in TOML, JSON or short strings cannot be read."""


class ConfigurationError(MiradaError, ValueError):
    """The options of a run are wrong or contradict each other."""

    exit_code = 4


class DataError(MiradaError, ValueError):
    """The images, the labels or their source cannot be used."""

    exit_code = 3


class FileError(MiradaError, ValueError):
    """A file that mirada wrote, or should have written, is not right."""

    exit_code = 3


class MemoryLimitError(MiradaError, MemoryError):
    """The work needs more memory than there is."""

    exit_code = 5


class StorageError(MiradaError, OSError):
    """The disk refuses to read or write."""

    exit_code = 5


class GroupError(MiradaError, ConnectionError):
    """Processes that train together are not all there, or not alike."""

    exit_code = 5


class DivergenceError(MiradaError, ArithmeticError):
    """Training met NaN or infinity."""

    exit_code = 6


class UnsupportedError(MiradaError, NotImplementedError):
    """Something that can be described and cannot be computed yet by this engine."""

    exit_code = 4


class UsageError(MiradaError, ValueError):
    """A command or a function was called wrongly."""

    exit_code = 2


class InternalError(MiradaError, RuntimeError):
    """A rule that mirada sets itself was broken: a bug to report."""
