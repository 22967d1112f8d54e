"""`mirada train --from`: a network that was trained before, for other images."""

import shutil
from pathlib import Path

import pytest

from mirada.tasks.prepare import AUTOMATIC, Order, prepare
from mirada.tasks.trained import trained
from mirada.training import RunFolder, Wishes, load_model, train
from mirada.training.resume import write_start
from tests.cli.calling import Caller
from tests.training.example import files, made

FAST = ("--epochs", "2", "--batch", "256", "--threads", "1")


@pytest.fixture
def base(call: Caller, here: Path) -> Path:
    """A run to begin with."""
    assert call("train", "digits", *FAST, "--out", "base").code == 0
    return Path("base")


def test_what_is_taken_and_drawn_is_told(call: Caller, base: Path) -> None:
    words = ("train", "digits", *FAST, "--from", "base", "--freeze", "*")
    found = call(*words, "--out", "new", "--rate", "*.bias=2")
    assert found.code == 0, found.err
    told = "Begins with the weights of base (digits): 6 of 8 parameters taken; drawn"
    assert told in found.err
    assert "own rates" in found.err and "* 0, linear2 1, *.bias 2  (given)" in found.err
    before, after = (load_model(f / "last.safetensors") for f in (base, Path("new")))
    same = [
        name
        for name, value in after.parameters.items()
        if (value == before.parameters[name]).all()
    ]
    assert same == [n for n in after.parameters if n.endswith("weight")][:-1]


def test_it_goes_on_without_the_file_it_began_with(call: Caller, base: Path) -> None:
    wishes = Wishes(
        epochs=2,
        batch_size=256,
        threads=1,
        weights=trained("base"),
        weights_from="base",
        freeze=("conv1",),
    )
    plan = prepare(Order(AUTOMATIC, "digits", wishes=wishes))
    with RunFolder.new(Path("whole")) as held:
        train(plan, made(plan), held)
    with RunFolder.new(Path("killed")) as held:  # before its first step
        write_start(held, plan, plan.configuration)
    shutil.rmtree("base")
    assert call("train", "--resume", "--out", "killed").code == 0
    assert files(Path("killed")) == files(Path("whole"))


def test_other_weights_are_refused_when_going_on(call: Caller, base: Path) -> None:
    words = ("train", "digits", *FAST, "--from", "base", "--out", "new")
    assert call(*words).code == 0
    assert call(*words, "--resume").code == 0
    shutil.copy("new/last.safetensors", "base/best.safetensors")
    found = call(*words, "--resume")
    assert found.code == 4 and "inherited.digest: " in found.err
    initial = Path("new/initial.safetensors")
    shutil.copy("new/last.safetensors", initial)
    for path in Path("new").glob("ckpt-*"):
        path.unlink()
    found = call("train", "--resume", "--out", "new")
    assert found.code == 3 and "[initial-digest]" in found.err


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--from", "nowhere"), 3, "nowhere"),
        (("--keep-head",), 2, "--keep-head says nothing without --from"),
        (("--rate", "conv1"), 2, "rate-words"),
        (("--rate", "conv1=fast"), 4, "Rate.factor must be a number"),
        (("--freeze", "cnov1"), 4, "Did you mean conv1"),
        (("--freeze", "*"), 4, "[nothing-learned]"),
    ],
)
def test_refusals(
    call: Caller, here: Path, words: tuple[str, ...], code: int, told: str
) -> None:
    before = set(Path("runs").iterdir())
    found = call("train", "digits", *FAST, *words)
    assert found.code == code and told in found.err, found.err
    assert set(Path("runs").iterdir()) == before


def test_another_size_must_leave_the_shapes(call: Caller, base: Path) -> None:
    found = call("train", "digits", *FAST, "--from", "base", "--size", "16")
    assert found.code == 4
    assert "size-of-weights" in found.err and "'linear1.weight'" in found.err


def test_it_can_be_tried_searched_and_repeated(call: Caller, base: Path) -> None:
    common = ("digits", *FAST, "--from", "base", "--freeze", "conv*")
    assert call("train", *common, "--dry-run").code == 0
    assert call("train", *common, "--find-lr", "--json").json["suggestion"]
    found = call("train", *common, "--seeds", "2", "--out", "study", "--json")
    assert len(found.json["runs"]) == 2
    assert call("train", "--resume", "--out", "study").code == 0
    words = ("--search", "lr=0.01|0.1", "--trials", "2", "--out", "tuned", "--json")
    found = call("tune", *common, *words)
    assert found.code == 0, found.err
    assert "--from base --freeze 'conv*'" in found.json["best"]["command"]
