"""`mirada look`: inside a trained network, from one number to the whole run."""

import re
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from mirada import engines
from mirada.cli.command import Command, as_command, json_option, option
from mirada.cli.machine import device_option
from mirada.cli.output_folder import require_folder
from mirada.cli.trained import run_argument
from mirada.errors import Phrase, UsageError
from mirada.inspection import METHODS
from mirada.tasks.subject import Subject

__all__ = ["LookCommand", "PlaceType", "command"]

_PLACE = re.compile(r"[0-9]{1,9}(,[0-9]{1,9}){0,2}", re.ASCII)


class PlaceType(click.ParamType):  # type: ignore[type-arg]
    """The place of one output: C,Y,X of a map, or C of a vector."""

    name = "place"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        """The place, or `UsageError`."""
        if isinstance(value, tuple):
            return value
        if not _PLACE.fullmatch(value):
            raise UsageError(
                "place-option",
                "--at must be a channel, a row and a column counted from 0, as in "
                "--at 3 10 12, or the number of a feature; got {value!r}.",
                value=value[:60],
            )
        return tuple(map(int, value.split(",")))


class LookCommand(Command):
    """The command whose `--at` takes up to three numbers."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parses the words after writing `--at 3 10 12` as one word."""
        return super().parse_args(ctx, self.gathered(args))

    def gathered(self, words: Sequence[str]) -> list[str]:
        """The words with the numbers that follow `--at` joined by commas."""
        places = [place for place, word in enumerate(words) if word == "--at"]
        if len(places) != 1:
            return list(words)
        first = last = places[0] + 1
        while last < len(words) and last - first < 3 and words[last].isdecimal():
            last += 1
        if last == first:
            return list(words)
        return [*words[:first], ",".join(words[first:last]), *words[last:]]


@as_command(
    "look",
    kind=LookCommand,
    details=Phrase(
        "With an image: the answer and every layer's maps. With --layer and --at: the "
        "window, the weights and the sum behind one number. With --cam: where the "
        "answer comes from, and how far that picture can be trusted. Without an image: "
        "the whole run in one page, what it learned and where it is wrong."
    ),
    examples=(
        "mirada look runs/example --image image.png",
        "mirada look runs/example --image image.png --layer conv1 --at 3 4 5",
        "mirada look runs/example --image image.png --cam grad-cam",
        "mirada look runs/example --layer conv1",
        "mirada look runs/example",
    ),
)
@run_argument()
@option("--image", metavar="FILE", about=Phrase("The image to look at."))
@option("--layer", metavar="NAME", about=Phrase("The layer to look at."))
@option(
    "--at",
    type=PlaceType(),
    metavar="C Y X",
    about=Phrase("One output of the layer: channel, row and column, from 0."),
)
@option(
    "--cam",
    type=click.Choice(("all", *METHODS)),
    metavar="METHOD",
    about=Phrase(
        "Why this answer: all, or one of {methods}.", methods=", ".join(METHODS)
    ),
)
@option(
    "--class",
    "class_name",
    metavar="NAME",
    about=Phrase("The class to explain; else the one the network answers."),
)
@option(
    "--data",
    "source",
    metavar="DATA",
    about=Phrase("Images of known classes; else those of the run."),
)
@option(
    "--all",
    "every",
    is_flag=True,
    about=Phrase("Judge by every image, also by those the run was trained on."),
)
@option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    about=Phrase(
        "Where files go; else the page into the run's folder, pictures into 'look' "
        "in it."
    ),
)
@option(
    "--engine",
    type=click.Choice(engines.ENGINES),
    default="native",
    about=Phrase("What computes: native (compiled code), reference (slow), torch."),
)
@device_option()
@json_option()
def command(
    run: str,
    image: str | None,
    layer: str | None,
    at: tuple[int, ...] | None,
    cam: str | None,
    class_name: str | None,
    source: str | None,
    every: bool,
    out: Path | None,
    engine: str,
    device: str | None,
    as_json: bool,
) -> None:
    """Shows what was asked of the run."""
    _require(image, layer, at, cam, class_name)
    subject = Subject(run, engine, every, device)
    name = None if layer is None else subject.layer(layer)
    place = None if class_name is None else subject.class_place(class_name)
    folder = subject.folder / "look" if out is None else out
    require_folder(folder)
    if image is None:
        if name is None:
            _view("look_run").show(subject, source, out, as_json=as_json)
        else:
            _view("look_learned").show(subject, name, source, folder, as_json=as_json)
        return
    picture = subject.picture(image)
    if at is not None:
        _view("look_element").show(subject, picture, name, at, as_json=as_json)
    elif cam is not None:
        _view("look_why").show(
            subject, picture, cam, name, place, folder, as_json=as_json
        )
    else:
        _view("look_layers").show(subject, picture, name, folder, as_json=as_json)


def _view(name: str) -> Any:
    """The module that shows one thing, loaded when it is asked for."""
    return import_module(f"mirada.cli.{name}")


def _require(
    image: str | None,
    layer: str | None,
    at: tuple[int, ...] | None,
    cam: str | None,
    class_name: str | None,
) -> None:
    if at is not None and (image is None or layer is None):
        raise UsageError(
            "look-at-what",
            "--at asks for one output of one layer on one image: add --image and "
            "--layer.",
        )
    if cam is not None and image is None:
        raise UsageError("look-cam-what", "--cam explains one answer: add --image.")
    if cam is not None and at is not None:
        raise UsageError(
            "look-at-or-cam",
            "--at shows one number, --cam explains one answer: ask for one of them.",
        )
    if class_name is not None and cam is None:
        raise UsageError(
            "look-class-what",
            "--class names the answer that is to be explained: add --cam.",
        )
