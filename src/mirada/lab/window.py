"""The window: kernels by their names, examples to begin with, photos to filter."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirada.inspection.kernels import KERNELS, Kernel, named_kernel
from mirada.lab.asked import Answer, Asked, Content, Work
from mirada.lab.decoders import LabDecoders
from mirada.lab.lab import Lab
from mirada.lab.uploads import MOST_UPLOAD_BYTES, decoded_upload
from mirada.lab.window_examples import examples
from mirada.lab.window_photo import drawn_photo
from mirada.language import translate
from mirada.views.png import png_bytes

__all__ = ["WORK"]

_MOST_PIXELS = 360 * 270
"""A photo that is filtered anew for every frame is brought down to this."""

_RANGES = {
    "side": (3.0, 11.0, 2.0),
    "sigma": (0.5, 4.0, 0.1),
    "angle": (0.0, 175.0, 5.0),
    "wavelength": (2.0, 12.0, 0.5),
}
"""The least, the most and the step of what shapes a kernel, on the page."""

_START = {"sigma": 1.0, "angle": 0.0, "wavelength": 4.0}


def _kernels(lab: Lab, asked: Asked) -> Answer:
    return {"kernels": [_kernel(named_kernel(name)) for name in KERNELS]}


def _kernel(kernel: Kernel) -> dict[str, Any]:
    # The bell of gabor follows its wavelength unless it is given.
    shaped_by = [o for o in kernel.options if (kernel.name, o) != ("gabor", "sigma")]
    return {
        "name": kernel.name,
        "about": str(kernel.about),
        "source": kernel.source,
        "values": kernel.values.tolist(),
        "shapes": [_shape(option, kernel.values) for option in shaped_by],
    }


def _shape(option: str, values: NDArray[Any]) -> dict[str, Any]:
    low, high, step = _RANGES[option]
    labels = {
        "side": translate("Height and width"),
        "sigma": translate("Width of the bell"),
        "angle": translate("Angle of the stripes, in degrees"),
        "wavelength": translate("Pixels from stripe to stripe"),
    }
    start = float(len(values)) if option == "side" else _START[option]
    bounds = {"value": start, "low": low, "high": high, "step": step}
    return {"name": option, "label": labels[option], **bounds}


def _shaped(lab: Lab, asked: Asked) -> Answer:
    given = {
        option: asked.number(option, low, high)
        for option, (low, high, _) in _RANGES.items()
        if option in asked.value
    }
    options: dict[str, Any] = given
    if "side" in given:
        options = given | {"side": int(given["side"])}
    kernel = named_kernel(asked.text("name"), **options)
    return {"values": kernel.values.tolist()}


def _examples(lab: Lab, asked: Asked) -> Answer:
    return {"examples": [example.plain() for example in examples()]}


def _photo(lab: Lab, asked: Asked) -> Answer:
    return _png(drawn_photo())


def _upload(lab: Lab, asked: Asked) -> Answer:
    name = asked.text("name", "")
    decoders = lab.part(LabDecoders).get()
    pixels = decoded_upload(
        decoders, asked.content, name=name, most_pixels=_MOST_PIXELS
    )
    return _png(pixels)


def _png(pixels: NDArray[np.uint8]) -> Content:
    return Content("image/png", png_bytes(pixels))


WORK = (
    Work("GET", "/api/window/kernels", _kernels),
    Work("POST", "/api/window/kernel", _shaped),
    Work("GET", "/api/window/examples", _examples),
    Work("GET", "/api/window/photo", _photo),
    Work("POST", "/api/window/photo", _upload, most_bytes=MOST_UPLOAD_BYTES),
)
