"""Races: whose turn it is, what a row says of them."""

import json
from collections.abc import Callable

import pytest

from benchmarks.race import Row, Times, race, report

OURS, FAST, SLOW = Times(2.0, 1.5), Times(5.0, 4.5), Times(9.0, 3.0)


def runner(name: str, order: list[str], *seconds: float) -> Callable[[], list[float]]:
    def run() -> list[float]:
        order.append(name)
        return list(seconds)

    return run


def test_every_round_gives_each_its_turn_and_the_next_goes_back() -> None:
    order: list[str] = []
    race({"a": runner("a", order, 1.0), "b": runner("b", order, 1.0)}, 3)
    assert order == ["a", "b", "b", "a", "a", "b"]


def test_times_are_medians_and_minima_in_milliseconds() -> None:
    found = race({"a": runner("a", [], 0.001, 0.004, 0.002)}, 2)
    assert found == {"a": Times(2.0, 1.0)}


def test_who_never_finished_a_call_has_no_time() -> None:
    assert race({"a": runner("a", [])}, 2) == {}


def row(**more: object) -> Row:
    peers = {"fast": FAST, "slow": SLOW}
    given: dict[str, object] = {"ours": OURS, "peers": peers, **more}
    return Row("lenet5", "train", 64, "fp32", **given)  # type: ignore[arg-type]


def test_the_ratio_is_to_the_peer_with_the_least_median() -> None:
    plain = row().plain()
    assert (plain["ratio"], plain["strongest"]) == (2.5, "fast")
    assert plain["ratio_of_minima"] == 2.0
    assert plain["peers"] == {"fast": 5.0, "slow": 9.0}


def test_a_row_that_mirada_refused_has_no_ratio_but_says_why() -> None:
    plain = row(ours=None, refused={"mirada": "no such layer"}).plain()
    assert plain["ours_ms"] is plain["ratio"] is plain["share_of_peak"] is None
    assert plain["refused"] == {"mirada": "no such layer"}
    assert plain["strongest"] == "fast"


def test_without_peers_there_is_no_ratio() -> None:
    assert row(peers={}).plain()["ratio"] is None


def test_the_share_of_the_peak_is_operations_over_time() -> None:
    # 100 million operations in 2 ms are 50 GF/s, half of 100.
    plain = row(flops=100_000_000, peak_gflops=100.0).plain()
    assert (plain["gflops"], plain["share_of_peak"]) == (50.0, 0.5)


def test_the_report_is_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    report([row()], True, missing={"jax": "not installed: jax"})
    said = json.loads(capsys.readouterr().out)
    assert said["schema"] == 1 and said["missing"] == {"jax": "not installed: jax"}
    assert [r["ours_ms"] for r in said["rows"]] == [2.0]
    assert said["machine"]["numpy"] != "not installed"


def test_the_table_names_peers_by_speed_and_failures(
    capsys: pytest.CaptureFixture[str],
) -> None:
    report([row(refused={"broken": "its process ended"})], False)
    lines = capsys.readouterr().out.splitlines()
    assert "2.0000 ms" in lines[0]
    assert [line.split()[0] for line in lines[1:]] == ["fast", "slow", "broken"]
    assert "2.50 x" in lines[1] and "its process ended" in lines[3]
