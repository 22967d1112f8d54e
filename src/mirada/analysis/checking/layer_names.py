"""Which layer of a network a row of a person's table is about.

A row names a layer as the network does ("conv2"), or by its kind and its number among
its kind, in English or Spanish ("Conv 2", "POOL2", "capa convolucional 2"); without
numbers, or with any others that increase (FC3 after CONV2), by the order of the rows;
or as `layer_numbering` knows. What could be two layers is refused.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile
from typing import NamedTuple

from mirada.analysis.checking.layer_numbering import Said, numbered_otherwise
from mirada.analysis.number_reading import plain_text
from mirada.errors import DataError
from mirada.near_names import did_you_mean
from mirada.network import INPUT, Network, Node

__all__ = ["ELEMENTWISE", "SOFTMAX", "TOTAL", "Row", "place_rows"]

TOTAL = "total"
"""The name of the row with the sum of all parameters."""

SOFTMAX = "softmax"
"""The name of a row for a softmax that is no layer of the network's."""

ELEMENTWISE = (
    *("relu", "leakyrelu", "relu6", "sigmoid", "tanh", "gelu", "silu"),
    *("hardsigmoid", "hardswish", "softmax", "dropout"),
)
"""The kinds that keep every size and learn nothing; tables often leave them out."""

_POOLS = ("maxpool", "avgpool")
_ACTIVATIONS = ELEMENTWISE[:-2]
_FAMILIES: Mapping[tuple[str, ...], str] = {
    ("conv",): "c conv convolution convolutional convolucion convolucional",
    ("convtranspose",): "convtranspose transposedconvolution transposedconv deconv "
    "deconvolution convoluciontranspuesta deconvolucion upconv",
    _POOLS: "s p pool pooling subsampling agrupacion agrupamiento submuestreo",
    ("maxpool",): "maxpool maxpooling poolingmaximo",
    ("avgpool",): "avgpool averagepool avgpooling averagepooling meanpooling "
    "poolingpromedio poolingmedio",
    ("globalavgpool",): "globalavgpool globalaveragepooling gap globalpooling "
    "poolingglobal",
    ("linear",): "f linear fc dense fullyconnected lineal densa completamenteconectada "
    "totalmenteconectada",
    ("flatten",): "flatten flattened flattening aplanar aplanado aplanamiento vector",
    _ACTIVATIONS: "activation activacion",
    ("batchnorm",): "batchnorm bn batchnormalization normalizacion "
    "normalizacionporlotes",
    ("dropout",): "dropout",
    ("upsample",): "upsample upsampling",
    ("add",): "add suma",
    ("multiply",): "multiply product producto multiplicacion",
    ("concat",): "concat concatenate concatenar concatenacion",
    **{(kind,): kind for kind in _ACTIVATIONS},
}
_KINDS = {word: kinds for kinds, words in _FAMILIES.items() for word in words.split()}
_SCORES = ("softmax", "output", "salida", "outputlayer", "clasificacion")
_INPUTS = ("input", "entrada", "image", "imagen", "inputimage", "imagenentrada")
_TOTALS = re.compile(
    r"(?=.*(?:total|sum))"
    r"(?:total(?:s|es)?|sum|suma(?=total)|(?<=total)suma|trainable|params?|parameters"
    r"|parametros|(?:entrenab|aprendib)les)+"
)
_FILLERS = (
    *("layer", "capa", "block", "bloque", "de", "del", "la", "el", "the", "of"),
    *("no", "n", "num", "number", "numero", "nro"),
)
_ORDINALS = {
    **dict.fromkeys(("first", "primera", "primer"), 1),
    **dict.fromkeys(("second", "segunda", "segundo"), 2),
    **dict.fromkeys(("third", "tercera", "tercer"), 3),
}
_SHOWN = 24


class Row(NamedTuple):
    """One row as it is written; `line` is where, from 1, or 0 where there are none."""

    layer: str
    size: str = ""
    parameters: str = ""
    line: int = 0


def place_rows(network: Network, rows: Sequence[Row]) -> list[str]:
    """The name of the layer of each row; `INPUT`, `TOTAL` or `SOFTMAX` for others.

    Raises DataError: `check-row-unknown`, `check-row-ambiguous`, `check-row-twice`.

    >>> from mirada.network import Conv2d, MaxPool2d
    >>> net = Network("two", (1, 16, 16), [Conv2d(4, 3), MaxPool2d(2), Conv2d(8, 3)])
    >>> place_rows(net, [Row("Capa convolucional 2"), Row("POOL1"), Row("Total")])
    ['conv2', 'maxpool1', 'total']
    """
    placed = dict(enumerate(_exact(network, row) for row in rows))
    placed |= _otherwise(network, rows)
    said = {
        place: _said(rows[place].layer) for place, name in placed.items() if not name
    }
    exact = {name for name in placed.values() if name}
    placed.update(_scores(network, rows, placed, said))
    for place, name in placed.items():
        if not name and said[place].word not in _KINDS:
            raise _unknown(network, rows[place])
    families = dict.fromkeys(_KINDS[said[p].word] for p, n in placed.items() if not n)
    for kinds in sorted(families, key=lambda kinds: kinds[0] in ELEMENTWISE):
        group = [
            p for p, n in placed.items() if not n and _KINDS[said[p].word] == kinds
        ]
        nodes = [node for node in network.nodes if node.layer.kind in kinds]
        taken = {name for name in placed.values() if name}
        free = [node for node in nodes if node.name not in taken]
        is_begun = any(node.name in exact for node in nodes)
        by_order = _by_order(free, [said[p].number for p in group], is_begun)
        if kinds[0] in ELEMENTWISE and not any(said[p].number for p in group):
            by_order = by_order or _by_row_before(network, group, placed, kinds)
        placed.update(_numbered(network, rows, group, said, nodes, by_order))
    _require_once(rows, list(placed.values()))
    return list(placed.values())


def _otherwise(network: Network, rows: Sequence[Row]) -> dict[int, str]:
    """The layers of rows with another numbering; DataError where there is none such."""
    names = [row.layer.strip() for row in rows]
    said = [_said(name) for name in names]
    kinds = [_KINDS.get(one.word, ()) for one in said]
    found = numbered_otherwise(network, names, said, kinds, ELEMENTWISE)
    for place, name in found.items():
        if not name:
            raise _unknown(network, rows[place])
    return found


def _exact(network: Network, row: Row) -> str:
    """The layer of exactly that name, the input or the total; else empty."""
    if row.layer.strip() in network.shapes:
        return row.layer.strip()
    plain, word = _joined(row.layer), _said(row.layer).word
    names = {_joined(node.name): node.name for node in network.nodes}
    if plain in names:
        return names[plain]
    adds = any(node.layer.kind == "add" for node in network.nodes)
    if _TOTALS.fullmatch(word) or (word == "suma" and not adds):
        return TOTAL
    return INPUT if word in _INPUTS else ""


def _joined(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", plain_text(name))


def _said(name: str) -> Said:
    """The words of a name joined, without fillers, remarks in brackets and activations.

    >>> _said("Capa convolucional Nº 2 (5x5) + ReLU")
    Said(word='convolucional', number=2)
    """
    plain = re.sub(r"\([^)]*\)?", " ", plain_text(name)).replace("_", " ")
    plain = re.sub(r"\b[0-9]+ ?x ?[0-9]+\b", " ", plain)
    plain = re.split(r"[+&,:]|\b(?:y|and|con|with)\b", plain)[0]
    plain = re.sub(r"2 ?d\b|(?<=[0-9])(?:st|nd|rd|th|a|o)\b", " ", plain)
    numbers = [int(digits) for digits in re.findall(r"[0-9]{1,6}", plain)]
    words = [word for word in re.findall(r"[a-z]+", plain) if word not in _FILLERS]
    numbers += [_ORDINALS[word] for word in words if word in _ORDINALS]
    word = "".join(word for word in words if word not in _ORDINALS)
    return Said(word, numbers[0] if numbers else None)


def _scores(
    network: Network,
    rows: Sequence[Row],
    placed: Mapping[int, str],
    said: Mapping[int, Said],
) -> dict[int, str]:
    """Rows called softmax or output: the softmax layer, or the last linear one.

    Many tables mean by "softmax" the fully connected layer before it: so it is where
    no other row is that layer, and, where there is a softmax layer, parameters are
    counted; a row called softmax that counts 0 is one. A softmax that the network
    leaves to its loss is `SOFTMAX`.
    """
    linears = [node.name for node in network.nodes if node.layer.kind == "linear"]
    softmaxes = [node.name for node in network.nodes if node.layer.kind == "softmax"]
    rest = sum(_KINDS.get(words.word) == ("linear",) for words in said.values())
    is_told = linears[-1:] == [] or linears[-1] in placed.values()
    is_told = is_told or rest >= len(linears)
    found = {}
    for place, words in said.items():
        if words.word in _SCORES:
            counted = rows[place].parameters.strip()
            is_bare = bool(softmaxes) or (words.word == "softmax" and counted == "0")
            is_softmax = is_told or (is_bare and counted in ("", "0", "-"))
            found[place] = (*softmaxes, SOFTMAX)[0] if is_softmax else linears[-1]
    return found


def _numbered(
    network: Network,
    rows: Sequence[Row],
    group: Sequence[int],
    said: Mapping[int, Said],
    nodes: Sequence[Node],
    by_order: list[str],
) -> dict[int, str]:
    """The layers of the rows of one family, by number or by order."""
    numbers = [said[place].number for place in group]
    by_number = _by_number(nodes, numbers)
    by_weights = _by_weights(network, nodes, numbers)
    if len(group) == 1 and by_number and by_weights and by_number != by_weights:
        raise _ambiguous(rows[group[0]], by_number + by_weights)
    names = by_number or by_order or by_weights
    if names:
        return dict(zip(group, names, strict=True))
    wrong = next((p for p in group if not _is_number_of(said[p], nodes)), group[0])
    if said[wrong].number is None and len(nodes) > 1:
        raise _ambiguous(rows[wrong], [node.name for node in nodes])
    raise _unknown(network, rows[wrong])


def _is_number_of(said: Said, nodes: Sequence[Node]) -> bool:
    return said.number is not None and 1 <= said.number <= len(nodes)


def _by_number(nodes: Sequence[Node], numbers: Sequence[int | None]) -> list[str]:
    """The layers by their number among their kind, where every row has one of those."""
    if not all(n is not None and 1 <= n <= len(nodes) for n in numbers):
        return []
    return [nodes[n - 1].name for n in numbers if n is not None]


def _by_order(
    free: Sequence[Node], numbers: Sequence[int | None], is_begun: bool
) -> list[str]:
    """The layers in order, where there are as many rows as layers.

    Numbers must increase, and be those of several rows, of which none is called by the
    network's own name: conv7 beside conv1 is not the second of two.
    """
    ranks = [0 if n is None else n for n in numbers]
    counts = any(ranks)
    if counts and (is_begun or len(ranks) < 2 or ranks != sorted(set(ranks))):
        return []
    return [node.name for node in free] if len(free) == len(numbers) else []


def _by_row_before(
    network: Network,
    group: Sequence[int],
    placed: Mapping[int, str],
    kinds: Sequence[str],
) -> list[str]:
    """The layers right behind those of the rows before: a ReLU after conv2."""
    names = [node.name for node in network.nodes]
    found = []
    for place in group:
        before = placed.get(place - 1)
        start = names.index(before) + 1 if before in names else len(names)
        behind = takewhile(
            lambda node: node.layer.kind in ELEMENTWISE, network.nodes[start:]
        )
        found += [node.name for node in behind if node.layer.kind in kinds][:1]
    return found if len(found) == len(group) else []


def _by_weights(
    network: Network, nodes: Sequence[Node], numbers: Sequence[int | None]
) -> list[str]:
    """The layers by their number among all that have weights: CONV1, CONV2, FC3."""
    weighty = [n for n in network.nodes if n.layer.kind in ("conv", "linear")]
    found = [
        weighty[n - 1].name
        for n in numbers
        if n is not None and 1 <= n <= len(weighty) and weighty[n - 1] in nodes
    ]
    return found if len(found) == len(numbers) else []


def _require_once(rows: Sequence[Row], names: Sequence[str]) -> None:
    first: dict[str, Row] = {}
    for row, name in zip(rows, names, strict=True):
        if name in first:
            raise DataError(
                "check-row-twice",
                "Line {line}: {row!r} is the layer {name!r}, as {other!r} on line "
                "{before} is. Keep one of them, or call them by the network's names.",
                line=row.line,
                row=row.layer[:60],
                name=name,
                other=first[name].layer[:60],
                before=first[name].line,
            )
        first[name] = row


def _ambiguous(row: Row, names: Iterable[str]) -> DataError:
    return DataError(
        "check-row-ambiguous",
        "Line {line}: {row!r} could be any of {names}. Write the layer's name.",
        line=row.line,
        row=row.layer[:60],
        names=", ".join([*names][:_SHOWN]),
    )


def _unknown(network: Network, row: Row) -> DataError:
    names = [node.name for node in network.nodes]
    words, said = [*names, INPUT, TOTAL], _joined(row.layer)
    more = ", ..." if len(names) > _SHOWN else ""
    return DataError(
        "check-row-unknown",
        "Line {line}: {row!r} is no layer of {network}; there are {known}, and 'input' "
        "and 'total'. {hint}",
        line=row.line,
        row=row.layer[:60],
        network=network.name,
        known=", ".join(names[:_SHOWN]) + more,
        hint=did_you_mean(said, words, 3, 0.6) or did_you_mean(said, _KINDS, 3, 0.6),
    )
