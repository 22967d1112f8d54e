"""Ways to spoil bytes, text and trees of JSON; each is a function of a `Random`."""

import json
from random import Random
from typing import Any

__all__ = ["EVIL", "mutated_bytes", "mutated_tree", "nested"]

EVIL: tuple[Any, ...] = (
    *(None, True, False, -1, 0, 1, 2**31, 2**63, 2**64, -(2**63), 10**30),
    *(0.5, -0.0, 1e308, float("nan"), float("inf"), float("-inf")),
    *(
        "",
        " ",
        "0",
        "x" * 5000,
        "\x00",
        "\ud800",
        "\u202e",
        "<script>alert(1)</script>",
    ),
    *("../../etc/passwd", "__import__('os').system('id')", "${HOME}", "%s%s%n", "\n"),
    *([], {}, [[]], {"": None}, [0] * 2000, {"__class__": "os.system"}),
)
"""What stands where something else is expected."""


def nested(depth: int) -> list[Any]:
    """A list in a list in a list."""
    found: list[Any] = []
    for _ in range(depth):
        found = [found]
    return found


def mutated_bytes(content: bytes, random: Random) -> bytes:
    """The content with bits turned, pieces cut, doubled, exchanged or filled in."""
    found = bytearray(content)
    for _ in range(random.choice((1, 1, 1, 2, 5, 40))):
        if not found:
            break
        start = random.randrange(len(found))
        end = min(len(found), start + random.choice((1, 2, 4, 8, 64, 4096)))
        match random.randrange(6):
            case 0:
                found[start] ^= 1 << random.randrange(8)
            case 1:
                del found[start:end]
            case 2:
                found[start:start] = found[start:end]
            case 3:
                found[start:end] = random.randbytes(end - start)
            case 4:
                del found[start:]
            case _:
                found[start:end] = bytes([random.choice((0, 32, 34, 91, 123, 255))])
    return bytes(found)


def mutated_tree(value: Any, random: Random) -> Any:
    """The tree of JSON with one thing in it exchanged, doubled, renamed or gone."""
    tree = json.loads(json.dumps(value))
    place, key = _somewhere(tree, random)
    if place is None:
        return random.choice(EVIL)
    match random.randrange(6):
        case 0 | 1 | 2:
            place[key] = random.choice(EVIL)
        case 3:
            del place[key]
        case 4:
            if isinstance(place, list):
                place.insert(key, place[key])
            else:
                place[str(random.choice(EVIL))] = place.pop(key)
        case _:
            place[key] = nested(random.choice((1, 30, 800)))
    return tree


def _somewhere(tree: Any, random: Random) -> tuple[Any, Any]:
    """A container in the tree and a key in it, each item as likely as any other."""
    places: list[tuple[Any, Any]] = []
    waiting = [tree]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            places += [(item, key) for key in item]
            waiting += item.values()
        elif isinstance(item, list):
            places += [(item, number) for number in range(len(item))]
            waiting += item
    return random.choice(places) if places else (None, None)
