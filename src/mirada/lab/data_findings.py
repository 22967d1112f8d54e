"""A report on data as the page shows it: grouped, and no longer than can be read."""

from collections.abc import Iterable
from typing import Any

from mirada.data.contact_sheet import some_of
from mirada.data.copies import part_name
from mirada.data.report import DataReport
from mirada.errors import Phrase

__all__ = ["TITLES", "shown_report"]

_MOST_CLASSES = 1000
_MOST_SHOWN_CLASSES = 60
_MOST_ITEMS = 24
_MOST_FILES = 8

TITLES = {
    "duplicates": Phrase("Copies"),
    "leakage": Phrase("Copies in several parts"),
    "torn-group": Phrase("Groups in several parts"),
    "conflicting-labels": Phrase("Copies in several classes"),
    "near-duplicates": Phrase("Nearly copies"),
    "near-leakage": Phrase("Nearly copies in several parts"),
    "near-conflicts": Phrase("Nearly copies in several classes"),
    "class-without-images": Phrase("Classes without images"),
    "class-too-small": Phrase("Small classes"),
    "class-missing-in-part": Phrase("Classes missing in a part"),
    "class-imbalance": Phrase("Uneven classes"),
    "one-class": Phrase("Only one class"),
    "no-images": Phrase("No images"),
    "mixed-orientation": Phrase("Upright and lying images"),
    "exif-rotated": Phrase("Turned images"),
    "constant-images": Phrase("Images of one colour"),
    "tiny-images": Phrase("Tiny images"),
    "grey-among-colour": Phrase("Grey images among coloured ones"),
}
"""What the warnings of one code have in common, in a few words."""


def shown_report(report: DataReport, source: str) -> dict[str, Any]:
    """The report as JSON; of each kind of finding the first few, and how many more."""
    plain, survey = report.to_dict(), report.survey
    return {
        "source": source,
        "name": plain["source"],
        "found": plain["found"],
        "used": plain["used"],
        "left_out": len(plain["skipped"]),
        "classes": _classes(report),
        "more_classes": max(0, len(survey.classes) - _MOST_CLASSES),
        "parts": [part_name(part) for part in survey.part_counts()],
        "groups": None if survey.groups is None else len(set(survey.groups)),
        "sizes": plain["sizes"],
        "kinds": plain["kinds"],
        "notes": [str(note) for note in survey.notes],
        "fingerprint": plain["fingerprint"],
        "warnings": [
            {**group, "title": str(TITLES.get(group["code"], group["code"]))}
            for group in _grouped(map(_warning, plain["warnings"]))
        ],
        "skipped": _grouped(plain["skipped"]),
    }


def _classes(report: DataReport) -> list[dict[str, Any]]:
    """Each class with its counts, and of the first some samples to be shown."""
    survey = report.survey
    counts, parts = survey.counts(), survey.part_counts()
    found = []
    for label, name in enumerate(survey.classes[:_MOST_CLASSES]):
        places = some_of(survey.labels, label) if label < _MOST_SHOWN_CLASSES else ()
        found.append(
            {
                "name": name,
                "count": int(counts[label]),
                "parts": {part_name(p): int(of[label]) for p, of in parts.items()},
                "samples": [survey.names[place] for place in places],
            }
        )
    return found


def _warning(warning: dict[str, Any]) -> dict[str, Any]:
    files = warning["files"]
    if warning["code"] == "class-imbalance":
        warning = {**warning, "message": str(_uneven(warning))}
    return {
        "code": warning["code"],
        "serious": warning["serious"],
        "message": warning["message"],
        "files": files[:_MOST_FILES],
        "more": max(0, len(files) - _MOST_FILES),
    }


def _uneven(warning: dict[str, Any]) -> Phrase:
    """What is to be done about it on the page, which has no command line."""
    (most, least), (most_count, least_count) = warning["classes"], warning["counts"]
    return Phrase(
        "The classes are uneven: '{most}' has {most_count} images, '{least}' has "
        "{least_count}. Look at the recall of each class, or write 'auto' in Class "
        "weights, in the room Train.",
        most=most,
        most_count=most_count,
        least=least,
        least_count=least_count,
    )


def _grouped(items: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The items of each code together, in the order of the first of each."""
    found: dict[str, dict[str, Any]] = {}
    for item in items:
        code = item.pop("code")
        new = {"code": code, "serious": item.pop("serious", False)}
        group = found.setdefault(code, {**new, "count": 0, "items": []})
        group["count"] += 1
        if len(group["items"]) < _MOST_ITEMS:
            group["items"].append(item)
    return list(found.values())
