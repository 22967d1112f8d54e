"""A whole program as one file of C99, for one thread."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from mirada.compiler.c99.arenas import BY_IMAGE, GIVEN, Arenas
from mirada.compiler.c99.file import functions
from mirada.compiler.c99.kernel import comment, signature
from mirada.compiler.c99.names import Names, function_name, identifier
from mirada.compiler.c99.operations import HEADER, definitions
from mirada.compiler.c99.parameters import Parameters
from mirada.compiler.c99.steps import Steps
from mirada.compiler.program import Border, Phase, Program, Stream
from mirada.compiler.sharing import shared
from mirada.compiler.verify import verify

__all__ = ["program_text"]


def program_text(program: Program, name: str, batch: int) -> str:
    """The program, planned for batches of `batch` images, as one file of C.

    The file gives `NAME_load`, which takes parameters in PyTorch's shapes; a function
    named by the program, as `NAME_predict`; and, where there are gradients or new
    parameters, `NAME_save`, which takes them out. All memory is static. The bits are
    those of machine code.
    """
    return "\n".join(_Text(program, identifier(name), batch).lines())


class _Text:
    """One program on its way into C."""

    def __init__(self, program: Program, name: str, batch: int) -> None:
        self.program, self.name, self.batch = program, name, batch
        kernels = {c.name: replace(c.make(), name=c.name) for c in program.calls}
        alike = shared(kernels)
        first = {key: one for key, one in kernels.items() if alike[key].name == key}
        for kernel in first.values():
            verify(kernel)
        self.names = Names()
        for own in ("load", "save", program.name):
            self.names("function", f"{name}_{own}")
        self.made = functions(first, name, self.names)
        self.arenas = Arenas(program, kernels, batch)
        self.parameters = Parameters(program.slots.values(), name, self.names)
        called = {key: self.made[alike[key].name] for key in kernels}
        taken = {one.name for one in self.made.values()} | {*self.arenas.own}
        taken |= {"now", "first", "count", "part", "chunk", "start", "end"}
        self.steps = Steps(self.arenas, kernels, called, frozenset(taken))

    @property
    def trains(self) -> bool:
        """Whether there is a loss, of a batch."""
        return self.program.name in ("train", "gradients")

    def lines(self) -> Iterator[str]:
        """The file from its first line to its last."""
        api = [*self.load(), *self.work(), *self.save()]
        written, calls = self.step_functions(self.program.steps)
        moving = self.parameters.functions.values()
        used = {"min_i64"}.union(*(one.used for one in (*moving, *self.made.values())))
        yield from self.head()
        yield HEADER
        yield from self.parameters.declaration()
        yield definitions(used)
        yield from self.arenas.declarations()
        for function in (*moving, *self.made.values()):
            yield function.text
        yield from written
        yield from self.run("packing", self.program.packing, calls)
        yield from self.run("work", self.program.work, calls)
        yield from api

    def head(self) -> Iterator[str]:
        """What the file is, and how much memory it takes."""
        total = sum(self.arenas.own.values())
        yield comment(
            f"{self.name}: the program {self.program.name!r} for batches of "
            f"{self.batch}, for one thread. Memory: {total} bytes, all static."
        )
        yield comment(f"Compile with: cc -std=c99 -O2 -c {self.name}.c; link with -lm.")

    def step_functions(
        self, steps: Iterable[Stream | Phase]
    ) -> tuple[list[str], dict[int, str]]:
        """The functions of the steps, and their names by the steps' identities."""
        written: list[str] = []
        calls: dict[int, str] = {}
        for step in steps:
            lead = step.calls[0].name if isinstance(step, Phase) else "stream"
            name = self.names(
                "step", function_name(self.name, f"step.{len(calls)}.{lead}")
            )
            written.append(self.steps.function(name, step))
            calls[id(step)] = name
        return written, calls

    def run(
        self, name: str, steps: Iterable[Stream | Phase], calls: dict[int, str]
    ) -> Iterator[str]:
        """A function that runs steps in their order."""
        yield f"static void {self.name}_run_{name}(void)\n{{"
        for step in steps:
            yield f"    {calls[id(step)]}();"
        yield "}\n"

    def load(self) -> Iterator[str]:
        """The function that takes parameters in."""
        yield "/* Takes the parameters; call it before anything else. */"
        yield f"void {self.name}_load({self.parameters.given('from')})\n{{"
        yield from self.parameters.load("from", "parameters")
        for border in self.program.borders:
            yield from self.border(border)
        yield f"    {self.name}_run_packing();\n}}\n"

    def border(self, border: Border) -> Iterator[str]:
        """Fills images and what is around them; nobody writes there later."""
        size = border.image.buffer.size - border.image.buffer.slack
        fill = "-INFINITY" if border.fill < 0 else f"{border.fill:.1f}f"
        yield f"    for (int64_t i = 0; i < {size}; i++)"
        at = f"{border.offset // 4} + i" if border.offset else "i"
        yield f"        workspace.f32[{at}] = {fill};"

    def save(self) -> Iterator[str]:
        """The function that takes parameters, or their gradients, out."""
        if not self.trains or not self.parameters.slots:
            return
        program = self.program
        if program.name == "train":
            what, arena, numbers = "parameters", "parameters", program.length
        else:
            what, arena, numbers = "gradients", "gradients", program.learned
        yield f"/* Takes the {what} out. */"
        yield f"void {self.name}_save({self.parameters.given('to')})\n{{"
        yield from self.parameters.save("to", arena, numbers)
        yield "}\n"

    def work(self) -> Iterator[str]:
        """The function that the program is for."""
        given = [f"{GIVEN[name].type}{name}" for name in self.arenas.given]
        result = "int" if self.trains else "void"
        head = f"{result} {self.name}_{self.program.name}"
        if self.trains:
            more = ["int64_t step", "float *loss", "int *correct"]
            yield comment(self.about())
        else:
            more = []
            yield comment("Images are (channels, rows, columns), one after another.")
        yield signature(head, [*given, "int count", *more]) + "\n{"
        yield from self.train() if self.trains else self.predict()
        yield "}\n"

    def about(self) -> str:
        """What a training function is called with."""
        return (
            f"A batch of at most {self.batch} images; with another count it does "
            "nothing and returns 1. The step keys dropout. scalars: one over what the "
            "batch's loss is divided by, the learning rate, and for AdamW "
            "1 / (1 - beta1^(step + 1)) and the same of beta2."
        )

    def train(self) -> Iterator[str]:
        yield f"    if (count < 1 || count > {self.batch})\n        return 1;"
        yield from (f"    now.{name} = {name};" for name in self.arenas.given)
        yield "    now.count = count;\n    now.step = step;"
        yield f"    {self.name}_run_work();"
        if self.program.updates:
            yield f"    {self.name}_run_packing();"
        stride = self.program.strides["results"] // 4
        yield "    *loss = 0.0f;\n    *correct = 0;"
        yield f"    for (int chunk = 0; chunk < {self.arenas.chunks}; chunk++) {{"
        yield f"        *loss += results.f32[chunk * {stride}];"
        yield f"        *correct += (int) results.f32[chunk * {stride} + 1];"
        yield "    }\n    return 0;"

    def predict(self) -> Iterator[str]:
        given = self.arenas.given
        if self.arenas.streamed:
            yield from (f"    now.{name} = {name};" for name in given)
            yield "    now.count = count;"
            yield f"    {self.name}_run_work();"
            return
        most, strides = self.batch, self.program.strides
        yield f"    for (int64_t first = 0; first < count; first += {most}) {{"
        for name in given:
            moved = f" + first * {strides[name] // 4}" if name in BY_IMAGE else ""
            yield f"        now.{name} = {name}{moved};"
        yield f"        now.count = min_i64(count - first, {most});"
        yield f"        {self.name}_run_work();"
        yield "    }"
