"""A whole run in one page: how it learned, what it learned, where it is wrong."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from mirada.cli import look_learned, look_why, look_wrong
from mirada.cli.look_told import plain, tell
from mirada.cli.output import count_text, say, show_json
from mirada.cli.output_folder import holds, write_into
from mirada.data.naming import shown_path
from mirada.errors import UsageError
from mirada.language import translate
from mirada.tasks.findings import LABELS, Findings, findings, summary, wrong_labels_csv
from mirada.tasks.pictures import run_report, settings, with_answers
from mirada.tasks.subject import Images, Subject
from mirada.training import Outcome, RunSummary, read_run
from mirada.training.record import seconds_spent
from mirada.views import Fact, Report, Section, report_html

__all__ = ["show"]

PAGE = "report.html"


def show(
    subject: Subject, source: str | None, out: Path | None, *, as_json: bool
) -> None:
    """Writes the page of a run and the labels to look at, and tells what was found."""
    run = _run(subject)
    folder = _folder(subject, run, out)
    images = subject.images(source)
    if out is not None:
        _require_outside(out, source or _own_source(subject))
    found = findings(subject, images) if len(images.judges.samples) else None
    report = replace(
        _report(subject, run, images, found),
        sections=tuple(_sections(subject, images, found)),
    )
    files = {PAGE: report_html(report).encode()}
    if found is not None:
        files = {LABELS: wrong_labels_csv(found), **files}
    written = write_into(folder, files)
    if as_json:
        show_json(plain(found, written))
    else:
        tell(found, written[-1])


def _run(subject: Subject) -> RunSummary | None:
    """What the folder tells of the run; None where weights alone were named."""
    if not Path(subject.run).is_dir() or subject.configuration is None:
        return None
    run = read_run(subject.folder)
    if run.problem is not None:
        raise run.problem
    return run


def _folder(subject: Subject, run: RunSummary | None, out: Path | None) -> Path:
    """Where the page goes: of weights alone into a folder of its own beside them."""
    if out is not None:
        return out
    return subject.folder if run is not None else subject.folder / "look"


def _own_source(subject: Subject) -> str:
    return subject.configuration.data.source if subject.configuration else ""


def _require_outside(out: Path, source: str) -> None:
    """Refuses a folder in which the table of labels would be taken for the data's."""
    if source and Path(source).is_dir() and holds(Path(source), out):
        raise UsageError(
            "look-inside-data",
            "The page and {labels} would be written to '{folder}', among the images, "
            "where the table would be taken for their labels. Name another folder with "
            "--out.",
            labels=LABELS,
            folder=shown_path(out),
        )


def _report(
    subject: Subject, run: RunSummary | None, images: Images, found: Findings | None
) -> Report:
    data, (samples, reasons, _) = images
    report = _of_run(run) if run else _of_weights(subject)
    counted = count_text(len(samples))
    own = subject.configuration
    if own is None or own.data.name != data.name:
        text = translate("{count} of {data}")
        counted = text.format(count=counted, data=data.name)
    told = Fact(translate("images judged"), counted)
    report = replace(report, facts=(*report.facts, told))
    if found is None:
        nothing = translate(
            "No image is left to judge the network by: the run was trained on all of "
            "them. Name other images with --data."
        )
        return replace(report, lead=(*report.lead, nothing))
    report = with_answers(report, found.evaluation, data, translate("accuracy"))
    lead = (*report.lead, *summary(found))
    return replace(report, lead=lead, remarks=tuple(map(str, reasons)))


def _of_run(run: RunSummary) -> Report:
    configuration = run.configuration
    assert configuration is not None
    if run.best is None:
        told = translate("What was measured in training is not in the folder.")
        values = tuple(settings(configuration))
        return Report(run.folder.name, lead=(told,), configuration=values)
    outcome = Outcome(
        run.folder,
        run.rows,
        run.best,
        run.ended,
        run.test,
        configuration.forced,
        run.rate_changes,
    )
    return run_report(configuration, outcome, seconds_spent(run.folder))


def _of_weights(subject: Subject) -> Report:
    """What is known of weights whose run is not here, or not asked for."""
    model, name = subject.model, Path(subject.run).name
    told = translate(
        "These are weights alone: how they were trained is told in the page of their "
        "run."
    )
    return Report(
        name,
        facts=(Fact(translate("network"), model.network.name),),
        lead=(told,),
    )


def _sections(
    subject: Subject, images: Images, found: Findings | None
) -> Iterator[Section]:
    if found is None:
        return
    yield from look_wrong.sections(found)
    text = translate("Looking into every layer of {network} ...")
    say(text.format(network=subject.model.network.name))
    for room in (look_why, look_learned):
        yield from room.sections(subject, images.data, images.judges.samples)
