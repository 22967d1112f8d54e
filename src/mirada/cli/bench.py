"""`mirada bench`: what each layer of a network takes on this computer."""

from dataclasses import replace

import click

from mirada.cli.command import as_command, json_option, option
from mirada.cli.kinds import WholeNumber
from mirada.cli.machine import exact_option, isa_option, precision_option
from mirada.cli.networks import network_argument
from mirada.cli.output import (
    Column,
    bytes_text,
    count_text,
    say,
    show,
    show_json,
    show_table,
)
from mirada.compiler.target import require_here, target
from mirada.engines import asked_isa
from mirada.engines.profile import LayerTime, Profile, profile
from mirada.errors import Phrase
from mirada.language import translate
from mirada.network import Recipe
from mirada.tasks.networks import described
from mirada.tasks.quantities import decimal_text, percent_text

__all__ = ["command"]

SCHEMA = 1


@as_command(
    "bench",
    details=Phrase(
        "Layers are measured on one thread, by the processor's own clock; the total "
        "on as many as --threads says. The peak is measured too: it is what the "
        "processor multiplies and adds at most. Operations are those of each layer's "
        "definition, so that Winograd's algorithm may exceed the peak. Nothing else "
        "should run meanwhile."
    ),
    examples=(
        "mirada bench lenet5",
        "mirada bench lenet5 --mode train --batch 32 --threads 1 --repeat 3 --json",
    ),
)
@network_argument(Phrase("A description (.toml, .json) or a known network's name."))
@option(
    "--mode",
    type=click.Choice(("predict", "train")),
    default="predict",
    about=Phrase("Predictions, or whole training steps; predict unless given."),
)
@option(
    "--batch",
    type=WholeNumber("--batch", 1, 65536),
    metavar="N",
    about=Phrase("How many images at once; the recipe's batch unless given."),
)
@option(
    "--threads",
    type=WholeNumber("--threads", 1, 256),
    metavar="N",
    about=Phrase("Threads of the total; every core unless given."),
)
@option(
    "--repeat",
    type=WholeNumber("--repeat", 1, 10_000),
    metavar="N",
    default=9,
    about=Phrase("How often everything is measured; the median counts."),
)
@isa_option()
@exact_option()
@precision_option()
@json_option()
def command(
    network: str,
    mode: str,
    batch: int | None,
    threads: int | None,
    repeat: int,
    isa: str | None,
    exact: bool,
    precision: str | None,
    as_json: bool,
) -> None:
    """Measures, and prints a row a layer and the totals."""
    description = described(network)
    recipe = description.recipe or Recipe()
    if batch is not None:
        recipe = replace(recipe, batch_size=batch)
    wanted = target(asked_isa("native", isa))
    require_here(wanted)
    found = profile(
        description.network,
        recipe,
        mode,
        threads=threads,
        target=wanted,
        exact=exact,
        precision=precision or "float32",
        repeat=repeat,
    )
    name = description.network.name
    if not found.layers:
        say(
            translate(
                "This processor lets no program read its clock: layers are left out, "
                "the total is measured."
            )
        )
    if as_json:
        about = {"network": name, "mode": mode, "batch": found.batch}
        about |= {"threads": found.threads, "isa": wanted.name, "exact": exact}
        about["precision"] = precision or "float32"
        show_json({"schema": SCHEMA, **about, **found.to_dict()})
        return
    template = translate("{network}: {mode}, batch {batch}, for {isa}, {processor}")
    processor = f"{wanted.cpu} ({wanted.triple})"
    about = {"network": name, "mode": mode, "batch": found.batch}
    show(template.format(**about, isa=wanted.name, processor=processor))
    show()
    if found.layers:
        _show_layers(found)
    _show_totals(found)


def _show_layers(found: Profile) -> None:
    columns = (
        Column(translate("Stage")),
        Column(translate("Layers")),
        Column("ms", numbers=True),
        Column(translate("Time"), numbers=True),
        Column("GF/s", numbers=True),
        Column(translate("of the peak"), numbers=True),
        Column(translate("Moves"), numbers=True),
        Column(translate("Schedule")),
    )
    show_table(columns, (_row(found, layer) for layer in found.layers))
    show()


def _row(found: Profile, layer: LayerTime) -> tuple[str, ...]:
    whole = sum(one.ms for one in found.layers)
    gflops, share = "-", "-"
    if layer.operations:
        gflops = decimal_text(layer.gflops, 1)
        share = percent_text(layer.gflops / found.one_thread_peak)
    return (
        layer.name,
        " ".join(layer.layers) or "-",
        decimal_text(layer.ms, 3),
        percent_text(layer.ms / whole),
        gflops,
        share,
        bytes_text(layer.bytes) if layer.bytes else "-",
        ", ".join(layer.schedule) or "-",
    )


def _show_totals(found: Profile) -> None:
    template = translate(
        "Layers, on one thread: {ms} ms a batch; the peak is {peak} GF/s"
    )
    if found.layers:
        peak = decimal_text(found.one_thread_peak, 1)
        ms = decimal_text(found.one_thread_ms, 3)
        show(template.format(ms=ms, peak=peak))
    template = translate(
        "Total, threads {threads}: {ms} ms a batch, {images} images/s, {gflops} GF/s, "
        "{share} of the peak of {peak} GF/s"
    )
    show(
        template.format(
            threads=found.threads,
            ms=decimal_text(found.ms, 3),
            images=count_text(round(found.images_per_second)),
            gflops=decimal_text(found.gflops, 1),
            share=percent_text(found.gflops / found.peak),
            peak=decimal_text(found.peak, 1),
        )
    )
