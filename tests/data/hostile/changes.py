"""What can be done to any file: cut, exchange, repeat, and lie about lengths."""

import random
import struct
from collections.abc import Iterator

__all__ = ["Case", "cuts", "mutations", "words"]

Case = tuple[str, bytes]

_TELLING = (0, 1, 0x7F, 0x80, 0xFF)
_WORDS = (0, 1, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def cuts(name: str, data: bytes, places: Iterator[int] | range) -> Iterator[Case]:
    """The file cut short at each place."""
    for place in places:
        yield f"{name} cut at {place}", data[:place]


def words(name: str, data: bytes, places: range, order: str = ">") -> Iterator[Case]:
    """The file with a 32-bit number that lies at each place."""
    for number, place in enumerate(places):
        lie = _WORDS[number % len(_WORDS)]
        changed = data[:place] + struct.pack(f"{order}I", lie) + data[place + 4 :]
        yield f"{name} says {lie:#x} at {place}", changed


def mutations(name: str, seeds: list[bytes], seed: int) -> Iterator[Case]:
    """Endless seeded damage, most of it in headers, where it is believed."""
    drawn = random.Random(f"{name} {seed}")
    number = 0
    while True:
        data = bytearray(drawn.choice(seeds))
        kinds = [_one_of(drawn, data) for _ in range(drawn.choice((1, 1, 2, 3, 8)))]
        yield f"mutation {number}: {', '.join(kinds)}", bytes(data)
        number += 1


def _one_of(drawn: random.Random, data: bytearray) -> str:
    if not data:
        return "nothing left"
    near = drawn.choice((min(64, len(data)), min(300, len(data)), len(data)))
    place = drawn.randrange(near)
    kind = drawn.choice(("bit", "byte", "word", "cut", "drop", "double", "swap"))
    if kind == "bit":
        data[place] ^= 1 << drawn.randrange(8)
    elif kind == "byte":
        data[place] = drawn.choice((*_TELLING, drawn.randrange(256)))
    elif kind == "word":
        order = drawn.choice("<>")
        width = drawn.choice("HI")
        word = struct.pack(order + "I", drawn.choice(_WORDS))
        data[place : place + 4] = word if width == "I" else word[-2:] + word[-2:]
    elif kind == "cut":
        del data[drawn.randrange(len(data)) :]
    elif kind == "drop":
        del data[place : place + drawn.randrange(1, 40)]
    elif kind == "double":
        data[place:place] = data[place : place + drawn.randrange(1, 400)]
    else:
        other = drawn.randrange(len(data))
        data[place], data[other] = data[other], data[place]
    return f"{kind} at {place}"
