"""One image in a run: its answer, every layer's maps, the arithmetic of a number."""

from typing import Any

import numpy as np

from mirada.errors import UsageError
from mirada.inspection import Arithmetic, arithmetic, fitting_methods, layers_needed
from mirada.inspection.cam_layer import cam_layer, mapped_layers
from mirada.inspection.filters import convolutions
from mirada.inspection.maps import layer_maps
from mirada.inspection.methods import ABOUT, CAMS
from mirada.lab.asked import Answer, Asked, Content
from mirada.lab.lab import Lab
from mirada.lab.look_images import Photos, Seen
from mirada.lab.look_runs import Opened, opened
from mirada.network import INPUT
from mirada.tasks.look_words import layer_words, rounded
from mirada.views.png import data_uri

__all__ = ["element", "image", "maps", "network", "sample", "sent"]

_MOST_NUMBERS = 2**23


def network(lab: Lab, asked: Asked) -> Answer:
    """What there is to look into in a run: its layers, its classes, its methods."""
    run = opened(lab, asked)
    model, own = run.model, run.subject.configuration
    made = model.network
    words = layer_words(made)
    fitting = fitting_methods(made)
    weighed = any(method in CAMS for method in fitting)
    return {
        "run": run.name,
        "network": made.name,
        "data": own.data.name if own else "",
        "classes": list(model.classes),
        "input": list(made.input),
        "flips": model.flips,
        "layers": [
            {
                "layer": name,
                "text": words[name],
                "shape": list(shape),
                "sources": list(made.by_name[name].inputs) if name != INPUT else [],
            }
            for name, shape in made.shapes.items()
        ],
        "convolutions": list(convolutions(made)),
        "methods": [
            {"method": name, "about": str(ABOUT[name]), "takes_layer": name in CAMS}
            for name in fitting
        ],
        "cam_layers": list(mapped_layers(made)) if weighed else [],
        "cam_layer": cam_layer(made).name if weighed else None,
    }


def sent(lab: Lab, asked: Asked) -> Answer:
    """The look at an image file that the request carries."""
    run = opened(lab, asked)
    name = asked.text("name", "", most=400)
    return _look(run, lab.part(Photos).sent(run, name, asked.content))


def sample(lab: Lab, asked: Asked) -> Answer:
    """The look at an image of the run's own data."""
    run = opened(lab, asked)
    number = asked.whole("sample", 0, 2**53)
    return _look(run, lab.part(Photos).held_out(run, number))


def image(lab: Lab, asked: Asked) -> Answer:
    """The look at an image that was shown before, perhaps to another run."""
    run, seen = _seen(lab, asked)
    return _look(run, seen)


def _seen(lab: Lab, asked: Asked) -> tuple[Opened, Seen]:
    run = opened(lab, asked)
    return run, lab.part(Photos).again(run, asked.text("image", most=64))


def _look(run: Opened, seen: Seen) -> dict[str, Any]:
    order = np.argsort(-seen.shares, kind="stable")
    classes = run.model.classes
    return {
        "run": run.name,
        "image": seen.key,
        "name": seen.picture.name,
        "label": seen.label,
        "size": list(seen.picture.pixels.shape[:2]),
        "pixels": data_uri(np.ascontiguousarray(seen.picture.pixels)),
        "answers": [[classes[place], float(seen.shares[place])] for place in order],
        "layers": [
            {
                "layer": found.layer,
                **{n: rounded(v) for n, v in found.numbers._asdict().items()},
                "strongest": found.strongest,
            }
            for found in layer_maps(run.model.network, seen.values)
        ],
    }


def maps(lab: Lab, asked: Asked) -> Answer:
    """The first maps of some layers as float32 numbers, one layer after the other.

    `layers` is a list of [name, how many]; of a vector so many of its numbers. Raises
    UsageError (`look-maps`).
    """
    run, seen = _seen(lab, asked)
    pieces, count = [], 0
    for name, many in _wanted(asked):
        values = seen.values[run.subject.layer(name)][0][:many]
        count += values.size
        if count > _MOST_NUMBERS:
            raise _no_maps()
        pieces.append(np.ascontiguousarray(values, "<f4").tobytes())
    return Content("application/octet-stream", b"".join(pieces))


def _wanted(asked: Asked) -> list[tuple[str, int]]:
    found = asked.value.get("layers")
    if not isinstance(found, list):
        raise _no_maps()
    wanted = []
    for item in found:
        match item:
            case [str(name), int(many)] if many > 0:
                wanted.append((name, many))
            case _:
                raise _no_maps()
    return wanted


def _no_maps() -> UsageError:
    return UsageError(
        "look-maps",
        "Maps are asked for as a list of layers with how many of each, of {most} "
        "numbers at most. Ask for fewer.",
        most=_MOST_NUMBERS,
    )


def element(lab: Lab, asked: Asked) -> Answer:
    """The arithmetic of one number, and where each of its terms is read from."""
    run, seen = _seen(lab, asked)
    made, layer = run.model.network, run.subject.layer(asked.text("layer"))
    place = _place(asked)
    values = {name: seen.values[name] for name in layers_needed(made, layer)}
    found = arithmetic(made, run.model.parameters, values, layer, place)
    return {
        **found.to_dict(),
        "reads": found.terms.source,
        "gates": list(found.terms.gates),
        "strongest": _strongest(found),
        "class": _class(run, found),
        "pixel": _pixel(run, seen, found) if layer == INPUT else None,
    }


def _place(asked: Asked) -> tuple[int, ...]:
    found = asked.value.get("place")
    numbers = found if isinstance(found, list) else []
    if not 0 < len(numbers) <= 3 or any(type(at) is not int for at in numbers):
        raise UsageError(
            "look-place",
            "A place is a list of a channel, a row and a column, or of the number of a "
            "feature, counted from 0.",
        )
    return tuple(numbers)


def _strongest(found: Arithmetic) -> dict[str, Any] | None:
    """The entry that counts most, and where walking back through it leads."""
    index = found.strongest
    if index is None or found.layer == INPUT:
        return None
    layer, place = found.origin(index)
    return {"index": list(index), "layer": layer, "place": list(place)}


def _class(run: Opened, found: Arithmetic) -> str | None:
    """The class that the number speaks for, where it is the network's answer."""
    last, classes = run.model.network.nodes[-1], run.model.classes
    answers = (last.name, last.source) if last.layer.kind == "softmax" else (last.name,)
    if found.layer in answers and found.shape[0] == len(classes):
        return classes[found.place[0]]
    return None


def _pixel(run: Opened, seen: Seen, found: Arithmetic) -> dict[str, float]:
    """What the value of the input was before it was normalized."""
    channel, row, column = found.place
    wanted = run.model.preprocessing
    return {
        "level": int(seen.picture.pixels[row, column, channel]),
        "mean": wanted.mean[channel],
        "std": wanted.std[channel],
    }
