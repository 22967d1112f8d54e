"""Saliency and integrated gradients: how the score depends on every pixel."""

import numpy as np
from numpy.typing import NDArray

from mirada.inspection.question import Question
from mirada.network import INPUT

__all__ = ["STEPS", "integrated_gradients", "pixel_credits", "saliency"]

Doubles = NDArray[np.float64]

STEPS = 64
"""Points of the way from the baseline to the image."""


def saliency(question: Question) -> Doubles:
    """The size of the gradient of the score by each pixel, (h, w).

        map(y, x) = max over channels c of |dS / dx(c, y, x)|

    Source: Simonyan, Vedaldi, Zisserman, "Deep inside convolutional networks:
    visualising image classification models and saliency maps" (2013), section 3.1,
    arXiv 1312.6034.
    """
    slopes = question.gradients(question.image)[INPUT][0].astype(np.float64)
    found: Doubles = np.abs(slopes).max(axis=0)
    return found


def integrated_gradients(question: Question, steps: int = STEPS) -> Doubles:
    """What each pixel adds to the score on the way from the baseline, (h, w), signed.

    The sum over the channels of `pixel_credits`. Completeness: the whole map adds up to
    S(image) - S(baseline), as nearly as `steps` points can tell.
    """
    found: Doubles = pixel_credits(question, steps).sum(axis=0)
    return found


def pixel_credits(question: Question, steps: int = STEPS) -> Doubles:
    """The credit of every channel of every pixel, (c, h, w).

        credit(i) = (x(i) - b(i)) * mean over k of dS/dx(i) at b + (k + 1/2)/n * (x - b)

    for k from 0 to n - 1: the integral by the midpoint rule.

    Source: Sundararajan, Taly, Yan, "Axiomatic attribution for deep networks", ICML
    2017, sections 3 and 5, arXiv 1703.01365.
    """
    way = (question.image - question.baseline)[0].astype(np.float64)
    total = np.zeros_like(way)
    for start in range(0, steps, question.block):
        numbers = np.arange(start, min(start + question.block, steps))
        shares = ((numbers + 0.5) / steps)[:, None, None, None]
        images = (question.baseline + shares * way).astype(np.float32)
        total += question.gradients(images)[INPUT].sum(axis=0, dtype=np.float64)
    found: Doubles = way * total / steps
    return found
