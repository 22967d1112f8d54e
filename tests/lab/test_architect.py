"""The architect's work: what it tells is the law's, what it edits stays what it was."""

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirada import models
from mirada.analysis import explain, summarize
from mirada.errors import UsageError
from mirada.lab.architect import WORK
from mirada.lab.architect_fields import GROUPS
from mirada.lab.asked import Asked
from mirada.lab.lab import Lab
from mirada.network import Network
from mirada.network.file import from_json, from_toml, to_plain, to_toml
from mirada.network.text import LAYERS, network_text
from tests.hostile.descriptions import description
from tests.refusal import refuses
from tests.strategies import networks, strategy

_WORK = {work.path.rpartition("/")[2]: work.does for work in WORK}
_LAB = Lab(Path("nowhere"))
_SMALL = ("lenet5", "resnet18_cifar", "unet_padded")


def ask(work: str, /, **values: Any) -> Any:
    """What the room answers, as JSON carries it."""
    found = _WORK[work](_LAB, Asked(value=json.loads(json.dumps(values))))
    return json.loads(json.dumps(found, allow_nan=False))


def edit(text: str, do: str, /, **values: Any) -> Any:
    return ask("edit", text=text, edit={"do": do, **values})


def check_refused(code: str, *words: str, told: Any) -> None:
    """It was answered in words, under its code, that this cannot be."""
    assert told["refused"]["code"] == code
    assert all(word in told["refused"]["message"] for word in words), told


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
    """Each change works when it is taken; how many there were."""
    for remedy in told["refusal"]["remedies"]:
        after = ask("describe", text=remedy["text"])
        if remedy["is_whole"]:
            assert after["refusal"] is None, (told["text"], remedy)
            from_toml(remedy["text"])
        else:
            assert after["refusal"]["place"] >= told["refusal"]["place"], remedy
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


def test_what_is_wrong_outside_the_layers_leaves_them_computed() -> None:
    layers = 'layers = ["relu", "tanh"]\n'
    for wrong in ('name = "a/b"', "colour = 1", "schema = 9", "[recipe]\nepochs = 0"):
        text = f'input = "2x4x4"\n{layers}{wrong}'
        told = ask("describe", text=text)
        assert told["refusal"] and told["refusal"]["place"] is None
        assert [row["output_shape"] for row in told["layers"]] == [[2, 4, 4]] * 2
    for wrong in ('input = "0x4x4"', 'input = "x"', "", "input = {}"):
        told = ask("describe", text=f"{wrong}\n{layers}")
        assert told["refusal"]["code"] == "input-shape"
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


def test_a_json_text_is_edited_as_json() -> None:
    code = ask("code", text=to_toml(models.build("lenet5")), language="json")["code"]
    told = edit(code, "insert", at=1, layer="batchnorm")
    assert told["form"] == "json"
    assert from_json(told["text"]).network.nodes[1].layer.kind == "batchnorm"
    removed = set(code.split("\n")) - set(told["text"].split("\n"))
    assert not removed
    toml = edit(code, "toml")
    assert toml["form"] == "toml" and from_toml(toml["text"]).network == models.lenet5()
