"""Edits of a description: done where they are asked for, and nowhere else."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirada import models
from mirada.errors import UsageError
from mirada.network import Network
from mirada.network.file import from_json, from_toml, to_toml
from mirada.network.text import network_text
from tests.lab.architect_asking import ask, check_refused, edit, structure
from tests.refusal import refuses
from tests.strategies import networks, strategy


@settings(max_examples=60)
@given(networks(), st.data())
def test_text_and_column_are_one_for_drawn_networks(
    network: Network, data: st.DataObject
) -> None:
    text = to_toml(network)
    told = ask("describe", text=text)
    assert [row["written"] for row in told["layers"]] == network_text(network)
    count = len(network.nodes)
    at = data.draw(st.integers(0, count))
    added = edit(text, "insert", at=at, layer="dropout 0.25")["text"]
    assert from_toml(added).network.nodes[at].layer.kind == "dropout"
    assert edit(added, "remove", at=at)["text"] == text
    start, end = (
        data.draw(st.integers(0, count - 1)),
        data.draw(st.integers(0, count - 1)),
    )
    there = edit(text, "move", at=start, to=end)["text"]
    assert edit(there, "move", at=end, to=start)["text"] == text
    lines = "\n".join([f"input {'x'.join(map(str, network.input))}", *told_texts(told)])
    same = ask("describe", text=lines)
    assert same["form"] == "lines"
    assert [r["output_shape"] for r in same["layers"]] == [
        r["output_shape"] for r in told["layers"]
    ]


def told_texts(told: Any) -> list[str]:
    return [row["written"] for row in told["layers"]]


@settings(max_examples=60)
@given(networks(), st.data())
def test_who_reads_a_layer_still_reads_it_when_others_come_between(
    network: Network, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(network.nodes)))
    kind = data.draw(st.sampled_from([node.layer.kind for node in network.nodes]))
    new = "dropout" if kind in ("dropout", "add", "concat") else "relu"
    told = edit(to_toml(network), "insert", at=at, layer=new)
    places = {node.name: n for n, node in enumerate(network.nodes)}
    names = [row["name"] for row in told["layers"]]
    for place, node in enumerate(network.nodes):
        now = told["layers"][place + (place >= at)]
        for before, name in zip(node.inputs, now["inputs"], strict=True):
            if name == names[at]:  # what stood above it now stands above the new layer
                assert place + (place >= at) == at + 1
                continue
            was = places.get(before, -1)
            assert name == ("input" if was < 0 else names[was + (was >= at)])


@settings(max_examples=80)
@given(networks(), st.data())
def test_every_field_is_set_to_every_value_inside_its_limit(
    network: Network, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(network.nodes) - 1))
    layer = network.nodes[at].layer
    for name, limit in layer.limits().items():
        value = data.draw(strategy(limit))
        plain = json.loads(json.dumps(limit.plain(value)))
        told = ask(
            "edit",
            text=to_toml(network),
            edit={"do": "set", "at": at, "field": name, "value": plain},
            chosen=at,
        )
        fields = {f["name"]: f["value"] for f in told["chosen"]["fields"]}
        assert fields[name] == plain
        others = {f: v for f, v in fields.items() if f != name}
        was = json.loads(json.dumps(layer.whole()))
        assert others == {f: was[f] for f in others}


def test_the_text_keeps_its_comments_its_recipe_and_its_form() -> None:
    text = (
        "# mine\n"
        'name = "own"\n'
        'input = "1x28x28"  # MNIST\n'
        "layers = [\n"
        "  # the eye\n"
        '  "conv 6 5x5 pad 2", # first\n'
        '  "relu",\n'
        "\n"
        '  { kind = "maxpool", kernel_size = 2 },\n'
        '  "flatten",\n'
        "  'linear 10'\n"
        "]\n"
        "\n"
        "[recipe] # kept\n"
        "epochs = 3\n"
        'optimizer = "sgd 0.1 momentum 0.8"\n'
    )
    assert edit(text, "set", at=0, field="stride", value=[2, 2])[
        "text"
    ] == text.replace("5x5 pad 2", "5x5 stride 2 pad 2")
    told = edit(text, "set", at=2, field="stride", value=[1, 1])["text"]
    assert told == text.replace(
        '{ kind = "maxpool", kernel_size = 2 }',
        '{ kind = "maxpool", kernel_size = [2, 2], stride = [1, 1] }',
    )
    assert edit(text, "insert", at=5, layer="softmax")["text"] == text.replace(
        "'linear 10'", "'linear 10',\n  \"softmax\""
    )
    moved = edit(text, "move", at=0, to=1)["text"]
    assert moved.index('"relu"') < moved.index("# the eye") < moved.index("# first")
    assert edit(text, "input", value="3x32x32")["text"] == text.replace(
        "1x28x28", "3x32x32"
    )
    assert edit(text, "title", value="other")["text"] == text.replace("own", "other")
    named = edit('layers = ["relu"]\ninput = [4]', "title", value="new")["text"]
    assert from_toml(named).network.name == "new"
    for do in ("remove", "duplicate"):
        found = from_toml(edit(text, do, at=1)["text"])
        assert found.recipe == from_toml(text).recipe


@settings(max_examples=60)
@given(networks(), st.data())
def test_names_are_those_that_the_network_gives(
    network: Network, data: st.DataObject
) -> None:
    """Also where a layer is called as another would be by itself."""
    text, places = to_toml(network), st.integers(0, len(network.nodes) - 1)
    for _ in range(3):
        kind = network.nodes[data.draw(places)].layer.kind
        name = data.draw(st.sampled_from(["a", f"{kind}1", f"{kind}2", f"{kind}3"]))
        told = edit(text, "call", at=data.draw(places), name=name)
        text = told.get("text", text)
    nodes = from_toml(text).network.nodes
    rows = ask("describe", text=text)["layers"]
    assert [row["name"] for row in rows] == [node.name for node in nodes]
    assert [tuple(row["inputs"]) for row in rows] == [node.inputs for node in nodes]
    assert structure(from_toml(text).network) == structure(network)


def test_a_list_on_one_line_stays_on_one_line() -> None:
    text = 'input = "2x4x4"\nlayers = ["relu", "tanh", "silu"]'
    for do, values, layers in (
        ("move", {"at": 0, "to": 2}, '["tanh", "silu", "relu"]'),
        ("move", {"at": 2, "to": 0}, '["silu", "relu", "tanh"]'),
        ("insert", {"at": 0, "layer": "gelu"}, '["gelu", "relu", "tanh", "silu"]'),
        ("insert", {"at": 3, "layer": "gelu"}, '["relu", "tanh", "silu", "gelu"]'),
        ("remove", {"at": 0}, '["tanh", "silu"]'),
        ("remove", {"at": 2}, '["relu", "tanh"]'),
    ):
        told = edit(text, do, **values)
        assert told["text"].partition("layers = ")[2] == layers


def test_who_reads_what_is_taken_out_reads_what_that_read() -> None:
    text = 'input = "2x4x4"\nlayers = ["relu as a", "tanh", "silu from a"]'
    told = edit(text, "remove", at=0)
    assert [row["written"] for row in told["layers"]] == ["tanh", "silu from input"]
    text = 'input = "2x4x4"\nlayers = ["relu", "tanh from relu1", "add relu1"]'
    told = edit(text, "remove", at=1)
    assert told["layers"][1]["inputs"] == ["relu1", "relu1"]


def test_references_follow_names() -> None:
    text = to_toml(models.build("resnet18_cifar"))
    names = [row["name"] for row in ask("describe", text=text)["layers"]]
    at = names.index("stem_relu")
    called = edit(text, "call", at=at, name="eye")
    assert '"add eye as layer1_0_add"' in called["text"]
    automatic = edit(text, "call", at=at, name="")
    assert '"add relu1 as layer1_0_add"' in automatic["text"]
    gone = edit(text, "remove", at=at)
    assert '"add stem_bn as layer1_0_add"' in gone["text"]
    assert all(told["refusal"] is None for told in (called, automatic, gone))
    check_refused("name-twice", told=edit(text, "call", at=at, name="stem_bn"))
    for name in ("two words", "as", "é"):
        assert edit(text, "call", at=at, name=name)["refused"]["message"]


def test_a_layer_reads_what_it_is_told_to() -> None:
    text = 'input = "2x4x4"\nlayers = ["relu", "tanh", "add relu1", "sigmoid"]'
    told = edit(text, "join", at=2, inputs=["relu1", "input", "tanh1"])
    assert told["layers"][2]["written"] == "add input tanh1 from relu1"
    assert told["layers"][2]["inputs"] == ["relu1", "input", "tanh1"]
    plain = edit(told["text"], "join", at=3, inputs=["input"])
    assert plain["layers"][3]["written"] == "sigmoid from input"
    back = edit(plain["text"], "join", at=3, inputs=["add1"])
    assert back["layers"][3]["written"] == "sigmoid"
    for wrong in ([], "relu1", ["sigmoid1"], [3], ["none"]):
        with refuses(UsageError, "architect-inputs", "input, relu1, tanh1"):
            edit(text, "join", at=2, inputs=wrong)


def test_a_layer_that_cannot_be_read_can_be_written_anew() -> None:
    text = 'input = "1x8x8"\nlayers = ["conv 6 5x5", "convv 3", "flatten", 7]'
    told = ask("describe", text=text, chosen=1)
    assert [row["kind"] for row in told["layers"]] == ["conv", "", "flatten", ""]
    assert "'convv'" in told["layers"][1]["error"] and told["layers"][3]["error"]
    assert told["layers"][0]["output_shape"] == [6, 4, 4]
    check_refused(
        "architect-layer-unreadable",
        "convv 3",
        told=edit(text, "set", at=1, field="stride", value=1),
    )
    check_refused(
        "text-unknown-kind", told=edit(text, "replace", at=1, layer="convvv 3")
    )
    mended = edit(text, "replace", at=1, layer="conv 3 3x3")
    mended = edit(mended["text"], "remove", at=3)
    assert mended["refusal"] is None and mended["output_shape"] == [12]


@pytest.mark.parametrize(
    "wrong",
    [
        {"edit": {"do": "explode"}},
        {"edit": {"do": "remove", "at": 12}},
        {"edit": {"do": "remove", "at": -1}},
        {"edit": {"do": "move", "at": 0, "to": 12}},
        {"edit": {"do": "insert", "at": 13, "layer": "relu"}},
        {"edit": {"do": "set", "at": 0, "field": "colour", "value": 1}},
        {"edit": {"do": "insert", "at": 0}},
    ],
)
def test_what_is_no_edit_is_refused(wrong: Any) -> None:
    with refuses(UsageError, "request-field"):
        ask("edit", text=to_toml(models.build("lenet5")), **wrong)


def test_a_json_text_is_edited_as_json() -> None:
    code = ask("code", text=to_toml(models.build("lenet5")), language="json")["code"]
    told = edit(code, "insert", at=1, layer="batchnorm")
    assert told["form"] == "json"
    assert from_json(told["text"]).network.nodes[1].layer.kind == "batchnorm"
    removed = set(code.split("\n")) - set(told["text"].split("\n"))
    assert not removed
    toml = edit(code, "toml")
    assert toml["form"] == "toml" and from_toml(toml["text"]).network == models.lenet5()
