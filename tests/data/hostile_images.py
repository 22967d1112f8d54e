"""Hostile image files of every format that is decoded: attacks, then seeded damage.

`cases(form, count)` gives first what aims at one weakness (a size that lies, a bomb, a
directory that is its own next), then mutations of valid files, without an end.
"""

from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from itertools import chain, islice

from PIL import Image

from mirada.data.icc import SRGB_CHROMATICITY, colour_profile, grey_profile
from tests.data.hostile import (
    bitmaps,
    boxed,
    gif,
    jpeg,
    layered,
    plain,
    png,
    tiff,
    webp,
)
from tests.data.hostile.changes import Case, mutations
from tests.data.hostile.profiles import printer
from tests.data.pictures import picture

__all__ = ["ATTACKS", "EVERY", "attacks", "cases", "wild"]

EVERY = 70
"""How many of each format the promise speaks of."""

ATTACKS: Mapping[str, Callable[[], Iterator[Case]]] = {
    "JPEG": jpeg.hostile,
    "PNG": png.hostile,
    "GIF": gif.hostile,
    "WEBP": webp.hostile,
    "BMP": bitmaps.hostile_bmp,
    "TIFF": tiff.hostile,
    "AVIF": boxed.hostile_avif,
    "JPEG2000": boxed.hostile_jp2,
    "PPM": plain.hostile_ppm,
    "ICO": bitmaps.hostile_ico,
    "QOI": plain.hostile_qoi,
    "PSD": layered.hostile,
    "PCX": plain.hostile_pcx,
    "DIB": bitmaps.hostile_dib,
    "TGA": plain.hostile_tga,
}
_TAGGED = {
    "RGB": colour_profile((1.8,), SRGB_CHROMATICITY),
    "L": grey_profile((1.0,)),
    "CMYK": printer(),
}
_MODES = ("RGB", "L", "P", "RGBA", "1", "LA", "CMYK", "I;16")


def cases(form: str, seed: int = 0) -> Iterator[Case]:
    """All attacks on a format, then mutations without end."""
    return chain(attacks(form), wild(form, seed))


def attacks(form: str) -> Iterator[Case]:
    """What aims at one weakness of a format each."""
    return ATTACKS[form]()


def wild(form: str, seed: int = 0) -> Iterator[Case]:
    """Seeded mutations of valid files, the same for the same seed."""
    for number, (name, content) in enumerate(mutations(form, [*_valid(form)], seed)):
        believed = form == "PNG" and number % 4
        yield name, png.summed(content) if believed else content


def _valid(form: str) -> Iterator[bytes]:
    Image.init()
    yield from (data for _, data in islice(attacks(form), 1, 4))
    if form == "PSD":  # Pillow reads it, and does not write it
        yield layered.psd()
    for mode in _MODES:
        stream = BytesIO()
        try:
            picture(7, (40, 24)).convert("L").convert(mode).save(stream, form)
        except (OSError, ValueError, KeyError):
            continue
        yield stream.getvalue()
        if mode in _TAGGED and form in ("JPEG", "PNG", "TIFF", "WEBP", "AVIF"):
            yield _tagged(form, mode)


def _tagged(form: str, mode: str) -> bytes:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "a picture"
    stream = BytesIO()
    image = picture(8, (40, 24)).convert(mode)
    image.save(stream, form, icc_profile=_TAGGED[mode], exif=exif)
    return stream.getvalue()
