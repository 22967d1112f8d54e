"""`mirada lab`: the page in which networks are built, trained and looked into."""

import sys
import webbrowser
from pathlib import Path

import click

from mirada.cli.command import argument, as_command, option
from mirada.cli.output import say, show
from mirada.errors import Phrase, UsageError
from mirada.lab import serve
from mirada.language import translate

__all__ = ["command"]


@as_command(
    "lab",
    details=Phrase(
        "The page is on this computer alone and needs no network. FOLDER is where runs "
        "and collected images are kept, else the current folder. Ctrl-C ends it; a "
        "training that goes on is saved."
    ),
)
@argument(
    "folder",
    Phrase("Where runs and images are kept."),
    metavar="[FOLDER]",
    required=False,
    type=click.Path(path_type=Path),
)
@option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    metavar="N",
    about=Phrase("The port to listen to; else one that is free."),
)
@option(
    "--browser/--no-browser",
    default=True,
    about=Phrase("Open the page in the browser of this computer."),
)
def command(folder: Path | None, port: int, browser: bool) -> None:
    """Opens the lab until it is told to end."""
    place = (folder or Path()).resolve()
    if not place.is_dir():
        raise UsageError(
            "lab-folder",
            "The lab needs a folder to work in; {folder!r} is none. Make it first.",
            folder=str(folder),
        )

    def ready(url: str) -> None:
        show(url)
        sys.stdout.flush()
        say(translate("The lab is open in your browser. Ctrl-C ends it."))
        if browser:
            webbrowser.open(url)

    serve(place, port, ready)
