"""Files: both forms without loss, lines in refusals, and nothing that breaks in."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirada.errors import (
    DescriptionError,
    FieldError,
    ShapeError,
    StorageError,
    TextError,
)
from mirada.language import speaking
from mirada.network import AdamW, Conv2d, Network, Recipe
from mirada.network.file import (
    MOST_BYTES,
    from_json,
    from_toml,
    read,
    to_json,
    to_plain,
    to_toml,
)
from tests.refusal import refuses
from tests.strategies import networks, recipes

LENET = """\
name = "lenet5"
input = "1x28x28"
layers = [
  "conv 6 5x5 pad 2", "relu", "maxpool 2",
  "conv 16 5x5", "relu", "maxpool 2",
  "flatten", "linear 120", "relu", "linear 84", "relu", "linear 10",
]
"""


@given(networks(), st.none() | recipes())
def test_both_files_convert_back(network: Network, recipe: Recipe | None) -> None:
    assert from_toml(to_toml(network, recipe)) == (network, recipe)
    assert from_json(to_json(network, recipe)) == (network, recipe)
    assert to_json(*from_toml(to_toml(network, recipe))) == to_json(network, recipe)


def test_the_designs_file() -> None:
    network, recipe = from_toml(LENET)
    assert recipe is None
    assert network.shapes["maxpool2"] == (16, 5, 5)
    assert network.output == (10,)
    assert to_toml(network).splitlines()[3:5] == ['  "conv 6 5x5 pad 2",', '  "relu",']


def test_a_table_where_a_field_needs_room() -> None:
    text = """
input = [3, 8, 8]
[[layers]]
kind = "conv"
out_channels = 4
kernel_size = [3, 1]
name = "stem"
[[layers]]
kind = "add"
others = ["stem"]
[recipe]
epochs = 2
optimizer = "adamw 0.01"
"""
    network, recipe = from_toml(text)
    assert network.name == "network"
    assert network.nodes[0].layer == Conv2d(4, (3, 1))
    assert network.nodes[1].others == ("stem",)
    assert recipe == Recipe(optimizer=AdamW(0.01), epochs=2)


def test_json_is_canonical() -> None:
    network = from_toml(LENET).network
    text = to_json(network)
    assert " " not in text
    assert json.loads(text) == to_plain(network)
    assert [*json.loads(text)] == sorted(to_plain(network))


def toml(*layers: str, head: str = 'input = "1x8x8"') -> str:
    """A description with one layer a line, the first on line 3."""
    return "\n".join([head, "layers = [", *(f"  {layer}," for layer in layers), "]"])


@pytest.mark.parametrize(
    ("layers", "error", "code", "words"),
    [
        (
            ['"relu"', '"convv 6 5x5"'],
            TextError,
            "text-unknown-kind",
            "Layer 2 (line 4):",
        ),
        (
            ['"conv 6 5x5 stride 0"'],
            FieldError,
            "field-whole",
            "Layer 1 (line 3): Conv2d",
        ),
        (
            ['"relu", "relu"', '"maxpool 2"', '"conv 6 5x5"'],
            ShapeError,
            "window-too-large",
            "Layer 'conv1' (line 5) needs",
        ),
        (
            ['"relu as a"', '"relu as a"'],
            DescriptionError,
            "name-twice",
            "Layer 2 (line 4): Two",
        ),
        (
            ['"relu"', '"add stem"'],
            DescriptionError,
            "name-unknown",
            "Layer 'add1' (line 4) takes",
        ),
        (
            ['"relu as crop"'],
            DescriptionError,
            "name-reserved",
            "Layer 1 (line 3): A layer",
        ),
        (
            ['"relu"', '"relu as a.b"'],
            FieldError,
            "field-name",
            "Layer 2 (line 4): Node",
        ),
        (
            ['"relu"', '{kind = "linear", out_features = 5}'],
            ShapeError,
            "needs-vector",
            "(line 4)",
        ),
        (
            ['"relu"', "7"],
            TextError,
            "description-layer",
            "Layer 2 (line 4): A layer is",
        ),
        (['"leakyrelu", "relu"', '"linear 3"'], ShapeError, "needs-vector", "(line 4)"),
    ],
)
def test_a_refusal_names_the_line(
    layers: list[str], error: type[DescriptionError], code: str, words: str
) -> None:
    with refuses(error, code, words):
        from_toml(toml(*layers))


def test_the_line_of_json_too() -> None:
    text = '{\n"input": "1x8x8",\n"layers": [\n"relu",\n"linear 3"\n]}'
    with refuses(ShapeError, "needs-vector", "Layer 'linear1' (line 5)"):
        from_json(text)


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("layers = [", "description-syntax", "is not TOML: it ends too early"),
        (f"x = {'9' * 5000}", "description-syntax", "is not TOML: Exceeds"),
        ("x = " + "[" * 100_000, "description-syntax", "is not TOML"),
        ("size = 3\nlayers = []", "description-key", "the key 'size'; it knows input,"),
        ("schema = 9", "description-schema", "schema 9; this version reads schema 1"),
        ("schema = 0x" + "f" * 9000, "description-schema", "schema int;"),
        ('input = "3"', "description-layers", "needs 'layers', a list of layers; got"),
        ('layers = "relu"', "description-layers", "got 'relu'"),
    ],
    ids=str.__len__,
)
def test_toml_that_is_no_description(text: str, code: str, words: str) -> None:
    with refuses(TextError, code, words):
        from_toml(text)


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        (
            "{",
            "description-syntax",
            "is not JSON: line 1 breaks off at character 2: '{'",
        ),
        ("[" * 100_000, "description-syntax", "is not JSON"),
        (f'{{"input": {"9" * 5000}}}', "description-syntax", "is not JSON"),
        ("[1]", "description-table", "got [1]"),
        ('{"name": "a", "name": "b"}', "json-key-twice", "the key 'name' twice"),
        ('{"layers": ["relu"], "input": [3], "recipe": 3}', "recipe-table", "got 3"),
    ],
)
def test_json_that_is_no_description(text: str, code: str, words: str) -> None:
    with refuses(TextError, code, words):
        from_json(text)


@pytest.mark.parametrize(
    "value",
    ['"1x28xx"', "[0]", "0x" + "f" * 5000, "[0x" + "f" * 5000 + "]", "2000-01-01"],
)
def test_input_shapes_that_are_refused(value: str) -> None:
    with refuses(FieldError, "input-shape", "channels, height and width"):
        from_toml(f"input = {value}\nlayers = ['relu']")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "'input' is missing: .* as in 1x28x28"),
        ("es", "Falta 'input': .* 1x28x28"),
    ],
)
def test_an_input_that_is_missing_is_said_to_be(language: str, words: str) -> None:
    with speaking(language):
        with pytest.raises(FieldError, match=words) as toml:
            from_toml("layers = ['relu']")
        with pytest.raises(FieldError, match=words):
            from_json('{"input": null, "layers": ["relu"]}')
    assert toml.value.code == "input-missing"


def test_too_many_layers_are_counted_before_they_are_read() -> None:
    text = json.dumps({"input": [3], "layers": ["nonsense"] * 100_000})
    with refuses(DescriptionError, "layer-count", "this one has 100000"):
        from_json(text)


def test_too_large_a_text() -> None:
    with refuses(TextError, "description-too-large", str(MOST_BYTES)):
        from_toml("#" * (MOST_BYTES + 1))


def test_files_on_disk(tmp_path: Path) -> None:
    network, recipe = from_toml(LENET).network, Recipe(epochs=2)
    (tmp_path / "a.toml").write_text(to_toml(network, recipe), "utf-8")
    (tmp_path / "a.json").write_text("\ufeff" + to_json(network), "utf-8")
    assert read(tmp_path / "a.toml") == (network, recipe)
    assert read(tmp_path / "a.json") == (network, None)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with refuses(DescriptionError, "description-missing", "none.toml' does not exist"):
        read(tmp_path / "none.toml")
    with refuses(StorageError, "description-unreadable", "directory"):
        read(tmp_path)
    (tmp_path / "a.toml").write_bytes(b"name = '\xff'")
    with refuses(
        TextError, "description-not-text", "a.toml", "not UTF-8 text (byte 8)"
    ):
        read(tmp_path / "a.toml")
    (tmp_path / "b.toml").write_bytes(b"#" * MOST_BYTES + "ñ".encode() * 9)
    with refuses(TextError, "description-too-large", "no network needs that"):
        read(tmp_path / "b.toml")


WORDS = st.sampled_from(
    [
        *("conv", "linear", "maxpool", "relu", "add", "6", "0", "-1", "1e9", "9" * 25),
        *("5x5", "2,2,2,2", "pad", "same", "stride", "groups", "nobias", "crop"),
        *("as", "from", "input", "x", "ñ"),
    ]
)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), WORDS
)
KEYS = st.sampled_from(
    [
        *("kind", "name", "from", "others", "out_channels", "kernel_size", "stride"),
        *("padding", "p", "out_features", "input", "layers", "recipe", "schema"),
        *("loss", "optimizer", "epochs"),
    ]
)
TREES: st.SearchStrategy[Any] = st.recursive(
    SCALARS | st.lists(WORDS, max_size=6).map(" ".join),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5)
    ),
    max_leaves=12,
)


@settings(max_examples=300)
@given(st.dictionaries(KEYS, TREES, max_size=5), st.lists(TREES, max_size=6))
def test_nothing_but_a_description_error_comes_out(
    table: dict[str, Any], layers: list[Any]
) -> None:
    """Promise C3: whatever stands in the file is a network or a coded refusal."""
    whole = {**table, "input": table.get("input", [3, 8, 8]), "layers": layers}
    for given_table in (table, whole):
        try:
            description = from_json(json.dumps(given_table))
        except DescriptionError as error:
            assert str(error)
            assert error.code
        else:
            assert from_json(to_json(*description)) == description
