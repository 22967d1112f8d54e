"""Many runs, one answer; killed anywhere, a study ends in the same bytes."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mirada.data.split import reduced
from mirada.engines.reference import ReferenceEngine
from mirada.errors import ConfigurationError
from mirada.training import Plan, Watch, Wishes, train
from mirada.training.place import Place
from mirada.training.study import (
    Member,
    Study,
    curve_members,
    curve_shares,
    members_of,
    run_members,
)
from mirada.training.study_folder import StudyFolder
from tests.refusal import refuses
from tests.training.example import engine, few_digits, files, plan

WISHES = Wishes(epochs=2, batch_size=32, threads=1, engine="reference")
ASKED = {"kind": "folds"}


class Killed(BaseException):
    """What ends the process at once; nothing of ours catches it."""


class KilledAt(Watch):
    """Ends everything when so many steps have been done, over all runs."""

    def __init__(self, step: int) -> None:
        self.left = step

    def step(self, place: Place, loss: float) -> None:
        self.left -= 1
        if not self.left:
            raise Killed


def plan_of(member: Member) -> Plan:
    folds = 3 if member.fold is not None else None
    wishes = replace(WISHES, seed=member.seed, folds=folds, fold=member.fold)
    return plan(data=few_digits(120), wishes=wishes)


def trainer(folder: StudyFolder, watch: Watch) -> Callable[[Member, Plan], None]:
    def train_one(member: Member, chosen: Plan) -> None:
        with folder.run(member.name) as held:
            train(chosen, engine(chosen), held, watch)

    return train_one


def studied(
    path: Path,
    members: list[Member],
    watch: Watch | None = None,
    *,
    resume: bool = False,
) -> Study:
    """A study of these members, its results written down."""
    with StudyFolder(path, ASKED, resume=resume) as folder:
        train_one = trainer(folder, watch or Watch())
        study = Study(tuple(run_members(folder, members, plan_of, train_one)))
        folder.write(**study.to_dict())
    return study


def content(path: Path, members: list[Member]) -> dict[str, object]:
    """Every file of the study that must be the same, its folder's name left out."""
    text = (path / "study.json").read_text().replace(str(path), "")
    return {"study.json": text} | {m.name: files(path / m.name) for m in members}


def test_over_folds_every_image_is_answered_once(tmp_path: Path) -> None:
    study = studied(tmp_path, members_of(0, 0, 3))
    assert study.pooled.count == 120
    counts = np.sum(study.pooled.confusion, axis=1)
    assert counts.tolist() == few_digits(120).counts().tolist()
    accuracies = [result.test.accuracy for result in study.results]
    assert study.accuracy.mean == pytest.approx(np.mean(accuracies))
    assert study.accuracy.count == 3
    right = sum(row[place] for place, row in enumerate(study.pooled.confusion))
    assert study.pooled.accuracy == right / 120
    named = study.to_dict()["runs"]
    assert [(run["name"], run["fold"]) for run in named] == [
        *(("fold-1", 1), ("fold-2", 2)),
        ("fold-3", 3),
    ]


def test_seeds_tell_how_much_chance_decides(tmp_path: Path) -> None:
    study = studied(tmp_path, members_of(5, 3, 0))
    assert [result.member.seed for result in study.results] == [5, 6, 7]
    assert len({tuple(map(tuple, r.test.confusion)) for r in study.results}) > 1
    for name, found in study.recall.items():
        place = study.classes.index(name)
        values = [result.test.per_class[place].recall for result in study.results]
        assert found is not None
        assert found.mean == pytest.approx(
            np.mean([v for v in values if v is not None])
        )


def test_killed_anywhere_it_ends_in_the_same_bytes(tmp_path: Path) -> None:
    members = members_of(0, 2, 0)
    studied(tmp_path / "whole", members)
    wanted = content(tmp_path / "whole", members)
    trained: list[int] = []
    for step in (1, 3, 4, 6, 9, 11):
        path = tmp_path / f"at-{step}"
        with pytest.raises(Killed):
            studied(path, members, KilledAt(step))
        watch = KilledAt(1000)
        studied(path, members, watch, resume=True)
        trained.append(1000 - watch.left)
        assert content(path, members) == wanted, step
    assert trained == sorted(trained, reverse=True)
    assert trained[0] > trained[-1] > 0  # what was done is not done again


def test_it_would_see_a_state_that_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted bug: what the optimizer remembers is not given back."""
    members = members_of(0, 2, 0)
    studied(tmp_path / "whole", members)
    with pytest.raises(Killed):
        studied(tmp_path / "torn", members, KilledAt(4))

    def forget(engine: ReferenceEngine, state: object) -> None:
        """What a bug would be."""

    monkeypatch.setattr(ReferenceEngine, "load_optimizer_state", forget)
    studied(tmp_path / "torn", members, resume=True)
    assert content(tmp_path / "torn", members) != content(tmp_path / "whole", members)


def test_one_that_has_ended_is_not_trained_again(tmp_path: Path) -> None:
    members = members_of(0, 2, 0)
    studied(tmp_path, members)
    watch = KilledAt(1)
    studied(tmp_path, members, watch, resume=True)
    assert watch.left == 1


def test_without_a_test_part_nothing_can_be_compared(tmp_path: Path) -> None:
    def untested(member: Member) -> Plan:
        return plan(data=few_digits(120), wishes=replace(WISHES, test=0.0))

    with StudyFolder(tmp_path, ASKED) as folder:
        train_one = trainer(folder, Watch())
        words = ("few has none", "Give --test a share")
        with refuses(ConfigurationError, "study-without-test", *words):
            list(run_members(folder, members_of(0, 2, 0), untested, train_one))


def test_seeds_and_folds_together_are_all_pairs() -> None:
    names = [member.name for member in members_of(1, 2, 2)]
    assert names == ["fold-1-seed-1", "fold-2-seed-1", "fold-1-seed-2", "fold-2-seed-2"]


def test_small_shares_get_more_seeds() -> None:
    members = curve_members(0, 0, 2000, 10)
    shares = [member.share for member in members]
    assert shares == [0.125] * 3 + [0.25] * 3 + [0.5] * 2 + [1.0] * 2
    assert len({member.name for member in members}) == 10
    assert [m.seed for m in curve_members(4, 2, 100, 10)] == [4, 5]
    assert curve_shares(799, 10) == [0.25, 0.5, 1.0]


def test_a_learning_curve_of_real_runs(tmp_path: Path) -> None:
    data = few_digits(300)
    whole = plan(data=data, wishes=WISHES)
    members = [
        Member(f"{share}-{seed}", seed, share=share)
        for share in (0.25, 0.5, 1.0)
        for seed in (0, 1)
    ]

    with StudyFolder(tmp_path, ASKED) as folder:

        def smaller(member: Member) -> Plan:
            split = reduced(whole.split, data, member.share, member.seed)
            path = folder.write_split(member.name, split)
            return plan(data=data, wishes=replace(WISHES, seed=member.seed, split=path))

        train_one = trainer(folder, Watch())
        study = Study(tuple(run_members(folder, members, smaller, train_one)))
    images = [row.images for row in study.learning.measured]
    assert images == sorted(images) and len(set(images)) == 3
    assert study.learning.verdict in ("expect", "flat", "unclear")
    assert {result.test.count for result in study.results} == {len(whole.split.test)}
    found = study.curve_dict()
    assert [point["count"] for point in found["points"]] == [2, 2, 2]
    assert found["verdict"] == study.learning.verdict
