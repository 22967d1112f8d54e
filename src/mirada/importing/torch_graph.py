"""The graph that torch.export writes down, walked: every operation becomes a layer."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from operator import getitem
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from mirada.errors import DescriptionError, Phrase, UnsupportedError
from mirada.importing.aten import OPERATIONS
from mirada.importing.aten_call import Call, Held
from mirada.importing.building import Builder, Built, MisfitError, Value
from mirada.network import Shape

__all__ = ["BATCH", "Walk", "outside"]

BATCH = 2
"""Two images, so that what mixes them is seen."""
_MOST_NAMED = 40
Module: TypeAlias = Any
Program: TypeAlias = Any
Node: TypeAlias = Any
Tensor: TypeAlias = Any
"""PyTorch's own, which only the door imports."""
_FRAME = re.compile(r'File "(.+)", line (\d+)')


class Walk:
    """The graph, operation by operation; what is no layer is collected."""

    def __init__(self, module: Module, program: Program, shape: Shape) -> None:
        self._module, self._graph = module, program.graph
        self._builder = Builder(type(module).__name__, shape)
        self._found: dict[Node, Value | Held] = _placed(program, self._builder)
        self._refused: list[str] = []
        self._owned: set[str] = set()

    def network(self) -> Built:
        """Raises UnsupportedError with everything that is no layer."""
        (end,) = (node for node in self._graph.nodes if node.op == "output")
        for node in self._graph.nodes:
            if node.op not in ("placeholder", "output") and _matters(node):
                self._found[node] = self._attempt(node)
        outputs = [self._found.get(output) for output in end.args[0]]
        if not self._refused:
            try:
                return self._finished(outputs)
            except MisfitError as misfit:
                self._refused.append(str(misfit.reason))
        raise self._error()

    def _finished(self, outputs: Sequence[object]) -> Built:
        if len(outputs) != 1 or not isinstance(outputs[0], Value):
            raise MisfitError(Phrase("it gives anything but one answer an image"))
        return self._builder.finish(outputs[0])

    def _attempt(self, node: Node) -> Value | Held:
        """What an operation gives; nobody's value of its shape where it is no layer."""
        try:
            return self._value(node)
        except MisfitError as misfit:
            self._collect(node, misfit.reason)
        except DescriptionError as error:
            self._collect(node, error)
        return Value("", _shape(node))

    def _value(self, node: Node) -> Value | Held:
        if node.target is getitem:
            return self._part(node)
        kind, in_place = _kind(node)
        if kind not in OPERATIONS:
            raise MisfitError(Phrase("no layer does this"))
        call = Call(
            self._builder, self._arguments(node), _one_image(node), *self._names(node)
        )
        value = OPERATIONS[kind](call)
        if in_place:
            self._overwrite(node.args[0], value)
        return value

    def _part(self, node: Node) -> Value | Held:
        """A part of what gives several: the first one, of a pooling."""
        whole, place = node.args
        if place != 0:
            raise MisfitError(Phrase("no layer takes what a pooling gives besides"))
        return self._found[whole]

    def _arguments(self, node: Node) -> dict[str, Any]:
        """The arguments by the names of the schema, its defaults filled in."""
        given: dict[str, Any] = {}
        for place, wanted in enumerate(node.target._schema.arguments):
            if place < len(node.args):
                value: Any = node.args[place]
            else:
                value = node.kwargs.get(wanted.name, wanted.default_value)
            given[wanted.name] = self._known(value)
        self._own(held.name for held in given.values() if isinstance(held, Held))
        return given

    def _known(self, value: Any) -> Any:
        if isinstance(value, list | tuple):
            return [self._known(item) for item in value]
        return self._found.get(value, value) if hasattr(value, "op") else value

    def _own(self, names: Iterator[str]) -> None:
        """A layer owns its arrays: mirada knows no layers that share theirs."""
        for name in names:
            if name in self._owned:
                raise MisfitError(Phrase("it shares {name!r} with another", name=name))
            self._owned.add(name)

    def _overwrite(self, target: Any, value: Value) -> None:
        """From here on, every name of what was written into means the new value."""
        old = self._found[target]
        assert isinstance(old, Value)
        if self._builder.flattened(old.name):
            raise MisfitError(Phrase("it writes into a view of another value"))
        for node, found in self._found.items():
            if isinstance(found, Value) and found.name == old.name:
                self._found[node] = value

    def _names(self, node: Node) -> tuple[str, str]:
        """The module that is this operation, or else the one around it."""
        path = _path(node)
        part = self._module.get_submodule(path)
        return (path, "") if not any(part.children()) else ("", path)

    def _collect(self, node: Node, reason: object) -> None:
        self._refused.append(
            str(
                Phrase(
                    "{operation} in {path!r} ({place}): {reason}",
                    operation=str(getattr(node.target, "__name__", node.target)),
                    path=_path(node) or type(self._module).__name__,
                    place=_place(node),
                    reason=reason,
                )
            )
        )

    def _error(self) -> UnsupportedError:
        shown = self._refused[:_MOST_NAMED]
        return UnsupportedError(
            "module-operations",
            "{module!r} does what no layer of mirada does ({count}): {operations}. "
            "Leave it out, or give the part of the module without it.",
            module=type(self._module).__name__,
            count=len(self._refused),
            operations="; ".join(shown)
            + ("; ..." if len(self._refused) > len(shown) else ""),
        )


def _placed(program: Program, builder: Builder) -> dict[Node, Value | Held]:
    """The arrays and the images that the graph begins with."""
    signature = program.graph_signature
    names: Mapping[str, str] = {
        **signature.inputs_to_parameters,
        **signature.inputs_to_buffers,
        **signature.inputs_to_lifted_tensor_constants,
    }
    arrays = {**program.state_dict, **program.constants}
    found: dict[Node, Value | Held] = {}
    for node in program.graph.nodes:
        if node.op == "placeholder":
            name = names.get(node.name)
            found[node] = (
                builder.input if name is None else Held(name, _array(arrays[name]))
            )
    return found


def _array(tensor: Tensor) -> np.ndarray[Any, np.dtype[np.float32]]:
    found = tensor.detach().cpu().float().numpy()
    return np.asarray(found, np.float32)


def _matters(node: Node) -> bool:
    """Whether anything takes it, or it changes what something takes."""
    return bool(node.users) or _kind(node)[1]


def _kind(node: Node) -> tuple[str, bool]:
    """ATen's name without its overload, and whether it writes into its argument."""
    packet = getattr(node.target, "overloadpacket", None)
    name = str(getattr(packet, "__name__", node.target))
    return name.rstrip("_"), name.endswith("_") and not name.startswith("__")


def _shape(node: Node) -> Shape:
    """The shape that PyTorch gives to a result, or to the first, without the batch."""
    value = node.meta.get("val")
    first = value[0] if isinstance(value, list | tuple) else value
    return tuple(map(int, getattr(first, "shape", ())[1:]))


def _one_image(node: Node) -> Shape:
    value = node.meta["val"]
    first = value[0] if isinstance(value, list | tuple) else value
    if not first.dim() or first.shape[0] != BATCH:
        raise MisfitError(Phrase("it mixes the images of a batch"))
    return _shape(node)


def _path(node: Node) -> str:
    """The module in which an operation stands; empty for the whole."""
    modules = [*node.meta.get("nn_module_stack", {}).values()]
    return str(modules[-1][0]) if modules else ""


def _place(node: Node) -> str:
    """The file and the line, outside of PyTorch, at which an operation stands."""
    return outside(_FRAME.findall(node.meta.get("stack_trace") or ""))


def outside(frames: Sequence[tuple[str, object]]) -> str:
    """The last of these places that is neither in PyTorch nor here, as file:line."""
    spec = find_spec("torch")
    assert spec is not None and spec.origin is not None
    inside = (os.path.dirname(spec.origin), os.path.dirname(__file__), "<")
    own = [frame for frame in frames if not frame[0].startswith(inside)]
    return f"{Path(own[-1][0]).name}:{own[-1][1]}" if own else "-"
