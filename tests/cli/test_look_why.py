"""`mirada look --cam`: words, pictures, JSON and the part of a run's page."""

import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from mirada.cli.look_why import sections
from mirada.inspection import METHODS
from mirada.inspection.methods import CAMS, SIGNED
from mirada.tasks.subject import Subject
from mirada.training import Model, load_model, save_model
from mirada.views import page_html
from mirada.views.page import part
from tests.cli.bilingual import refused
from tests.cli.calling import Caller
from tests.cli.documented import documented_fields

RUN = "runs/example"
SECTION = "mirada look RUN --image FILE --cam METHOD"
LOOK = ("look", RUN, "--image", "image.png", "--cam")


@pytest.mark.parametrize("method", METHODS)
def test_one_map_as_json(call: Caller, here: Path, method: str) -> None:
    found = call(*LOOK, method, "--json").json
    assert set(found) == documented_fields(SECTION)
    assert (found["schema"], found["method"], found["class"]) == (1, method, "0")
    values = np.array(found["map"])
    assert values.shape == (8, 8) and np.isfinite(values).all()
    assert found["signed"] == (method in SIGNED)
    assert found["signed"] or (values >= 0).all()
    assert found["layer"] == ("relu2" if method in CAMS else "input")
    row, column = found["peak"]
    assert values[row, column] == values.max()
    if method in CAMS:
        shape = load_model(Path(RUN, "best.safetensors")).network.shapes["relu2"]
        assert np.array(found["grid"]).shape == shape[1:]
        assert np.max(found["grid"]) >= values.max()
    else:
        assert found["grid"] is None
    for name in ("deletion", "insertion"):
        assert 0 <= found[name] <= 1 and 0 <= found[f"{name}_elsewhere"] <= 1
    assert -1 <= found["randomisation"] <= 1
    assert isinstance(found["trusted"], bool) and found["verdict"]
    assert Path(found["picture"]) == Path(RUN, "look", f"image-{method}.svg")
    ElementTree.parse(found["picture"])


def test_all_maps_as_json_are_those_of_each(call: Caller, here: Path) -> None:
    found = call(*LOOK, "all", "--json").json
    assert [item["method"] for item in found["maps"]] == [*METHODS]
    alone = call(*LOOK, "rise", "--json").json
    own = next(item for item in found["maps"] if item["method"] == "rise")
    assert own == {name: alone[name] for name in own}
    about = set(documented_fields(SECTION)) - set(own)
    assert set(found) == about | {"maps"}
    assert Path(RUN, "look", "image-all.svg").is_file()


def test_the_same_command_gives_the_same_numbers(call: Caller, here: Path) -> None:
    words = (*LOOK, "rise", "--json")
    assert call(*words).out == call(*words).out


def test_both_engines_give_the_same_map(call: Caller, here: Path) -> None:
    native, plain = (
        np.array(call(*LOOK, "grad-cam", "--json", "--engine", kind).json["map"])
        for kind in ("native", "reference")
    )
    np.testing.assert_allclose(native, plain, rtol=0, atol=1e-4 * plain.max())


def test_the_map_is_that_of_the_class_asked_for(call: Caller, here: Path) -> None:
    words = (*LOOK, "integrated-gradients", "--json")
    own, other = call(*words).json, call(*words, "--class", "7").json
    assert (own["class"], other["class"]) == ("0", "7")
    assert own["answer"] == other["answer"] == "0"
    assert own["map"] != other["map"] and other["probability"] < own["probability"]
    for found in (own, other):
        rise = found["score"] - found["baseline_score"]
        assert np.sum(found["map"]) == pytest.approx(rise, abs=0.05 * abs(rise) + 0.1)
    assert Path(other["picture"]).name == "image-integrated-gradients-7.svg"


@pytest.mark.parametrize("method", CAMS)
def test_a_layer_can_be_asked_for(call: Caller, here: Path, method: str) -> None:
    found = call(*LOOK, method, "--json", "--layer", "conv1").json
    assert found["layer"] == "conv1"
    text = call(*LOOK, method, "--layer", "conv1").out
    assert "Layer conv1 was asked for" in text


def test_one_map_in_words(call: Caller, here: Path) -> None:
    called = call(*LOOK, "grad-cam")
    assert called.code == 0
    text = called.out
    for words in (
        "image.png: 0 (",
        "Explained: class 0 (",
        "Its score before softmax is",
        "grad-cam: The maps of one layer are added up",
        "Layer relu2: the last one whose maps",
        "One place of a map sees",
        "Strongest at the ",
        "less is better",
        "more is better",
        "random weights",
        f"Look at it: {RUN}/look/image-grad-cam.svg",
    ):
        assert words in text, words
    numbers = re.findall(
        r"^(deletion|insertion|random weights) +(\S+) +(\S+)", text, re.M
    )
    assert [row[0] for row in numbers] == ["deletion", "insertion", "random weights"]
    found = call(*LOOK, "grad-cam", "--json").json
    assert float(numbers[0][1]) == pytest.approx(found["deletion"], abs=0.0051)
    assert float(numbers[1][2]) == pytest.approx(
        found["insertion_elsewhere"], abs=0.0051
    )
    assert float(numbers[2][1]) == pytest.approx(found["randomisation"], abs=0.0051)
    assert found["verdict"] in text


def test_all_maps_in_words_and_in_spanish(call: Caller, here: Path) -> None:
    english = call(*LOOK, "all").out
    rows = [line.split()[0] for line in english.splitlines() if line]
    assert [word for word in rows if word in METHODS] == [*METHODS]
    spanish = call(*LOOK, "all", "--lang", "es").out
    assert "Borrado" in spanish and "Pesos al azar" in spanish
    assert "Se explica: la clase 0" in spanish and "Strongest" not in spanish


def test_credits_and_scores_are_told(call: Caller, here: Path) -> None:
    text = call(*LOOK, "integrated-gradients").out
    found = re.search(r"add up to (-?[\d.]+); the score rose by (-?[\d.]+)", text)
    assert found
    assert float(found[1]) == pytest.approx(float(found[2]), rel=0.05, abs=0.1)


def test_pictures_go_where_they_are_asked_to(call: Caller, here: Path) -> None:
    odd = "a b;$(x)é.png"
    shutil.copy("image.png", odd)
    called = call(
        "look", RUN, "--image", odd, "--cam", "rise", "--out", "there", "--json"
    )
    path = Path(called.json["picture"])
    assert path.parent == Path("there")
    assert path.name == "a_b___x_é-rise.svg"
    assert not Path(RUN, "look").exists()
    text = path.read_text("utf-8")
    assert "<script" not in text and odd in text


def test_a_run_that_answers_with_mirror_images_says_so(
    call: Caller, here: Path
) -> None:
    model = load_model(Path(RUN, "best.safetensors"))
    turned = Model(
        model.network,
        model.parameters,
        model.classes,
        model.preprocessing,
        {**model.facts, "flips": True},
    )
    save_model(Path("turned.safetensors"), turned)
    words = ("look", "turned.safetensors", "--image", "image.png", "--cam", "rise")
    assert "here the image itself is explained" in call(*words).err
    assert Path("look", "image-rise.svg").is_file()


def test_a_class_that_is_unknown(call: Caller, here: Path) -> None:
    words = (*LOOK, "rise", "--class", "10")
    told = refused(call, *words, code="class-unknown", exit_code=2)
    assert "tells no class '10'" in told.english
    assert not Path(RUN, "look").exists()


@pytest.mark.parametrize("layer", ["flatten1", "linear1"])
@pytest.mark.parametrize("method", ["grad-cam", "all"])
def test_a_layer_without_a_map(
    call: Caller, here: Path, method: str, layer: str
) -> None:
    words = (*LOOK, method, "--layer", layer)
    told = refused(call, *words, code="cam-layer", exit_code=2)
    assert f"Layer '{layer}' gives" in told.english
    assert "Layers that will do: conv1, relu1" in told.english
    assert "Capas que sirven: conv1, relu1" in told.spanish
    assert not Path(RUN, "look").exists()


@pytest.mark.parametrize("method", ["saliency", "occlusion", "rise"])
def test_a_method_that_takes_no_layer(call: Caller, here: Path, method: str) -> None:
    words = (*LOOK, method, "--layer", "conv1")
    told = refused(call, *words, code="cam-without-layer", exit_code=2)
    assert f"{method} looks at the image itself" in told.english


def test_a_network_without_maps(call: Caller, here: Path) -> None:
    Path("plain.toml").write_text(
        'name = "plain"\ninput = "1x8x8"\nlayers = ["flatten", "linear 10"]\n'
    )
    words = ("train", "plain.toml", "digits", "--epochs", "1", "--out", "runs/plain")
    assert call("--quiet", *words).code == 0
    look = ("look", "runs/plain", "--image", "image.png", "--cam")
    told = refused(call, *look, "grad-cam", code="cam-no-layer", exit_code=2)
    assert "'plain' has no layer with maps" in told.english
    found = call(*look, "all", "--json").json
    assert [item["method"] for item in found["maps"]] == [
        method for method in METHODS if method not in CAMS
    ]
    refused(call, *look, "all", "--layer", "linear1", code="cam-no-layer", exit_code=2)
    subject = Subject("runs/plain")
    (section,) = sections(subject, *subject.data())
    assert "saliency" in str(section.content[1]) + str(section.content[0])


def test_a_method_that_is_unknown(call: Caller, here: Path) -> None:
    assert call(*LOOK, "lime").code == 2


def test_an_image_that_cannot_be_read(call: Caller, here: Path) -> None:
    Path("half.png").write_bytes(Path("image.png").read_bytes()[:60])
    words = ("look", RUN, "--image", "half.png", "--cam", "rise")
    assert call(*words).code == 3
    assert not Path(RUN, "look").exists()


def test_a_folder_that_cannot_be_made(call: Caller, here: Path) -> None:
    Path("taken").write_text("")
    words = (*LOOK, "rise", "--out", "taken")
    refused(call, *words, code="cannot-make-report", exit_code=5)


def page(subject: Subject) -> str:
    (section,) = sections(subject, *subject.data())
    return page_html("run", [part(section.title, *section.content)], [section.style])


def figures(text: str) -> list[str]:
    return re.findall(r"<svg.*?</svg>", text, re.DOTALL)


def test_the_part_of_a_page(call: Caller, here: Path) -> None:
    text = page(Subject(RUN))
    found = figures(text)
    assert 4 <= len(found) <= 6
    for figure in found:
        assert figure.count("with random weights") >= 2
        assert figure.count("laid elsewhere") >= 4
        assert "grad-cam · layer relu2" in figure and "integrated-gradients" in figure
    notes = [re.findall(r"answered (right|wrong)", figure)[0] for figure in found]
    assert set(notes) == {"right", "wrong"} and notes[:2] == ["right", "wrong"]
    assert len(re.findall(r'id="reasons-\d+-image"', text)) == len(found)
    count = re.search(r"(\d+)\s+of (\d+) maps pass all three", text)
    assert count and int(count[2]) == 2 * len(found)
    assert int(count[1]) == text.count(">It passes all three checks.<")


def test_the_page_is_the_same_each_time(call: Caller, here: Path) -> None:
    assert page(Subject(RUN)) == page(Subject(RUN))


def test_a_page_without_images_has_no_part(call: Caller, here: Path) -> None:
    subject = Subject(RUN)
    data, samples = subject.data()
    assert not [*sections(subject, data, samples[:0])]


def test_colour_images(call: Caller, here: Path) -> None:
    path = sorted(Path("photos").rglob("*.png"))[0]
    words = ("look", "models/photos", "--image", str(path), "--cam")
    maps = call(*words, "all", "--json").json["maps"]
    wanted = load_model(Path("models/photos/best.safetensors")).preprocessing
    assert {np.array(item["map"]).shape for item in maps} == {wanted.size}
