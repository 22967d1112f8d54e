"""What `mirada data --preview` draws: the images of a plan, and its changes."""

from typing import Any, NamedTuple

from mirada.data.batches import epoch_order
from mirada.data.preview import preview_png
from mirada.network.layer import shape_text
from mirada.tasks.prepare import AUTOMATIC, Order, prepare
from mirada.training import Wishes

__all__ = ["Preview", "preview_of"]

_IMAGES = 8


class Preview(NamedTuple):
    """A picture, and what it shows as JSON holds it."""

    png: bytes
    facts: dict[str, Any]


def preview_of(
    source: str, augment: str | None, size: int | None, network: str | None
) -> Preview:
    """The first images of the first epoch, as `mirada train` would give them."""
    order = Order(network or AUTOMATIC, source, size, Wishes(augment=augment))
    plan = prepare(order)
    configuration = plan.configuration
    seed, augmentation = configuration.recipe.seed, configuration.augmentation
    shuffled = epoch_order(plan.split.train, seed, 0)
    shape = shape_text(configuration.network.input)
    title = f"{plan.data.name}: {shape}, {augmentation.text()}"
    png = preview_png(
        title,
        plan.data,
        shuffled[:_IMAGES],
        configuration.preprocessing,
        augmentation,
        seed=seed,
    )
    return Preview(
        png,
        {
            "source": plan.data.name,
            "network": configuration.network.name,
            "input": list(configuration.network.input),
            "augmentation": augmentation.text(),
            "samples": [plan.data.names[place] for place in shuffled[:_IMAGES]],
        },
    )
