"""The words of a command line before click parses them."""

from pathlib import Path

import click
import pytest

from mirada.cli.words import as_options, asked_language, globals_first, wants_json
from mirada.errors import UsageError
from tests.refusal import refuses

COMMAND = click.Command(
    "train",
    params=[
        click.Argument(["data"]),
        click.Option(["--epochs"]),
        click.Option(["--batch-size", "-b"]),
        click.Option(["--json", "as_json"], is_flag=True),
        click.Option(["--shuffle/--no-shuffle"]),
    ],
)


@pytest.mark.parametrize(
    ("words", "moved"),
    [
        ("size 5", "size 5"),
        ("size 5 --lang es", "--lang es size 5"),
        ("size --lang=es 5 -q", "--lang=es -q size 5"),
        ("size lang=es --quiet", "--lang=es --quiet size"),
        ("size --lang", "--lang size"),
        ("predict -- --quiet --lang es", "predict -- --quiet --lang es"),
    ],
)
def test_globals_may_stand_anywhere(words: str, moved: str) -> None:
    assert globals_first(words.split()) == moved.split()


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("size 5", None),
        ("--lang es size", "es"),
        ("size --lang=en", "en"),
        ("size lang=es", "es"),
        ("--lang fr size", None),
        ("size -- --lang es", None),
        ("es", None),
    ],
)
def test_the_language_is_known_before_parsing(words: str, language: str | None) -> None:
    assert asked_language(words.split()) == language


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("size --json", True),
        ("size json=true", True),
        ("size", False),
        ("predict -- --json", False),
    ],
)
def test_json_is_known_before_parsing(words: str, wanted: bool) -> None:
    assert wants_json(words.split()) is wanted


@pytest.mark.parametrize(
    ("words", "options"),
    [
        ("epochs=10", "--epochs=10"),
        ("--epochs 10", "--epochs 10"),
        ("epochs=", "--epochs="),
        ("epochs=a=b", "--epochs=a=b"),
        ("batch_size=8 batch-size=9", "--batch-size=8 --batch-size=9"),
        ("json=true", "--json"),
        ("json=false", ""),
        ("shuffle=true shuffle=false", "--shuffle --no-shuffle"),
        ("-- epochs=10", "-- epochs=10"),
        ("--epochs json=true json=true", "--epochs json=true --json"),
        ("q=1 Epochs=1 ./epochs=1", "q=1 Epochs=1 ./epochs=1"),
    ],
)
def test_names_with_values_become_options(words: str, options: str) -> None:
    assert list(as_options(COMMAND, words.split())) == options.split()


def test_a_flag_takes_true_or_false() -> None:
    with refuses(UsageError, "flag-value", "'json=1'", "true or false"):
        list(as_options(COMMAND, ["json=1"]))


def test_a_near_miss_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with refuses(UsageError, "option-unknown", "'epoch'", "Did you mean epochs=?"):
        list(as_options(COMMAND, ["epoch=3"]))
    (tmp_path / "epoch=3").touch()
    assert list(as_options(COMMAND, ["epoch=3"])) == ["epoch=3"]
