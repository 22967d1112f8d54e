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


def test_a_number_of_any_size_is_short() -> None:
    cases = [4.846855364464089e33, 2.30259, 0, 0.00001234, -3e9, 999_999]
    script = (
        "const { shortText, speak } = await import('./language.js');"
        "const en = cases.map((it) => shortText(it)); speak('es', {});"
        "console.log(JSON.stringify([en, shortText(4.8e33), shortText(NaN)]));"
    )
    english = ["4.8·10³³", "2.3026", "0", "1.2·10⁻⁵", "−3.0·10⁹", "999999"]
    assert in_node(script, cases) == [english, "4,8·10³³", "NaN"]


def test_a_loss_that_runs_away_does_not_squash_the_others() -> None:
    lines = [
        [2.3, 1.1, 0.4, 8e20, 0.5],  # a few far off
        [2.3, 0.001, 0.0005, 0.0004],  # one that learns fast
        [2.3, 1e9, 1e9, 1e9],  # more far off than not: the axis is theirs
        [],
    ]
    script = (
        "const { cutOff } = await import('./epoch_chart.js');"
        "const chart = (values) => ({ title: '', steps: [], isShare: false,"
        " lines: [values.map((value, epoch) => [epoch, value])] });"
        "console.log(JSON.stringify(cases.map((one) => cutOff(chart(one)))));"
    )
    assert in_node(script, lines) == [8e20, None, None, None]
