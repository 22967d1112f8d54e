"""Kernels as one file of C99."""

from collections.abc import Iterable, Mapping

from mirada.compiler.c99.kernel import Function, function
from mirada.compiler.c99.names import Names, function_name
from mirada.compiler.c99.operations import HEADER, definitions
from mirada.compiler.c99.style import CHECKED, Style
from mirada.compiler.ir import Kernel

__all__ = ["file_text", "functions", "joined"]


def file_text(
    kernels: Mapping[str, Kernel], prefix: str = "mirada", static: bool = False
) -> str:
    """The kernels as functions of one file, each named by the prefix and its key.

    A function takes pointers to the kernel's buffers, then to its scratch, then its
    arguments, as machine code does. The file compiles without a warning under
    `gcc -std=c99 -Wall -Wextra -pedantic` and gives the bits of machine code.

    >>> from mirada.compiler.ir import Buffer, For, Load, Store, Var
    >>> x, y = Buffer("x", (4,)), Buffer("y", (4,))
    >>> body = (For("i", 4, (Store(y, (Var("i"),), Load(x, (Var("i"),))),)),)
    >>> text = file_text({"copy": Kernel("copy", (), (x, y), body)})
    >>> print(text[text.index("/* kernel"):])
    /* kernel copy(x: f32[4], y: f32[4]) */
    void mirada_copy(const float x[restrict 4], float y[restrict 4])
    {
        for (int64_t i = 0; i < 4; i++) {
            y[i] = x[i];
        }
    }
    """
    return joined(functions(kernels, prefix, Names(), static).values())


def functions(
    kernels: Mapping[str, Kernel],
    prefix: str,
    names: Names,
    static: bool = True,
    style: Style = CHECKED,
) -> dict[str, Function]:
    """Each kernel as a function whose name no other has."""
    return {
        key: function(kernel, names.fresh(function_name(prefix, key)), static, style)
        for key, kernel in kernels.items()
    }


def joined(made: Iterable[Function], header: str = HEADER) -> str:
    """The functions in order, behind what they need."""
    every = list(made)
    used = {name for one in every for name in one.used}
    needed = definitions(used)
    texts = [header, *([needed] if needed else []), *(one.text for one in every)]
    return "\n".join(texts)
