"""Model files that were changed: refused, at little cost, and nothing is executed."""

import json
import pickle
import resource
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from mirada.training.model import load_model
from mirada.training.tensors import open_tensors
from tests.hostile.audit import BreachError, watched
from tests.hostile.models import examples, spoiled, try_all

CASES = 5000


def test_spoiled_files_are_refused_or_harmless(tmp_path: Path) -> None:
    """C1 and C2: only MiradaError, at most 1 s and 256 MB, nothing executed."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    told = try_all(tmp_path / "spoiled.safetensors", range(CASES))
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert told.cases == CASES
    assert told.refused > 0.8 * CASES, told
    assert told.slowest_seconds < 1, told
    assert (after - before) * 1024 < 256e6


def test_most_spoiled_files_get_behind_the_digest(tmp_path: Path) -> None:
    """Else the parts behind it would not be tried."""
    whole = examples(tmp_path)
    path = tmp_path / "spoiled.safetensors"
    behind = 0
    for number in range(200):
        random = Random(number)
        path.write_bytes(spoiled(random.choice(whole), random))
        try:
            with open_tensors(path) as file:
                file.arrays()
            behind += 1
        except ValueError:
            pass
    assert behind > 60


def test_a_loader_that_executes_is_caught(tmp_path: Path) -> None:
    """The planted bug of C1."""

    def load(path: Path) -> object:
        model = load_model(path)
        return eval(compile("1 + 1", "facts", "eval")) and model

    with pytest.raises(BreachError, match="compile"):
        try_all(tmp_path / "spoiled.safetensors", range(400), load)


def test_a_loader_that_lets_an_error_through_is_caught(tmp_path: Path) -> None:
    """The planted bug of C2: what a header lacks is looked up without a question."""

    def load(path: Path) -> object:
        content = path.read_bytes()
        return json.loads(content[8:])["__metadata__"]

    with pytest.raises(ValueError) as caught:
        try_all(tmp_path / "spoiled.safetensors", range(50), load)
    assert "case " in caught.value.__notes__[0]


@pytest.mark.parametrize(
    "evil",
    [
        lambda: pickle.loads(b"cos\nsystem\n(S'true'\ntR."),
        lambda: __import__("this_is_no_module"),
        lambda: Path("written-by-a-test").write_text("no"),
        lambda: __import__("socket").socket(),
        lambda: __import__("subprocess").run(["true"], check=True),
    ],
)
def test_the_watchman_sees_it(evil: object) -> None:
    assert callable(evil)
    with pytest.raises(BreachError), watched():
        evil()
    assert not Path("written-by-a-test").exists()


def test_the_watchman_tells_even_when_the_breach_is_swallowed() -> None:
    def swallow() -> None:
        with suppress(BaseException):  # as a careless reader might
            Path("written-by-a-test").write_text("no")

    with pytest.raises(BreachError, match="writing"), watched():
        swallow()
