"""Shifts on a page: a row a layer, a column a distance."""

from mirada.views.shifts import ShiftedSet, shift_parts
from mirada.views.svg import element, write


def test_shifts_have_a_row_a_layer() -> None:
    shifts = [
        ShiftedSet(1, 0.97, (0.5, 0.25), (0.125, None)),
        ShiftedSet(4, 0.5, (1.0, 0.75), (0.0, None)),
    ]
    text = write(element("div", *shift_parts(("conv1", "linear1"), shifts, 20)))
    for piece in ("20 images", "97.0\xa0%", "1 pixel", "4 pixels", "0.25", "0.12", "–"):
        assert piece in text
    assert len([*shift_parts(("conv1",), [ShiftedSet(1, 1, (0,), (0,))], 1)]) == 4
