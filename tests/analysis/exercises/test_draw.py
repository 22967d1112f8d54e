"""Draws are the generator's of `mirada.randomness`, wherever they are made."""

from collections import Counter

from mirada.analysis.exercises.draw import Draw
from mirada.randomness import Purpose, key, philox


def test_draws_are_philox() -> None:
    words = philox((range(2), 4, 5, 6), key(7, Purpose.EXERCISE)).ravel()
    draw = Draw(7, 4, 5, 6)
    assert [draw.whole(0, 2**32 - 1) for _ in range(8)] == words.tolist()


def test_places_differ() -> None:
    places = [(), (1,), (0, 1), (0, 0, 1)]
    found = {Draw(1, *place).whole(0, 2**32 - 1) for place in places}
    assert len(found) == len(places)


def test_all_options_come_about_equally_often() -> None:
    draw = Draw(3)
    counts = Counter(draw.whole(1, 6) for _ in range(6000))
    assert set(counts) == set(range(1, 7))
    assert all(850 < count < 1150 for count in counts.values())


def test_a_shuffle_loses_nothing() -> None:
    draw = Draw(5)
    assert sorted(draw.shuffled(range(20))) == list(range(20))
    assert len({tuple(draw.shuffled("abc")) for _ in range(60)}) == 6
