"""Scripts that show how exported files are used: the classes of any image."""

from mirada.data.preprocessing import Preprocessing
from mirada.network import Network, Softmax

__all__ = ["onnx_example", "torch_example"]

_HEAD = '''"""Says what the model sees in an image:

    python example.py [IMAGE]

It needs {needs}.
"""

import sys
from pathlib import Path

{imports}

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


path = sys.argv[1] if len(sys.argv) > 1 else str(HERE / "example.png")
'''

_TORCH = """\
model = load(str(HERE / "model.safetensors"))
with torch.inference_mode():
    outputs = model(preprocess(pixels(path))).flatten()
shares = {shares}
for share, place in zip(*shares.topk(min(5, len(shares)))):
    print(f"{{share.item():6.1%}}  {{class_names[place]}}")
"""

_ONNX = """\
model = onnxruntime.InferenceSession(str(HERE / "model.onnx"))
class_names = json.loads(model.get_modelmeta().custom_metadata_map["classes"])
image = np.ascontiguousarray(pixels(path).transpose(2, 0, 1))[None]
(shares,) = model.run(["probabilities"], {"image": image})[0]
for place in np.argsort(-shares, kind="stable")[:5]:
    print(f"{shares[place]:6.1%}  {class_names[place]}")
"""

_TORCH_IMPORTS = """\
import numpy as np
import torch
from model import class_names, load, preprocess
from PIL import Image, ImageOps"""
_ONNX_IMPORTS = """\
import numpy as np
import onnxruntime
from PIL import Image, ImageOps"""

_CROP = """\
        # The largest rectangle of the model's proportions in the middle.
        scale = min(image.width / WIDTH, image.height / HEIGHT)
        left = max((image.width - WIDTH * scale) / 2, 0)
        top = max((image.height - HEIGHT * scale) / 2, 0)
        box = (left, top, image.width - left, image.height - top)
        image = image.resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR, box=box)"""
_SQUASH = """\
        image = image.resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR)"""


def torch_example(network: Network, preprocessing: Preprocessing) -> str:
    """A file `example.py`, to lie beside `model.py`.

    >>> text = torch_example(Network("tiny", (1, 2, 2), (Softmax(),)),
    ...     Preprocessing((2, 2), 1))
    >>> "outputs.softmax" in text, "box=box" in text
    (False, True)
    """
    ends_in_softmax = isinstance(network.nodes[-1].layer, Softmax)
    shares = "outputs" if ends_in_softmax else "outputs.softmax(dim=0)"
    needs = "PyTorch, safetensors, NumPy and Pillow"
    head = _head(preprocessing, needs, _TORCH_IMPORTS)
    return head + _TORCH.format(shares=shares)


def onnx_example(preprocessing: Preprocessing) -> str:
    """A file `example.py`, to lie beside `model.onnx`.

    >>> "onnxruntime.InferenceSession" in onnx_example(Preprocessing((2, 2), 1))
    True
    """
    needs = "onnxruntime, NumPy and Pillow"
    head = _head(preprocessing, needs, _ONNX_IMPORTS)
    return head.replace("import sys\n", "import json\nimport sys\n", 1) + _ONNX


def _head(preprocessing: Preprocessing, needs: str, imports: str) -> str:
    """What any of them begins with: the imports, and pixels as mirada takes them."""
    height, width = preprocessing.size
    return _HEAD.format(
        needs=needs,
        imports=imports,
        height=height,
        width=width,
        channels=preprocessing.channels,
        mode="L" if preprocessing.channels == 1 else "RGB",
        resize=_CROP if preprocessing.resize == "crop" else _SQUASH,
    )
