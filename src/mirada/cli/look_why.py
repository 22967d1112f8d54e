"""Why the network answers as it does, and how far the picture can be trusted."""

from collections.abc import Sequence
from pathlib import Path

from mirada.cli import look_why_words
from mirada.cli.look_why_figures import why_figure
from mirada.cli.look_why_page import sections
from mirada.cli.output import show as tell
from mirada.cli.output import show_json
from mirada.cli.output_folder import write_into
from mirada.data.naming import shown_path
from mirada.errors import UsageError
from mirada.inspection import METHODS, Reason, fitting_methods, reasons
from mirada.inspection.methods import CAMS
from mirada.language import translate
from mirada.tasks.look_words import file_name
from mirada.tasks.reason_look import plain_reason
from mirada.tasks.subject import Picture, Subject
from mirada.views import write

__all__ = ["sections", "show"]

SCHEMA = 1
ALL = "all"


def show(
    subject: Subject,
    picture: Picture,
    method: str,
    layer: str | None,
    place: int | None,
    folder: Path,
    *,
    as_json: bool,
) -> None:
    """Shows why the class of that number, else the one answered, got its score.

    Writes a figure into `folder`. Raises UsageError (`cam-without-layer`, those of
    `inspection.cam_layer`), StorageError (`cannot-make-report`, `cannot-write`).
    """
    methods = _methods(subject, method, layer)
    found = reasons(subject.engine, picture.values, methods, place=place, layer=layer)
    path = _write(subject, picture, method, place, folder, found)
    if as_json:
        show_json(_plain(subject, picture, method, found, path))
        return
    look_why_words.tell_answer(subject, picture, found[0])
    if method == ALL:
        look_why_words.tell_all(found)
    else:
        look_why_words.tell_one(found[0])
    tell()
    tell(translate("Look at it: {path}").format(path=shown_path(path)))


def _methods(subject: Subject, method: str, layer: str | None) -> Sequence[str]:
    """The methods that were asked for."""
    if method == ALL:
        network = subject.model.network
        return METHODS if layer is not None else fitting_methods(network)
    if layer is not None and method not in CAMS:
        raise UsageError(
            "cam-without-layer",
            "{method} looks at the image itself and takes no layer. Leave out --layer, "
            "or ask with one of {cams}.",
            method=method,
            cams=", ".join(CAMS),
        )
    return (method,)


def _write(
    subject: Subject,
    picture: Picture,
    method: str,
    place: int | None,
    folder: Path,
    found: Sequence[Reason],
) -> Path:
    name = subject.model.classes[found[0].answer.place]
    drawn = why_figure(name, picture.name, picture.pixels, found)
    words = [Path(picture.name).stem, method, *([] if place is None else [name])]
    file = file_name(*words, suffix=".svg")
    (path,) = write_into(folder, {file: (write(drawn) + "\n").encode()})
    return path


def _plain(
    subject: Subject,
    picture: Picture,
    method: str,
    found: Sequence[Reason],
    path: Path,
) -> dict[str, object]:
    classes, answer = subject.model.classes, found[0].answer
    about = {
        "schema": SCHEMA,
        "image": picture.name,
        "answer": classes[answer.first],
        "class": classes[answer.place],
        "probability": round(answer.probability, 6),
        "score": round(answer.score, 6),
        "baseline_score": round(answer.nothing, 6),
        "picture": shown_path(path),
    }
    maps = [plain_reason(reason) for reason in found]
    return {**about, "maps": maps} if method == ALL else {**about, **maps[0]}
