"""Descriptions by the thousand: words of the grammar in any order, good ones spoiled.

Most are wrong, many are absurd (a kernel of 2**63, a join with itself, a thousand
brackets). Each must be a network or a `MiradaError`, soon.
"""

import json
from collections.abc import Callable, Sequence
from functools import partial
from random import Random

import mirada.network.remedy  # noqa: F401 (else imported under the watch)
from mirada import models
from mirada.network import Network
from mirada.network.file import Description, from_json, from_toml, to_json, to_toml
from mirada.network.text import LAYERS, LOSSES, OPTIMIZERS, SCHEDULES
from tests.hostile.mutations import mutated_bytes, mutated_tree, nested
from tests.hostile.tried import Told, tried

__all__ = ["description", "try_all"]

_NUMBERS = (
    *("0", "1", "2", "3", "5", "8", "16", "64", "-1", "00", "1.5", "1e9", "1e999"),
    *("4294967296", "9223372036854775808", "9" * 400, "9" * 5000, "nan", "inf", "0x10"),
    *("3x3", "0x0", "5x1", "3x3x3", "x", "1x", "9223372036854775808x1", "-1x3"),
)
_WORDS = (
    *("pad", "stride", "dilation", "groups", "bias", "same", "valid", "as", "from"),
    *("input", "stem", "a", "b", "ceil", "off", "true", "crop", "on", "with", "half"),
    *("'", '"', "\\", "#", "\x00", "\u202e", "é", "", " ", "[", "]", "=", ","),
)
_SHAPES = (
    *("1x28x28", "3x32x32", "0x1x1", "1x1", "1", "", "4x" * 200 + "4", "-1x2x2"),
    *("9223372036854775808x1x1", "65536x65536x65536", "3x8x8x8", "axbxc"),
)


_SLOW = 0.1


def description(random: Random) -> tuple[str, str]:
    """A description and its form, "toml" or "json"."""
    ways: Sequence[Callable[[Random], tuple[str, str]]] = (
        _of_words,
        _of_words,
        _of_words,
        _spoiled_toml,
        _spoiled_json,
        _spoiled_json,
        _deep,
    )
    return random.choice(ways)(random)


def _of_words(random: Random) -> tuple[str, str]:
    """Layers of any words, mostly after the name of a layer."""
    layers = [_layer(random) for _ in range(random.choice((0, 1, 2, 4, 8, 30)))]
    lines = [f"input = {json.dumps(random.choice(_SHAPES[:2] * 5 + _SHAPES))}"]
    if random.random() < 0.5:
        lines.append('name = "drawn"')
    items = ", ".join(map(json.dumps, layers))
    lines.append(f"layers = [{items}]")
    if random.random() < 0.3:
        kinds = random.choice((LOSSES, OPTIMIZERS, SCHEDULES))
        key = random.choice(("loss", "optimizer", "schedule", "epochs", "seed", "x"))
        text = f"{random.choice(list(kinds))} {random.choice(_NUMBERS)}"
        lines += ["[recipe]", f"{key} = {json.dumps(text)}"]
    return "\n".join(lines), "toml"


def _layer(random: Random) -> str:
    words = [random.choice(list(LAYERS))]
    for _ in range(random.choice((0, 1, 1, 2, 2, 3, 6))):
        words.append(random.choice(random.choice((_NUMBERS, _WORDS))))
    if random.random() < 0.1:
        words = [word for word in words for _ in range(random.choice((1, 2, 50)))]
    return " ".join(words)


def _spoiled_toml(random: Random) -> tuple[str, str]:
    text = to_toml(_known(random))
    return mutated_bytes(text.encode(), random).decode("utf-8", "replace"), "toml"


def _spoiled_json(random: Random) -> tuple[str, str]:
    tree = json.loads(to_json(_known(random)))
    if random.random() < 0.3:
        tree["layers"] *= random.choice((2, 20))
    return json.dumps(mutated_tree(tree, random)), "json"


def _deep(random: Random) -> tuple[str, str]:
    """Brackets in brackets, and keys in keys."""
    depth = random.choice((10, 100, 900, 20_000))
    ways = (
        ("[" * depth, "json"),
        ('{"layers":' * depth + "1" + "}" * depth, "json"),
        (json.dumps({"input": nested(min(depth, 900)), "layers": []}), "json"),
        (f"layers = {'[' * depth}{']' * depth}", "toml"),
        (f"{'a.' * depth}a = 1", "toml"),
        (f"[{'a.' * depth}a]", "toml"),
    )
    return random.choice(ways)


def _known(random: Random) -> Network:
    large = ("vgg11", "resnet18_cifar", "unet_padded")
    names = large if random.random() < 0.05 else ("lenet5", "cifar", "digits")
    return models.build(random.choice(names))


def read(text: str, form: str) -> Description:
    """What the description says, by the reader of its form."""
    return from_json(text) if form == "json" else from_toml(text)


def try_all(cases: Sequence[int], reads: Callable[[str, str], object] = read) -> Told:
    """Reads a description for each number: a network, or a refusal with words.

    Whatever else is raised goes through; the numbers make the same texts again.
    """
    for name in ("lenet5", "unet_padded"):
        from_toml(to_toml(models.build(name)))

    def made(number: int) -> Callable[[], object]:
        return partial(reads, *description(Random(number)))

    return tried(cases, made, _SLOW)
