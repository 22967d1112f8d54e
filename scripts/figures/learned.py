"""What a run of the digits has learned: its maps, filters, patches, probes, shifts."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mirada.inspection import shift_effects
from mirada.inspection.shift import Shift
from mirada.tasks.image_look import look_at
from mirada.tasks.sample import Reactions, Sample, reactions, sample_of, telling
from mirada.tasks.subject import Subject
from mirada.tasks.units import compared, filters_of, likings
from mirada.views.layer_chart import LayerChart, LayerSeries, layer_chart
from mirada.views.probe import probe_figure
from mirada.views.shades import signed
from mirada.views.svg import Element
from scripts.figures.walls import Row, Tile, wall
from scripts.figures.words import decimal, said

__all__ = ["excited", "filters", "maps", "probes", "shifts"]

Numbers = NDArray[np.floating]

_SHOWN, _SIDE = 12, 40
_LAYERS = ("conv1", "relu1", "conv2", "relu2", "maxpool1")
_UNITS, _PATCHES = 4, 4


def maps(subject: Subject, image: str) -> Element:
    """The image and some maps of every layer, those that go furthest from zero."""
    look = look_at(subject, subject.picture(image), None)
    found = {layer.layer: layer.values for layer in look.maps}
    rows = [Row(said("the image", "la imagen"), [Tile(look.picture.pixels, 80)])]
    rows += [_maps(name, found[name]) for name in _LAYERS]
    scores = found["linear2"].reshape(1, -1)
    words = said("linear2: the scores of 0 to 9", "linear2: los puntajes de 0 a 9")
    rows.append(Row(words, [Tile(signed(scores), 40.0 * scores.size)]))
    title = said("One image on its way", "El camino de una imagen")
    about = said(
        "Maps of the first layer look like the image, those further on are coarser and "
        "sparser; of the ten scores one is large.",
        "Los mapas de la primera capa se parecen a la imagen; los siguientes son más "
        "toscos y más ralos; de los diez puntajes, uno es grande.",
    )
    return wall("maps", title, about, rows)


def _maps(name: str, values: Numbers) -> Row:
    """The maps (c, h, w) that go furthest, in the order they have in their layer."""
    furthest = np.argsort(-np.abs(values).max(axis=(1, 2)), kind="stable")[:_SHOWN]
    largest = float(np.abs(values).max())
    chosen = np.sort(furthest)
    text = said("{name}: {shown} of {count} maps", "{name}: {shown} de {count} mapas")
    words = text.format(name=name, shown=len(chosen), count=len(values))
    return Row(words, [Tile(signed(values[c], largest), _SIDE, str(c)) for c in chosen])


def filters(subject: Subject) -> Element:
    """The filters of the first convolution before and after, and Gabor filters."""
    found = filters_of(subject, "conv1")
    assert found is not None and found.before is not None
    comparison = compared(subject.model.network, found)
    assert comparison is not None
    matched = [
        (match.correlation, number, match)
        for number, match in enumerate(comparison.matches)
        if match is not None
    ]
    best = sorted(matched, key=lambda item: -item[0])[:_SHOWN]
    before, after = found.before, found.after
    rows = [
        Row(
            said("before training", "antes de entrenar"),
            [Tile(signed(before[n, 0]), _SIDE, str(n)) for _, n, _ in best],
        ),
        Row(
            said("after training", "después de entrenar"),
            [Tile(signed(after[n, 0]), _SIDE) for _, n, _ in best],
        ),
        Row(
            said(
                "the closest Gabor filter, and the correlation with it",
                "el filtro de Gabor más parecido, y la correlación con él",
            ),
            [Tile(signed(m.image), _SIDE, decimal(c, 2)) for c, _, m in best],
        ),
    ]
    title = said(
        f"{len(best)} of the {len(after)} filters of conv1, those most like a Gabor",
        f"{len(best)} de los {len(after)} filtros de conv1, los más afines a un Gabor",
    )
    about = said(
        "Each filter before training, after it, and the Gabor filter closest to it.",
        "Cada filtro antes de entrenar, después, y el filtro de Gabor más cercano.",
    )
    return wall("filters", title, about, rows)


def _told(
    subject: Subject, *, excited: Sequence[str], probed: Sequence[str]
) -> tuple[Sample, Reactions]:
    """The held-out images, and what they tell of these layers."""
    sample = sample_of(subject, *subject.data())
    lists = {"excited": excited, "probed": probed, "watched": ()}
    return sample, reactions(subject, sample, **lists, most=_PATCHES)


def excited(subject: Subject) -> Element:
    """What units of the second convolution like, and the patches that excite them."""
    sample, told = _told(subject, excited=("conv2",), probed=())
    liked = likings(subject, "conv2", 64)
    assert liked is not None
    strongest = sorted(
        range(len(liked.after)), key=lambda n: -told.patches["conv2"][n][0].value
    )
    rows = [
        Row(
            said(f"unit {n}", f"unidad {n}"),
            [
                Tile(liked.images[n], 80, said("likes", "le gusta")),
                *(
                    Tile(
                        sample.image(p.image),
                        80,
                        f"{sample.label(p.image)}: {decimal(p.value, 2)}",
                        None if p.box is None else p.box.edges,
                    )
                    for p in told.patches["conv2"][n]
                ),
            ],
        )
        for n in sorted(strongest[:_UNITS])
    ]
    title = said("What excites units of conv2", "Qué excita a unidades de conv2")
    about = said(
        "For each unit the picture that it likes best, and held-out digits with a box "
        "around the part that excites it most.",
        "Para cada unidad, la imagen que más le gusta, y dígitos reservados con un "
        "recuadro en la parte que más la excita.",
    )
    return wall("excited", title, about, rows)


def probes(subject: Subject) -> Element:
    """How often a straight cut through one layer's values finds the class."""
    names = telling(subject.model.network)
    sample, told = _told(subject, excited=(), probed=names)
    return probe_figure(told.probes, sample.chance)


def shifts(subject: Subject) -> Element:
    """How much every layer changes when the image moves by one pixel, and by two."""
    names = telling(subject.model.network)
    sample = sample_of(subject, *subject.data())
    _, found = shift_effects(subject.engine, sample.values[:100], names=names)
    series = tuple(
        LayerSeries(words, _means([s for s in found if s.pixels == pixels]))
        for pixels, words in (
            (1, said("1 pixel", "1 píxel")),
            (4, said("4 pixels", "4 píxeles")),
        )
    )
    title = said(
        "Change of each layer when the image moves",
        "Cambio de cada capa cuando la imagen se mueve",
    )
    return layer_chart(LayerChart(title, names, series), "shifts")


def _means(shifts: Sequence[Shift]) -> tuple[float | None, ...]:
    """The mean change of every layer over the directions."""
    every = zip(*(shift.layers for shift in shifts), strict=True)
    changes = [[layer.change for layer in row] for row in every]
    return tuple(
        None if None in row else sum(c for c in row if c is not None) / len(row)
        for row in changes
    )
