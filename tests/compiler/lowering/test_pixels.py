"""Pixels become what the engine's preprocessing makes of them, bit for bit."""

import numpy as np
import pytest

from mirada.compiler.interpreter import interpret
from mirada.compiler.ir import Buffer
from mirada.compiler.lowering.pixels import normalized
from mirada.compiler.verify import verify
from mirada.data.preprocessing import Preprocessing


@pytest.mark.parametrize("channels", (1, 3))
def test_the_bits_are_those_of_preprocessing(channels: int) -> None:
    seen = Preprocessing((6, 15), channels, mean=(0.41,), std=(0.293,))
    pixels = np.random.default_rng(1).integers(0, 256, (6, 15, channels), np.uint8)
    given = Buffer("pixels", pixels.shape, "u8", low=0, high=255)
    scale, offset = (values.tolist() for values in seen.coefficients())
    kernel = normalized(given, Buffer("images", (1, channels, 6, 15)), scale, offset)
    verify(kernel)
    images = np.zeros((1, channels, 6, 15), np.float32)
    interpret(kernel, {"pixels": pixels.ravel(), "images": images.ravel()})
    np.testing.assert_array_equal(images, seen.normalize(pixels[None]))
