"""The kinds of the loop language as LLVM's types, and numbers of them."""

from collections.abc import Mapping

from llvmlite import ir

__all__ = [
    "BYTES",
    "I1",
    "I32",
    "I64",
    "POINTER",
    "SCALARS",
    "SIGNED",
    "VOID",
    "constant",
    "declared",
    "first_lanes",
    "kind_type",
    "overload",
]

I1, I8, I32, I64 = (ir.IntType(bits) for bits in (1, 8, 32, 64))
POINTER, VOID = ir.PointerType(), ir.VoidType()
SCALARS: Mapping[str, ir.Type] = {
    "f32": ir.FloatType(),
    "i32": I32,
    "i64": I64,
    "u8": I8,
    "u32": I32,
    "u64": I64,
    "bool": I1,
}
BYTES: Mapping[str, int] = {"f32": 4, "i32": 4, "i64": 8, "u8": 1, "u32": 4, "u64": 8}
SIGNED = ("i32", "i64")


def kind_type(kind: str, lanes: int = 1) -> ir.Type:
    """The type of a scalar or vector of a kind."""
    scalar = SCALARS[kind]
    return scalar if lanes == 1 else ir.VectorType(scalar, lanes)


def constant(value: float | int | bool, kind: str, lanes: int) -> ir.Constant:
    """A number of a kind, in every lane."""
    plain = float(value) if kind == "f32" else int(value)
    return ir.Constant(kind_type(kind, lanes), [plain] * lanes if lanes > 1 else plain)


def first_lanes(lanes: int, active: int) -> ir.Constant:
    """A mask of the first lanes."""
    bits = [ir.Constant(I1, int(lane < active)) for lane in range(lanes)]
    return ir.Constant(ir.VectorType(I1, lanes), bits)


def overload(kind: str, lanes: int) -> str:
    """How the name of one of LLVM's own functions says what it is for.

    >>> overload("f32", 4), overload("u8", 1)
    ('v4f32', 'i8')
    """
    scalar = "f32" if kind == "f32" else f"i{8 * BYTES[kind]}"
    return scalar if lanes == 1 else f"v{lanes}{scalar}"


def declared(module: ir.Module, name: str, signature: ir.FunctionType) -> ir.Function:
    """A function of LLVM's own, declared once in a module."""
    known = module.globals.get(name)
    return known if known is not None else ir.Function(module, signature, name)
