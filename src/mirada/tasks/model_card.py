"""A trained network on one page of Markdown: what it is, knows, and how it is loaded.

Source: Mitchell et al., "Model cards for model reporting", arXiv 1810.03993.
"""

import time
from collections.abc import Iterator
from pathlib import Path

from mirada.analysis import summarize
from mirada.data.naming import shown
from mirada.inspection import wilson
from mirada.language import count_text, translate
from mirada.network.layer import shape_text
from mirada.tasks.quantities import percent_text
from mirada.tasks.subject import Subject
from mirada.training import RunSummary, read_run
from mirada.training.folder import CONFIGURATION
from mirada.version import __version__

__all__ = ["accuracy_text", "model_card"]

_MOST_CLASSES = 100
_LOADED = {
    "torch": """```python
from model import class_names, load, preprocess

model = load("model.safetensors")
scores = model(preprocess(image))
```""",
    "onnx": """```python
import numpy as np
import onnxruntime

model = onnxruntime.InferenceSession("model.onnx")
images = np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))  # uint8, n x c x h x w
shares = model.run(["probabilities"], {"image": images})[0]
```

```
mirada import model.onnx
```""",
    "weights": """```python
from mirada.training import load_model

model = load_model("model.safetensors")
shares = model.predict(images)
```

```
mirada predict model.safetensors IMAGE
```""",
    "description": """```
mirada summary network.toml
mirada train network.toml DATA
```""",
}


def model_card(subject: Subject, to: str) -> str:
    """The card of a run in Markdown, in the language in use, for one format."""
    return "\n".join(_lines(subject, to)) + "\n"


def _lines(subject: Subject, to: str) -> Iterator[str]:
    model = subject.model
    yield f"# {_plain(model.network.name)}"
    yield ""
    template = translate("A network that tells {count} classes of images apart.")
    yield template.format(count=count_text(len(model.classes)))
    yield ""
    yield from (f"- **{name}**: {text}" for name, text in _facts(subject))
    yield ""
    heading, loading = translate("Network"), translate("How to load it")
    yield f"## {heading}"
    yield ""
    yield from _network(subject)
    yield ""
    yield f"## {loading}"
    yield ""
    yield _LOADED.get(to, "")


def _facts(subject: Subject) -> Iterator[tuple[str, str]]:
    model, run = subject.model, _run(subject)
    yield translate("Input"), _input(subject)
    names = [_plain(name) for name in model.classes[:_MOST_CLASSES]]
    more = " ..." if len(model.classes) > _MOST_CLASSES else ""
    yield translate("Classes"), ", ".join(names) + more
    if run is not None and run.configuration is not None:
        facts = run.configuration.data
        text = translate(
            "{name}: {train} images to train, {validation} to validate, {test} held out"
        )
        train, validation, test = map(count_text, facts.counts)
        yield (
            translate("Data"),
            text.format(
                name=_plain(facts.name), train=train, validation=validation, test=test
            ),
        )
    yield translate("Accuracy"), accuracy_text(run)
    yield translate("Trained"), _date(subject.folder, subject.run)
    yield translate("Made with"), f"mirada {__version__}"


def _input(subject: Subject) -> str:
    seen = subject.model.preprocessing
    text = translate("{shape} (channels x height x width); {resize}")
    fitted = {
        "crop": translate("other images are scaled and cut to the middle"),
        "squash": translate("other images are squashed to that size"),
    }
    shape = shape_text((seen.channels, *seen.size))
    return text.format(shape=shape, resize=fitted[seen.resize])


def _run(subject: Subject) -> RunSummary | None:
    known = (subject.folder / CONFIGURATION).is_file()
    return read_run(subject.folder) if known else None


def accuracy_text(run: RunSummary | None) -> str:
    """The share of held-out images that were answered rightly, with its interval."""
    test = None if run is None else run.test
    if test is None or not test.count:
        return translate("not measured on held-out images")
    right = sum(row[place] for place, row in enumerate(test.confusion))
    share, low, high = map(percent_text, wilson(right, test.count))
    text = translate(
        "{share} of {count} held-out images (95 % interval: {low} to {high})"
    )
    return text.format(share=share, count=count_text(test.count), low=low, high=high)


def _date(folder: Path, run: str) -> str:
    """The day on which the weights were written, in universal time."""
    path = next(
        (one for one in (Path(run), folder / "best.safetensors") if one.is_file()),
        folder,
    )
    return time.strftime("%Y-%m-%d", time.gmtime(path.stat().st_mtime))


def _network(subject: Subject) -> Iterator[str]:
    summary = summarize(subject.model.network)
    heads = (translate("Layer"), translate("Output"), translate("Parameters"))
    yield f"| {' | '.join(heads)} |"
    yield "| --- | --- | ---: |"
    for row in summary.layers:
        count = count_text(row.parameters.total)
        yield f"| `{row.text}` | {shape_text(row.output_shape)} | {count} |"
    totals = summary.totals
    yield ""
    text = translate("{parameters} parameters, {macs} MACs an image.")
    yield text.format(
        parameters=count_text(totals.parameters), macs=count_text(totals.macs)
    )


def _plain(name: str) -> str:
    """A name that Markdown takes as text: nobody's class name becomes a link."""
    marks = "\\`*_{}[]()#+-.!|<>~&"
    return "".join(f"\\{c}" if c in marks else c for c in shown(name))
