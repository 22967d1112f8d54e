"""What is done to pixels before a network sees them."""

from collections.abc import Sequence

from mirada.compiler.expression import add, load, mul
from mirada.compiler.ir import Buffer, Convert, Kernel, Store, Var
from mirada.compiler.lowering.layout import loops

__all__ = ["normalized"]


def normalized(
    pixels: Buffer, images: Buffer, scale: Sequence[float], offset: Sequence[float]
) -> Kernel:
    """Pixels (rows, columns, channels) as one image (1, channels, rows, columns).

    A pixel p of channel c becomes p * scale[c] + offset[c], rounded twice, which are
    the bits of `data.Preprocessing.normalize`.
    """
    rows, columns, channels = pixels.shape
    scales, offsets = Buffer("scale", (channels,)), Buffer("offset", (channels,))
    value = Convert(load(pixels, "oy", "ox", "oc"), "f32")
    scaled = add(mul(value, load(scales, "oc")), load(offsets, "oc"))
    place = (Var("oc"), Var("oy"), Var("ox"))
    store = Store(images.view(channels, rows, columns), place, scaled)
    body = loops((store,), ("oc", channels), ("oy", rows), ("ox", columns))
    tables = ((scales, tuple(scale)), (offsets, tuple(offset)))
    return Kernel("pixels", (), (pixels, images), body, tables=tables)
