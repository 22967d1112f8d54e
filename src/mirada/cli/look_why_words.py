"""Why an answer was given, in words: the answer, the method, the map, its checks."""

from collections.abc import Iterator, Sequence

from mirada.cli.output import Column, say, show, show_table
from mirada.inspection import Reason
from mirada.inspection.methods import ABOUT
from mirada.inspection.reason import strongest
from mirada.inspection.reliability import ALIKE
from mirada.language import translate
from mirada.tasks.quantities import decimal_text, percent_text
from mirada.tasks.reason_look import verdict_text
from mirada.tasks.subject import Picture, Subject

__all__ = ["tell_all", "tell_answer", "tell_one"]


def tell_answer(subject: Subject, picture: Picture, reason: Reason) -> None:
    """Prints what was answered, and what is explained."""
    if subject.model.flips:
        say(
            translate(
                "The run answers with the mean of an image and its mirror image; here "
                "the image itself is explained."
            )
        )
    show("\n".join(_head(subject, picture, reason)))
    show()


def tell_one(reason: Reason) -> None:
    """Prints everything that is known about one map."""
    show("\n".join(_words(reason)))
    show()
    show_table(_check_columns(), _check_rows(reason))
    show()
    show(verdict_text(reason))


def tell_all(found: Sequence[Reason]) -> None:
    """Prints a line for each map, and what is wrong with some."""
    show_table(_columns(), map(_row, found))
    show("\n".join(_all_words(found)))


def _head(subject: Subject, picture: Picture, reason: Reason) -> Iterator[str]:
    """What was answered, and what is explained."""
    classes, answer = subject.model.classes, reason.answer
    yield translate("{image}: {answer} ({share})").format(
        image=picture.name,
        answer=classes[answer.first],
        share=percent_text(answer.share),
    )
    yield translate(
        "Explained: class {name} ({share}). Its score before softmax is {score}; an "
        "image of nothing but the mean colour gets {nothing}."
    ).format(
        name=classes[answer.place],
        share=percent_text(answer.probability),
        score=decimal_text(answer.score, 2),
        nothing=decimal_text(answer.nothing, 2),
    )


def _words(reason: Reason) -> Iterator[str]:
    """One map in words, with everything that is known about it."""
    yield f"{reason.method}: {ABOUT[reason.method]}"
    if reason.layer is not None:
        yield " ".join(map(str, filter(None, (reason.layer.why, reason.layer.sees))))
    if reason.method == "integrated-gradients":
        yield translate(
            "The credits add up to {sum}; the score rose by {rise} from the mean "
            "colour to the image."
        ).format(
            sum=decimal_text(float(reason.values.sum()), 2),
            rise=decimal_text(reason.answer.score - reason.answer.nothing, 2),
        )
    yield _where(reason)


def _where(reason: Reason) -> str:
    region = strongest(reason.values)
    height, width = reason.values.shape
    return translate(
        "Strongest at {part} ({share} of the map); its peak is row {row}, column "
        "{column} of {size}, from 0."
    ).format(
        part=region.part,
        share=percent_text(region.share),
        row=region.row,
        column=region.column,
        size=f"{height}x{width}",
    )


def _check_columns() -> tuple[Column, ...]:
    return (
        Column(translate("Check")),
        Column(translate("This map"), numbers=True),
        Column(translate("Compared with"), numbers=True),
        Column(translate("What it is")),
    )


def _check_rows(reason: Reason) -> Iterator[tuple[str, ...]]:
    """A row for each check: the number, what it is compared with, what it means."""
    yield (
        translate("deletion"),
        decimal_text(reason.deletion.area, 2),
        decimal_text(reason.deletion.by_chance, 2),
        translate(
            "mean probability while the strongest pixels are removed first; beside it "
            "the same map laid elsewhere; less is better"
        ),
    )
    yield (
        translate("insertion"),
        decimal_text(reason.insertion.area, 2),
        decimal_text(reason.insertion.by_chance, 2),
        translate("the same while they are put in first; more is better"),
    )
    yield (
        translate("random weights"),
        decimal_text(reason.randomisation.similarity, 2),
        decimal_text(ALIKE, 2),
        translate(
            "likeness to the maps of networks that never learned (rank correlation); "
            "beside it where it becomes too much"
        ),
    )


def _columns() -> tuple[Column, ...]:
    return (
        Column(translate("Method")),
        Column(translate("Strongest at")),
        Column(translate("Deletion"), numbers=True),
        Column(translate("elsewhere"), numbers=True),
        Column(translate("Insertion"), numbers=True),
        Column(translate("elsewhere"), numbers=True),
        Column(translate("Random weights"), numbers=True),
        Column(translate("Passes")),
    )


def _row(reason: Reason) -> tuple[str, ...]:
    numbers = (
        reason.deletion.area,
        reason.deletion.by_chance,
        reason.insertion.area,
        reason.insertion.by_chance,
        reason.randomisation.similarity,
    )
    return (
        reason.method,
        str(strongest(reason.values).part),
        *(decimal_text(number, 2) for number in numbers),
        translate("yes") if reason.trusted else translate("no"),
    )


def _all_words(found: Sequence[Reason]) -> Iterator[str]:
    yield ""
    yield translate(
        "Deletion and insertion: the mean probability of the class while the "
        "strongest pixels are removed (less is better) or put in (more is better); "
        "elsewhere: the same map laid on other places. Random weights: likeness to "
        "the maps of networks that never learned; a map fails from {alike} on."
    ).format(alike=decimal_text(ALIKE, 2))
    layer = next((reason.layer for reason in found if reason.layer), None)
    if layer is not None:
        yield " ".join(map(str, filter(None, (layer.why, layer.sees))))
    for reason in found:
        if not reason.trusted:
            yield f"{reason.method}: {verdict_text(reason)}"
