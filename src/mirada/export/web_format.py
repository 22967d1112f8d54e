"""A trained network as a page for the browser, which needs no server and no network."""

import json
from pathlib import Path

from mirada.errors import Phrase
from mirada.export.format import Examples, Format
from mirada.export.node import ABOUT, CODE, MODULE, WEIGHTS, node_outputs
from mirada.export.web import web
from mirada.training import Model
from mirada.training.disk import write_text, write_whole
from mirada.views.joining import joined
from mirada.views.network_page import network_page

__all__ = ["WEB"]


def _write(model: Model, examples: Examples, folder: Path) -> None:
    made = web(model)
    write_whole(folder / CODE, [made.code])
    write_whole(folder / WEIGHTS, [made.weights])
    write_text(folder / ABOUT, json.dumps(made.about, indent=2) + "\n")
    write_text(folder / MODULE, joined("compiled.js"))
    page = network_page(made.about, made.code, made.weights, examples.picture)
    write_text(folder / "index.html", page)


WEB = Format(
    Phrase(
        "A web page that runs the network in the browser: draw, drop an image or use "
        "the camera. It needs no server and no network."
    ),
    _write,
    node_outputs,
    probabilities=True,
)
