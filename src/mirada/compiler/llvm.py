"""Kernels as LLVM functions: one statement, a few instructions, nothing decided here.

No fast-math flag is ever set: sums keep the order and the roundings that the kernel
states, so that results do not depend on LLVM's taste.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from math import prod
from typing import Any

from llvmlite import ir

from mirada.compiler.ir import (
    Append,
    Bits,
    Buffer,
    Const,
    Convert,
    Count,
    Expr,
    For,
    Get,
    Iota,
    Kernel,
    Let,
    Load,
    Op,
    Register,
    Reset,
    Set,
    Splat,
    Stmt,
    Store,
    Total,
    Var,
)

__all__ = ["BYTES", "I64", "POINTER", "VOID", "Builder", "emit_kernel"]

I1, I8, I32, I64 = (ir.IntType(bits) for bits in (1, 8, 32, 64))
POINTER, VOID = ir.PointerType(), ir.VoidType()
_TYPES: Mapping[str, ir.Type] = {
    "f32": ir.FloatType(),
    "i32": I32,
    "i64": I64,
    "u8": I8,
    "u32": I32,
    "u64": I64,
    "bool": I1,
}
BYTES: Mapping[str, int] = {"f32": 4, "i32": 4, "i64": 8, "u8": 1, "u32": 4, "u64": 8}
_SIGNED = ("i32", "i64")
_COMPARISON = {"lt": "<", "gt": ">", "ge": ">=", "eq": "=="}


def _type(kind: str, lanes: int = 1) -> ir.Type:
    scalar = _TYPES[kind]
    return scalar if lanes == 1 else ir.VectorType(scalar, lanes)


class Builder(ir.IRBuilder):  # type: ignore[misc]
    """LLVM's builder with counted loops as context managers."""

    @contextmanager
    def counted(
        self,
        count: ir.Value,
        first: ir.Value | None = None,
        step: ir.Value | None = None,
    ) -> Iterator[ir.Value]:
        """The instructions inside for first, first + step, ... below count."""
        start = ir.Constant(I64, 0) if first is None else first
        before, body = self.block, self.append_basic_block("loop")
        after = self.append_basic_block("after")
        if isinstance(count, ir.Constant) and first is None and count.constant > 0:
            self.branch(body)
        else:
            self.cbranch(self.icmp_signed("<", start, count), body, after)
        self.position_at_end(body)
        turn = self.phi(I64)
        turn.add_incoming(start, before)
        yield turn
        following = self.add(turn, ir.Constant(I64, 1) if step is None else step)
        turn.add_incoming(following, self.block)
        self.cbranch(self.icmp_signed("<", following, count), body, after)
        self.position_at_end(after)

    def store_atomic(
        self, value: ir.Value, ptr: ir.Value, ordering: str, align: int
    ) -> ir.Instruction:
        """As llvmlite's, which does not take pointers without a type."""
        args = (self.block, value, ptr, ordering, align)
        instruction = ir.instructions.StoreAtomicInstr(*args)
        self._insert(instruction)
        return instruction

    def call_at(
        self, place: ir.Value, signature: ir.FunctionType, args: list[ir.Value]
    ) -> ir.Instruction:
        """Calls the function whose address lies at a place."""
        callee = _Callee(self.block, place, signature)
        self._insert(callee)
        return self.call(callee, args)


class _Callee(ir.instructions.LoadInstr):  # type: ignore[misc]
    """A loaded address with a signature, which llvmlite reads off typed pointers."""

    def __init__(
        self, block: ir.Block, place: ir.Value, signature: ir.FunctionType
    ) -> None:
        super().__init__(block, place, typ=POINTER)
        self._signature = signature

    @property
    def function_type(self) -> ir.FunctionType:
        """The signature the address is called with."""
        return self._signature


def emit_kernel(module: ir.Module, kernel: Kernel) -> ir.Function:
    """Adds the kernel to a module.

    It takes pointers to its buffers, then to its scratch, then its arguments.
    """
    pointers = len(kernel.buffers) + len(kernel.scratch)
    types = [POINTER] * pointers + [I64] * len(kernel.arguments)
    function = ir.Function(module, ir.FunctionType(VOID, types), kernel.name)
    function.linkage = "internal"
    function.attributes.add("noinline")
    function.attributes.add("nounwind")
    emission = _Emission(module, function, kernel)
    emission.statements(kernel.body)
    emission.builder.ret_void()
    return function


class _Emission:
    """One kernel on its way into LLVM."""

    def __init__(
        self, module: ir.Module, function: ir.Function, kernel: Kernel
    ) -> None:
        self.module = module
        self.entry = function.append_basic_block("entry")
        self.builder = Builder(function.append_basic_block("body"))
        self.start = Builder(self.entry)
        self.branch = self.start.branch(self.builder.block)
        self.start.position_before(self.branch)
        owned = (*kernel.buffers, *kernel.scratch)
        self.pointers: dict[str, ir.Value] = {}
        for pointer, buffer in zip(function.args, owned, strict=False):
            pointer.add_attribute("noalias")
            pointer.name = buffer.name.replace(".", "_")
            self.pointers[buffer.name] = pointer
        for buffer, values in kernel.tables:
            self.pointers[buffer.name] = self.table(kernel, buffer, values)
        whole = function.args[len(owned) :]
        names = [argument.name for argument in kernel.arguments]
        self.variables: dict[str, ir.Value] = dict(zip(names, whole, strict=True))
        self.slots: dict[Register, ir.Value] = {}

    def table(
        self, kernel: Kernel, buffer: Buffer, values: tuple[float, ...]
    ) -> ir.GlobalVariable:
        kind = ir.ArrayType(_TYPES[buffer.kind], len(values))
        name = f"{kernel.name}.{buffer.name}"
        constant = ir.GlobalVariable(self.module, kind, name)
        constant.global_constant, constant.linkage = True, "internal"
        plain = [_constant(value, buffer.kind, 1) for value in values]
        constant.initializer = ir.Constant(kind, plain)
        return constant

    def statements(self, body: tuple[Stmt, ...]) -> None:
        for stmt in body:
            match stmt:
                case For(var, extent, inner):
                    count = self.extent(extent)
                    with self.builder.counted(count) as turn:
                        self.variables[var] = turn
                        self.statements(inner)
                case Let(register, value) | Set(register, value):
                    self.builder.store(self.value(value), self.slot(register))
                case Store(buffer, index, value, active):
                    self.store(buffer, self.place(buffer, index), value, active)
                case Reset(counter):
                    zero = ir.Constant(I64, 0)
                    self.builder.store(zero, self.slot(_tally(counter.name)))
                case Append():
                    self.append(stmt)

    def extent(self, extent: int | Expr) -> ir.Value:
        if isinstance(extent, int):
            return ir.Constant(I64, extent)
        return self.value(extent)

    def slot(self, register: Register) -> ir.Value:
        # Bodies side by side may call registers of different kinds alike.
        if register not in self.slots:
            kind = _type(register.kind, register.lanes)
            self.slots[register] = self.start.alloca(kind)
        return self.slots[register]

    def place(self, buffer: Buffer, index: tuple[Expr, ...]) -> ir.Value:
        """The address of an element."""
        at: ir.Value = ir.Constant(I64, 0)
        for axis, term in enumerate(index):
            stride = prod(buffer.shape[axis + 1 :])
            scaled = self.builder.mul(
                self.value(term), ir.Constant(I64, stride), flags=["nsw"]
            )
            at = self.builder.add(at, scaled, flags=["nsw"])
        return self.at(buffer, at)

    def at(self, buffer: Buffer, offset: ir.Value) -> ir.Value:
        pointer, kind = self.pointers[buffer.name], _TYPES[buffer.kind]
        return self.builder.gep(pointer, [offset], inbounds=True, source_etype=kind)

    def store(
        self, buffer: Buffer, address: ir.Value, value: Expr, active: int
    ) -> None:
        stored, lanes = self.value(value), value.lanes
        if 0 < active < lanes:
            call = self.masked("store", buffer.kind, lanes, [stored.type, POINTER])
            align = ir.Constant(I32, BYTES[buffer.kind])
            self.builder.call(call, [stored, address, align, _mask(lanes, active)])
        else:
            self.builder.store(stored, address, align=BYTES[buffer.kind])

    def masked(
        self, what: str, kind: str, lanes: int, types: list[ir.Type]
    ) -> ir.Function:
        vector, mask = _type(kind, lanes), ir.VectorType(I1, lanes)
        name = f"llvm.masked.{what}.v{lanes}{_suffix(kind)}.p0"
        if what == "store":
            signature = ir.FunctionType(VOID, [*types, I32, mask])
        else:
            signature = ir.FunctionType(vector, [POINTER, I32, mask, vector])
        return self.declared(name, signature)

    def declared(self, name: str, signature: ir.FunctionType) -> ir.Function:
        known = self.module.globals.get(name)
        return known if known is not None else ir.Function(self.module, signature, name)

    def append(self, stmt: Append) -> None:
        builder, lanes = self.builder, stmt.where.lanes
        slot = self.slot(_tally(stmt.counter.name))
        where, held = self.value(stmt.where), builder.load(slot, typ=I64)
        for buffer, item in stmt.values:
            value = self.value(item)
            if lanes > 1:
                vector = value.type
                name = f"llvm.experimental.vector.compress.v{lanes}{_suffix(item.kind)}"
                signature = ir.FunctionType(vector, [vector, where.type, vector])
                rest = ir.Constant(vector, ir.Undefined)
                value = builder.call(
                    self.declared(name, signature), [value, where, rest]
                )
            address = self.at(buffer, held)
            builder.store(value, address, align=BYTES[buffer.kind])
        if lanes > 1:
            whole = ir.IntType(lanes)
            bits = builder.ctpop(builder.bitcast(where, whole))
            grown = builder.zext(bits, I64) if lanes < 64 else bits
        else:
            grown = builder.zext(where, I64)
        builder.store(builder.add(held, grown), slot)

    def value(self, expr: Expr) -> ir.Value:
        match expr:
            case Const(value, kind, lanes):
                return _constant(value, kind, lanes)
            case Var(name):
                return self.variables[name]
            case Count(counter):
                return self.builder.load(self.slot(_tally(counter.name)), typ=I64)
            case Get(register):
                kind = _type(register.kind, register.lanes)
                return self.builder.load(self.slot(register), typ=kind)
            case Load():
                return self.load(expr)
            case Op():
                return self.operation(expr)
            case Splat(value, lanes):
                return self.splat(self.value(value), lanes)
            case Iota(lanes, kind):
                turns = list(range(lanes)) if lanes > 1 else 0
                return ir.Constant(_type(kind, lanes), turns)
            case Convert(value, kind):
                return self.convert(value, kind)
            case Bits(value, kind):
                target = _type(kind, value.lanes)
                return self.builder.bitcast(self.value(value), target)
            case Total(value):
                return self.total(self.value(value), value.lanes)

    def load(self, expr: Load) -> ir.Value:
        address = self.place(expr.buffer, expr.index)
        kind, lanes = expr.kind, expr.lanes
        if 0 < expr.active < lanes:
            call = self.masked("load", kind, lanes, [])
            align = ir.Constant(I32, BYTES[kind])
            zeros = ir.Constant(_type(kind, lanes), None)
            mask = _mask(lanes, expr.active)
            return self.builder.call(call, [address, align, mask, zeros])
        return self.builder.load(address, typ=_type(kind, lanes), align=BYTES[kind])

    def splat(self, value: ir.Value, lanes: int) -> ir.Value:
        vector = ir.VectorType(value.type, lanes)
        empty = ir.Constant(vector, ir.Undefined)
        first = self.builder.insert_element(empty, value, ir.Constant(I32, 0))
        order = ir.Constant(ir.VectorType(I32, lanes), [0] * lanes)
        return self.builder.shuffle_vector(first, empty, order)

    def total(self, value: ir.Value, lanes: int) -> ir.Value:
        if lanes == 1:
            return value
        empty = ir.Constant(value.type, ir.Undefined)
        order = ir.VectorType(I32, lanes)
        half = lanes // 2
        while half:
            moved = [half + i if i < half else 0 for i in range(lanes)]
            shuffled = self.builder.shuffle_vector(
                value, empty, ir.Constant(order, moved)
            )
            value = self.builder.fadd(value, shuffled)
            half //= 2
        return self.builder.extract_element(value, ir.Constant(I32, 0))

    def convert(self, value: Expr, kind: str) -> ir.Value:
        given, target = self.value(value), _type(kind, value.lanes)
        builder = self.builder
        if value.kind == kind:
            return given
        if value.kind == "f32":
            cut = builder.fptosi if kind in _SIGNED else builder.fptoui
            return cut(given, target)
        if kind == "f32":
            spread = builder.sitofp if value.kind in _SIGNED else builder.uitofp
            return spread(given, target)
        before = 1 if value.kind == "bool" else 8 * BYTES[value.kind]
        after = 8 * BYTES[kind]
        if before == after:
            return given
        if before > after:
            return builder.trunc(given, target)
        return (builder.sext if value.kind in _SIGNED else builder.zext)(given, target)

    def operation(self, expr: Op) -> ir.Value:
        args = [self.value(arg) for arg in expr.args]
        kind = expr.args[-1].kind
        return _OPERATIONS[expr.name](self, kind, expr.lanes, args)

    def compare(self, sign: str, kind: str, args: list[ir.Value]) -> ir.Value:
        if kind == "f32":
            return self.builder.fcmp_ordered(sign, *args)
        signed = kind in _SIGNED
        test = self.builder.icmp_signed if signed else self.builder.icmp_unsigned
        return test(sign, *args)

    def intrinsic(
        self, name: str, kind: str, lanes: int, args: list[ir.Value]
    ) -> ir.Value:
        width = f"v{lanes}" if lanes > 1 else ""
        target = _type(kind, lanes)
        signature = ir.FunctionType(target, [target] * len(args))
        full = f"llvm.{name}.{width}{_suffix(kind)}"
        return self.builder.call(self.declared(full, signature), args)


_Operation = Callable[[_Emission, str, int, list[ir.Value]], ir.Value]


def _arithmetic(real: str, whole: str) -> _Operation:
    def emit(e: _Emission, kind: str, lanes: int, args: list[ir.Value]) -> ir.Value:
        return getattr(e.builder, real if kind == "f32" else whole)(*args)

    return emit


def _logic(name: str) -> _Operation:
    return lambda e, kind, lanes, args: getattr(e.builder, name)(*args)


def _comparison(sign: str) -> _Operation:
    return lambda e, kind, lanes, args: e.compare(sign, kind, args)


def _extreme(sign: str) -> _Operation:
    return lambda e, kind, lanes, args: e.builder.select(
        e.compare(sign, kind, args), *args
    )


def _intrinsic(name: str) -> _Operation:
    return lambda e, kind, lanes, args: e.intrinsic(name, kind, lanes, args)


def _shift_right(e: _Emission, kind: str, lanes: int, args: list[Any]) -> ir.Value:
    return e.builder.ashr(*args) if kind in _SIGNED else e.builder.lshr(*args)


def _zipped(half: int) -> _Operation:
    def emit(e: _Emission, kind: str, lanes: int, args: list[ir.Value]) -> ir.Value:
        first = half * lanes // 2
        order = [first + i // 2 + lanes * (i % 2) for i in range(lanes)]
        places = ir.Constant(ir.VectorType(I32, lanes), order)
        return e.builder.shuffle_vector(*args, places)

    return emit


_OPERATIONS: Mapping[str, _Operation] = {
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
    "select": lambda e, kind, lanes, args: e.builder.select(*args),
    "and": _logic("and_"),
    "or": _logic("or_"),
    "xor": _logic("xor"),
    "shl": _logic("shl"),
    "shr": _shift_right,
    "zip_low": _zipped(0),
    "zip_high": _zipped(1),
}


def _tally(name: str) -> Register:
    return Register(f"#{name}", "i64")


def _suffix(kind: str) -> str:
    return "f32" if kind == "f32" else f"i{8 * BYTES[kind]}"


def _mask(lanes: int, active: int) -> ir.Constant:
    bits = [ir.Constant(I1, int(lane < active)) for lane in range(lanes)]
    return ir.Constant(ir.VectorType(I1, lanes), bits)


def _constant(value: float | int | bool, kind: str, lanes: int) -> ir.Constant:
    scalar = _TYPES[kind]
    plain = float(value) if kind == "f32" else int(value)
    if lanes == 1:
        return ir.Constant(scalar, plain)
    return ir.Constant(ir.VectorType(scalar, lanes), [plain] * lanes)
