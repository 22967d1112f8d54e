"""`mirada look RUN --layer L`, and the sections of a run's page."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mirada.cli.look_learned import sections
from mirada.data import Dataset, load
from mirada.language import use_language
from mirada.models import build
from mirada.tasks.sample import sample_of, telling
from mirada.tasks.subject import Subject
from mirada.views.page import page_html, part
from tests.cli.bilingual import refused
from tests.cli.calling import Caller
from tests.cli.documented import documented_fields

RUN = "runs/example"
DOCUMENTED = "mirada look RUN --layer L [--data DATA] --json"


def test_the_interface(call: Caller, here: Path) -> None:
    found = call("look", RUN, "--layer", "conv1", "--json").json
    assert set(found) == documented_fields(DOCUMENTED)
    assert (found["kind"], found["shape"]) == ("conv", [32, 8, 8])
    assert found["parameters"] == 320
    assert len(found["units"]) == 32
    for unit in found["units"]:
        assert set(unit) == documented_fields(DOCUMENTED, "units")
        assert unit["moved"] > 0 and -1 <= unit["cosine"] <= 1
        assert 0 < unit["gabor"]["correlation"] <= 1.000001
    shown = found["units"][0]
    assert len(shown["patches"]) == 6 and found["units"][16]["patches"] == []
    values = [patch["value"] for patch in shown["patches"]]
    assert values == sorted(values, reverse=True)
    assert shown["liked"]["after"] > shown["liked"]["before"]
    assert found["activity"]["layer"] == "relu1"
    assert [row["layer"] for row in found["probes"]] == ["input", "conv1"]
    assert all(row["low"] <= row["accuracy"] <= row["high"] for row in found["probes"])
    assert found["chance"] < 0.2
    assert Path(found["written"]).is_file()


def test_patches_are_where_the_filter_answers(call: Caller, here: Path) -> None:
    """The value is the filter's sum over the box, its bias and no padding added."""
    found = call("look", RUN, "--layer", "conv1", "--json").json
    subject = Subject(RUN)
    data, _ = subject.data()
    images = dict(zip(data.names, data.images, strict=True))
    weights = subject.model.parameters["conv1.weight"]
    bias = subject.model.parameters["conv1.bias"]
    for number, unit in enumerate(found["units"][:16]):
        for patch in unit["patches"]:
            values = subject.model.preprocessing.normalize(images[patch["image"]][None])
            (top, bottom), (left, right) = patch["rows"], patch["columns"]
            cut = values[0, 0, top : bottom + 1, left : right + 1]
            if cut.shape == (3, 3):
                total = float((cut * weights[number, 0]).sum() + bias[number])
                assert patch["value"] == pytest.approx(total, abs=1e-3)


def test_the_text_in_both_languages(call: Caller, here: Path) -> None:
    called = call("look", RUN, "--layer", "conv1")
    assert called.out.startswith("conv1 (conv 32 3x3 pad 1): 32x8x8\n")
    assert "It learns 320 numbers." in called.out
    assert "half of random filters of this size reach" in called.out
    assert "Dead units of relu1: " in called.out
    assert "Written: runs/example/look/layer-conv1.html" in called.out
    spanish = call("look", RUN, "--layer", "conv1", "--lang", "es").out
    assert "Aprende 320 números." in spanish and "Unidades muertas" in spanish


@pytest.mark.parametrize("layer", ["maxpool1", "relu2", "flatten1", "dropout1"])
def test_a_layer_that_learns_nothing_says_so(
    call: Caller, here: Path, layer: str
) -> None:
    assert "It learns nothing" in call("look", RUN, "--layer", layer).out
    found = call("look", RUN, "--layer", layer, "--json").json
    assert found["parameters"] == 0 and found["gabor"] is None
    assert found["activity"]["layer"] == layer
    assert found["probes"][-1]["layer"] == layer
    assert all(unit["moved"] is None for unit in found["units"])


def test_the_input_has_a_probe_and_no_units(call: Caller, here: Path) -> None:
    found = call("look", RUN, "--layer", "input", "--json").json
    assert found["units"] == [] and found["activity"] is None
    assert [row["layer"] for row in found["probes"]] == ["input"]
    assert call("look", RUN, "--layer", "input").code == 0


def test_the_last_layer_has_no_dead_units(call: Caller, here: Path) -> None:
    found = call("look", RUN, "--layer", "linear2", "--json").json
    assert found["activity"] is None
    labels = [unit["patches"][0]["label"] for unit in found["units"]]
    assert sum(label == str(n) for n, label in enumerate(labels)) >= 9


def test_probes_rise_from_pixels_to_scores(call: Caller, here: Path) -> None:
    rows = call("look", RUN, "--layer", "linear2", "--json").json["probes"]
    assert [row["layer"] for row in rows] == [
        *("input", "conv1", "relu1", "conv2", "relu2", "maxpool1"),
        *("linear1", "relu3", "linear2"),
    ]
    assert rows[-1]["accuracy"] > rows[0]["accuracy"]


def test_weights_without_their_run_need_data(call: Caller, here: Path) -> None:
    (here / RUN / "best.safetensors").rename(here / "alone.safetensors")
    words = ("look", "alone.safetensors", "--layer", "conv1")
    told = refused(call, *words, code="look-without-data", exit_code=2)
    assert "--data" in told.english
    found = call(*words, "--data", "digits", "--json").json
    assert found["units"][0]["moved"] is None, "no seed, no filters of before"
    assert found["units"][0]["gabor"] is not None
    assert Path(found["written"]) == Path("look/layer-conv1.html")


def test_other_wrong_input(call: Caller, here: Path) -> None:
    called = call("look", RUN, "--layer", "conf1", "--json")
    assert (called.code, called.json["error"]["code"]) == (2, "layer-unknown")
    called = call("look", "photos", "--layer", "conv1", "--json")
    assert (called.code, called.json["error"]["code"]) == (3, "run-without-weights")


def test_colour_and_normalization(call: Caller, here: Path) -> None:
    found = call("look", "models/photos", "--layer", "conv1", "--json").json
    assert found["units"][0]["gabor"]["share"] < 1
    page = (here / "models/photos/look/layer-conv1.html").read_text("utf-8")
    assert "zero is grey" in page


def page_of(subject: Subject, data: Dataset, samples: Any) -> str:
    """The sections as one page."""
    found = [*sections(subject, data, samples)]
    parts = (part(section.title, *section.content) for section in found)
    return page_html("run", parts, (section.style for section in found))


def test_the_sections_of_a_run(here: Path) -> None:
    subject = Subject(RUN)
    text = page_of(subject, *subject.data())
    for title in (
        "What the filters of conv1 have become",
        "What excites conv1",
        "What excites conv2",
        "Dead units",
        "Linear probes",
        "What a shift does",
    ):
        assert f"<h2>{title}</h2>" in text.replace("\n", "") or title in text
    assert "style=" not in text and "<script" not in text
    ids = [piece.split('"')[0] for piece in text.split(' id="')[1:]]
    assert len(ids) == len(set(ids))
    use_language("es")
    spanish = page_of(subject, *subject.data())
    use_language("en")
    assert "Sondas lineales" in spanish and "Linear probes" not in spanish


def test_sections_of_few_images_of_one_class(here: Path) -> None:
    subject = Subject(RUN)
    data = load("digits").with_classes(subject.model.classes)
    ones = np.flatnonzero(data.labels == 1)[:1]
    text = page_of(subject, data, ones)
    assert "What a shift does" in text and "Linear probes" not in text


def test_without_held_out_images_all_are_used(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    subject = Subject(RUN)
    data = load("digits").with_classes(subject.model.classes)
    sample = sample_of(subject, data, np.array([], np.int64))
    assert len(sample.places) == 1000 and sample.of == len(data)
    assert "No images were held out" in capsys.readouterr().err
    assert len(np.unique(sample.places)) == 1000


def test_layers_worth_a_probe() -> None:
    network = build("resnet18", input=(3, 32, 32), classes=10)
    names = telling(network)
    assert names[0] == "input" and len(names) == 24
    assert names[-1] == network.nodes[-1].name
    lenet = build("lenet5", input=(1, 28, 28), classes=10)
    assert telling(lenet, "maxpool1") == ("input", "conv1", "relu1", "maxpool1")
    assert telling(lenet, "flatten1")[-1] == "flatten1"
    assert telling(lenet, "input") == ("input",)
