"""What "same" padding means, three times."""

import pytest

from mirada.analysis import same_meanings, window_size


@pytest.mark.parametrize(
    ("I", "F", "S", "start", "end", "output"),
    [
        (224, 7, 2, 2, 3, 112),
        (5, 2, 1, 0, 1, 5),
        (32, 5, 2, 1, 2, 16),
        (28, 2, 2, 0, 0, 14),
    ],
)
def test_same_in_three_meanings(
    I: int, F: int, S: int, start: int, end: int, output: int
) -> None:
    keras, lower, torch = same_meanings(I, F, S)
    assert (keras.start, keras.end, keras.output) == (start, end, output)
    assert (lower.start, lower.end, lower.output) == (end, start, output)
    assert torch.output == (I if S == 1 else None)
    assert torch.start + torch.end == F - 1
    found = window_size(I, F, S, "same")
    assert (found.window.start, found.window.end) == (start, end)
    assert found.output == output


def test_a_negative_total_is_held_at_zero_and_said() -> None:
    keras, _, _ = same_meanings(4, 1, 2)
    assert (keras.unclamped, keras.start, keras.end) == (-1, 0, 0)
    assert keras.formula == "max((ceil(4/2) - 1)*2 + 1 - 4, 0) = 0"


def test_same_counts_dilation() -> None:
    keras, _, torch = same_meanings(10, 3, D=2)
    assert keras.start + keras.end == torch.start + torch.end == 4
    assert torch.formula == "2*(3 - 1) = 4"


def test_a_meaning_as_json() -> None:
    keras, _, torch = same_meanings(224, 7, 2)
    assert keras.to_dict() == {
        "mode": "same",
        "spoken_by": "TensorFlow, Keras, ONNX SAME_UPPER",
        "padding": [2, 3],
        "unclamped": 5,
        "output": 112,
        "formula": "max((ceil(224/2) - 1)*2 + 7 - 224, 0) = 5",
    }
    assert torch.to_dict()["output"] is None
