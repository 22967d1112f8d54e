"""What a notebook is given: data for the views, and the same without scripts."""

import base64
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mirada import notebook
from mirada.analysis import summarize
from mirada.errors import (
    DataError,
    FileError,
    MiradaError,
    ShapeError,
    UnsupportedError,
    UsageError,
)
from mirada.inspection.kernels import named_kernel
from mirada.language import use_language
from mirada.models import build
from mirada.notebook import Shown
from mirada.tasks.trained import trained
from mirada.training import read_run
from tests.cli.stage import digit

WIDGET = "application/vnd.jupyter.widget-view+json"


def told(shown: Shown) -> str:
    """The picture that stands for a view, as SVG, or its whole HTML."""
    html = shown._repr_html_()
    _, found, text = html.partition("data:image/svg+xml;base64,")
    return base64.b64decode(text.partition('"')[0]).decode() if found else html


def test_a_summary_has_every_number() -> None:
    network = build("lenet5")
    shown = notebook.summary(network)
    found = summarize(network)
    assert shown.data == found.to_dict()
    html = shown._repr_html_()
    for row in found.layers:
        assert f'<th scope="row">{row.name}</th>' in html
    assert "61,706" in html and "16×10×10" in html and repr(shown) in html


def test_a_window_begins_with_the_lecture() -> None:
    shown = notebook.window()
    assert np.array(shown.data["image"]).shape == (1, 5, 5)
    assert shown.data["kernel"] == [[[1, 0, 1], [0, 1, 0], [1, 0, 1]]]
    # The first window of the lecture gives 4.
    assert "1*1+1*0+1*1" in told(shown) and "= 4<" in told(shown)


def test_a_window_takes_what_slides() -> None:
    image = np.arange(36).reshape(6, 6)
    shown = notebook.window(
        image, "sobel-x", stride=2, padding=1, bias=-3, activation="relu"
    )
    assert shown.data["kernel"] == [named_kernel("sobel-x").values.tolist()]
    assert shown.data["stride"] == 2 and shown.data["activation"] == "relu"
    assert repr(shown) == "Cross-correlation, sobel-x, stride 2, padding 1"
    json.dumps(shown.data)
    assert notebook.window(image, pool="max").data["mode"] == "max"
    turned = notebook.window(image, [[1, 2]], convolution=True)
    assert turned.data["mode"] == "convolution" and turned.data["kernel"] == [[[1, 2]]]
    of_colours = notebook.window(np.zeros((3, 4, 4)), np.ones((3, 2, 2)))
    assert np.array(of_colours.data["kernel"]).shape == (3, 2, 2)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"image": [[1, 2], [3]]}, "window-numbers"),
        ({"image": 3}, "window-numbers"),
        ({"image": [["a"]]}, "window-numbers"),
        ({"image": []}, "window-numbers"),
        ({"image": [[float("nan")]]}, "window-numbers"),
        ({"image": np.zeros((29, 3))}, "window-numbers"),
        ({"image": np.zeros((5, 3, 3))}, "window-numbers"),
        ({"kernel": np.zeros((12, 12))}, "window-numbers"),
        ({"kernel": "sobel-z"}, "kernel-unknown"),
        ({"pool": "median"}, "window-pool"),
        ({"kernel": np.zeros((9, 9))}, "size-too-small"),
    ],
)
def test_what_no_window_can_show_is_refused(values: Any, code: str) -> None:
    with pytest.raises((UsageError, ShapeError)) as caught:
        notebook.window(**values)
    assert caught.value.code == code


def test_maps_of_a_run(stage: Path) -> None:
    shown = notebook.feature_maps(stage / "runs" / "example", stage / "image.png")
    layers = shown.data["layers"]
    network = trained(str(stage / "runs" / "example")).network
    assert [each["layer"] for each in layers] == [
        "input",
        *(node.name for node in network.nodes),
    ]
    values = np.frombuffer(shown.numbers, "<f4")
    last = layers[-1]
    assert len(values) == last["start"] + last["count"]
    assert shown._repr_html_().count("data:image/png;base64,") == len(layers)


def test_maps_of_a_model_and_pixels(stage: Path) -> None:
    model = trained(str(stage / "runs" / "example"))
    pixels = digit(0)
    shown = notebook.feature_maps(model, pixels, "input")
    (layer,) = shown.data["layers"]
    expected = model.preprocessing.normalize(pixels[None, :, :, None])
    values = np.frombuffer(shown.numbers, "<f4").reshape(layer["shape"])
    assert np.array_equal(values, expected[0])
    logits = notebook.feature_maps(model, pixels, model.network.nodes[-1].name)
    answers = np.frombuffer(logits.numbers, "<f4")
    engine = model.engine()
    assert np.allclose(answers, engine.predict(expected)[0], rtol=1e-5, atol=1e-6)


def test_what_has_no_maps_is_refused(stage: Path, tmp_path: Path) -> None:
    model = trained(str(stage / "runs" / "example"))
    cases: list[tuple[type[MiradaError], str, Any]] = [
        (DataError, "file-missing", (model, "no-such.png")),
        (UsageError, "layer-unknown", (model, digit(0), "conv9")),
        (DataError, "batch-size-differs", (model, np.zeros((3, 3)))),
        (FileError, "run-without-weights", (tmp_path, digit(0))),
    ]
    for kind, code, words in cases:
        with pytest.raises(kind) as caught:
            notebook.feature_maps(*words)
        assert caught.value.code == code


def test_curves_of_a_folder_and_of_what_was_read(stage: Path) -> None:
    folder = stage / "runs" / "example"
    run = read_run(folder)
    for given in (folder, str(folder), run):
        shown = notebook.curves(given)
        assert [row["epoch"] for row in shown.data["rows"]] == list(range(1, 9))
        assert "Training curves" in told(shown)
    with pytest.raises(MiradaError):
        notebook.curves(stage)


def test_both_languages(stage: Path) -> None:
    use_language("es")
    shown = notebook.curves(stage / "runs" / "example")
    use_language("en")
    assert repr(shown) == "Curvas de entrenamiento" in told(shown)
    assert shown.spoken["language"] == "es"
    assert shown.spoken["words"]["Loss"] == "Pérdida"
    assert notebook.window().spoken == {"language": "en", "words": {}}


def test_every_form_is_offered() -> None:
    pytest.importorskip("anywidget")
    shown = notebook.window()
    found = shown._repr_mimebundle_()
    assert found.keys() == {"text/plain", "text/html", WIDGET}
    assert found[WIDGET]["model_id"] == shown.widget.model_id
    assert found["text/plain"] == repr(shown)


def test_without_anywidget_there_is_html(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "anywidget", None)
    from mirada.notebook.widget import widget

    widget.cache_clear()
    shown = notebook.window()
    assert shown._repr_mimebundle_().keys() == {"text/plain", "text/html"}
    with pytest.raises(UnsupportedError) as caught:
        _ = shown.widget
    widget.cache_clear()
    assert caught.value.code == "notebook-extra"
    assert str(caught.value) == (
        "The notebook widgets need anywidget, which is not installed. Install it with: "
        "pip install 'mirada[notebook]'."
    )


def test_outside_of_ipython_nothing_is_enabled() -> None:
    notebook.enable()
