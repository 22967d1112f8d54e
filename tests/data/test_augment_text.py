"""An augmentation as a line of text, there and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirada.data.augment import Augmentation
from mirada.data.augment_text import WORDS
from mirada.errors import ConfigurationError
from tests.refusal import refuses


def numbers(most: float) -> st.SearchStrategy[float]:
    return st.floats(0.0, most) | st.integers(0, int(most)).map(float)


AREAS = st.tuples(
    st.floats(0.01, 0.5), st.floats(0.5, 1.0), st.floats(0.25, 1.0), st.floats(1.0, 4.0)
)
AUGMENTATIONS = st.builds(
    Augmentation,
    shift=st.integers(0, 64),
    crop=st.integers(0, 64),
    flip=st.booleans(),
    fill=st.integers(0, 255),
    resized_crop=st.just(())
    | st.floats(0.01, 1.0).map(lambda a: (a,))
    | AREAS.map(lambda a: a[:2])
    | AREAS,
    scale=numbers(1.0),
    rotate=numbers(180.0),
    shear=numbers(45.0),
    flip_vertical=st.booleans(),
    reflect=st.booleans(),
    randaugment=numbers(1.0),
    brightness=numbers(1.0),
    contrast=numbers(1.0),
    saturation=numbers(1.0),
    hue=numbers(0.5),
    grey=numbers(1.0),
    blur=numbers(8.0),
    noise=numbers(1.0),
    cutout=numbers(1.0),
    mixup=numbers(10.0),
    cutmix=numbers(10.0),
)


@given(AUGMENTATIONS)
def test_text_and_value_are_the_same(augmentation: Augmentation) -> None:
    assert Augmentation.from_text(augmentation.text()) == augmentation
    assert Augmentation.from_dict(augmentation.to_dict()) == augmentation


@given(st.floats(1e-6, 1.0))
def test_jitter_stands_for_four(strength: float) -> None:
    found = Augmentation.from_text(f"jitter {strength!r}")
    assert found.brightness == found.contrast == found.saturation == strength
    assert found.hue == strength / 4
    assert Augmentation.from_text(found.text()) == found
    assert found.text() == f"jitter {strength!r}".removesuffix(".0")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("mixup 0.2, flip , crop 4", "crop 4, flip, mixup 0.2"),
        ("none", "none"),
        ("crop 0", "none"),
        ("resized-crop 0.5 1", "resized-crop 0.5"),
        ("resized-crop 0.5 0.75", "resized-crop 0.5 0.75"),
        ("resized-crop 0.5 1 0.5 2", "resized-crop 0.5 1 0.5 2"),
        ("jitter 0.5, rotate 10", "rotate 10, jitter 0.5"),
        ("jitter 0.5, grey 0.1, blur 1", "jitter 0.5, grey 0.1, blur 1"),
        ("hue 0.125, saturation 0.5, brightness 0.5, contrast 0.5", "jitter 0.5"),
        ("brightness 0.5, hue 0.1", "brightness 0.5, hue 0.1"),
    ],
)
def test_the_order_is_that_in_which_things_happen(text: str, wanted: str) -> None:
    assert Augmentation.from_text(text).text() == wanted


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("rotation 10", "Did you mean rotate, saturation?"),
        ("crop 4, Flip", "There is no augmentation 'Flip'"),
        ("gray 0.1", "Did you mean grey?"),
        ("sharpen 3", "there are resized-crop, scale, rotate"),
        ("", "There is no augmentation ''"),
        ("crop 4,", "There is no augmentation ''"),
        ("resized_crop 0.5", "Did you mean resized-crop"),
        ("cut", "no augmentation 'cut'"),
    ],
)
def test_an_unknown_word_is_told_with_its_neighbours(text: str, words: str) -> None:
    with refuses(ConfigurationError, "augmentation-word", words):
        Augmentation.from_text(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("crop", "'crop' is followed by nothing; it takes one number"),
        ("crop four", "followed by four"),
        (
            "crop 4 5",
            "followed by 4 5; it takes one number. Write for instance 'crop 4'",
        ),
        ("flip 0.5", "followed by 0.5; it takes no number. Write for instance 'flip'"),
        ("resized-crop 1 2 3", "it takes one, two or four numbers"),
        ("jitter", "Write for instance 'jitter 0.2'"),
    ],
)
def test_the_numbers_of_a_word_are_counted(text: str, words: str) -> None:
    with refuses(ConfigurationError, "augmentation-numbers", words):
        Augmentation.from_text(text)


@pytest.mark.parametrize("text", ["flip, crop 3, flip", "jitter 0.1, hue 0.1"])
def test_nothing_is_said_twice(text: str) -> None:
    with refuses(ConfigurationError, "augmentation-twice", text, "twice. Say it once"):
        Augmentation.from_text(text)


@pytest.mark.parametrize("text", ["crop 1.5", "rotate 200", "noise nan", "noise 1e400"])
def test_a_number_beyond_its_limit_is_named(text: str) -> None:
    with refuses(
        ConfigurationError, "augmentation-field", f"Augmentation.{text.split()[0]}"
    ):
        Augmentation.from_text(text)


def test_every_word_can_be_said() -> None:
    for word in WORDS:
        for text in (word, f"{word} 0.5", f"{word} 1"):
            try:
                Augmentation.from_text(text)
                break
            except ConfigurationError:
                continue
        else:
            raise AssertionError(word)
