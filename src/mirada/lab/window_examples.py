"""Examples to begin with: small images and what slides over them."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mirada.data.digits import read_digits
from mirada.errors import Phrase
from mirada.inspection.kernels import named_kernel

__all__ = ["Example", "examples"]

_IMAGE = np.array(
    [
        [1, 1, 1, 0, 0],
        [0, 1, 1, 1, 0],
        [0, 0, 1, 1, 1],
        [0, 0, 1, 1, 0],
        [0, 1, 1, 0, 0],
    ]
)
_CROSS = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])
_CENTRE = np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]])
_POOLED = np.array([[1, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]])
_DIGIT = 3


@dataclass(frozen=True, eq=False)
class Example:
    """An example by its title; `about` says what to look at.

    `settings` are those of the view `sliding`, but for image and kernel.
    """

    name: str
    title: Phrase
    about: Phrase
    image: Any
    kernel: Any = None
    settings: dict[str, Any] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """The example as the page takes it."""
        data = {"image": self.image.tolist(), **self.settings}
        if self.kernel is not None:
            data["kernel"] = self.kernel.tolist()
        words = {"title": str(self.title), "about": str(self.about)}
        return {"name": self.name, **words, "data": data}


def examples() -> tuple[Example, ...]:
    """The lecture's first, then one for each thing that a window can do."""
    # long because it is a list, each with its words.
    sharpen = named_kernel("sharpen").values
    sobel = named_kernel("sobel-x").values
    return (
        Example(
            "lecture",
            Phrase("The lecture's filter"),
            Phrase("The largest outputs are where the image has the kernel's cross."),
            _IMAGE[None],
            _CROSS[None],
        ),
        Example(
            "edges",
            Phrase("An edge"),
            Phrase(
                "Even areas give 0; where it gets darker to the right, Sobel's kernel "
                "gives negative numbers. Convolution turns the signs around."
            ),
            np.repeat([[8, 8, 8, 8, 2, 2, 2, 2]], 6, axis=0)[None],
            sobel[None],
        ),
        Example(
            "rounding",
            Phrase("Stride and rounding"),
            Phrase(
                "Steps of 2 do not end at the last pixel: 2.5 windows are rounded down "
                "to 2, and the hatched cells are read by none."
            ),
            np.arange(36).reshape(1, 6, 6) % 7,
            _CROSS[None],
            {"stride": 2},
        ),
        Example(
            "padding",
            Phrase("Padding"),
            Phrase(
                "With a ring of zeros the window also stands at the border: the output "
                "is as large as the image."
            ),
            _IMAGE[None],
            sharpen[None],
            {"padding": "same"},
        ),
        Example(
            "rgb",
            Phrase("Three channels"),
            Phrase(
                "Each channel has a slice of the kernel; the three maps are added up, "
                "then come bias and activation: one filter gives one map."
            ),
            np.stack([_IMAGE, _IMAGE.T, np.ones_like(_IMAGE)]),
            np.stack([_CROSS, sharpen, _CENTRE]),
            {"bias": -5, "activation": "relu"},
        ),
        Example(
            "pooling",
            Phrase("Max pooling"),
            Phrase("Of each window only the largest number is kept."),
            _POOLED[None],
            None,
            {"mode": "max", "pool": [2, 2], "stride": 2},
        ),
        Example(
            "digit",
            Phrase("A handwritten digit"),
            Phrase(
                "Strokes that run down give large numbers on one side, small ones on "
                "the other."
            ),
            _digit()[None],
            sobel[None],
            {"padding": "same"},
        ),
    )


def _digit() -> Any:
    """A packaged digit in its published values, 0 to 16."""
    images, labels = read_digits()
    first = images[labels == _DIGIT][0, :, :, 0].astype(np.int64)
    return first * 16 // 255
