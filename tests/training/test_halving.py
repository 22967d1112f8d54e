"""Who goes on is a function of the results; the best is trained to its end."""

from hypothesis import given
from hypothesis import strategies as st

from mirada.training.halving import Job, Score, next_job, rung_epochs


def test_rungs_grow_threefold_and_end_at_the_end() -> None:
    assert [rung_epochs(n) for n in (1, 2, 3, 4, 9, 10, 40)] == [
        *([1], [2], [1, 3], [2, 4], [1, 3, 9]),
        *([2, 4, 10], [2, 5, 14, 40]),
    ]
    assert rung_epochs(5, 3) == [1, 2, 5]


@given(epochs=st.integers(1, 1000))
def test_rungs_ascend(epochs: int) -> None:
    rungs = rung_epochs(epochs)
    assert rungs == sorted(set(rungs)) and rungs[-1] == epochs and rungs[0] >= 1


def test_a_third_goes_on_before_new_ones_begin() -> None:
    scores = {n: [Score(0.1 * n, 1.0)] for n in range(3)}
    assert next_job(scores, [3], 2) == Job(2, 1)
    scores[2].append(Score(0.5, 1.0))
    assert next_job(scores, [3], 2) == Job(3, 0)


def test_less_loss_decides_between_equals_then_the_earlier() -> None:
    scores = {0: [Score(0.5, 1.0)], 1: [Score(0.5, 0.9)], 2: [Score(0.5, 0.9)]}
    assert next_job(scores, [], 2) == Job(1, 1)


def test_one_that_failed_never_goes_on() -> None:
    scores: dict[int, list[Score | None]] = {
        0: [None],
        1: [Score(0.5, 1.0)],
        2: [Score(0.4, 1.0), None],
    }
    assert next_job(scores, [], 2) == Job(1, 1)
    lost: dict[int, list[Score | None]] = {0: [None], 1: [None]}
    assert next_job(lost, [], 2) is None
    assert next_job({}, [], 2) is None


@given(
    qualities=st.lists(st.floats(0, 1), min_size=1, max_size=40),
    epochs=st.integers(1, 30),
    failing=st.sets(st.integers(0, 39)),
)
def test_it_ends_and_the_best_of_a_rung_is_among_those_that_end(
    qualities: list[float], epochs: int, failing: set[int]
) -> None:
    """Trials whose quality is seen at once: the best must come to its end."""
    rungs = len(rung_epochs(epochs))
    scores: dict[int, list[Score | None]] = {}
    waiting = list(range(len(qualities)))
    jobs = 0
    while (job := next_job(scores, waiting, rungs)) is not None:
        jobs += 1
        assert jobs <= len(qualities) * rungs
        if job.rung == 0:
            assert waiting.pop(0) == job.trial
        reached = scores.setdefault(job.trial, [])
        assert len(reached) == job.rung
        failed = job.trial in failing
        reached.append(None if failed else Score(qualities[job.trial], 0.0))
    assert not waiting
    ended = [n for n, s in scores.items() if len(s) == rungs and s[-1] is not None]
    alive = [n for n in scores if n not in failing]
    assert bool(ended) == bool(alive)
    if alive:
        assert max(qualities[n] for n in ended) == max(qualities[n] for n in alive)


@given(qualities=st.lists(st.floats(0, 1), min_size=9, max_size=60))
def test_most_trials_are_stopped_early(qualities: list[float]) -> None:
    scores: dict[int, list[Score | None]] = {}
    waiting = list(range(len(qualities)))
    while (job := next_job(scores, waiting, 3)) is not None:
        if job.rung == 0:
            waiting.pop(0)
        scores.setdefault(job.trial, []).append(Score(qualities[job.trial], 0.0))
    reached = [sum(len(s) > rung for s in scores.values()) for rung in range(3)]
    assert reached[0] == len(qualities)
    # Asynchronous: some went on that a later trial would have beaten.
    assert len(qualities) // 3 <= reached[1] <= len(qualities) * 2 / 3
    assert 1 <= reached[2] < reached[1]
