"""Augmentation as a line of text: `crop 4, flip, rotate 10, jitter 0.2, mixup 0.2`."""

from collections.abc import Mapping

from mirada.data.augment_limits import LIMITS
from mirada.errors import ConfigurationError, Phrase
from mirada.near_names import did_you_mean

__all__ = ["EXAMPLES", "WORDS", "fields_of", "text_of"]

_ORDER = (
    *("resized_crop", "scale", "rotate", "shear", "crop", "shift", "flip"),
    *("flip_vertical", "alternating_flip", "reflect", "fill", "randaugment"),
    *("brightness", "contrast", "saturation", "hue", "grey"),
    *("blur", "noise", "cutout", "mixup", "cutmix"),
)
_JITTERED = ("brightness", "contrast", "saturation", "hue")
_NONE = "none"

WORDS = (*(name.replace("_", "-") for name in _ORDER), "jitter")
"""Every word, in the order in which things happen; `jitter` stands for four."""


def text_of(values: Mapping[str, object]) -> str:
    """The values of fields, defaults left out, as text.

    >>> text_of({"crop": 4, "flip": True, "rotate": 2.5})
    'rotate 2.5, crop 4, flip'
    """
    strength = values.get("brightness")
    own = {name: values[name] for name in _JITTERED if name in values}
    is_jitter = isinstance(strength, float) and own == _jitter(strength)
    pieces = []
    for name in _ORDER:
        if is_jitter and name == "brightness":
            pieces.append(f"jitter {_number(strength)}")
        elif name in values and not (is_jitter and name in _JITTERED):
            pieces.append(_piece(name, values[name]))
    return ", ".join(pieces) or _NONE


def fields_of(text: str) -> dict[str, object]:
    """The fields that a text names, with their values, unchecked.

    Raises ConfigurationError: `augmentation-word` for an unknown word,
    `augmentation-numbers` for a wrong number of numbers, `augmentation-twice`.

    >>> fields_of("crop 4, flip")
    {'crop': 4, 'flip': True}
    """
    if text.strip() == _NONE:
        return {}
    found: dict[str, object] = {}
    for piece in text.split(","):
        words = piece.split()
        for name, value in _read(words[0] if words else "", words[1:]).items():
            if name in found:
                raise ConfigurationError(
                    "augmentation-twice",
                    "The augmentation {text!r} says {word!r} twice. Say it once "
                    "(jitter stands for {jitter}).",
                    text=text[:200],
                    word=name.replace("_", "-"),
                    jitter=", ".join(_JITTERED),
                )
            found[name] = value
    return found


def _jitter(strength: float) -> dict[str, object]:
    """Hue is by far the most striking of the four."""
    return {**dict.fromkeys(_JITTERED[:3], strength), "hue": strength / 4}


def _read(word: str, numbers: list[str]) -> dict[str, object]:
    name = word.replace("-", "_")
    if word not in WORDS:
        raise _unknown(word)
    wanted = (1,) if word == "jitter" else LIMITS[name].numbers
    values = [_value(number) for number in numbers]
    if len(values) not in wanted or None in values:
        raise ConfigurationError(
            "augmentation-numbers",
            "The augmentation {word!r} is followed by {came}; it takes {wanted}. "
            "Write for instance {example!r}.",
            word=word,
            came=" ".join(numbers)[:80] or Phrase("nothing"),
            wanted=_COUNTS[wanted],
            example=EXAMPLES.get(word, word),
        )
    if wanted == (0,):
        return {name: True}
    if word == "jitter":
        strength = values[0]
        return _jitter(float(strength or 0.0))
    return {name: tuple(values) if len(wanted) > 1 else values[0]}


def _unknown(word: str) -> ConfigurationError:
    return ConfigurationError(
        "augmentation-word",
        "There is no augmentation {word!r}; there are {known}. {hint}",
        word=word[:60],
        known=", ".join(WORDS),
        hint=did_you_mean(word.lower(), WORDS, 2, 0.6),
    )


def _value(text: str) -> int | float | None:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return None


def _piece(name: str, value: object) -> str:
    word = name.replace("_", "-")
    if value is True:
        return word
    numbers = value if isinstance(value, tuple) else (value,)
    if name == "resized_crop" and numbers[2:] == (3 / 4, 4 / 3):
        numbers = numbers[:2]
        numbers = numbers[:1] if numbers[1] == 1.0 else numbers
    return " ".join([word, *map(_number, numbers)])


def _number(value: object) -> str:
    return repr(value).removesuffix(".0")


_COUNTS = {
    (0,): Phrase("no number"),
    (1,): Phrase("one number"),
    (1, 2, 4): Phrase("one, two or four numbers"),
}
EXAMPLES = {
    "resized-crop": "resized-crop 0.35 1",
    "scale": "scale 0.2",
    "rotate": "rotate 10",
    "shear": "shear 5",
    "crop": "crop 4",
    "shift": "shift 2",
    "fill": "fill 255",
    "randaugment": "randaugment 0.5",
    "jitter": "jitter 0.2",
    "brightness": "brightness 0.2",
    "contrast": "contrast 0.2",
    "saturation": "saturation 0.2",
    "hue": "hue 0.05",
    "grey": "grey 0.1",
    "blur": "blur 1.5",
    "noise": "noise 0.05",
    "cutout": "cutout 0.3",
    "mixup": "mixup 0.2",
    "cutmix": "cutmix 1",
}
"""How a word is written that takes numbers."""
