"""A trained network as C: the file, its header, and a program that shows their use."""

import re
from typing import NamedTuple

from mirada.compiler.c99.kernel import comment
from mirada.compiler.c99.model import ModelSource
from mirada.compiler.c99.names import identifier
from mirada.network import Network
from mirada.training import Model
from mirada.version import __version__

__all__ = [
    "CNames",
    "header_source",
    "model_file",
    "names_in",
    "names_of",
    "text_in_c",
]


class CNames(NamedTuple):
    """What a model's functions and its constants begin with."""

    functions: str
    constants: str


def names_of(network: Network) -> CNames:
    """Names from the network's, so that two networks can be linked together.

    >>> from mirada.network import Flatten
    >>> names_of(Network("LeNet-5", (1, 28, 28), [Flatten()]))
    CNames(functions='lenet_5', constants='LENET_5')
    """
    # What is appended makes a name of every word, the language's own included.
    functions = identifier(network.name.lower()).rstrip("_")
    return CNames(functions, functions.upper())


def names_in(header: str) -> CNames:
    """The names in a header that `header_source` wrote."""
    found = re.search(r"^void (\w+)_predict\(", header, re.MULTILINE)
    assert found is not None
    return CNames(found[1], found[1].upper())


def header_source(model: Model, source: ModelSource) -> str:
    """model.h: the sizes, and one function from pixels to probabilities."""
    functions, constants = names_of(model.network)
    seen = model.preprocessing
    (height, width), channels = seen.size, seen.channels
    told = comment(
        f"{model.network.name}: tells {len(model.classes)} classes of images apart. "
        f"Made by mirada {__version__}."
    )
    order = "red, green, blue" if channels == 3 else "one grey value"
    return f"""\
{told}
#ifndef {constants}_MODEL_H
#define {constants}_MODEL_H

#include <stdint.h>

#define {constants}_HEIGHT {height}
#define {constants}_WIDTH {width}
#define {constants}_CHANNELS {channels}
#define {constants}_CLASSES {len(model.classes)}
/* Static memory that is written: RAM. */
#define {constants}_WORKSPACE_BYTES {source.workspace_bytes}
/* Constants: they may lie in flash. */
#define {constants}_WEIGHTS_BYTES {source.weights_bytes}

#ifdef __cplusplus
extern "C" {{
#endif

/* The names of the classes, in UTF-8. */
extern const char *const {functions}_class_names[{constants}_CLASSES];

/* Writes the probability of every class for one image.

   pixels: {constants}_HEIGHT rows of {constants}_WIDTH pixels of {constants}_CHANNELS
   bytes ({order}), 0 to 255, as they lie in an image: nothing is
   subtracted or divided before. probabilities: {constants}_CLASSES numbers that sum
   up to 1. It takes its memory from nowhere but the static workspace: one call at a
   time. */
void {functions}_predict(const uint8_t *pixels, float *probabilities);

#ifdef __cplusplus
}}
#endif

#endif
"""


def model_file(model: Model, source: ModelSource) -> str:
    """model.c, from the definitions."""
    functions, constants = names_of(model.network)
    names = ",\n    ".join(map(text_in_c, model.classes))
    return f"""\
{comment(f"{model.network.name}, made by mirada {__version__}; see model.h.")}
#include "model.h"

{source.text}
const char *const {functions}_class_names[{constants}_CLASSES] = {{
    {names}
}};

void {functions}_predict(const uint8_t *pixels, float *probabilities)
{{
    predict(pixels, probabilities);
}}
"""


def text_in_c(text: str) -> str:
    r"""A text as a literal of C, in UTF-8: nothing in it can end or change it.

    >>> print(text_in_c('a "b"\n??/'), text_in_c("ñ1"))
    "a \"b\"\012\?\?/" "\303\2611"
    """
    return '"' + "".join(map(_letter, text.encode("utf-8", "replace"))) + '"'


def _letter(byte: int) -> str:
    letter = chr(byte)
    if letter in '"\\?':
        return f"\\{letter}"
    return letter if 32 <= byte < 127 else f"\\{byte:03o}"
