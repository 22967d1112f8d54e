"""Why an answer was given: a map by each method as soon as it is there."""

from collections.abc import Iterator
from typing import Any

from mirada.errors import UsageError
from mirada.inspection import Reason, fitting_methods, reasons
from mirada.inspection.methods import ABOUT, CAMS
from mirada.lab.asked import Answer, Asked, Event, Events
from mirada.lab.lab import Lab
from mirada.lab.look_images import Photos, Seen
from mirada.lab.look_runs import Opened, opened
from mirada.tasks.reason_look import plain_reason

__all__ = ["why"]


def why(lab: Lab, asked: Asked) -> Answer:
    """Events "reason", one a method; `class` is a number, else the class answered."""
    run = opened(lab, asked)
    seen = lab.part(Photos).again(run, asked.text("image", most=64))
    last = len(run.model.classes) - 1
    place = asked.whole("class", -1, last, -1)
    layer = asked.text("layer", "")
    name = run.subject.layer(layer) if layer else None
    methods = _methods(run, asked)
    return Events(_reasons(run, seen, methods, place if place >= 0 else None, name))


def _methods(run: Opened, asked: Asked) -> tuple[str, ...]:
    known = fitting_methods(run.model.network)
    wanted = asked.value.get("methods", list(known))
    if not isinstance(wanted, list) or not set(map(str, wanted)) <= set(known):
        raise UsageError(
            "look-methods",
            "The methods that work on this network are {known}; name some of them.",
            known=", ".join(known),
        )
    return tuple(map(str, wanted))


def _reasons(
    run: Opened, seen: Seen, methods: tuple[str, ...], place: int | None, layer: Any
) -> Iterator[Event]:
    for method in methods:
        yield "began", {"method": method}
        with run.asking:
            (found,) = reasons(
                run.explaining,
                seen.picture.values,
                (method,),
                place=place,
                layer=layer if method in CAMS else None,
            )
        yield "reason", _plain(run, found)
    yield "done", {}


def _plain(run: Opened, found: Reason) -> dict[str, Any]:
    classes, answer, layer = run.model.classes, found.answer, found.layer
    words = [layer.why, layer.sees] if layer else []
    return {
        **plain_reason(found),
        "about": str(ABOUT[found.method]),
        "answer": classes[answer.first],
        "class": classes[answer.place],
        "place": answer.place,
        "probability": answer.probability,
        "score": answer.score,
        "baseline_score": answer.nothing,
        "falls_sooner": found.falls_sooner,
        "rises_sooner": found.rises_sooner,
        "differs": found.randomisation.passes,
        "layer_words": " ".join(map(str, filter(None, words))),
    }
