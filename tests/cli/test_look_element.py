"""`mirada look RUN --image X --layer L --at C Y X`: one number of a trained network."""

import shlex
from pathlib import Path

import numpy as np
import pytest

from mirada.training import load_model
from tests.cli.bilingual import refused
from tests.cli.calling import Caller
from tests.cli.documented import documented_fields

RUN, PHOTOS = "runs/example", "models/photos"
LOOK = ("look", RUN, "--image", "image.png")

pytestmark = pytest.mark.usefixtures("here")


def layers_of(run: str) -> dict[str, tuple[int, ...]]:
    """The output shape of every layer, the input's first."""
    return dict(load_model(Path(run) / "best.safetensors").network.shapes)


def test_the_interface(call: Caller) -> None:
    called = call(*LOOK, "--layer", "conv1", "--at", "3", "4", "5", "--json")
    found = called.json
    fields = documented_fields("mirada look RUN --image FILE --layer")
    assert called.code == 0 and found.keys() == fields
    window, weights = np.array(found["window"]), np.array(found["weights"])
    assert found["products"] == (window * weights).tolist()
    assert found["sum"] == pytest.approx((window * weights).sum(), abs=1e-12)
    assert found["value"] == found["sum"] + found["bias"]
    assert found["computed"] == pytest.approx(found["value"], abs=1e-4)
    assert (found["layer"], found["place"]) == ("conv1", [3, 4, 5])
    if found["activation_layer"]:
        assert found["activation"] == max(0.0, found["value"])


@pytest.mark.parametrize("run", [RUN, PHOTOS])
def test_every_layer_of_a_trained_network_says_what_it_computed(
    call: Caller, run: str
) -> None:
    for name, shape in layers_of(run).items():
        place = [str(length // 2) for length in shape]
        words = ("look", run, "--image", "image.png", "--layer", name, "--at", *place)
        found = call(*words, "--json").json
        assert found["value"] == pytest.approx(found["computed"], rel=1e-4, abs=1e-4)
        called = call(*words)
        assert called.code == 0 and called.out.startswith(name)


def test_the_way_back_ends_at_the_pixels(call: Caller) -> None:
    """The command that is offered is followed until it is a pixel of the image."""
    last = [*layers_of(RUN)][-1]
    words = [*LOOK, "--layer", last, "--at", "0"]
    for _ in range(30):
        called = call(*words)
        assert called.code == 0, called.err
        backward = [
            x for x in called.out.splitlines() if x.startswith("To walk back: ")
        ]
        if not backward:
            break
        program, *words = shlex.split(backward[0].removeprefix("To walk back: "))
        assert program == "mirada"
    assert words[words.index("--layer") + 1] == "input"
    assert "The pixel of the image, normalized: (" in called.out


def test_it_says_which_pixels_and_which_class(call: Caller) -> None:
    last = [*layers_of(RUN)][-1]
    out = call(*LOOK, "--layer", last, "--at", "7").out
    assert "It speaks for the class '7'." in out
    assert (
        "Pixels of the image that can change it: rows 0..7, columns 0..7 (8x8)." in out
    )
    spanish = call(*LOOK, "--layer", last, "--at", "7", "--lang", "es").out
    assert "Habla a favor de la clase '7'." in spanish
    assert "Suma de los productos:" in spanish and "Sesgo:" in spanish


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("--layer", "conv1", "--at", "999", "0", "0"), "place-outside", "'conv1'"),
        (("--layer", "conv1", "--at", "1"), "place-outside", "a row from 0"),
        (("--layer", "conv1", "--at", "x"), "place-option", "'x'"),
        (("--at", "1", "2", "3"), "look-at-what", "--layer"),
        (
            ("--layer", "conv1", "--at", "1", "--cam", "all"),
            "look-at-or-cam",
            "one of them",
        ),
    ],
)
def test_refusals(
    call: Caller, words: tuple[str, ...], code: str, message: str
) -> None:
    told = refused(call, *LOOK, *words, code=code, exit_code=2)
    assert message in told.english


def test_the_reference_engine_shows_the_same(call: Caller) -> None:
    words = (*LOOK, "--layer", "conv1", "--at", "0", "1", "2", "--json")
    native, plain = call(*words).json, call(*words, "--engine", "reference").json
    assert native["weights"] == plain["weights"] and native["window"] == plain["window"]
