"""Divisions that the page shows: those which training will draw."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mirada.data import divide, load
from mirada.data.dataset import Part
from mirada.data.groups import groups_of
from mirada.data.report import report_on
from mirada.errors import DataError
from mirada.lab.data_split import divided, ways
from mirada.lab.lab import Lab
from tests.cli.stage import photos, picture_of
from tests.data.copied import photo, saved
from tests.lab.asking import ask, heard

PARTS = {"train": Part.TRAIN, "validation": Part.VALIDATION, "test": Part.TEST}


def law(root: Path, by: str = "none", **values: Any) -> list[dict[str, Any]]:
    """The rows that `data.divide` gives for the images as they are loaded."""
    data = load(root, cache=False)
    groups = None if by == "none" else groups_of(data, by)
    split = divide(data, groups=groups, **values)
    return [
        {
            "name": name,
            **{
                word: int((data.labels[split.of(part)] == label).sum())
                for word, part in PARTS.items()
            },
        }
        for label, name in enumerate(data.classes)
    ]


@pytest.mark.parametrize("seed", [0, 7])
@pytest.mark.parametrize(("validation", "test"), [(0.1, 0.2), (0, 0.5), (0.4, 0)])
def test_a_division_is_that_of_training(
    tmp_path: Path, validation: float, test: float, seed: int
) -> None:
    root = photos(tmp_path / "flowers", {"daisy": 7, "roses": 31, "tulips": 12})
    (root / "roses/bad.png").write_bytes(b"no image")
    found = divided(report_on(root).survey, validation, test, seed, "none")
    assert found["classes"] == law(root, validation=validation, test=test, seed=seed)
    for word in PARTS:
        assert found["totals"][word] == sum(row[word] for row in found["classes"])


def test_parts_of_the_source_are_kept(tmp_path: Path) -> None:
    for part, count in (("train", 9), ("val", 2), ("test", 3)):
        photos(tmp_path / part, {"dark": count, "light": count + 1})
    lab = Lab(tmp_path)
    _, report = heard(lab, "/api/data/scan", source=".")[-1]
    assert report["parts"] == ["train", "validation", "test"]
    found = ask(lab, "POST", "/api/data/split", source=".", validation=0.3, test=0.3)
    assert found["classes"] == law(tmp_path)
    assert found["classes"][0] == {
        "name": "dark",
        "train": 9,
        "validation": 2,
        "test": 3,
    }
    lab.close()


def test_groups_are_kept_together(tmp_path: Path) -> None:
    for label in ("cat", "dog"):
        for person in range(6):
            for number in range(3 + person):
                path = tmp_path / label / f"person{person}" / f"{number}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                picture_of(len(label), 4, 10 * person + number).save(path)
    survey = report_on(tmp_path).survey
    assert ways(survey) == ["none", "parent"]
    found = divided(survey, 0.2, 0.2, 3, "parent")
    assert found["groups"] == 6
    assert found["classes"] == law(tmp_path, "parent", validation=0.2, test=0.2, seed=3)
    assert found["classes"] != divided(survey, 0.2, 0.2, 3, "none")["classes"]


def test_a_table_with_groups_offers_them_first(tmp_path: Path) -> None:
    rows = ["file,label,group"]
    for number in range(24):
        picture_of(number % 2, 2, number).save(tmp_path / f"{number}.png")
        rows.append(f"{number}.png,{'ab'[number % 2]},g{number // 4}")
    (tmp_path / "labels.csv").write_text("\n".join(rows))
    survey = report_on(tmp_path).survey
    assert ways(survey)[0] == "groups"
    assert divided(survey, 0.1, 0.2, 0, "groups")["groups"] == 6


def test_copies_that_a_division_tears_are_counted(tmp_path: Path) -> None:
    for number in range(40):
        saved(photo(number), tmp_path / "ab"[number % 2] / f"{number:02}.png")
    for number in range(20):
        saved(photo(number), tmp_path / "ab"[number % 2] / f"{number:02}copy.png")
    survey = report_on(tmp_path).survey
    data = load(tmp_path, cache=False)
    for seed in range(5):
        split = divide(data, seed=seed)
        train = {data.images[place].tobytes() for place in split.train}
        held = np.concatenate((split.validation, split.test))
        known = sum(data.images[place].tobytes() in train for place in held)
        assert divided(survey, 0.1, 0.2, seed, "none")["copies"] == known > 0
    assert divided(report_on("digits").survey, 0.1, 0.2, 0, "none")["copies"] == 0


def test_near_copies_that_a_division_tears_are_counted(tmp_path: Path) -> None:
    for number in range(20):
        image = photo(number)
        saved(image, tmp_path / "ab"[number % 2] / f"{number:02}.png")
        darker = image.point(lambda level: max(0, level - 2))
        saved(darker, tmp_path / "ab"[number % 2] / f"{number:02}near.png")
    survey = report_on(tmp_path).survey
    assert len(survey.near) == 20
    found = divided(survey, 0.1, 0.3, 0, "none")
    split = divide(load(tmp_path, cache=False), validation=0.1, test=0.3)
    train, torn = set(split.train.tolist()), 0
    for first, second in survey.near.tolist():
        torn += (first in train) != (second in train)
    assert found["near"] == torn > 0


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"validation": 0.5, "test": 0.5}, "split-fractions"),
        ({"by": "groups"}, "groups-not-given"),
        ({"by": "parent"}, "group-not-found"),
    ],
)
def test_what_cannot_be_divided_is_refused(
    tmp_path: Path, values: dict[str, Any], code: str
) -> None:
    photos(tmp_path / "flowers", {"daisy": 4, "roses": 4})
    lab = Lab(tmp_path)
    heard(lab, "/api/data/scan", source="flowers")
    with pytest.raises(DataError) as refused:
        ask(lab, "POST", "/api/data/split", source="flowers", **values)
    assert refused.value.code == code
    lab.close()
