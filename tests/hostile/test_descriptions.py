"""Absurd descriptions: refused with code and place, soon."""

import json
import os
from pathlib import Path

import pytest

from mirada.errors import DescriptionError, MiradaError, StorageError, TextError
from mirada.network.file import from_json, from_toml, read
from tests.hostile.audit import BreachError
from tests.hostile.descriptions import try_all
from tests.refusal import refuses

CASES = 5000
HEAD = 'input = "1x28x28"\n'


def test_drawn_descriptions_are_networks_or_refusals() -> None:
    """C3: only MiradaError, within 200 ms of computing."""
    told = try_all(range(CASES))
    assert told.cases == CASES
    assert told.refused > 0.8 * CASES, told
    assert told.slowest_seconds < 0.2, told


@pytest.mark.parametrize(
    ("layers", "place"),
    [
        (["conv 6 9223372036854775808x1"], "line 2"),
        (["relu", "conv 6 3x3 stride 0"], "line 2"),
        (["conv 1000000000000"], "line 2"),
        (["add b as a", "relu as b"], "line 2"),
        (["relu from later", "conv 6 3x3 as later"], "line 2"),
        (["relu as me", "tanh as me"], "line 2"),
        (["maxpool 2"] * 9, "line 2"),
        (["linear 10"], "line 2"),
        (["convv 6 3x3"], "line 2"),
    ],
)
def test_a_wrong_layer_is_refused_at_its_place(layers: list[str], place: str) -> None:
    text = HEAD + f"layers = [{', '.join(map(json.dumps, layers))}]"
    with pytest.raises(DescriptionError) as caught:
        from_toml(text)
    assert caught.value.code and place in str(caught.value), str(caught.value)


def test_too_many_layers_are_refused_before_they_are_read() -> None:
    layers = ", ".join(['"relu"'] * 300_000)
    with pytest.raises(MiradaError):
        from_toml(HEAD + f"layers = [{layers}]")


def test_many_dotted_keys_are_refused() -> None:
    """The parser of the standard library would take minutes for a file of these."""
    for text in (
        f"{'a.' * 20_000}a = 1",
        f"[{'a . ' * 300}a]",
        f"x={{{'a.' * 99}a=1}}",
    ):
        with refuses(TextError, "description-dotted", "Line 3", "16 keys"):
            from_toml(f"{HEAD}\n{text}")
    assert from_toml(HEAD + 'name = "v1.2.3"\nlayers = ["relu"]').network.name


def test_a_key_twice_among_many_is_found_at_once() -> None:
    pairs = ", ".join(f'"k{number}": 1' for number in range(100_000))
    with refuses(TextError, "json-key-twice", "'k99999'"):
        from_json(f'{{{pairs}, "k99999": 2}}')


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "network.toml"
    os.mkfifo(path)
    with refuses(StorageError, "description-not-plain", "network.toml"):
        read(path)


def test_a_reader_that_lets_an_error_through_is_caught() -> None:
    """A planted bug."""
    with pytest.raises((KeyError, TypeError, ValueError)) as caught:
        try_all(range(50), lambda text, form: json.loads(text)["layers"])
    assert "case " in caught.value.__notes__[0]


def test_a_reader_that_executes_is_caught() -> None:
    """Another: a number is whatever Python makes of it."""

    def reads(text: str, form: str) -> object:
        return eval("2 ** 3")

    with pytest.raises(BreachError):
        try_all(range(50), reads)
