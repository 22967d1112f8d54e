"""Parameters in C: from PyTorch's shapes to the order that kernels read, and back."""

from collections.abc import Iterable, Iterator
from math import prod

from mirada.compiler.c99.kernel import Function, function
from mirada.compiler.c99.names import Names
from mirada.compiler.ir import Buffer, For, Kernel, Load, Store, Var
from mirada.compiler.program import Slot

__all__ = ["Parameters"]


class Parameters:
    """The structure of a network's parameters, and the functions that move them."""

    def __init__(self, slots: Iterable[Slot], name: str, names: Names) -> None:
        self.slots = list(slots)
        self.type = names("type", f"{name}.parameters")
        self._names = names
        self._name = name
        self._fields = Names()
        self.functions: dict[tuple[object, ...], Function] = {}
        """Those that change an order, as they are asked for."""

    def declaration(self) -> Iterator[str]:
        """The structure: an array a parameter, in PyTorch's order."""
        if not self.slots:
            return
        yield "/* The parameters, each in PyTorch's shape, its last axis contiguous. */"
        yield "typedef struct {"
        for slot in self.slots:
            shape = " x ".join(map(str, slot.shape)) or "1"
            yield f"    float *{self._fields('field', slot.name)}; /* {shape} */"
        yield f"}} {self.type};\n"

    def given(self, name: str) -> str:
        """The parameter of a function that takes the structure."""
        return f"const {self.type} *{name}" if self.slots else "void"

    def load(self, structure: str, arena: str) -> Iterator[str]:
        """Statements that put parameters where kernels read them."""
        for slot in self.slots:
            field = f"{structure}->{self._fields('field', slot.name)}"
            yield self._move(slot, "load", field, _place(arena, slot))

    def save(self, structure: str, arena: str, numbers: int) -> Iterator[str]:
        """Statements that take out those that lie in the first so many numbers."""
        for slot in self.slots:
            if slot.offset < numbers:
                field = f"{structure}->{self._fields('field', slot.name)}"
                yield self._move(slot, "save", field, _place(arena, slot))

    def _move(self, slot: Slot, what: str, field: str, place: str) -> str:
        given, to = (field, place) if what == "load" else (place, field)
        if slot.axes == tuple(range(len(slot.axes))):
            return f"    memcpy({to}, {given}, {4 * prod(slot.shape)});"
        key = (what, slot.split, slot.axes)
        if key not in self.functions:
            shape = "x".join(map(str, slot.split))
            full = self._names("move", f"{self._name}_{what}_{shape}_{slot.axes}")
            self.functions[key] = function(_transposed(slot, what == "load"), full)
        both = f"(void *) ({given}), (void *) ({to})"
        return f"    {self.functions[key].name}({both});"


def _place(arena: str, slot: Slot) -> str:
    return f"{arena}.u8 + {4 * slot.offset}" if slot.offset else f"{arena}.u8"


def _transposed(slot: Slot, forwards: bool) -> Kernel:
    """Copies a parameter from its own order to the native one, or back."""
    own = Buffer("own", slot.split)
    native = Buffer("native", tuple(slot.split[axis] for axis in slot.axes))
    there = tuple(Var(f"i{axis}") for axis in slot.axes)
    here = tuple(Var(f"i{axis}") for axis in range(len(slot.axes)))
    if forwards:
        body: tuple[For | Store, ...] = (Store(native, there, Load(own, here)),)
    else:
        body = (Store(own, here, Load(native, there)),)
    for axis in reversed(slot.axes):
        body = (For(f"i{axis}", slot.split[axis], body),)
    buffers = (own, native) if forwards else (native, own)
    return Kernel("load" if forwards else "save", (), buffers, body)
