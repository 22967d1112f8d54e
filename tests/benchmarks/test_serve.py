"""The serving side: what a peer cannot do, or does wrong, is an answer."""

from typing import Any

from benchmarks.peers.peer import NotOfferedError, Peer, Work
from benchmarks.peers.serve import Server, turn
from mirada.errors import UnsupportedError
from mirada.network import Network, Recipe

BOUT = {"work": "lenet5", "mode": "train", "batch": 4}


class Fake(Peer):
    """A peer that counts, or fails in the way it is told."""

    def __init__(self, name: str, failure: Exception | None = None) -> None:
        self.name, self.failure = name, failure
        self.calls = 0
        self.seen: tuple[Any, ...] = ()

    def predict(self, network: Network, batch: int) -> Work:
        raise NotOfferedError("it only trains")

    def train(self, network: Network, recipe: Recipe, batch: int) -> Work:
        self.seen = network.name, recipe.batch_size, batch
        if self.failure is not None:
            raise self.failure
        return self.count

    def count(self) -> None:
        self.calls += 1


def prepared(peer: Fake, **bout: object) -> dict[str, Any]:
    asked = {"do": "prepare", "peer": peer.name, "bout": {**BOUT, **bout}}
    return Server([peer]).answer(asked)


def test_peers_are_listed_with_their_precision() -> None:
    assert Server([Fake("a")]).answer({"do": "list"}) == {"peers": {"a": "fp32"}}


def test_a_peer_is_prepared_for_the_network_that_is_named() -> None:
    peer = Fake("a")
    assert prepared(peer) == {}
    assert peer.seen == ("lenet5", 4, 4) and peer.calls > 0


def test_what_is_not_offered_is_absent() -> None:
    assert prepared(Fake("a"), mode="predict") == {"absent": "it only trains"}
    assert "no backward" in prepared(Fake("a"), mode="backward")["absent"]


def test_what_mirada_refuses_is_told_in_its_words() -> None:
    error = UnsupportedError("test-planted", "The layer {name} is new.", name="x")
    assert prepared(Fake("a", error)) == {"refused": "The layer x is new."}


def test_another_failure_is_told_by_kind_and_first_line() -> None:
    error = RuntimeError("out of luck\nand more")
    assert prepared(Fake("a", error)) == {"refused": "RuntimeError: out of luck"}


def test_a_turn_times_every_call_but_the_first() -> None:
    server, peer = Server([Fake("a")]), Fake("a")
    server.peers["a"] = peer
    server.answer({"do": "prepare", "peer": "a", "bout": BOUT})
    found = server.answer({"do": "turn", "peer": "a", "seconds": 0.0})["seconds"]
    assert len(found) >= 3 and all(second >= 0 for second in found)


def test_what_is_dropped_is_no_longer_timed() -> None:
    peer = Fake("a")
    server = Server([peer])
    server.answer({"do": "prepare", "peer": "a", "bout": BOUT})
    server.answer({"do": "drop"})
    again = server.answer({"do": "turn", "peer": "a", "seconds": 0.0})
    assert again == {"refused": "its process ended with another's work, and began anew"}


def test_a_failure_in_the_middle_of_a_turn_is_an_answer() -> None:
    peer = Fake("a")
    server = Server([peer])
    server.answer({"do": "prepare", "peer": "a", "bout": BOUT})
    server.works["a"] = lambda: 1 // 0
    again = server.answer({"do": "turn", "peer": "a", "seconds": 0.0})
    assert again["refused"].startswith("ZeroDivisionError")


def test_calls_fill_the_turn() -> None:
    peer = Fake("a")
    found = turn(peer.count, 0.005)
    assert peer.calls > len(found) >= 3
