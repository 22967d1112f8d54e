"""`mirada lab`: the page in which networks are built, trained and looked into."""

import sys
import threading
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
        "training that goes on is saved. The link that is printed holds the key to the "
        "lab: who has it may do there what you may."
    ),
    examples=("mirada lab", "mirada lab flowers --port 8123 --no-browser"),
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
    "--host",
    default="127.0.0.1",
    metavar="ADDRESS",
    about=Phrase("The address of this computer to listen at; else 127.0.0.1."),
)
@option(
    "--allow-remote",
    is_flag=True,
    about=Phrase("Allow an address at which other computers reach the lab."),
)
@option(
    "--browser/--no-browser",
    default=True,
    about=Phrase("Open the page in the browser of this computer."),
)
def command(
    folder: Path | None, port: int, host: str, allow_remote: bool, browser: bool
) -> None:
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
        if browser:
            say(translate("The lab is open in your browser. Ctrl-C ends it."))
            # A browser in the terminal would keep us until it is left.
            threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()
        else:
            say(translate("Open the link in your browser. Ctrl-C ends the lab."))

    serve(place, port, ready, host=host, allow_remote=allow_remote)
