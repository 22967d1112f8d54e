"""Requests about images of one's own: collections, classes, images, the trash."""

from typing import Any

import numpy as np

from mirada.data.copies import named
from mirada.data.encoded import Content
from mirada.data.findings import FEWEST, UNEVEN
from mirada.data.naming import shown
from mirada.errors import DataError
from mirada.lab.asked import Answer, Asked, Work
from mirada.lab.data_preview import Previews
from mirada.lab.decoders import LabDecoders
from mirada.lab.image_sets import ImageSets, Place
from mirada.lab.image_trash import Trash
from mirada.lab.lab import Lab
from mirada.lab.tiles import names_of, sheet
from mirada.lab.uploads import MOST_UPLOAD_BYTES
from mirada.language import translate

__all__ = ["WORK", "summaries"]

_MOST_NAME = 1000
_ENDS = {
    **{"JPEG": ".jpg", "MPO": ".jpg", "PNG": ".png", "GIF": ".gif", "WEBP": ".webp"},
    **{"BMP": ".bmp", "DIB": ".bmp", "TIFF": ".tif", "AVIF": ".avif", "PCX": ".pcx"},
    **{"JPEG2000": ".jp2", "PPM": ".ppm", "ICO": ".ico", "QOI": ".qoi"},
    **{"PSD": ".psd", "TGA": ".tga"},
}


def summaries(lab: Lab) -> list[dict[str, Any]]:
    """Every collection with its path, and how many classes and images it has."""
    sets, found = lab.part(ImageSets), []
    with sets.lock:
        for name in sets.names():
            classes = sets.classes(name)
            path, count = _path(lab, name), sum(map(len, classes.values()))
            counts = {"classes": len(classes), "images": count}
            found.append({"name": name, "path": path, **counts})
    return found


def _path(lab: Lab, name: str) -> str:
    return str(lab.part(ImageSets).path(Place(name)).absolute())


def _summary(lab: Lab, name: str) -> dict[str, Any]:
    sets = lab.part(ImageSets)
    classes = sets.classes(name)
    return {
        "name": name,
        "path": _path(lab, name),
        "classes": [{"name": n, "images": images} for n, images in classes.items()],
        "count": sum(map(len, classes.values())),
        "advice": _advice({n: len(images) for n, images in classes.items()}),
        "trash": lab.part(Trash).count(),
    }


def _advice(counts: dict[str, int]) -> list[str]:
    """What to do before training on classes with so many images."""
    found = []
    if len(counts) < 2:
        found.append(translate("To tell apart, at least two classes are needed."))
    few = [name for name, count in counts.items() if count < FEWEST]
    if few:
        text = translate(
            "Fewer than {fewest} images: {names}. Some hundred of each class, as "
            "different as what the network is to meet, are a good beginning."
        )
        found.append(text.format(fewest=FEWEST, names=named(few)))
    most, least = max(counts.values(), default=0), min(counts.values(), default=0)
    if least and most >= UNEVEN * least:
        text = translate(
            "The classes are uneven: one has {most} images, another {least}. A network "
            "that always names the larger would seem good."
        )
        found.append(text.format(most=most, least=least))
    return found


def _one(lab: Lab, asked: Asked) -> Answer:
    return _summary(lab, _place(asked).collection)


def _add(lab: Lab, asked: Asked) -> Answer:
    """A collection, or with `set` a class of that."""
    sets, name = lab.part(ImageSets), asked.text("name", most=_MOST_NAME)
    collection = asked.text("set", "", most=_MOST_NAME)
    if not collection:
        return {"added": (added := sets.add_collection(name)), **_summary(lab, added)}
    return {"added": sets.add_class(collection, name), **_summary(lab, collection)}


def _rename(lab: Lab, asked: Asked) -> Answer:
    place = _place(asked)
    to = asked.text("to", most=_MOST_NAME)
    named = lab.part(ImageSets).rename(place, to)
    collection = place.collection if place.label else named
    return {"named": named, **_summary(lab, collection)}


def _remove(lab: Lab, asked: Asked) -> Answer:
    place = _place(asked)
    number = lab.part(Trash).take(place)
    _changed(lab, place)
    return {"undo": number}


def _undo(lab: Lab, asked: Asked) -> Answer:
    place = lab.part(Trash).give_back(asked.whole("undo", 1, 10**9))
    _changed(lab, place)
    return _summary(lab, place.collection)


def _empty(lab: Lab, asked: Asked) -> Answer:
    return {"deleted": lab.part(Trash).empty()}


def _image(lab: Lab, asked: Asked) -> Answer:
    """Keeps an image, as it came, once it has been decoded whole."""
    place, name = _class(asked), asked.text("name", "", most=_MOST_NAME)
    lab.part(ImageSets).path(place)
    content = Content(name or translate("the image"), asked.content)
    record = next(lab.part(LabDecoders).get().examine([content]))
    if isinstance(record, DataError):
        raise record
    kind = record["kind"][0].decode("ascii").partition(" ")[0]
    end = _ENDS.get(kind, ".img")
    sets = lab.part(ImageSets)
    kept = sets.add_image(place.collection, place.label, asked.content, end)
    _changed(lab, place)
    sides = {"height": int(record["height"][0]), "width": int(record["width"][0])}
    return {"image": kept, **sides}


def _tiles(lab: Lab, asked: Asked) -> Answer:
    place, names = _class(asked), names_of(asked)
    side = asked.whole("side", 16, 256, 96)
    folder = lab.part(ImageSets).path(place)
    known = set(lab.part(ImageSets).classes(place.collection).get(place.label, ()))
    there = [name for name in names if name in known]
    paths = [str(folder / name) for name in there]
    decoders = lab.part(LabDecoders).get()
    answers = decoders.decode(paths, (side, side), rule="crop")
    found = {
        name: None if isinstance(answer, DataError) else np.asarray(answer)
        for name, answer in zip(there, answers, strict=True)
    }
    return sheet([found.get(name) for name in names], side)


def _place(asked: Asked) -> Place:
    label = asked.text("class", "", most=_MOST_NAME)
    image = asked.text("image", "", most=_MOST_NAME)
    return Place(asked.text("set", most=_MOST_NAME), label, image)


def _class(asked: Asked) -> Place:
    """The class that images are in, or go into."""
    place = _place(asked)._replace(image="")
    if not place.label:
        raise DataError(
            "own-class-unsaid",
            "Images of '{collection}' are in one of its classes; name that, too.",
            collection=shown(place.collection),
        )
    return place


def _changed(lab: Lab, place: Place) -> None:
    path = lab.workplace.images / place.collection
    lab.part(Previews).forget(str(path.absolute()))


WORK = (
    Work("GET", "/api/data/own", _one),
    Work("POST", "/api/data/own", _add),
    Work("POST", "/api/data/own/rename", _rename),
    Work("POST", "/api/data/own/remove", _remove),
    Work("POST", "/api/data/own/undo", _undo),
    Work("POST", "/api/data/own/empty-trash", _empty),
    Work("PUT", "/api/data/own/image", _image, most_bytes=MOST_UPLOAD_BYTES),
    Work("POST", "/api/data/own/tiles", _tiles),
)
