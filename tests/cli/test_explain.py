"""`mirada explain`."""

from pathlib import Path

import pytest

from mirada.analysis import explain, summarize
from mirada.models import MODELS, lenet5, lenet5_lecture
from tests.cli.bilingual import refused
from tests.cli.calling import Caller
from tests.cli.documented import documented_fields, run_examples
from tests.golden import golden

GOLDEN = Path(__file__).parent / "golden"


def test_every_example_runs(call: Caller) -> None:
    run_examples(call, "explain")


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_text(call: Caller, language: str) -> None:
    called = call("explain", "lenet5_lecture", "--lang", language)
    golden(GOLDEN / f"explain-lenet5_lecture.{language}.txt", called.out)


def test_summary_explains_in_the_same_words(call: Caller) -> None:
    explained = call("explain", "digits").out
    assert call("summary", "digits", "--explain").out == explained


def test_one_layer_is_explained_as_among_all(call: Caller) -> None:
    alone = call("explain", "lenet5", "linear1").out
    assert alone in call("explain", "lenet5").out
    assert alone.count("Note: 'linear1' holds 78 % of all parameters") == 1
    assert "Note" not in call("explain", "lenet5", "conv1").out


def test_the_interface(call: Caller) -> None:
    found = call("explain", "lenet5_lecture", "--json").json
    assert documented_fields("mirada explain") == set(found)
    assert documented_fields("mirada explain", "layers") <= set(found["layers"][0])
    summary = summarize(lenet5_lecture())
    for row, plain in zip(summary.layers, found["layers"], strict=True):
        assert plain["sentences"] == [str(sentence) for sentence in explain(row)]
        assert row.to_dict().items() <= plain.items()
    assert found["network"] == "lenet5_lecture"
    assert [note["layer"] for note in found["warnings"]] == ["linear1"]
    assert found["totals"]["parameters_formula"].endswith(" = 62006")
    conv = found["layers"][0]
    assert conv["input_shapes"] == [[3, 32, 32]]
    assert conv["receptive_field_formulas"] == ["1 + (5 - 1)*1 = 5"] * 2
    assert conv["fully_connected_formula"] == "(3*32*32 + 1)*6*28*28 = 14455392"
    assert conv["matrix"]["entries"] == 14_450_688


def test_one_layer_as_json(call: Caller) -> None:
    found = call("explain", "lenet5", "linear1", "--json").json
    assert [row["name"] for row in found["layers"]] == ["linear1"]
    assert [note["code"] for note in found["warnings"]] == ["most-parameters"]
    assert found["layers"][0]["receptive_field_formulas"] == [None, None]
    assert found["layers"][0]["matrix"] is None
    assert call("explain", "lenet5", "conv1", "--json").json["warnings"] == []


@pytest.mark.parametrize("name", [*MODELS, "3-4-2"])
def test_every_known_network(call: Caller, name: str) -> None:
    for language in ("en", "es"):
        called = call("explain", name, "--lang", language)
        assert called.code == 0 and called.err == ""


def test_warnings_stand_with_their_layer(call: Caller, tmp_path: Path) -> None:
    path = tmp_path / "net.toml"
    path.write_text(
        'input = "1x9x9"\n'
        'layers = ["maxpool 2", "conv 2 3x3 pad 1", "conv 2 4x4", "flatten", '
        '"linear 40", "linear 3", "softmax"]\n'
    )
    text = call("explain", str(path)).out
    blocks = {block.split(" ", 1)[0]: block for block in text.split("\n\n")}
    assert "Note: 'maxpool1' leaves the end of its input" in blocks["maxpool1"]
    assert "Note: From 'conv2' on, one output's" in blocks["conv2"]
    assert "Note: 'linear1' holds" not in blocks["linear2"]
    assert "Note: 'softmax1' is a softmax" in blocks["softmax1"]
    codes = [
        note["code"] for note in call("explain", str(path), "--json").json["warnings"]
    ]
    assert codes == ["pixels-dropped", "softmax-inside", "field-beyond-input"]


def test_a_layer_that_is_not_there(call: Caller) -> None:
    words = ("explain", "lenet5", "conv9")
    told = refused(call, *words, code="layer-unknown", exit_code=2)
    assert "The network 'lenet5' has no layer 'conv9'. Its layers:" in told.english
    assert "Did you mean conv" in told.english
    assert "¿Se quiso decir conv" in told.spanish
    far = refused(call, "explain", "resnet50", "zzz", code="layer-unknown", exit_code=2)
    assert "Did you mean" not in far.english and far.english.endswith(", ....")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("lenet7", "network-unknown"),
        ("lenet5 conv1 conv2", "usage"),
        ("lenet5 --clases 3", "usage"),
        ("", "usage"),
    ],
)
def test_refusals(call: Caller, words: str, code: str) -> None:
    called = call("explain", *words.split(), "--json")
    assert (called.code, called.json["error"]["code"]) == (2, code)


def test_other_classes_and_inputs(call: Caller) -> None:
    found = call("explain", "lenet5", "input=3x32x32", "classes=4", "--json").json
    assert (found["input_shape"], found["output_shape"]) == ([3, 32, 32], [4])
    assert summarize(lenet5()).network.output == (10,)
