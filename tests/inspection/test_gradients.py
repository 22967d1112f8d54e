"""Saliency and integrated gradients beside PyTorch's autograd, and completeness."""

import numpy as np
import pytest

from mirada.engines import ENGINES
from mirada.inspection.gradients import integrated_gradients, pixel_credits, saliency
from mirada.inspection.question import ask
from mirada.network import INPUT
from tests.inspection.looked_at import (
    NETWORKS,
    close,
    engine_of,
    image_of,
    peer_values,
    question_of,
)


@pytest.mark.parametrize("kind", ENGINES)
@pytest.mark.parametrize("name", NETWORKS)
def test_saliency_is_what_pytorch_computes(name: str, kind: str) -> None:
    network = NETWORKS[name]
    found = saliency(question_of(network, kind, 2))
    _, slopes = peer_values(network, image_of(network), 2, INPUT)
    close(found, np.abs(slopes[0]).max(axis=0))


@pytest.mark.parametrize("kind", ENGINES)
@pytest.mark.parametrize("name", NETWORKS)
def test_integrated_gradients_are_what_pytorch_computes(name: str, kind: str) -> None:
    network, steps = NETWORKS[name], 24
    noise = image_of(network, 5) / np.float32(4)
    question = ask(engine_of(network, kind), image_of(network), 1, baseline=noise)
    shares = (np.arange(steps)[:, None, None, None] + 0.5) / steps
    way = image_of(network).astype(np.float64) - noise
    _, slopes = peer_values(network, noise + shares * way, 1, INPUT)
    exact = way[0] * slopes.mean(axis=0)
    close(pixel_credits(question, steps), exact)
    close(integrated_gradients(question, steps), exact.sum(axis=0))


@pytest.mark.parametrize("name", NETWORKS)
def test_the_credits_add_up_to_the_difference_of_scores(name: str) -> None:
    question = question_of(NETWORKS[name], "native", 0)
    rise = question.score(question.image)[0] - question.score(question.baseline)[0]
    coarse, fine = (
        abs(float(integrated_gradients(question, steps).sum()) - rise)
        for steps in (4, 512)
    )
    scale = float(np.abs(integrated_gradients(question)).sum())
    assert fine < 2e-3 * scale
    assert fine < coarse or coarse < 1e-3 * scale


def test_steps_that_are_no_multiple_of_a_block() -> None:
    network = NETWORKS["soft"]
    for steps in (1, 15, 17, 33):
        question = question_of(network, "native", 3)
        alone = ask(question.engine, question.image, 3, block=1)
        close(pixel_credits(question, steps), pixel_credits(alone, steps))
