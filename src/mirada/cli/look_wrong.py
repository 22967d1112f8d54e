"""What a page says of calibration and of labels that are likely wrong."""

from collections.abc import Iterator

from mirada.cli.output import count_text
from mirada.inspection.wrong_labels import FEWEST, Suggestion
from mirada.language import translate
from mirada.tasks.findings import Findings, calibration_text, labels_text
from mirada.views import Doubt, Section
from mirada.views.gallery import doubts_gallery
from mirada.views.numbers import decimal_text, percent_text
from mirada.views.page import beside, note, number_head, paragraph, table, wide
from mirada.views.reliability import reliability_figure
from mirada.views.svg import Element, element

__all__ = ["sections"]

_MOST_DOUBTS, _MOST_NAMES = 24, 6


def sections(found: Findings) -> Iterator[Section]:
    """What a page says of calibration and of labels, after the classes and mistakes."""
    yield Section(translate("Calibration"), tuple(_calibration(found)))
    yield Section(translate("Likely wrong labels"), tuple(_labels(found)))


def _calibration(found: Findings) -> Iterator[Element]:
    told = found.calibration
    yield paragraph(calibration_text(found))
    yield note(
        translate(
            "Each dot is the answers of about the same confidence, which is how "
            "probable the network found its answer. On the dotted line they are as "
            "often right as it said; beneath it the network is too sure, above it not "
            "sure enough. The line through a dot is its 95 % interval, beneath is how "
            "many answers there are."
        )
    )
    figure = reliability_figure(told.bins)
    yield beside(
        wide(translate("Reliability diagram"), figure),
        wide(translate("Calibration"), _measures(found)),
    )


def _measures(found: Findings) -> Element:
    told, bins = found.calibration, len(found.calibration.bins)
    mean = translate(
        "how far confidence and share of right answers lie apart on average, over "
        "{bins} bins of equal width"
    )
    rows = [
        (
            translate("expected calibration error (ECE)"),
            percent_text(told.ece),
            mean.format(bins=bins),
        ),
        (
            translate("maximum calibration error (MCE)"),
            percent_text(told.mce),
            translate("the same in the worst bin, which may hold few answers"),
        ),
        (
            translate("Brier score"),
            decimal_text(told.brier, 4),
            translate("mean squared distance from certainty of the truth; 0 is best"),
        ),
        (translate("best temperature"), *_temperature(found)),
    ]
    head = (
        element("th", translate("measure"), scope="col"),
        number_head(translate("value")),
        element("th", translate("what it is"), scope="col"),
    )
    return table(head, map(_measure_row, rows), "stacked")


def _measure_row(row: tuple[str, str, str]) -> Element:
    name, value, words = row
    return element(
        "tr",
        element("th", name, scope="row"),
        element("td", value, class_="number"),
        element("td", words, class_="words"),
    )


def _temperature(found: Findings) -> tuple[str, str]:
    if found.temperature is None or found.tempered is None:
        return "–", translate("these answers do not tell one")
    words = translate(
        "dividing the scores by it changes no answer and brings confidence closest to "
        "the truth: on these images ECE {ece}"
    )
    ece = percent_text(found.tempered.ece)
    return decimal_text(found.temperature, 2), words.format(ece=ece)


def _labels(found: Findings) -> Iterator[Element]:
    yield paragraph(labels_text(found))
    if found.judges.learned:
        text = translate(
            "{learned} of these images were trained on: what the network has learned "
            "by heart it does not doubt. To have every image judged by a network that "
            "has not seen it, train with --folds 5 and look at each run."
        )
        yield paragraph(text.format(learned=count_text(found.judges.learned)))
    if found.labels.too_few:
        yield paragraph(_too_few(found))
    shown = found.labels.suggestions[:_MOST_DOUBTS]
    if shown:
        yield note(
            translate(
                "The network is surer that these are of another class than it is, on "
                "average, of the images that bear that class (confident learning). "
                "They are suggestions to look at: some are mistakes of the network."
            )
        )
        yield doubts_gallery(_doubt(found, item) for item in shown)


def _too_few(found: Findings) -> str:
    few = [found.class_name(place) for place in found.labels.too_few]
    names = ", ".join(few[:_MOST_NAMES]) + (", ..." if len(few) > _MOST_NAMES else "")
    text = translate(
        "The labels of classes with fewer than {fewest} images are not judged: {names}."
    )
    return text.format(fewest=FEWEST, names=names)


def _doubt(found: Findings, item: Suggestion) -> Doubt:
    sample = found.sample(item)
    return Doubt(
        found.data.images[sample],
        found.class_name(item.given),
        found.class_name(item.suggested),
        item.probability,
        found.data.names[sample],
    )
