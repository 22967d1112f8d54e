"""The race of engines: that everybody learns the same, and what a table says."""

import pytest

pytest.importorskip("torch")
benchmark = pytest.importorskip("benchmarks.engines")


def test_everybody_takes_the_same_steps() -> None:
    """From the same parameters on the same batch: the losses are the same."""
    made = benchmark.network("lenet5")
    recipe = benchmark.recipe(4)
    steps = {
        "torch": benchmark.of_engine(
            made, 4, benchmark.engines.create("torch", made, recipe, 1, device="cpu")
        ),
        "hand": benchmark.by_hand(made, 4, "cpu", last=True),
        "eager": benchmark.by_hand(made, 4, "cpu", last=False),
    }
    losses = {name: [step()() for _ in range(3)] for name, step in steps.items()}
    for found in losses.values():
        assert found == pytest.approx(losses["torch"], rel=1e-4)
        assert found[2] < found[0]


def test_a_table_has_times_and_ratios() -> None:
    one = {
        "work": "lenet5",
        "batch": 64,
        "ms": {"engine": 2.0, "hand": 3.0},
        "ratios": {"hand": 1.5},
    }
    assert benchmark.markdown([one]).splitlines() == [
        "| network | batch | engine | hand |",
        "| --- | ---: | ---: | ---: |",
        "| lenet5 | 64 | 2.000 ms | 3.000 ms (1.50x) |",
    ]
