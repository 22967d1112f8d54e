"""Fusing: a value is computed where it is read, and never reaches memory.

The producer is a nest of loops that ends in one store of the value at the loops' own
indices; each read of the value in the consumer is replaced by the producer's
statements at the indices of the read.
"""

from dataclasses import replace

from mirada.compiler.ir import Expr, For, Kernel, Let, Load, Set, Stmt, Store, Var
from mirada.compiler.passes.rewrite import (
    expressions,
    parts,
    rename,
    substitute,
    transform,
)
from mirada.compiler.trace import recorded
from mirada.errors import InternalError

__all__ = ["inline"]


@recorded
def inline(producer: Kernel, consumer: Kernel) -> Kernel:
    """The consumer, computing what the producer would have stored."""
    names, body, store = _nest(producer)
    pasted = 0

    def statements(given: tuple[Stmt, ...]) -> tuple[Stmt, ...]:
        return tuple(made for stmt in given for made in statement(stmt))

    def statement(stmt: Stmt) -> tuple[Stmt, ...]:
        nonlocal pasted
        if isinstance(stmt, For):
            return (replace(stmt, body=statements(stmt.body)),)
        loads = {
            part
            for expr in expressions(stmt)
            for part in parts(expr)
            if isinstance(part, Load) and part.buffer.name == store.buffer.name
        }
        if not loads:
            return (stmt,)
        if len(loads) > 1 or not isinstance(stmt, Let | Set | Store):
            raise _refusal(producer, consumer)
        (read,) = loads
        # Renamed first, so that no loop of the producer catches an index of the read.
        own = rename((*body, store), f".{producer.name}{pasted or ''}")
        computed = substitute(own, dict(zip(names, read.index, strict=True)))
        pasted += 1
        last = computed[-1]
        assert isinstance(last, Store)
        value = last.value

        def change(expr: Expr) -> Expr | None:
            return value if expr == read else None

        return (*computed[:-1], replace(stmt, value=transform(stmt.value, change)))

    fused = statements(consumer.body)
    known = [b for b in consumer.buffers if b.name != store.buffer.name]
    inputs = [b for b in producer.buffers if b.name != store.buffer.name]
    taken = {buffer.name for buffer in known}
    buffers = (*(b for b in inputs if b.name not in taken), *known)
    tables, scratch = (*producer.tables, *consumer.tables), consumer.scratch
    return replace(
        consumer, buffers=buffers, body=fused, tables=tables, scratch=scratch
    )


def _nest(producer: Kernel) -> tuple[list[str], tuple[Stmt, ...], Store]:
    """The producer's loop names, its innermost statements, and the store."""
    names: list[str] = []
    body = producer.body
    while len(body) == 1 and isinstance(body[0], For):
        names.append(body[0].var)
        body = body[0].body
    *inside, last = body
    if not isinstance(last, Store) or last.index != tuple(map(Var, names)):
        raise _refusal(producer, producer)
    return names, tuple(inside), last


def _refusal(producer: Kernel, consumer: Kernel) -> InternalError:
    return InternalError(
        "pass-inline",
        "Kernel {producer!r} cannot be computed inside {consumer!r}. Report this.",
        producer=producer.name,
        consumer=consumer.name,
    )
