"""Kernels as LLVM functions: one statement, a few instructions, nothing decided here.

No fast-math flag is ever set: sums keep the order and the roundings that the kernel
states, so that results do not depend on LLVM's taste.
"""

from typing import Any

from llvmlite import ir

from mirada.compiler.addresses import Linear, linear
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
from mirada.compiler.llvm_builder import Builder
from mirada.compiler.llvm_operations import (
    OPERATIONS,
    converted,
    lanes_total,
    spread,
)
from mirada.compiler.llvm_types import (
    BYTES,
    I1,
    I32,
    I64,
    POINTER,
    SCALARS,
    VOID,
    constant,
    declared,
    first_lanes,
    kind_type,
    overload,
)
from mirada.compiler.passes.rewrite import walk

__all__ = ["BYTES", "I64", "POINTER", "VOID", "Builder", "Written", "emit_kernel"]

_WORD = 4


class Written(ir.Function):  # type: ignore[misc]
    """A function that becomes text once it is whole: a twentieth of the memory."""

    text = ""

    def settle(self) -> None:
        """Keeps the text alone; nothing more can be added."""
        self.text = str(self)
        for block in self.blocks:
            # They know each other: cleared by hand, they go without a collection.
            block.instructions.clear()
            block.terminator = None
        self.blocks.clear()
        self.scope = None  # the names of everything in it

    def __str__(self) -> str:
        return self.text or str(super().__str__())


def emit_kernel(module: ir.Module, kernel: Kernel) -> Written:
    """Adds the kernel to a module.

    It takes pointers to its buffers, then to its scratch, then its arguments.
    """
    pointers = len(kernel.buffers) + len(kernel.scratch)
    types = [POINTER] * pointers + [I64] * len(kernel.arguments)
    function = Written(module, ir.FunctionType(VOID, types), kernel.name)
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
        sets = (stmt for stmt in walk(kernel.body) if isinstance(stmt, Set))
        self.changing = {stmt.register.name for stmt in sets}
        self.fixed: dict[Register, ir.Value] = {}
        """Registers that are set once: the value itself, without memory for it."""
        self.bases: list[dict[Any, ir.Value]] = [{}]
        """Addresses known in each of the bodies around the statement."""

    def table(
        self, kernel: Kernel, buffer: Buffer, values: tuple[float, ...]
    ) -> ir.GlobalVariable:
        kind = ir.ArrayType(SCALARS[buffer.kind], len(values))
        name = f"{kernel.name}.{buffer.name}"
        placed = ir.GlobalVariable(self.module, kind, name)
        placed.global_constant, placed.linkage = True, "internal"
        plain = [constant(value, buffer.kind, 1) for value in values]
        placed.initializer = ir.Constant(kind, plain)
        return placed

    def statements(self, body: tuple[Stmt, ...]) -> None:
        for stmt in body:
            match stmt:
                case For(var, extent, inner):
                    count = self.extent(extent)
                    with self.builder.counted(count) as turn:
                        self.variables[var] = turn
                        self.bases.append({})
                        self.statements(inner)
                        self.bases.pop()
                case Let(register, value) if register.name not in self.changing:
                    self.fixed[register] = self.value(value)
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
            kind = kind_type(register.kind, register.lanes)
            self.slots[register] = self.start.alloca(kind)
        return self.slots[register]

    def place(self, buffer: Buffer, index: tuple[Expr, ...]) -> ir.Value:
        """The address of an element."""
        found = linear(buffer, index, self.changing)
        base = self.base(buffer, found)
        if not found.constant:
            return base
        return self.beyond(buffer, base, ir.Constant(I64, found.constant))

    def base(self, buffer: Buffer, found: Linear) -> ir.Value:
        """The address of what varies of an index, computed once in a body."""
        pointer = self.pointers[buffer.name]
        if not found.terms:
            return pointer
        key = (buffer.name, found.key)
        for known in reversed(self.bases):
            if found.steady and key in known:
                return known[key]
        at: ir.Value = None
        for term, times in found.terms.items():
            value = self.value(term)
            if times != 1:
                value = self.builder.mul(value, ir.Constant(I64, times), flags=["nsw"])
            at = value if at is None else self.builder.add(at, value, flags=["nsw"])
        base = self.beyond(buffer, pointer, at)
        if found.steady:
            self.bases[-1][key] = base
        return base

    def at(self, buffer: Buffer, offset: ir.Value) -> ir.Value:
        return self.beyond(buffer, self.pointers[buffer.name], offset)

    def beyond(self, buffer: Buffer, pointer: ir.Value, offset: ir.Value) -> ir.Value:
        # A part of an address may lie outside its buffer, so nothing is promised.
        kind = SCALARS[buffer.kind]
        return self.builder.gep(pointer, [offset], source_etype=kind)

    def store(
        self, buffer: Buffer, address: ir.Value, value: Expr, active: int
    ) -> None:
        stored, lanes = self.value(value), value.lanes
        if active == 1 < lanes and BYTES[buffer.kind] < _WORD:
            # LLVM 22 writes a word of the vector it is narrowed from, and not a byte.
            only = self.builder.extract_element(stored, ir.Constant(I32, 0))
            self.builder.store(only, address, align=BYTES[buffer.kind])
        elif 0 < active < lanes:
            call = self.masked("store", buffer.kind, lanes, [stored.type, POINTER])
            align = ir.Constant(I32, BYTES[buffer.kind])
            self.builder.call(
                call, [stored, address, align, first_lanes(lanes, active)]
            )
        else:
            self.builder.store(stored, address, align=BYTES[buffer.kind])

    def masked(
        self, what: str, kind: str, lanes: int, types: list[ir.Type]
    ) -> ir.Function:
        vector, mask = kind_type(kind, lanes), ir.VectorType(I1, lanes)
        name = f"llvm.masked.{what}.{overload(kind, lanes)}.p0"
        if what == "store":
            signature = ir.FunctionType(VOID, [*types, I32, mask])
        else:
            signature = ir.FunctionType(vector, [POINTER, I32, mask, vector])
        return declared(self.module, name, signature)

    def append(self, stmt: Append) -> None:
        builder, lanes = self.builder, stmt.where.lanes
        slot = self.slot(_tally(stmt.counter.name))
        where, held = self.value(stmt.where), builder.load(slot, typ=I64)
        for buffer, item in stmt.values:
            value = self.value(item)
            if lanes > 1:
                vector = value.type
                name = f"llvm.experimental.vector.compress.{overload(item.kind, lanes)}"
                signature = ir.FunctionType(vector, [vector, where.type, vector])
                rest = ir.Constant(vector, ir.Undefined)
                value = builder.call(
                    declared(self.module, name, signature), [value, where, rest]
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
                return constant(value, kind, lanes)
            case Var(name):
                return self.variables[name]
            case Count(counter):
                return self.builder.load(self.slot(_tally(counter.name)), typ=I64)
            case Get(register) if register in self.fixed:
                return self.fixed[register]
            case Get(register):
                kind = kind_type(register.kind, register.lanes)
                return self.builder.load(self.slot(register), typ=kind)
            case Load():
                return self.load(expr)
            case Op():
                return self.operation(expr)
            case Splat(value, lanes):
                return spread(self.builder, self.value(value), lanes)
            case Iota(lanes, kind):
                turns = list(range(lanes)) if lanes > 1 else 0
                return ir.Constant(kind_type(kind, lanes), turns)
            case Convert(value, kind):
                given = self.value(value)
                return converted(self.builder, given, value.kind, kind, value.lanes)
            case Bits(value, kind):
                target = kind_type(kind, value.lanes)
                return self.builder.bitcast(self.value(value), target)
            case Total(value):
                return lanes_total(self.builder, self.value(value), value.lanes)

    def load(self, expr: Load) -> ir.Value:
        address = self.place(expr.buffer, expr.index)
        kind, lanes = expr.kind, expr.lanes
        if 0 < expr.active < lanes:
            call = self.masked("load", kind, lanes, [])
            align = ir.Constant(I32, BYTES[kind])
            zeros = ir.Constant(kind_type(kind, lanes), None)
            mask = first_lanes(lanes, expr.active)
            return self.builder.call(call, [address, align, mask, zeros])
        return self.builder.load(address, typ=kind_type(kind, lanes), align=BYTES[kind])

    def operation(self, expr: Op) -> ir.Value:
        args = [self.value(arg) for arg in expr.args]
        operate = OPERATIONS[expr.name]
        return operate(self.builder, expr.args[-1].kind, expr.lanes, args)


def _tally(name: str) -> Register:
    return Register(f"#{name}", "i64")
