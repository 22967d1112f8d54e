"""The machine code of a crew of threads: waiting for work, doing a share, telling.

    work(pool, thread, seen)    a worker: runs what is submitted, returns when tired
    start(pool)                 submits; how many workers sleep and must be woken
    finish(pool)                the caller's own share, then waits for the others

The pool is an array of whole numbers, one to a cache line, in the order of `Pool`.
A worker that found nothing to do for a while marks itself asleep and returns to Python,
which blocks; everything in between happens without the operating system.
"""

from enum import IntEnum

from llvmlite import ir

from mirada.compiler.driver import spin
from mirada.compiler.llvm import I64, POINTER, VOID, Builder
from mirada.compiler.target import Target

__all__ = ["LINE", "Pool", "emit_crew"]

LINE = 8
"""Whole numbers of eight bytes in a cache line."""

_LOOKS = 50_000
"""Looks before a worker is tired: about a millisecond."""


class Pool(IntEnum):
    """Places in the pool, in cache lines; `ASLEEP` + t belongs to worker t."""

    TURN = 0
    FUNCTION = 1
    CONTEXT = 2
    THREADS = 3
    DONE = 4
    ASLEEP = 5


def emit_crew(target: Target) -> tuple[str, int]:
    """The module as text."""
    module = ir.Module("crew")
    _work(module, target)
    _start(module)
    _finish(module, target)
    return str(module), 0


def _whole(value: int) -> ir.Constant:
    return ir.Constant(I64, value)


def _line(builder: Builder, pool: ir.Value, place: int) -> ir.Value:
    return builder.gep(pool, [_whole(place * LINE)], source_etype=I64)


def _share(builder: Builder, pool: ir.Value, thread: ir.Value) -> None:
    """Runs the submitted function as one of the threads."""
    context = builder.load(_line(builder, pool, Pool.CONTEXT), typ=POINTER)
    threads = builder.load(_line(builder, pool, Pool.THREADS), typ=I64)
    signature = ir.FunctionType(VOID, [POINTER, I64, I64])
    function = _line(builder, pool, Pool.FUNCTION)
    builder.call_at(function, signature, [context, thread, threads])


def _work(module: ir.Module, target: Target) -> None:
    """work(pool, thread, seen): the turn it saw last, once tired."""
    signature = ir.FunctionType(I64, [POINTER, I64, I64])
    function = ir.Function(module, signature, "work")
    pool, thread, seen = function.args
    builder = Builder(function.append_basic_block("entry"))
    place = builder.add(thread, _whole(int(Pool.ASLEEP)))
    offset = builder.mul(place, _whole(LINE))
    asleep = builder.gep(pool, [offset], source_etype=I64)
    turn = _line(builder, pool, Pool.TURN)
    builder.store_atomic(_whole(0), asleep, "seq_cst", 8)
    entry = builder.block
    wait = builder.append_basic_block("wait")
    busy = builder.append_basic_block("busy")
    idle = builder.append_basic_block("idle")
    leave = builder.append_basic_block("leave")
    builder.branch(wait)
    builder.position_at_end(wait)
    last = builder.phi(I64)
    last.add_incoming(seen, entry)
    now = spin(module, target, builder, turn, last, _LOOKS)
    looked = builder.block
    builder.cbranch(builder.icmp_signed("==", now, last), idle, busy)
    builder.position_at_end(busy)
    started = builder.phi(I64)
    started.add_incoming(now, looked)
    _share(builder, pool, thread)
    done = _line(builder, pool, Pool.DONE)
    builder.atomic_rmw("add", done, _whole(1), "acq_rel")
    last.add_incoming(started, builder.block)
    builder.branch(wait)
    builder.position_at_end(idle)
    builder.store_atomic(_whole(1), asleep, "seq_cst", 8)
    again = builder.load_atomic(turn, "seq_cst", 8, typ=I64)
    awake = builder.append_basic_block("awake")
    builder.cbranch(builder.icmp_signed("==", again, last), leave, awake)
    builder.position_at_end(awake)
    builder.store_atomic(_whole(0), asleep, "seq_cst", 8)
    started.add_incoming(again, awake)
    builder.branch(busy)
    builder.position_at_end(leave)
    builder.ret(last)


def _start(module: ir.Module) -> None:
    """start(pool): submits what the pool holds; the number of sleeping workers."""
    function = ir.Function(module, ir.FunctionType(I64, [POINTER]), "start")
    (pool,) = function.args
    builder = Builder(function.append_basic_block("entry"))
    builder.store_atomic(_whole(0), _line(builder, pool, Pool.DONE), "seq_cst", 8)
    turn = _line(builder, pool, Pool.TURN)
    builder.atomic_rmw("add", turn, _whole(1), "seq_cst")
    threads = builder.load(_line(builder, pool, Pool.THREADS), typ=I64)
    total = builder.alloca(I64)
    builder.store(_whole(0), total)
    with builder.counted(threads, _whole(1)) as thread:
        place = builder.add(thread, _whole(int(Pool.ASLEEP)))
        offset = builder.mul(place, _whole(LINE))
        asleep = builder.gep(pool, [offset], source_etype=I64)
        sleeping = builder.load_atomic(asleep, "seq_cst", 8, typ=I64)
        builder.store(builder.add(builder.load(total, typ=I64), sleeping), total)
    builder.ret(builder.load(total, typ=I64))


def _finish(module: ir.Module, target: Target) -> None:
    """finish(pool): the caller's share, then waits for the workers'."""
    function = ir.Function(module, ir.FunctionType(VOID, [POINTER]), "finish")
    (pool,) = function.args
    builder = Builder(function.append_basic_block("entry"))
    _share(builder, pool, _whole(0))
    threads = builder.load(_line(builder, pool, Pool.THREADS), typ=I64)
    others = builder.sub(threads, _whole(1))
    done = _line(builder, pool, Pool.DONE)
    check = builder.append_basic_block("check")
    more = builder.append_basic_block("more")
    leave = builder.append_basic_block("leave")
    builder.branch(check)
    builder.position_at_end(check)
    now = builder.load_atomic(done, "acquire", 8, typ=I64)
    builder.cbranch(builder.icmp_signed("==", now, others), leave, more)
    builder.position_at_end(more)
    spin(module, target, builder, done, now, None)
    builder.branch(check)
    builder.position_at_end(leave)
    builder.ret_void()
