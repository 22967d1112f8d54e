"""A script that shows how the exported PyTorch module is used."""

from mirada.data.preprocessing import Preprocessing
from mirada.network import Network, Softmax

__all__ = ["example_source"]

_SOURCE = '''"""Says what the model sees in an image:

    python example.py [IMAGE]

It needs PyTorch, safetensors, NumPy and Pillow.
"""

import sys
from pathlib import Path

import numpy as np
import torch
from model import class_names, load, preprocess
from PIL import Image, ImageOps

HERE = Path(__file__).resolve().parent
HEIGHT, WIDTH = {height}, {width}


def pixels(path: str) -> np.ndarray:
    """The image at the size that the model takes, uint8 {height}x{width}x{channels}."""
    image = ImageOps.exif_transpose(Image.open(path))
    if "A" in image.getbands() or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image).convert("RGB")
    image = image.convert("L" if image.mode in ("1", "L", "I;16") else "RGB")
    if image.size != (WIDTH, HEIGHT):
{resize}
    return np.asarray(image.convert("{mode}")).reshape(HEIGHT, WIDTH, {channels})


model = load(str(HERE / "model.safetensors"))
path = sys.argv[1] if len(sys.argv) > 1 else str(HERE / "example.png")
with torch.inference_mode():
    outputs = model(preprocess(pixels(path))).flatten()
shares = {shares}
for share, place in zip(*shares.topk(min(5, len(shares)))):
    print(f"{{share.item():6.1%}}  {{class_names[place]}}")
'''

_CROP = """\
        # The largest rectangle of the model's proportions in the middle.
        scale = min(image.width / WIDTH, image.height / HEIGHT)
        left = max((image.width - WIDTH * scale) / 2, 0)
        top = max((image.height - HEIGHT * scale) / 2, 0)
        box = (left, top, image.width - left, image.height - top)
        image = image.resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR, box=box)"""
_SQUASH = """\
        image = image.resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR)"""


def example_source(network: Network, preprocessing: Preprocessing) -> str:
    """A file `example.py`, to lie beside `model.py`: the classes of an image.

    >>> text = example_source(Network("tiny", (1, 2, 2), (Softmax(),)),
    ...     Preprocessing((2, 2), 1))
    >>> "outputs.softmax" in text, "box=box" in text
    (False, True)
    """
    height, width = preprocessing.size
    ends_in_softmax = isinstance(network.nodes[-1].layer, Softmax)
    return _SOURCE.format(
        height=height,
        width=width,
        channels=preprocessing.channels,
        mode="L" if preprocessing.channels == 1 else "RGB",
        resize=_CROP if preprocessing.resize == "crop" else _SQUASH,
        shares="outputs" if ends_in_softmax else "outputs.softmax(dim=0)",
    )
