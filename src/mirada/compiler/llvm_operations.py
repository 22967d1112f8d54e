"""What every operation of the loop language is in LLVM's instructions."""

from collections.abc import Callable, Mapping
from typing import Any

from llvmlite import ir

from mirada.compiler.llvm_types import (
    BYTES,
    I32,
    SIGNED,
    declared,
    kind_type,
    overload,
)

__all__ = ["OPERATIONS", "Operation", "converted", "lanes_total", "spread"]

Operation = Callable[[ir.IRBuilder, str, int, list[ir.Value]], ir.Value]
"""Given where to write, the kind and lanes of the arguments, and these: the result."""

_COMPARISON = {"lt": "<", "gt": ">", "ge": ">=", "eq": "=="}


def spread(builder: ir.IRBuilder, value: ir.Value, lanes: int) -> ir.Value:
    """A scalar in every lane."""
    vector = ir.VectorType(value.type, lanes)
    empty = ir.Constant(vector, ir.Undefined)
    first = builder.insert_element(empty, value, ir.Constant(I32, 0))
    order = ir.Constant(ir.VectorType(I32, lanes), [0] * lanes)
    return builder.shuffle_vector(first, empty, order)


def lanes_total(builder: ir.IRBuilder, value: ir.Value, lanes: int) -> ir.Value:
    """The sum of the lanes: the upper half added to the lower, until one is left."""
    if lanes == 1:
        return value
    empty = ir.Constant(value.type, ir.Undefined)
    order = ir.VectorType(I32, lanes)
    half = lanes // 2
    while half:
        moved = [half + i if i < half else 0 for i in range(lanes)]
        places = ir.Constant(order, moved)
        value = builder.fadd(value, builder.shuffle_vector(value, empty, places))
        half //= 2
    return builder.extract_element(value, ir.Constant(I32, 0))


def converted(
    builder: ir.IRBuilder, given: ir.Value, before: str, kind: str, lanes: int
) -> ir.Value:
    """The same number in another kind."""
    target = kind_type(kind, lanes)
    if before == kind:
        return given
    if before == "f32":
        cut = builder.fptosi if kind in SIGNED else builder.fptoui
        return cut(given, target)
    if kind == "f32":
        made = builder.sitofp if before in SIGNED else builder.uitofp
        return made(given, target)
    had = 1 if before == "bool" else 8 * BYTES[before]
    gets = 8 * BYTES[kind]
    if had == gets:
        return given
    if had > gets:
        return builder.trunc(given, target)
    return (builder.sext if before in SIGNED else builder.zext)(given, target)


def _compare(
    builder: ir.IRBuilder, sign: str, kind: str, args: list[ir.Value]
) -> ir.Value:
    if kind == "f32":
        return builder.fcmp_ordered(sign, *args)
    test = builder.icmp_signed if kind in SIGNED else builder.icmp_unsigned
    return test(sign, *args)


def _arithmetic(real: str, whole: str) -> Operation:
    return lambda builder, kind, lanes, args: getattr(
        builder, real if kind == "f32" else whole
    )(*args)


def _logic(name: str) -> Operation:
    return lambda builder, kind, lanes, args: getattr(builder, name)(*args)


def _comparison(sign: str) -> Operation:
    return lambda builder, kind, lanes, args: _compare(builder, sign, kind, args)


def _extreme(sign: str) -> Operation:
    return lambda builder, kind, lanes, args: builder.select(
        _compare(builder, sign, kind, args), *args
    )


def _intrinsic(name: str) -> Operation:
    def emit(
        builder: ir.IRBuilder, kind: str, lanes: int, args: list[ir.Value]
    ) -> ir.Value:
        target = kind_type(kind, lanes)
        signature = ir.FunctionType(target, [target] * len(args))
        full = f"llvm.{name}.{overload(kind, lanes)}"
        return builder.call(declared(builder.module, full, signature), args)

    return emit


def _shift_right(
    builder: ir.IRBuilder, kind: str, lanes: int, args: list[Any]
) -> ir.Value:
    return builder.ashr(*args) if kind in SIGNED else builder.lshr(*args)


def _zipped(half: int) -> Operation:
    def emit(
        builder: ir.IRBuilder, kind: str, lanes: int, args: list[ir.Value]
    ) -> ir.Value:
        first = half * lanes // 2
        order = [first + i // 2 + lanes * (i % 2) for i in range(lanes)]
        places = ir.Constant(ir.VectorType(I32, lanes), order)
        return builder.shuffle_vector(*args, places)

    return emit


def _ours(name: str, kind: str) -> Operation:
    """A function that `legalize` writes as the target has it; see `bfloat`."""

    def emit(
        builder: ir.IRBuilder, _: str, lanes: int, args: list[ir.Value]
    ) -> ir.Value:
        types = [arg.type for arg in args]
        signature = ir.FunctionType(kind_type(kind, lanes), types)
        full = f"mirada.{name}.{lanes}"
        return builder.call(declared(builder.module, full, signature), args)

    return emit


OPERATIONS: Mapping[str, Operation] = {
    "add": _arithmetic("fadd", "add"),
    "sub": _arithmetic("fsub", "sub"),
    "mul": _arithmetic("fmul", "mul"),
    "div": _arithmetic("fdiv", "sdiv"),
    "fma": _intrinsic("fma"),
    "sqrt": _intrinsic("sqrt"),
    "floor": _intrinsic("floor"),
    "min": _extreme("<"),
    "max": _extreme(">"),
    **{name: _comparison(sign) for name, sign in _COMPARISON.items()},
    "select": lambda builder, kind, lanes, args: builder.select(*args),
    "and": _logic("and_"),
    "or": _logic("or_"),
    "xor": _logic("xor"),
    "shl": _logic("shl"),
    "shr": _shift_right,
    "zip_low": _zipped(0),
    "zip_high": _zipped(1),
    "dot2": _ours("dot2", "f32"),
    "pair": _ours("pair", "u32"),
}
"""By the names of `verify.RULES` and `expression.MIXED`."""
