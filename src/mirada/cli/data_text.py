"""A report on data in words."""

from collections.abc import Iterator, Sequence

from mirada.cli.output import Column, count_text, show, show_table
from mirada.data.copies import part_name
from mirada.data.dataset import Skipped
from mirada.data.report import DataReport
from mirada.data.warning import DataWarning
from mirada.language import translate

__all__ = ["report_lines", "show_classes"]

_SHOWN_CLASSES = 40
_SHOWN = 3


def show_classes(report: DataReport) -> None:
    """Prints what was found in all and a table of the classes."""
    survey = report.survey
    text = translate("{source}: {found} found, {used} used, {skipped} left out")
    show(
        text.format(
            source=survey.name,
            found=count_text(survey.found),
            used=count_text(len(survey)),
            skipped=count_text(len(survey.skipped)),
        )
    )
    if not survey.classes:
        return
    counts, parts = survey.counts(), survey.part_counts()
    columns = [
        Column(translate("Class")),
        Column(translate("Images"), numbers=True),
        *(Column(part_name(part), numbers=True) for part in parts),
    ]
    rows = [
        (
            name,
            count_text(int(counts[label])),
            *(count_text(int(of_part[label])) for of_part in parts.values()),
        )
        for label, name in enumerate(survey.classes[:_SHOWN_CLASSES])
    ]
    show()
    show_table(columns, rows)
    more = len(survey.classes) - len(rows)
    if more:
        show(translate("and {count} more classes").format(count=count_text(more)))


def report_lines(report: DataReport, *, every: bool) -> Iterator[str]:
    """Sizes, formats, what is left out and the warnings, a line each."""
    yield ""
    yield from _images(report)
    yield from _skipped(report.survey.skipped, every=every)
    yield from _warnings(report.warnings, every=every)


def _images(report: DataReport) -> Iterator[str]:
    sizes = report.sizes
    if sizes is not None:
        shown = {
            name: f"{height}x{width}"
            for name, (height, width) in (
                ("smallest", sizes.smallest),
                ("median", sizes.median),
                ("largest", sizes.largest),
            )
        }
        if sizes.different == 1:
            text = translate("Size (height x width): {median}")
        else:
            text = translate(
                "Sizes (height x width): {different}, from {smallest} to {largest}, "
                "median {median}"
            )
        yield text.format(different=count_text(sizes.different), **shown)
        kinds = ", ".join(f"{name} {count_text(n)}" for name, n in report.kinds.items())
        yield translate("Stored as: {kinds}").format(kinds=kinds)
    yield translate("Fingerprint: {digest}").format(digest=report.survey.fingerprint)
    for note in report.survey.notes:
        yield translate("Note: {text}").format(text=note)


def _skipped(skipped: Sequence[Skipped], *, every: bool) -> Iterator[str]:
    if not skipped:
        return
    yield ""
    yield translate("Left out:")
    by_code: dict[str, list[str]] = {}
    for item in skipped:
        line = f"{item.name}: {item.reason}"
        by_code.setdefault(item.reason.code, []).append(line)
    yield from _listed(by_code, every=every)


def _warnings(warnings: Sequence[DataWarning], *, every: bool) -> Iterator[str]:
    yield ""
    if not warnings:
        yield translate("No warnings.")
        return
    yield translate("Warnings:")
    by_code: dict[str, list[str]] = {}
    for warning in warnings:
        by_code.setdefault(warning.code, []).append(str(warning.text))
    yield from _listed(by_code, every=every)


def _listed(by_code: dict[str, list[str]], *, every: bool) -> Iterator[str]:
    """The lines of each code, all or the first few."""
    for code, lines in by_code.items():
        yield f"  [{code}] {count_text(len(lines))}"
        shown = lines if every else lines[:_SHOWN]
        yield from (f"    {line}" for line in shown)
        more = len(lines) - len(shown)
        if more:
            text = translate("and {count} more; --all lists them")
            yield "    " + text.format(count=count_text(more))
