"""The loop language as text, for people and for golden files."""

from collections.abc import Iterator

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
    Reset,
    Set,
    Splat,
    Stmt,
    Store,
    Total,
    Var,
)

__all__ = ["expression_text", "kernel_text"]

_SIGNS = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "div": "/",
    "lt": "<",
    "gt": ">",
    "ge": ">=",
    "eq": "==",
    "and": "&",
    "or": "|",
    "xor": "^",
    "shl": "<<",
    "shr": ">>",
}


def kernel_text(kernel: Kernel) -> str:
    """The kernel as text, one statement a line.

    >>> from mirada.compiler.ir import Var
    >>> x, y = Buffer("x", (4,)), Buffer("y", (4,))
    >>> body = (For("i", 4, (Store(y, (Var("i"),), Load(x, (Var("i"),))),)),)
    >>> print(kernel_text(Kernel("copy", (), (x, y), body)))
    kernel copy(x: f32[4], y: f32[4])
      for i < 4
        y[i] = x[i]
    """
    arguments = [f"{a.name}: {a.low}..{a.high}" for a in kernel.arguments]
    buffers = [_buffer_text(buffer) for buffer in kernel.buffers]
    head = f"kernel {kernel.name}({', '.join([*arguments, *buffers])})"
    own = [f"  scratch {_buffer_text(buffer)}" for buffer in kernel.scratch]
    for buffer, values in kernel.tables:
        shown = ", ".join(f"{value:g}" for value in values[:8])
        more = ", ..." if len(values) > 8 else ""
        own.append(f"  table {_buffer_text(buffer)} = {shown}{more}")
    return "\n".join([head, *own, *_lines(kernel.body, 1)])


def _buffer_text(buffer: Buffer) -> str:
    shape = ",".join(map(str, buffer.shape))
    slack = f"+{buffer.slack}" if buffer.slack else ""
    between = f" {buffer.low}..{buffer.high}" if buffer.bounded else ""
    return f"{buffer.name}: {buffer.kind}[{shape}]{slack}{between}"


def _lines(body: tuple[Stmt, ...], depth: int) -> Iterator[str]:
    indent = "  " * depth
    for stmt in body:
        if isinstance(stmt, For):
            extent = stmt.extent
            shown = extent if isinstance(extent, int) else expression_text(extent)
            yield f"{indent}for {stmt.var} < {shown}"
            yield from _lines(stmt.body, depth + 1)
        else:
            yield indent + _statement_text(stmt)


def _statement_text(stmt: Let | Set | Store | Reset | Append) -> str:
    if isinstance(stmt, Let):
        register = stmt.register
        kind = register.kind + (f"x{register.lanes}" if register.lanes > 1 else "")
        return f"let {register.name}: {kind} = {expression_text(stmt.value)}"
    if isinstance(stmt, Set):
        return f"{stmt.register.name} = {expression_text(stmt.value)}"
    if isinstance(stmt, Store):
        lanes = stmt.active or stmt.value.lanes
        place = _place(stmt.buffer, stmt.index, lanes)
        return f"{place} = {expression_text(stmt.value)}"
    if isinstance(stmt, Reset):
        return f"empty {stmt.counter.name}"
    values = ", ".join(f"{b.name} << {expression_text(v)}" for b, v in stmt.values)
    return f"where {expression_text(stmt.where)} append {stmt.counter.name}: {values}"


def _place(buffer: Buffer, index: tuple[Expr, ...], lanes: int) -> str:
    inside = ", ".join(map(expression_text, index))
    return f"{buffer.name}[{inside}{f' :{lanes}' if lanes > 1 else ''}]"


def expression_text(expr: Expr) -> str:
    """An expression as text."""
    match expr:
        case Const():
            value = f"{expr.value:g}" if expr.kind == "f32" else str(expr.value)
            return value + (f"x{expr.lanes}" if expr.lanes > 1 else "")
        case Var():
            return expr.name
        case Count():
            return f"#{expr.counter.name}"
        case Get():
            return expr.register.name
        case Load():
            return _place(expr.buffer, expr.index, expr.active or expr.lanes)
        case Op():
            args = [expression_text(arg) for arg in expr.args]
            if expr.name in _SIGNS:
                return f"({args[0]} {_SIGNS[expr.name]} {args[1]})"
            return f"{expr.name}({', '.join(args)})"
        case Splat():
            return f"{expression_text(expr.value)}x{expr.lanes}"
        case Iota():
            return f"iota{expr.lanes}"
        case Convert():
            return f"{expr.kind}({expression_text(expr.value)})"
        case Bits():
            return f"bits_{expr.kind}({expression_text(expr.value)})"
        case Total():
            return f"total({expression_text(expr.value)})"
