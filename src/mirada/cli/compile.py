"""`mirada compile`: what was made of a network, from its stages to its instructions."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import click

from mirada.cli.command import as_command, json_option, option
from mirada.cli.kinds import WholeNumber
from mirada.cli.machine import exact_option, isa_option, precision_option
from mirada.cli.networks import network_argument
from mirada.cli.output import (
    Column,
    bytes_text,
    count_text,
    show,
    show_json,
    show_table,
)
from mirada.compiler.c99 import file_text, program_text
from mirada.compiler.listing import (
    Distinct,
    Row,
    calls_of,
    compiled,
    distinct,
    instructions,
    rows,
    streams,
)
from mirada.compiler.plan import plan
from mirada.compiler.printer import kernel_text
from mirada.compiler.program import Call, Program
from mirada.compiler.target import Target, target
from mirada.compiler.trace import steps_of
from mirada.engines import asked_isa
from mirada.engines.precision import checked_precision
from mirada.errors import Phrase, UsageError
from mirada.language import translate
from mirada.near_names import did_you_mean
from mirada.network import Network, Recipe
from mirada.tasks.networks import described
from mirada.tasks.quantities import seconds_text

__all__ = ["command"]

SCHEMA = 1
_BLOCK = 16
"""Images that a prediction of many computes together."""


@as_command(
    "compile",
    details=Phrase(
        "Without --show: the program as a table. 'ir' is every kernel in the "
        "compiler's language; 'passes' is each, from plain loops through every "
        "rewrite; 'asm' is the processor's instructions, also of one that is not here; "
        "'c' is one file of C99. Nothing is run."
    ),
    examples=(
        "mirada compile lenet5",
        "mirada compile lenet5 --mode train --show ir --layer linear3",
        "mirada compile lenet5 --show passes --layer conv1",
        "mirada compile lenet5 --show asm --isa aarch64 --layer conv2",
        "mirada compile lenet5 --batch 1 --show c",
    ),
)
@network_argument(Phrase("A description (.toml, .json) or a known network's name."))
@option(
    "--show",
    "shown",
    type=click.Choice(("ir", "passes", "asm", "c")),
    about=Phrase("Print the kernels, their passes, the instructions, or C."),
)
@option(
    "--mode",
    type=click.Choice(("predict", "train")),
    default="predict",
    about=Phrase("What the network is compiled for; predict unless given."),
)
@option(
    "--batch",
    type=WholeNumber("--batch", 1, 65536),
    metavar="N",
    about=Phrase("How many images at once; else 16 to predict, the recipe's to train."),
)
@option(
    "--layer",
    metavar="NAME",
    about=Phrase("Only the kernels of this layer, or the kernel of this name."),
)
@isa_option()
@exact_option()
@precision_option()
@json_option()
def command(
    network: str,
    shown: str | None,
    mode: str,
    batch: int | None,
    layer: str | None,
    isa: str | None,
    exact: bool,
    precision: str | None,
    as_json: bool,
) -> None:
    """Prints one view of one program."""
    description = described(network)
    recipe = description.recipe or Recipe()
    images = batch or (recipe.batch_size if mode == "train" else _BLOCK)
    recipe = replace(recipe, batch_size=images)
    made = target(asked_isa("native", isa))
    precision = checked_precision(precision or "float32", exact, made)
    view = _View(description.network, recipe, mode, made, (exact, precision))
    calls = None if layer is None else view.calls(layer)
    if shown is None:
        found = view.table(calls)
    elif shown in ("ir", "passes"):
        found = view.kernels(calls, passes=shown == "passes")
    else:
        found = {"text": view.code(calls) if shown == "asm" else view.c(calls)}
    if as_json:
        show_json({"schema": SCHEMA, **view.about(), "show": shown, **found})
    elif shown is None:
        _show_table(view, found)
    elif "text" in found:
        show(found["text"].rstrip("\n"))
    else:
        show("\n".join(_kernel_lines(found["kernels"])))


class _View:
    """A program, and the ways to look at it; each gives what `--json` prints."""

    def __init__(
        self,
        network: Network,
        recipe: Recipe,
        mode: str,
        target: Target,
        how: tuple[bool, str],
    ) -> None:
        self.network, self.target = network, target
        self.exact, self.precision = how
        self.batch = recipe.batch_size
        self.program: Program = plan(
            network,
            recipe,
            mode,
            self.batch,
            target,
            exact=self.exact,
            precision=self.precision,
        )

    def calls(self, layer: str) -> tuple[Call, ...]:
        """The calls that work for a layer, or `UsageError`."""
        found = calls_of(self.network, self.program, layer)
        if found:
            return found
        known = [row.name for row in rows(self.network, self.program)]
        every = [*known, *(node.name for node in self.network.nodes)]
        raise UsageError(
            "layer-without-kernel",
            "No kernel of {network!r} works for a layer {layer!r}; there are {known}. "
            "{hint}",
            network=self.network.name,
            layer=layer[:100],
            known=", ".join(known[:40]),
            hint=did_you_mean(layer, every, 2),
        )

    def about(self) -> dict[str, Any]:
        """What was compiled for what."""
        return {
            "network": self.network.name,
            "mode": self.program.name,
            "batch": self.batch,
            "isa": self.target.name,
            "processor": f"{self.target.cpu} ({self.target.triple})",
            "exact": self.exact,
            "precision": self.precision,
        }

    def table(self, calls: Iterable[Call] | None) -> dict[str, Any]:
        """The stages, the memory, and what the machine code is."""
        program = self.program
        found: Iterable[Row] = rows(self.network, program)
        if calls is not None:
            wanted = {call.name for call in calls}
            found = [row for row in found if wanted & set(row.kernels)]
        code, strides = compiled(program, self.target), program.strides
        names = ("parameters", "gradients", "packed", "values", "workspace")
        memory = {name: strides[name] for name in names}
        memory["workspace"] += code.scratch_bytes
        streamed = streams(program)
        copies = -(-self.batch // program.chunk_images) if streamed else 1
        memory["gradients"] *= copies if program.name == "train" else 0
        every = tuple(program.calls)
        return {
            "manner": "streamed" if streamed else "layered",
            "stages": [row.to_dict() for row in found],
            "kernels": len(every),
            "distinct_kernels": len(list(distinct(every))),
            "phases": len(list(program.steps)),
            "images_a_chunk": program.chunk_images,
            "images_a_block": program.block_images,
            "memory": memory,
            "code_bytes": code.code_bytes,
            "emit_seconds": round(code.emit_seconds, 4),
            "compile_seconds": round(code.compile_seconds, 4),
        }

    def kernels(self, calls: Iterable[Call] | None, *, passes: bool) -> dict[str, Any]:
        """Every kernel once, as text, or after each of its passes."""
        found = distinct(self.program.calls if calls is None else calls)
        return {"kernels": [_plain(one, passes=passes) for one in found]}

    def code(self, calls: Iterable[Call] | None) -> str:
        """The target's instructions."""
        return instructions(self.program, self.target, calls)

    def c(self, calls: Iterable[Call] | None) -> str:
        """The program in C, or the kernels of some calls."""
        if calls is None:
            return program_text(self.program, self.network.name, self.batch)
        return file_text({one.kernel.name: one.kernel for one in distinct(calls)})


def _plain(found: Distinct, *, passes: bool) -> dict[str, Any]:
    first, *others = found.calls
    plain: dict[str, Any] = {
        "name": first.name,
        "layer": first.layer,
        "schedule": first.schedule,
        "shared_by": [call.name for call in others],
    }
    if not passes:
        return {**plain, "text": kernel_text(found.kernel)}
    steps = [
        {"pass": step.text, "text": kernel_text(step.kernel)}
        for step in steps_of(first.make)
    ]
    return {**plain, "steps": steps}


def _kernel_lines(kernels: Iterable[dict[str, Any]]) -> Iterator[str]:
    for place, kernel in enumerate(kernels):
        if place:
            yield ""
        names = " = ".join([kernel["name"], *kernel["shared_by"]])
        about = [kernel["layer"] or "-", names, kernel["schedule"]]
        yield f"# {': '.join(filter(None, about))}"
        if "text" in kernel:
            yield kernel["text"]
            continue
        for step in kernel["steps"]:
            yield f"## {step['pass']}"
            yield step["text"]


def _show_table(view: _View, found: dict[str, Any]) -> None:
    about = view.about()
    template = translate("{network}: {mode}, batch {batch}, for {isa}, {processor}")
    show(template.format(**about))
    show(_manner(found))
    show()
    columns = (
        Column(translate("Stage")),
        Column(translate("Layers")),
        Column(translate("Kernels"), numbers=True),
        Column(translate("Phases"), numbers=True),
        Column(translate("Schedule")),
    )
    cells = (
        (
            row["name"],
            " ".join(row["layers"]) or "-",
            len(row["kernels"]),
            row["phases"],
            ", ".join(row["schedule"]) or "-",
        )
        for row in found["stages"]
    )
    show_table(columns, cells)
    show()
    show("\n".join(_totals(found)))


def _manner(found: dict[str, Any]) -> str:
    if found["manner"] == "streamed":
        template = translate(
            "Streamed: chunks of {images_a_chunk} images, each through the whole "
            "network on one thread, {images_a_block} at a time"
        )
    else:
        template = translate(
            "Layered: all of the batch through one layer on all threads, then through "
            "the next, in {phases} phases"
        )
    return template.format(**found)


def _totals(found: dict[str, Any]) -> Iterator[str]:
    template = translate("Kernels: {kernels}, of which {distinct} are different")
    yield template.format(kernels=found["kernels"], distinct=found["distinct_kernels"])
    memory = {name: bytes_text(count) for name, count in found["memory"].items()}
    yield translate(
        "Memory: parameters {parameters}, packed weights {packed}, gradients "
        "{gradients}, values {values}, workspace {workspace} a thread"
    ).format(**memory)
    yield translate("Machine code: {count} bytes, made in {time}").format(
        count=count_text(found["code_bytes"]),
        time=seconds_text(found["emit_seconds"] + found["compile_seconds"]),
    )
