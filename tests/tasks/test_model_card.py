"""The card of a model: what it says, and that nobody's names become Markdown."""

from dataclasses import replace
from pathlib import Path

import pytest

from mirada.export import FORMATS
from mirada.export.parity import Parity
from mirada.language import speaking
from mirada.tasks.model_card import accuracy_text, model_card
from mirada.tasks.subject import Subject
from mirada.tasks.taken_away import examples_of, verdict
from mirada.training import save_model


@pytest.mark.parametrize("to", FORMATS)
def test_every_format_says_how_it_is_loaded(here: Path, to: str) -> None:
    card = model_card(Subject("runs/example"), to)
    before, after = card.split("## How to load it")
    assert "```" in after
    assert "| `conv 32 3x3 pad 1` | 32x8x8 | 320 |" in before
    with speaking("es"):
        assert "## Cómo cargarla" in model_card(Subject("runs/example"), to)


def test_names_stay_names(here: Path) -> None:
    model = Subject("runs/example").model
    names = ("[a](http://x)", "<b>", "*c*", "`d`", "e\nf", *"56789")
    save_model(here / "odd.safetensors", replace(model, classes=names))
    card = model_card(Subject("odd.safetensors"), "weights")
    line = next(line for line in card.splitlines() if line.startswith("- **Classes**"))
    assert r"\[a\]\(http://x\), \<b\>, \*c\*, \`d\`, e\\nf, 5" in line


def test_what_was_not_measured_is_not_told(here: Path) -> None:
    assert accuracy_text(None) == "not measured on held-out images"


def test_images_are_taken_evenly_and_never_twice(here: Path) -> None:
    found = examples_of(Subject("runs/example"), None, 1000)
    assert len(found.pixels) == found.of == 359
    assert len(examples_of(Subject("runs/example"), None, 5).pixels) == 5


def test_verdicts_in_words() -> None:
    fine = Parity(1e-6, 1e-7, 1.0, 50, 1e-3, passed=True)
    assert "rounding explains up to 1.0e-03" in verdict(fine)
    wrong = Parity(None, None, 0.5, 50, 1e-3, passed=False)
    assert verdict(wrong).startswith("does not agree")
    assert "is -, but" in verdict(wrong)
    assert verdict(Parity(reason="not checked: because")) == "not checked: because"
