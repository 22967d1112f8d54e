"""The browser's views of training hold to what Python says."""

import json
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mirada.views.confusion import Confusion, most_confused
from mirada.views.scale import round_range, round_ticks, tick_texts

VIEWS = Path(__file__).resolve().parents[2] / "src" / "mirada" / "views"


def in_node(script: str, cases: object) -> Any:
    """What a script prints as JSON; it finds `cases` and a page of nothing."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs Node.js")
    page = "globalThis.document = {createTreeWalker() {}, createComment() {}};"
    whole = f"{page} const cases = {json.dumps(cases)}; {script}"
    words = [node, "--input-type=module", "-e", whole]
    done = subprocess.run(words, cwd=VIEWS, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_ticks_are_those_of_the_figures() -> None:
    draw = random.Random(0)
    cases = [(0.0, 2.31), (1.0, 1.0), (0.0, 0.0), (0.93, 1.0), (1.0, 20.0)]
    for _ in range(500):
        low = draw.choice([0.0, draw.uniform(-5, 5)])
        cases.append((low, low + 10 ** draw.uniform(-3, 4)))
    script = (
        "const { roundRange, roundTicks, tickText } = await import('./ticks.js');"
        "console.log(JSON.stringify(cases.map(([low, high]) => {"
        " const ticks = roundTicks(low, high);"
        " return [roundRange(low, high), ticks, ticks.map((x) => tickText(x, ticks))];"
        "})));"
    )
    for (low, high), found in zip(cases, in_node(script, cases), strict=True):
        ticks = round_ticks(low, high)
        assert np.allclose(found[0], round_range(low, high), rtol=1e-12)
        assert np.allclose(found[1], ticks, rtol=1e-12)
        plain = [float(text.replace("−", "-").replace(",", "")) for text in found[2]]
        assert np.allclose(plain, [float(text) for text in tick_texts(ticks)])


def test_the_classes_with_most_mistakes_are_those_of_the_figure() -> None:
    draw = np.random.default_rng(0)
    cases = [draw.integers(0, 9, (n, n)).tolist() for n in (2, 3, 5, 8, 12) * 6]
    script = (
        "const { mostConfused } = await import('./confusion.js');"
        "console.log(JSON.stringify(cases.map((counts) => mostConfused(counts, 4))));"
    )
    for counts, found in zip(cases, in_node(script, cases), strict=True):
        classes = tuple(map(str, range(len(counts))))
        rows = tuple(map(tuple, counts))
        assert found == most_confused(Confusion(classes, rows), 4)
