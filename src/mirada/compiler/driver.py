"""A program as one LLVM module: its kernels, and the function that runs them.

    run(context, thread, threads)

is called once by every thread. Threads share the chunks of the batch, or the items of
a phase; between phases they meet. Which thread computes an item does not matter to the
result.
"""

import gc
from collections.abc import Callable, Iterable
from dataclasses import replace

from llvmlite import ir

from mirada.compiler.ir import Argument, Kernel
from mirada.compiler.llvm import BYTES, I64, POINTER, VOID, Builder, emit_kernel
from mirada.compiler.program import ARENAS, Call, Phase, Program, Stream
from mirada.compiler.sharing import shared
from mirada.compiler.target import Target
from mirada.compiler.verify import verify

__all__ = ["CONTEXT", "emit", "spin"]

CONTEXT = ("sync", "images_count", "chunks", "step", *ARENAS)
"""What the context holds, eight bytes each: addresses and whole numbers."""

_MOVING = {"images": "first", "labels": "first", "outputs": "first"}
_MOVING |= {"others": "first", "shares": "first"}
_MOVING |= {"arriving": "first", "input_gradient": "first"}
_MOVING |= {"gradients": "chunk", "results": "chunk", "workspace": "thread"}
_SPINS = 4000
_ONE = Argument("part", 0, 0)


def emit(
    program: Program,
    target: Target,
    profiled: bool = False,
    change: Callable[[Kernel], Kernel] = lambda kernel: kernel,
) -> tuple[str, int]:
    """The module as text, and the bytes of scratch that a thread needs.

    With `profiled` the arena "profile" counts the processor's ticks of every call of
    the first thread, in the order of `program.calls`. `change` is a pass over every
    kernel.
    """
    # A great many small objects, none of which is garbage before the end.
    collects = gc.isenabled()
    gc.disable()
    try:
        return _emitted(program, target, profiled, change)
    finally:
        if collects:
            gc.enable()


def _emitted(
    program: Program,
    target: Target,
    profiled: bool,
    change: Callable[[Kernel], Kernel],
) -> tuple[str, int]:
    module = ir.Module(program.name)
    kernels = {
        call.name: change(replace(call.make(), name=call.name))
        for call in program.calls
    }
    functions: dict[str, ir.Function] = {}
    for name, kernel in shared(kernels).items():
        if kernel.name == name:
            verify(kernel)
            written = emit_kernel(module, kernel)
            written.settle()
            functions[name] = written
        else:
            functions[name] = functions[kernel.name]
    driver = _Driver(program, module, target, kernels, functions, profiled)
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
        target: Target,
        kernels: dict[str, Kernel],
        functions: dict[str, ir.Function],
        profiled: bool,
    ) -> None:
        self.program, self.module, self.target = program, module, target
        self.kernels, self.functions = kernels, functions
        self.scratch = _scratch_bytes(kernels.values())
        self.values: dict[str, ir.Value] = {}
        self.profiled = profiled
        self.order = {call.name: place for place, call in enumerate(program.calls)}

    def emit(self) -> None:
        if self.target.threads:
            self.barrier = _barrier(self.module, self.target)
        program = self.program
        self.start("run")
        self.steps([*program.work, *(program.packing if program.updates else ())])
        self.builder.ret_void()
        # Parameters that came from outside need only the packing.
        self.start("pack")
        self.steps(program.packing)
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
        self.values |= {"thread": thread, "threads": threads, "chunk": _whole(0)}

    def steps(self, steps: Iterable[Stream | Phase]) -> None:
        """One after another; the first follows on nothing."""
        self.dealt = _whole(0)
        for place, step in enumerate(steps):
            if isinstance(step, Stream):
                self.stream(step)
            else:
                if place and step.meet:
                    self.meet()
                self.phase(step)

    def stream(self, stream: Stream) -> None:
        """Every chunk of the batch: forward and backward, block by block."""
        builder, program = self.builder, self.program
        share, block = program.chunk_images, program.block_images
        thread, threads = self.values["thread"], self.values["threads"]
        count = self.values["images_count"]
        with builder.counted(self.values["chunks"], thread, threads) as chunk:
            self.values["chunk"] = chunk
            start = builder.mul(chunk, _whole(share))
            self.values |= {"first": start, "part": _whole(0)}
            self.calls(stream.begin)
            end = self.least(builder.add(start, _whole(share)), count)
            with builder.counted(end, start, _whole(block)) as first:
                self.values["first"] = first
                left = builder.sub(end, first)
                self.values["count"] = self.least(left, _whole(block))
                self.calls(stream.block)
        self.values["chunk"] = _whole(0)

    def phase(self, phase: Phase) -> None:
        """Items dealt out in turn, going on with the thread that is next."""
        builder, count = self.builder, self.values["images_count"]
        threads = self.values["threads"]
        parts = _whole(phase.parts or self.parts_of(phase))
        blocks: ir.Value = _whole(1)
        if phase.images:
            more = builder.add(count, _whole(phase.images - 1))
            blocks = builder.udiv(more, _whole(phase.images))
        items = builder.mul(blocks, parts)
        place = builder.add(self.values["thread"], self.dealt)
        first = builder.urem(place, threads)
        self.dealt = builder.add(self.dealt, items)
        with builder.counted(items, first, threads) as item:
            block = builder.udiv(item, parts)
            self.values["part"] = builder.urem(item, parts)
            start = builder.mul(block, _whole(phase.images))
            self.values["first"] = start
            left = builder.sub(count, start)
            size = self.least(left, _whole(phase.images)) if phase.images else left
            self.values["count"] = size
            self.calls(phase.calls)

    def parts_of(self, phase: Phase) -> int:
        """In how many parts the kernels of a phase are cut."""
        return max(
            argument.high + 1
            for call in phase.calls
            for argument in (*self.kernels[call.name].arguments, _ONE)
            if argument.name == "part"
        )

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
            before = self.ticks() if self.profiled else None
            self.builder.call(self.functions[call.name], given)
            if before is not None:
                self.clock(call, before)

    def ticks(self) -> ir.Value:
        """The processor's clock."""
        name = "llvm.readcyclecounter"
        known = self.module.globals.get(name)
        if known is None:
            known = ir.Function(self.module, ir.FunctionType(I64, []), name)
        return self.builder.call(known, [])

    def clock(self, call: Call, before: ir.Value) -> None:
        """Adds what a call took, on the first thread, to its place in the profile."""
        passed = self.builder.sub(self.ticks(), before)
        mine = self.builder.icmp_signed("==", self.values["thread"], _whole(0))
        with self.builder.if_then(mine):
            place = self.offset(
                self.values["profile"], _whole(8 * self.order[call.name])
            )
            held = self.builder.load(place, typ=I64)
            self.builder.store(self.builder.add(held, passed), place)

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
        if place.image_bytes:
            first = self.builder.mul(self.values["first"], _whole(place.image_bytes))
            base = self.offset(base, first)
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

    def meet(self) -> None:
        """All threads arrive before any goes on; nothing where there is only one."""
        if not self.target.threads:
            return
        alone = self.builder.icmp_signed(">", self.values["threads"], _whole(1))
        with self.builder.if_then(alone):
            arguments = [self.values["sync"], self.values["threads"]]
            self.builder.call(self.barrier, arguments)


def _whole(value: int) -> ir.Constant:
    return ir.Constant(I64, value)


def _pause(module: ir.Module, target: Target) -> Callable[[ir.IRBuilder], None]:
    """The instruction that tells a core it is waiting, where there is one."""
    if not target.triple.startswith(("x86_64", "i386", "i686")):
        return lambda builder: None
    name = "llvm.x86.sse2.pause"
    known = module.globals.get(name)
    if known is None:
        known = ir.Function(module, ir.FunctionType(VOID, []), name)
    return lambda builder: builder.call(known, []) and None


def _barrier(module: ir.Module, target: Target) -> ir.Function:
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
            spin(module, target, builder, turn, mine, None)
    builder.ret_void()
    return function


def spin(
    module: ir.Module,
    target: Target,
    builder: ir.IRBuilder,
    watched: ir.Value,
    old: ir.Value,
    most: int | None,
) -> ir.Value:
    """Waits until the watched number is no longer `old`; its new value.

    With `most`, gives up after that many looks; without, yields the core every look
    after the first few thousand.
    """
    wait = _pause(module, target)
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
