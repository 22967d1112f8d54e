"""A trained network as one file of C99 that needs nothing."""

from functools import partial
from pathlib import Path

from mirada.compiler.c99.model import ModelSource
from mirada.errors import Phrase, UnsupportedError
from mirada.export.c_check import c_outputs
from mirada.export.c_example import example_program
from mirada.export.c_model import compiled_to_c
from mirada.export.c_source import header_source, model_file, names_of
from mirada.export.format import Examples, Format, Pixels
from mirada.export.levels import levels_of
from mirada.export.probabilities import ending_in_softmax
from mirada.training import Model
from mirada.training.disk import write_text, write_whole

__all__ = ["MOST_PARAMETERS", "C"]

MOST_PARAMETERS = {"float32": 2**23, "int8": 2**24}
"""Numbers that a file of C may hold, by their width: GCC takes 2 GB of memory then."""


def _write(
    model: Model, examples: Examples, folder: Path, *, int8: bool = False
) -> None:
    source = _source(model, int8)
    names, channels = names_of(model.network), model.preprocessing.channels
    write_text(folder / "model.h", header_source(model, source))
    write_text(folder / "model.c", model_file(model, source))
    write_text(folder / "example.c", example_program(names, channels))
    picture = folder / ("example.ppm" if channels == 3 else "example.pgm")
    write_whole(picture, [_netpbm(examples.pixels)])


def _source(model: Model, int8: bool) -> ModelSource:
    count = sum(value.size for value in model.parameters.values())
    most = MOST_PARAMETERS["int8" if int8 else "float32"]
    if count > most:
        raise UnsupportedError(
            "export-c-large",
            "The network has {count} parameters; a file of C holds at most {most}, or "
            "{narrow} with --weights int8: compilers take no larger ones. Export it in "
            "another format, or make the network smaller.",
            count=count,
            most=MOST_PARAMETERS["float32"],
            narrow=MOST_PARAMETERS["int8"],
        )
    network = ending_in_softmax(model.network)
    name, levels = names_of(network).functions, levels_of(model)
    return compiled_to_c(network, model.parameters, levels, name, int8=int8)


def _netpbm(pixels: Pixels) -> bytes:
    """The first image as a file of the simplest kind there is."""
    _, height, width, channels = pixels.shape
    head = f"{'P6' if channels == 3 else 'P5'}\n{width} {height}\n255\n"
    return b"".join([head.encode(), pixels[0].tobytes()])


C = Format(
    Phrase(
        "One file of C99 with its header that needs no library, for a program or a "
        "microcontroller; with weights of 32 or of 8 bits."
    ),
    _write,
    c_outputs,
    probabilities=True,
    write_int8=partial(_write, int8=True),
)
