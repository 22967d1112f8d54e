"""A notebook that is really run: cells in, widgets and their plain forms out."""

import os
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("anywidget")
pytest.importorskip("ipykernel")
nbclient = pytest.importorskip("nbclient")
nbformat = pytest.importorskip("nbformat")

WIDGET = "application/vnd.jupyter.widget-view+json"
CELLS = (
    "from mirada import build, notebook\nnotebook.enable()",
    "build('lenet5')",
    "window = notebook.window(bias=2)\nwindow",
    "notebook.feature_maps('runs/example', 'image.png', 'conv1')",
    "notebook.curves('runs/example')",
    "window.widget.data = {**window.widget.data, 'stride': 2}\nwindow.widget.data",
    "from mirada.training import read_run\nfrom pathlib import Path\n"
    "read_run(Path('runs/example'))",
)


def run(folder: Path, language: str, *cells: str) -> Any:
    """A notebook of these cells after it was run, its widgets' state kept."""
    book = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells]
    )
    client = nbclient.NotebookClient(
        book,
        timeout=120,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute(env={**os.environ, "MIRADA_LANG": language})
    return book


def shown(book: Any, number: int) -> dict[str, Any]:
    """What the last value of a cell gave."""
    (output,) = [o for o in book.cells[number].outputs if "data" in o]
    return dict(output["data"])


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("language", ["en", "es"])
def test_a_notebook(stage: Path, language: str) -> None:
    book = run(stage, language, *CELLS)
    words = {
        "en": ("lenet5: input 1×28×28", "Cross-correlation, stride 1"),
        "es": ("lenet5: entrada 1×28×28", "Correlación cruzada, stride 1"),
    }[language]
    state = book.metadata["widgets"]["application/vnd.jupyter.widget-state+json"]
    titles = {1: words[0], 2: words[1], 3: None, 4: None, 6: None}
    for number, title in titles.items():
        data = shown(book, number)
        assert data.keys() == {"text/plain", "text/html", WIDGET}
        assert title in (None, data["text/plain"])
        found = state["state"][data[WIDGET]["model_id"]]
        assert found["state"]["spoken"]["language"] == language
        assert "export default { render };" in found["state"]["_esm"]
    (kept,) = [
        each["state"]["data"]
        for each in state["state"].values()
        if each["state"].get("data", {}).get("bias") == 2
    ]
    assert kept["stride"] == 2
    assert "'stride': 2" in shown(book, 5)["text/plain"]
    assert "data:image/png;base64," in shown(book, 3)["text/html"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_refusal_is_seen_in_its_cell(stage: Path) -> None:
    with pytest.raises(Exception, match="at most 28x28"):
        run(stage, "en", "from mirada import notebook", "notebook.window([[1] * 29])")
