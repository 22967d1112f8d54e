"""A program as one LLVM module: its kernels, and the function that runs them.

    run(context, thread, threads)

is called once by every thread. Threads share the chunks of the batch, meet, share the
parts of the parameters, meet, and share the tasks. Which thread computes a chunk does
not matter to the result.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

import llvmlite.binding as llvm
from llvmlite import ir

from mirada.compiler.ir import Kernel
from mirada.compiler.llvm import BYTES, I64, POINTER, VOID, Builder, emit_kernel
from mirada.compiler.program import ARENAS, PARTS, Call, Program
from mirada.compiler.verify import verify

__all__ = ["CONTEXT", "emit", "spin"]

CONTEXT = ("sync", "images_count", "chunks", "step", *ARENAS)
"""What the context holds, eight bytes each: addresses and whole numbers."""

_MOVING = {"images": "first", "labels": "first", "outputs": "first"}
_MOVING |= {"input_gradient": "first", "gradients": "chunk", "results": "chunk"}
_MOVING |= {"workspace": "thread"}
_SPINS = 4000


def emit(program: Program) -> tuple[str, int]:
    """The module as text, and the bytes of scratch that a thread needs."""
    module = ir.Module(program.name)
    kernels = {
        call.name: replace(call.make(), name=call.name)
        for calls in program.phases.values()
        for call in calls
    }
    functions: dict[str, ir.Function] = {}
    for name, kernel in kernels.items():
        verify(kernel)
        functions[name] = emit_kernel(module, kernel)
    driver = _Driver(program, module, kernels, functions)
    driver.emit()
    return str(module), driver.scratch


def _scratch_bytes(kernels: Iterable[Kernel]) -> int:
    """The most bytes of scratch that one of the kernels asks for."""
    sizes = [
        sum(-(-b.size * BYTES[b.kind] // 64) * 64 for b in kernel.scratch)
        for kernel in kernels
    ]
    return max(sizes, default=0)


class _Driver:
    """The function that calls the kernels."""

    def __init__(
        self,
        program: Program,
        module: ir.Module,
        kernels: dict[str, Kernel],
        functions: dict[str, ir.Function],
    ) -> None:
        self.program, self.module = program, module
        self.kernels, self.functions = kernels, functions
        self.scratch = _scratch_bytes(kernels.values())
        self.values: dict[str, ir.Value] = {}

    def emit(self) -> None:
        self.start("run")
        barrier = _barrier(self.module)
        self.chunks()
        program = self.program
        if program.parts:
            self.meet(barrier)
            thread, threads = self.values["thread"], self.values["threads"]
            with self.builder.counted(_whole(PARTS), thread, threads) as part:
                self.values["part"] = part
                self.values["chunk"] = _whole(0)
                self.calls(program.parts)
        if program.parts and program.tasks:
            self.meet(barrier)
            self.tasks()
        self.builder.ret_void()
        # Parameters that came from outside need only the tasks.
        self.start("pack")
        self.tasks()
        self.builder.ret_void()

    def start(self, name: str) -> None:
        """Begins a function, with the context's values at hand."""
        signature = ir.FunctionType(VOID, [POINTER, I64, I64])
        function = ir.Function(self.module, signature, name)
        context, thread, threads = function.args
        self.builder = Builder(function.append_basic_block("entry"))
        for place, value in enumerate(CONTEXT):
            kind = POINTER if value in ARENAS or value == "sync" else I64
            address = self.offset(context, _whole(8 * place))
            self.values[value] = self.builder.load(address, typ=kind)
        self.values |= {"thread": thread, "threads": threads}

    def chunks(self) -> None:
        """Every chunk of the batch: forward and backward, block by block."""
        builder, program = self.builder, self.program
        share, block = program.chunk_images, program.block_images
        thread, threads = self.values["thread"], self.values["threads"]
        count = self.values["images_count"]
        with builder.counted(self.values["chunks"], thread, threads) as chunk:
            self.values["chunk"] = chunk
            start = builder.mul(chunk, _whole(share))
            self.values["first"] = start
            self.calls(program.begin)
            end = self.least(builder.add(start, _whole(share)), count)
            with builder.counted(end, start, _whole(block)) as first:
                self.values["first"] = first
                left = builder.sub(end, first)
                self.values["count"] = self.least(left, _whole(block))
                self.calls(program.block)

    def tasks(self) -> None:
        """The tasks, dealt out to the threads in turn."""
        builder, threads = self.builder, self.values["threads"]
        for place, call in enumerate(self.program.tasks):
            owner = builder.urem(_whole(place), threads)
            mine = builder.icmp_signed("==", owner, self.values["thread"])
            with builder.if_then(mine):
                self.calls([call])

    def least(self, left: ir.Value, right: ir.Value) -> ir.Value:
        smaller = self.builder.icmp_signed("<", left, right)
        return self.builder.select(smaller, left, right)

    def offset(self, pointer: ir.Value, count: ir.Value) -> ir.Value:
        return self.builder.gep(pointer, [count], source_etype=ir.IntType(8))

    def calls(self, calls: Iterable[Call]) -> None:
        for call in calls:
            kernel = self.kernels[call.name]
            given = [self.address(buffer.name) for buffer in kernel.buffers]
            given += self.own(kernel)
            given += [self.values[argument.name] for argument in kernel.arguments]
            self.builder.call(self.functions[call.name], given)

    def address(self, name: str) -> ir.Value:
        """Where a buffer lies for this thread, chunk and block."""
        place = self.program.places[name]
        base = self.values[place.arena]
        mover = _MOVING.get(place.arena)
        if mover is not None:
            stride = self.program.strides[place.arena]
            if place.arena == "workspace":
                stride += self.scratch
            moved = self.builder.mul(self.values[mover], _whole(stride))
            base = self.offset(base, moved)
        return self.offset(base, _whole(place.offset))

    def own(self, kernel: Kernel) -> list[ir.Value]:
        """Where a kernel's scratch lies: behind the thread's workspace."""
        if not kernel.scratch:
            return []
        stride = self.program.strides["workspace"]
        whole = _whole(stride + self.scratch)
        mine = self.builder.mul(self.values["thread"], whole)
        base = self.offset(self.values["workspace"], mine)
        places, at = [], stride
        for buffer in kernel.scratch:
            places.append(self.offset(base, _whole(at)))
            at += -(-buffer.size * BYTES[buffer.kind] // 64) * 64
        return places

    def meet(self, barrier: ir.Function) -> None:
        """All threads arrive before any goes on."""
        alone = self.builder.icmp_signed(">", self.values["threads"], _whole(1))
        with self.builder.if_then(alone):
            self.builder.call(barrier, [self.values["sync"], self.values["threads"]])


def _whole(value: int) -> ir.Constant:
    return ir.Constant(I64, value)


def _pause(module: ir.Module) -> Callable[[ir.IRBuilder], None]:
    """The instruction that tells a core it is waiting, where there is one."""
    if not llvm.get_process_triple().startswith(("x86_64", "i386", "i686")):
        return lambda builder: None
    name = "llvm.x86.sse2.pause"
    known = module.globals.get(name)
    if known is None:
        known = ir.Function(module, ir.FunctionType(VOID, []), name)
    return lambda builder: builder.call(known, []) and None


def _barrier(module: ir.Module) -> ir.Function:
    """A counter of who arrived and a turn number, on cache lines of their own.

    The last to arrive starts the next turn; the others spin on it, and after a while
    give their core to somebody else between looks.
    """
    function = ir.Function(module, ir.FunctionType(VOID, [POINTER, I64]), "barrier")
    function.linkage = "internal"
    function.attributes.add("noinline")
    sync, threads = function.args
    builder = Builder(function.append_basic_block("entry"))
    byte = ir.IntType(8)
    turn = builder.gep(sync, [_whole(64)], source_etype=byte)
    mine = builder.load_atomic(turn, "acquire", 8, typ=I64)
    before = builder.atomic_rmw("add", sync, _whole(1), "acq_rel")
    arrived = builder.add(before, _whole(1))
    last = builder.icmp_signed("==", arrived, threads)
    with builder.if_else(last) as (then, otherwise):
        with then:
            builder.store_atomic(_whole(0), sync, "monotonic", 8)
            following = builder.add(mine, _whole(1))
            builder.store_atomic(following, turn, "release", 8)
        with otherwise:
            spin(module, builder, turn, mine, None)
    builder.ret_void()
    return function


def spin(
    module: ir.Module,
    builder: ir.IRBuilder,
    watched: ir.Value,
    old: ir.Value,
    most: int | None,
) -> ir.Value:
    """Waits until the watched number is no longer `old`; its new value.

    With `most`, gives up after that many looks; without, yields the core every look
    after the first few thousand.
    """
    wait = _pause(module)
    look = builder.append_basic_block("look")
    again = builder.append_basic_block("again")
    done = builder.append_basic_block("done")
    before = builder.block
    builder.branch(look)
    builder.position_at_end(look)
    looks = builder.phi(I64)
    looks.add_incoming(_whole(0), before)
    now = builder.load_atomic(watched, "acquire", 8, typ=I64)
    builder.cbranch(builder.icmp_signed("!=", now, old), done, again)
    builder.position_at_end(again)
    wait(builder)
    following = builder.add(looks, _whole(1))
    tired = builder.icmp_signed(
        ">", following, _whole(_SPINS if most is None else most)
    )
    if most is None:
        resting = builder.append_basic_block("resting")
        looks.add_incoming(following, again)
        builder.cbranch(tired, resting, look)
        builder.position_at_end(resting)
        builder.call(_yield_core(module), [])
        looks.add_incoming(following, resting)
        builder.branch(look)
    else:
        looks.add_incoming(following, again)
        builder.cbranch(tired, done, look)
    builder.position_at_end(done)
    return now


def _yield_core(module: ir.Module) -> ir.Function:
    name = "mirada_yield_core"
    known = module.globals.get(name)
    if known is None:
        known = ir.Function(module, ir.FunctionType(ir.IntType(32), []), name)
    return known
