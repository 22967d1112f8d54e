"""A photo filtered in the browser, held to Python: sums, poolings, grey, colours."""

from typing import Any

import numpy as np
import pytest
from PIL import Image

from mirada.errors import MiradaError
from mirada.inspection.sliding import slide_kernel, slide_pooling
from mirada.views.shades import clipped, signed, stretched
from tests.node import run_module

RANDOM = np.random.default_rng(23)

FILTER = """
return given.map(({ values, height, width, sizes, asked }) => {
  const [rows, columns] = sizes.map((each) => it.windowSize(...each));
  const plane = { height, width, values: Float64Array.from(values) };
  const made = it.filtered(plane, { ...asked, rows, columns });
  return [made.height, made.width, [...made.values]];
});
"""


def drawn(mode: str) -> dict[str, Any]:
    """A small photo and a window that fits it."""
    height, width = RANDOM.integers(8, 20, 2).tolist()
    tall, wide = RANDOM.integers(1, 4, 2).tolist()
    stride, dilation = RANDOM.integers(1, 4, 2).tolist()
    pools = mode in ("max", "mean")
    most = min(tall, wide) // 2 if pools else 3
    ends = RANDOM.integers(0, most + 1, 4).tolist()
    apart = 1 if pools else dilation
    return {
        "values": RANDOM.integers(0, 256, height * width).tolist(),
        "height": height,
        "width": width,
        "sizes": [
            [height, tall, stride, *ends[:2], apart],
            [width, wide, stride, *ends[2:], apart],
        ],
        "asked": {
            "mode": mode,
            "kernel": RANDOM.integers(-4, 5, (tall, wide)).tolist(),
            "bias": 0 if pools else int(RANDOM.integers(-9, 10)),
            "activation": "" if pools else str(RANDOM.choice(["", "relu"])),
        },
    }


def by_python(case: dict[str, Any]) -> Any:
    image = np.array(case["values"]).reshape(1, case["height"], case["width"])
    asked, (rows, columns) = case["asked"], case["sizes"]
    shared: dict[str, Any] = {
        "stride": rows[2],
        "padding": ((rows[3], rows[4]), (columns[3], columns[4])),
    }
    if asked["mode"] in ("max", "mean"):
        size = rows[1], columns[1]
        return slide_pooling(image, asked["mode"], size, **shared).output[0]
    return slide_kernel(
        image,
        np.array(asked["kernel"])[None],
        dilation=rows[5],
        bias=asked["bias"],
        activation=asked["activation"] or None,
        flipped=asked["mode"] == "convolution",
        **shared,
    ).output


@pytest.mark.parametrize("mode", ["correlation", "convolution", "max", "mean"])
def test_photos_are_filtered_as_python_does(mode: str) -> None:
    cases = [drawn(mode) for _ in range(100)]
    wanted = []
    for case in cases:
        try:
            wanted.append(by_python(case))
        except MiradaError:
            wanted.append(None)
    kept = [case for case, one in zip(cases, wanted, strict=True) if one is not None]
    assert len(kept) > 60
    sums = [one for one in wanted if one is not None]
    answers = run_module(
        ["views/photo_pixels.js", "views/window_size.js"], FILTER, kept
    )
    for ours, theirs in zip(answers, sums, strict=True):
        assert ours[:2] == list(theirs.shape)
        found = np.array(ours[2]).reshape(theirs.shape)
        np.testing.assert_allclose(found, theirs, rtol=1e-12)


def test_grey_is_that_of_the_decoder() -> None:
    colour = RANDOM.integers(0, 256, (9, 7, 3), np.uint8)
    flat = np.dstack([colour, np.full((9, 7), 255, np.uint8)]).ravel().tolist()
    body = """
    const pixels = { width: 7, height: 9, data: Uint8ClampedArray.from(given) };
    return it.planesOf(pixels, true).map((plane) => [...plane.values]);"""
    (found,) = run_module("views/photo_pixels.js", body, flat)
    wanted = np.asarray(Image.fromarray(colour).convert("L"), np.int64)
    assert np.abs(np.array(found).reshape(9, 7) - wanted).max() <= 1


@pytest.mark.parametrize("way", ["signed", "clipped", "stretched"])
def test_pictures_are_those_of_python(way: str) -> None:
    values = RANDOM.normal(0, 200, (12, 10))
    body = """
    const values = Float64Array.from(given.values);
    return [...it.painted([{ width: 10, height: 12, values }], given.way).data];"""
    given = {"values": values.ravel().tolist(), "way": way}
    found = np.array(run_module("views/photo_pixels.js", body, given))
    found = found.reshape(12, 10, 4)
    assert (found[..., 3] == 255).all()
    made = {"signed": signed, "clipped": clipped, "stretched": stretched}[way]
    wanted = made(values.astype(np.float64)).astype(int)
    wanted = wanted if wanted.ndim == 3 else np.repeat(wanted[..., None], 3, 2)
    # The table of colours has 128 steps to each side.
    assert np.abs(found[..., :3] - wanted).max() <= 1


@pytest.mark.parametrize(
    ("kernel", "way"),
    [
        ([[0, -1, 0], [-1, 5, -1], [0, -1, 0]], "clipped"),
        ([[-1, 0, 1]], "signed"),
        ([[1, 0, 1]], "stretched"),
    ],
)
def test_a_map_is_shown_as_its_kernel_is(kernel: list[list[int]], way: str) -> None:
    body = 'return it.wayOf({ mode: "correlation", kernel: given });'
    assert run_module("views/photo_pixels.js", body, kernel) == way
