"""What the architect tells of a text is the law's, and what it offers works."""

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirada import models
from mirada.analysis import explain, summarize
from mirada.errors import UsageError
from mirada.lab.architect_draft import read_draft
from mirada.lab.architect_fields import GROUPS
from mirada.network import Network
from mirada.network.file import from_json, from_toml, to_plain, to_toml
from mirada.network.text import LAYERS
from tests.hostile.descriptions import description
from tests.lab.architect_asking import ask, check_refused, edit, structure
from tests.refusal import refuses
from tests.strategies import networks

_SMALL = ("lenet5", "resnet18_cifar", "unet_padded")


@pytest.mark.parametrize("name", models.MODELS)
def test_every_known_network_is_told_as_the_summary_has_it(name: str) -> None:
    network = models.build(name)
    text = to_toml(network)
    told = ask("describe", text=text)
    law = json.loads(json.dumps(summarize(network).to_dict()))
    for row, layer in zip(told["layers"], law.pop("layers"), strict=True):
        assert {key: row[key] for key in layer} == layer
        assert row["is_computed"] and row["error"] is None
    assert {key: told[key] for key in law} == law
    assert told["refusal"] is None and told["toml"] == text == told["text"]
    lines = text.split("\n")
    assert all(row["written"] in lines[row["line"] - 1] for row in told["layers"])


@pytest.mark.parametrize("name", _SMALL)
def test_the_chosen_layer_is_explained_with_every_sum(name: str) -> None:
    network = models.build(name)
    text, summary = to_toml(network), summarize(network)
    for place, row in enumerate(summary.layers):
        chosen = ask("describe", text=text, chosen=place)["chosen"]
        assert chosen["explanation"] == [str(line) for line in explain(row)]
        assert [f["name"] for f in chosen["fields"]] == [*row.layer.limits()]
        values = row.layer.whole()
        for field in chosen["fields"]:
            assert field["value"] == json.loads(json.dumps(values[field["name"]]))
            limit = row.layer.limits()[field["name"]]
            control = json.loads(json.dumps(dict(limit.control())))
            assert field["control"] == control


def test_an_impossible_layer_does_not_hide_the_others() -> None:
    layers = '"conv 6 5x5",\n "maxpool 2",\n "conv 16 5x5",\n "relu",\n'
    text = f'input = "1x8x8"\nlayers = [\n{layers}]'
    told = ask("describe", text=text, chosen=2)
    assert told["refusal"]["code"] == "window-too-large"
    assert (told["refusal"]["place"], told["refusal"]["line"]) == (2, 5)
    shapes = [row["output_shape"] for row in told["layers"]]
    assert shapes == [[6, 4, 4], [6, 2, 2], None, None]
    assert "(2 - 5 + 0 + 0)/1 + 1 < 1" in told["layers"][2]["error"]
    assert told["layers"][3]["error"] is None and told["totals"] is None
    assert told["chosen"]["fields"] and not told["chosen"]["explanation"]
    words = [remedy["words"] for remedy in told["refusal"]["remedies"]]
    assert words == ["give it padding 2", "use a 1x1 kernel", "remove 'conv2'"]
    check_remedies(told)


def check_remedies(told: Any) -> int:
    """Each change works when it is taken, and is the one meant; how many there were."""
    for number, remedy in enumerate(told["refusal"]["remedies"]):
        after = ask("describe", text=remedy["text"])
        if not remedy["is_whole"]:
            assert after["refusal"]["place"] >= told["refusal"]["place"], remedy
            continue
        assert after["refusal"] is None, (told["text"], remedy)
        refusal = read_draft(told["text"]).refusal
        assert refusal is not None
        meant: Any = refusal.values["remedies"]
        law = Network("law", tuple(told["input_shape"]), meant[number].nodes)
        found = read_draft(remedy["text"]).network
        assert found and structure(found) == structure(law), remedy
    return len(told["refusal"]["remedies"])


@settings(max_examples=150)
@given(networks(), st.data())
def test_every_offered_remedy_works(network: Network, data: st.DataObject) -> None:
    """Of networks that a layer from elsewhere makes impossible."""
    texts = [text for group in GROUPS.values() for text in group]
    strange = ("conv 3 9x9", "conv 4 3x3 groups 3", "maxpool 5 pad 2", "concat input")
    text = data.draw(st.sampled_from([*texts, *strange, "add input", "linear 3"]))
    at = data.draw(st.integers(0, len(network.nodes)))
    told = edit(to_toml(network), "insert", at=at, layer=text)
    if told["refusal"] is not None:
        check_remedies(told)


@pytest.mark.parametrize(
    "layers",
    [
        ["conv 8 3x3", "conv 8 9x9", "relu", "add relu1"],
        ["maxpool 2", "maxpool 9", "conv 4 3x3", "linear 10"],
        ["conv 4 3x3 as a", "conv 8 3x3 as b", "add a"],
        ["conv 4 3x3", "linear 10"],
        ["convtranspose 4 2x2 pad 9", "relu"],
        ["conv 6 3x3 groups 4", "relu"],
        ["flatten", "conv 4 3x3", "relu"],
        ["conv 4 3x3", "concat input", "relu"],
        ["relu", "tanh", "add", "flatten", "linear 10"],
        ["conv 4 3x3 as stem", "relu", "linear 10 from stem", "relu"],
        ["relu as relu2", "relu", "maxpool 9", "add relu2 from relu3"],
    ],
)
def test_kinds_of_remedies_work(layers: list[str]) -> None:
    told = ask("describe", text=f'input = "1x8x8"\nlayers = {json.dumps(layers)}')
    assert told["refusal"] is not None
    assert check_remedies(told) >= 1, told["refusal"]


def test_a_text_that_breaks_off_shows_what_can_be_read() -> None:
    text = to_toml(models.build("lenet5"))
    cut = text[: text.index('"linear 84"') + 5]
    told = ask("describe", text=cut)
    assert told["refusal"]["code"] == "description-syntax" and not told["can_edit"]
    assert [row["name"] for row in told["layers"]][-1] == "relu3"
    assert told["layers"][-1]["output_shape"] == [120]
    check_refused("architect-unreadable", told=edit(cut, "remove", at=0))


def test_what_is_wrong_outside_the_layers_leaves_them_computed() -> None:
    layers = 'layers = ["relu", "tanh"]\n'
    for wrong in ('name = "a/b"', "colour = 1", "schema = 9", "[recipe]\nepochs = 0"):
        text = f'input = "2x4x4"\n{layers}{wrong}'
        told = ask("describe", text=text)
        assert told["refusal"] and told["refusal"]["place"] is None
        assert [row["output_shape"] for row in told["layers"]] == [[2, 4, 4]] * 2
    for wrong in ('input = "0x4x4"', 'input = "x"', "", "input = {}"):
        told = ask("describe", text=f"{wrong}\n{layers}")
        code = "input-shape" if wrong else "input-missing"
        assert told["refusal"]["code"] == code
        assert told["input_shape"] is None and len(told["layers"]) == 2


@pytest.mark.parametrize("number", range(200))
def test_hostile_texts_are_told_or_refused(number: int) -> None:
    """Every text is told, whatever is in it; every edit is done or refused in words."""
    random = Random(number)
    text, _ = description(random)
    told = ask("describe", text=text[: 1 << 20], chosen=random.choice((None, 0, 3, 99)))
    if told["refusal"] is None:
        return
    assert told["refusal"]["message"] and told["refusal"]["code"]
    check_remedies(told)
    for do, values in (
        ("remove", {"at": 0}),
        ("move", {"at": 0, "to": len(told["layers"]) - 1}),
        ("insert", {"at": 0, "layer": "relu"}),
        ("duplicate", {"at": 0}),
        ("set", {"at": 0, "field": "stride", "value": [[]]}),
        ("call", {"at": 0, "name": "\x00"}),
        ("input", {"value": "3x\u202e"}),
        ("title", {"value": '"\\\x7f'}),
        ("toml", {}),
    ):
        try:
            edit(text, do, **values)
        except UsageError as error:
            assert error.code == "request-field"


def test_what_is_no_request_is_refused() -> None:
    text = to_toml(models.build("lenet5"))
    with refuses(UsageError, "architect-edit"):
        ask("edit", text=text, edit=[])
    check_refused(
        "field-whole",
        "Conv2d.stride",
        "got 0",
        told=edit(text, "set", at=0, field="stride", value=[0, 0]),
    )
    with refuses(UsageError, "request-field"):
        ask("describe", text=7)
    with refuses(UsageError, "model-unknown", "lenet5"):
        ask("model", name="lenet")
    check_refused("input-shape", told=ask("model", name="lenet5", input="three"))
    for name in models.MODELS:
        for shape in ("1x1x1", "784", "2x65536x1", "1x65536x65536"):
            told = ask("model", name=name, input=shape)
            assert told["text"] if "refused" not in told else told["refused"]["message"]
    check_refused(
        "description-layers", told=ask("code", text='input = "1x2x2"', language="json")
    )


def test_a_known_network_takes_an_input_and_classes() -> None:
    told = ask("model", name="lenet5", input="3x64x64", classes=4)
    assert told["text"] == to_toml(models.lenet5((3, 64, 64), 4))
    start = ask("architect")
    known = [n for family in start["families"] for n in family["networks"]]
    assert sorted(n["name"] for n in known) == sorted(models.MODELS)
    for each in known:
        network = models.build(each["name"])
        assert each["input"] == "x".join(map(str, network.input))
        assert each["classes"] == network.output[0]
    kinds = [layer["kind"] for group in start["kinds"] for layer in group["layers"]]
    assert sorted(kinds) == sorted(LAYERS)


@pytest.mark.parametrize("name", models.MODELS)
def test_code_builds_the_same_network(name: str) -> None:
    network = models.build(name)
    codes = {
        language: ask("code", text=to_toml(network), language=language)
        for language in ("toml", "json", "python", "torch")
    }
    assert from_toml(codes["toml"]["code"]).network == network
    assert from_json(codes["json"]["code"]).network == network
    found: dict[str, Any] = {}
    exec(codes["python"]["code"], found)
    assert found["network"] == network
    compile(codes["torch"]["code"], "model.py", "exec")
    assert [c["name"].rpartition(".")[2] for c in codes.values()] == [
        *("toml", "json", "py", "py")
    ]


def test_the_recipe_is_in_the_code() -> None:
    text = to_toml(models.build("lenet5")) + "[recipe]\nepochs = 7\nseed = 3\n"
    told = ask("describe", text=text)
    assert told["has_recipe"] and told["toml"].startswith(text.partition("[recipe]")[0])
    plain = json.loads(ask("code", text=text, language="json")["code"])
    assert plain == json.loads(json.dumps(to_plain(*from_toml(text))))
    assert plain["recipe"]["epochs"] == 7
