"""Where the lab listens and what it is called there."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from mirada.errors import ConfigurationError, UsageError
from mirada.lab.listening import Listening, listening
from mirada.language import use_language
from tests.refusal import refuses


@contextmanager
def heard(host: str, port: int = 0, **settings: bool) -> Iterator[Listening]:
    found = listening(host, port, **settings)
    try:
        yield found
    finally:
        found.socket.close()


def port_of(place: Listening) -> int:
    port: int = place.socket.getsockname()[1]
    return port


def test_the_names_of_this_computer_are_local() -> None:
    for host in ("127.0.0.1", "localhost"):
        with heard(host) as place:
            port = port_of(place)
            assert place.host == f"127.0.0.1:{port}"
            assert place.hosts == {f"127.0.0.1:{port}", f"localhost:{port}"}
            assert not place.anyone


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as found:
            found.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.skipif(not has_ipv6(), reason="needs IPv6")
def test_ipv6_is_written_in_brackets() -> None:
    for host in ("::1", "[::1]"):
        with heard(host) as place:
            port = port_of(place)
            assert place.host == f"[::1]:{port}" and not place.anyone
            assert place.hosts == {f"[::1]:{port}", f"localhost:{port}"}


def test_a_browser_leaves_out_port_80() -> None:
    try:
        with heard("127.0.0.1", 80) as place:
            assert {"127.0.0.1", "localhost:80"} <= place.hosts
    except ConfigurationError as error:
        assert error.code == "port-taken"  # Not everybody may listen there.


def test_other_computers_are_allowed_in_words_only() -> None:
    for host in ("0.0.0.0", "::", "192.168.1.9"):
        with refuses(UsageError, "host-remote", host, "--allow-remote"):
            listening(host, 0)


def test_everywhere_is_called_by_its_names_only() -> None:
    with heard("0.0.0.0", allow_remote=True) as place:
        port = port_of(place)
        assert place.anyone
        own = {f"127.0.0.1:{port}", f"localhost:{port}"}
        assert own | {f"{socket.gethostname().lower()}:{port}"} <= place.hosts
        assert f"0.0.0.0:{port}" not in place.hosts and place.host in place.hosts


def test_an_address_that_is_not_ours_is_refused() -> None:
    for host in ("192.0.2.1", "no.such.host.invalid", "a b", "", "1.2.3", "x" * 300):
        with pytest.raises(UsageError) as caught:
            listening(host, 0, allow_remote=True)
        assert caught.value.code == "host-unknown"


def test_a_port_that_is_taken_is_refused() -> None:
    with heard("127.0.0.1") as place:
        port = port_of(place)
        with refuses(ConfigurationError, "port-taken", str(port), "--port"):
            listening("127.0.0.1", port)
        with pytest.raises(ConfigurationError) as caught:
            listening("127.0.0.1", port)
        use_language("es")
        assert "otro puerto" in str(caught.value)
