"""Pillow's globals are ours only while we decode."""

import threading
import time
import warnings

import pytest
from PIL import Image

from mirada.data.guard import decoder_guard


def test_warnings_are_silent_inside_and_heard_again_outside() -> None:
    with decoder_guard(1000):
        warnings.warn("of a decoder", UserWarning, stacklevel=1)
        with pytest.raises(Image.DecompressionBombWarning):
            warnings.warn("bomb", Image.DecompressionBombWarning, stacklevel=1)
    with pytest.raises(UserWarning, match="ours"):
        warnings.warn("ours", UserWarning, stacklevel=1)


def test_the_pixel_limit_is_put_back_even_after_an_error() -> None:
    before = Image.MAX_IMAGE_PIXELS
    with pytest.raises(KeyError), decoder_guard(1000):
        assert Image.MAX_IMAGE_PIXELS == 1000
        raise KeyError
    assert before == Image.MAX_IMAGE_PIXELS


def test_threads_do_not_undo_each_other() -> None:
    before, filters = Image.MAX_IMAGE_PIXELS, list(warnings.filters)
    unset: list[object] = []

    def work(number: int) -> None:
        for turn in range(20):
            with decoder_guard(1000):
                time.sleep((number * 7 + turn * 3) % 5 / 20000)
                if Image.MAX_IMAGE_PIXELS != 1000:
                    unset.append(number)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not unset
    assert before == Image.MAX_IMAGE_PIXELS
    assert list(warnings.filters) == filters
