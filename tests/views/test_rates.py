"""The figure of a search for a learning rate."""

import math
import xml.etree.ElementTree as ET

import pytest

from mirada.errors import UsageError
from mirada.views import RateCurve, rate_figure, write
from tests.refusal import refuses

RATES = tuple(10.0**n for n in range(-5, 1))
LOSSES = (2.3, 2.2, 1.4, 0.6, 0.9, 40.0)


def test_the_axis_has_the_powers_of_ten_and_the_suggestion() -> None:
    text = write(rate_figure(RateCurve(RATES, LOSSES, 0.001)))
    ET.fromstring(text)
    for words in ("1e-05", "0.001", ">1<", "suggested: 0.001", "learning rate"):
        assert words in text
    assert "The smoothed loss is least, 0.6, at a learning rate of 0.01." in text


def test_what_runs_away_leaves_the_figure() -> None:
    text = write(rate_figure(RateCurve(RATES, LOSSES)))
    assert "suggested" not in text and ">40<" not in text
    path = next(e for e in ET.fromstring(text).iter() if e.tag.endswith("path"))
    heights = [float(pair.split()[1]) for pair in path.attrib["d"][1:].split("L")]
    assert len(heights) == 6 and min(heights) >= 62


@pytest.mark.parametrize("losses", [(math.nan,) * 6, (0.0,) * 6])
def test_losses_without_a_range(losses: tuple[float, ...]) -> None:
    ET.fromstring(write(rate_figure(RateCurve(RATES, losses))))


def test_a_loss_for_every_rate() -> None:
    with refuses(UsageError, "rates-length", "has 2 rates and 1 losses"):
        RateCurve((0.1, 0.2), (1.0,))
    with refuses(UsageError, "rates-length", "has 0 rates"):
        RateCurve((), ())
