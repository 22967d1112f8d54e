import json

from mirada.training.history import EpochRow
from mirada.training.place import Place

ROWS = tuple(
    EpochRow(n, 5 * n, 0.1, 1.0, 0.5, 0.75, 0.5, best=best)
    for n, best in ((1, True), (2, True), (3, False))
)


def test_a_place_turns_into_json_and_back() -> None:
    place = Place(17, 3, 2, 0.1 + 0.2, 9, 30, 1234, ROWS, "patience")
    assert Place.from_dict(json.loads(json.dumps(place.to_dict()))) == place


def test_the_best_row_is_the_last_that_is_marked() -> None:
    assert Place().best is None
    assert Place(rows=ROWS).best == ROWS[1]
