"""Where the lab listens, and the names that it answers to."""

import errno
import os
import socket
import sys
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import NamedTuple

from mirada.errors import ConfigurationError, UsageError

__all__ = ["Listening", "listening"]

Address = IPv4Address | IPv6Address

_LOCAL = ("127.0.0.1", "localhost")


class Listening(NamedTuple):
    """A socket that listens, and the hosts by which it may be spoken to.

    `host` is the one for the link, such as `127.0.0.1:8000`; with `anyone` computers
    other than this one reach it.
    """

    socket: socket.socket
    host: str
    hosts: frozenset[str]
    anyone: bool


def listening(host: str, port: int, *, allow_remote: bool = False) -> Listening:
    """Listens at a host's address and port; port 0 is one that is free.

    Raises UsageError (`host-unknown`, `host-remote`) and ConfigurationError
    (`port-taken`).
    """
    address = _address(host)
    anyone = not address.is_loopback
    if anyone and not allow_remote:
        raise UsageError(
            "host-remote",
            "At {host} other computers reach the lab: whoever has the link can read "
            "files and start trainings here, and the link is sent unencrypted. If that "
            "is meant, add --allow-remote; else leave --host out.",
            host=host,
        )
    listener = _listener(address, port)
    port = listener.getsockname()[1]
    names = _names(host, address)
    hosts = {f"{name}:{port}" for name in names} | (set(names) if port == 80 else set())
    return Listening(listener, f"{names[0]}:{port}", frozenset(hosts), anyone)


def _address(host: str) -> Address:
    with suppress(ValueError):
        return ip_address(host.strip("[]"))
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        addresses = [ip_address(str(each[4][0]).partition("%")[0]) for each in found]
    except (OSError, UnicodeError, ValueError):
        addresses = []
    if not addresses:
        raise _unknown(host)
    return min(addresses, key=lambda one: one.version)


def _unknown(host: str) -> UsageError:
    return UsageError(
        "host-unknown",
        "{host!r} is no address of this computer. Give one such as 127.0.0.1, ::1 or "
        "the address that it has in your network.",
        host=host,
    )


def _names(host: str, address: Address) -> list[str]:
    """What may stand in a link to the address, the best first."""
    if address.is_unspecified:
        local = [*_LOCAL, "[::1]"] if address.version == 6 else [*_LOCAL]
        return list(dict.fromkeys([*_own_names(address.version), *local]))
    if not address.is_loopback:
        return list(dict.fromkeys([host.lower(), _written(address)]))
    return [_written(address), "localhost"]


def _own_names(version: int) -> list[str]:
    """The addresses and the name that this computer has in its network."""
    name = socket.gethostname()
    with suppress(OSError, UnicodeError, ValueError):
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
        addresses = [ip_address(str(each[4][0]).partition("%")[0]) for each in found]
        outer = [a for a in addresses if not a.is_loopback and a.version <= version]
        return [*map(_written, outer), name.lower()]
    return [name.lower()]


def _written(address: Address) -> str:
    return f"[{address}]" if address.version == 6 else str(address)


def _listener(address: Address, port: int) -> socket.socket:
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    # asyncio sends at once only where the protocol is named: else each answer of two
    # pieces waits 40 ms for the first to be acknowledged.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if sys.platform != "win32":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((str(address), port))
        listener.listen(1)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRNOTAVAIL:
            raise _unknown(str(address)) from None
        raise ConfigurationError(
            "port-taken",
            "Port {port} cannot be listened to ({why}). Another lab may be open; name "
            "another port with --port, or leave it out.",
            port=port,
            why=os.strerror(error.errno) if error.errno else str(error),
        ) from None
    return listener
