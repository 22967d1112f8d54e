"""An image's way through every layer: the answer and the maps."""

from pathlib import Path
from typing import Any

from mirada.cli.look_layers_text import print_look
from mirada.cli.output import show_json
from mirada.cli.output_folder import write_into
from mirada.data.naming import shown_path
from mirada.inspection.maps import LayerMaps, MapNumbers
from mirada.tasks.image_look import ImageLook, Moved, look_at
from mirada.tasks.look_words import directions, file_name, layer_words, rounded
from mirada.tasks.subject import Picture, Subject
from mirada.views.layers import ImagePage, ShiftedAnswer, ShownLayer, image_page

__all__ = ["show"]

SCHEMA = 1

_TOP = 5


def show(
    subject: Subject,
    picture: Picture,
    layer: str | None,
    folder: Path,
    *,
    as_json: bool,
) -> None:
    """Prints the answer, every layer's numbers and what shifts do; writes the page.

    With `layer` only that one, map by map.
    """
    look = look_at(subject, picture, layer)
    stem = Path(picture.name).stem
    name = file_name(stem, *([] if layer is None else [layer]), suffix=".html")
    (path,) = write_into(folder, {name: image_page(_page(look)).encode()})
    if as_json:
        show_json({**_plain(look), "written": shown_path(path)})
    else:
        print_look(look, subject.run, path)


def _page(look: ImageLook) -> ImagePage:
    words = layer_words(look.network)
    layers = (
        ShownLayer(m.layer, words[m.layer], m.values, m.strongest) for m in look.maps
    )
    return ImagePage(
        look.picture.pixels,
        Path(look.picture.name).name,
        tuple(look.answers[:_TOP]),
        tuple(layers),
        tuple(
            ShiftedAnswer(
                moved.shift.pixels,
                moved.shift.direction,
                look.classes[moved.answer],
                moved.probability,
            )
            for moved in look.moved
        ),
        tuple(directions().items()),
        is_close=look.layer is not None,
    )


def _plain(look: ImageLook) -> dict[str, Any]:
    label, probability = look.answers[0]
    return {
        "schema": SCHEMA,
        "image": look.picture.name,
        "label": label,
        "probability": round(probability, 6),
        "probabilities": {name: round(share, 6) for name, share in look.answers},
        "layers": [_plain_layer(found, look.layer) for found in look.maps],
        "shift": [_plain_shift(look, moved) for moved in look.moved],
    }


def _plain_layer(found: LayerMaps, layer: str | None) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "layer": found.layer,
        "kind": found.kind,
        "shape": list(found.shape),
        **_plain_numbers(found.numbers),
        "strongest": found.strongest,
    }
    if layer is not None:
        plain["maps"] = [_plain_numbers(numbers) for numbers in found.each()]
    return plain


def _plain_numbers(numbers: MapNumbers) -> dict[str, float | None]:
    return {name: rounded(value) for name, value in numbers._asdict().items()}


def _plain_shift(look: ImageLook, moved: Moved) -> dict[str, Any]:
    return {
        "pixels": moved.shift.pixels,
        "direction": moved.shift.direction,
        "label": look.classes[moved.answer],
        "probability": round(moved.probability, 6),
        "layers": [
            {"layer": n, "change": rounded(change), "error": rounded(error)}
            for n, change, error in moved.shift.layers
            if look.layer in (None, n)
        ],
    }
