"""The server: from a port to a page that answers, until it is told to end."""

import secrets
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import uvicorn

from mirada.errors import ConfigurationError
from mirada.lab.application import application
from mirada.lab.lab import Lab

__all__ = ["serve"]

_LONGEST_GOODBYE_S = 1


class _Server(uvicorn.Server):
    """Says when it is ready to answer."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listens, then says so."""
        await super().startup(sockets)
        self._ready()


def serve(folder: Path, port: int, ready: Callable[[str], None]) -> None:
    """Answers until SIGINT or SIGTERM; `ready` is told the URL, token included.

    Raises ConfigurationError (`port-taken`).
    """
    token, host = secrets.token_urlsafe(24), "127.0.0.1"
    listener = _listener(host, port)
    port = listener.getsockname()[1]
    lab = Lab(folder)
    hosts = frozenset({f"{host}:{port}", f"localhost:{port}"})
    config = uvicorn.Config(
        application(lab, token, hosts),
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_LONGEST_GOODBYE_S,
    )
    server = _Server(config, lambda: ready(f"http://{host}:{port}/#token={token}"))
    try:
        server.run(sockets=[listener])
    finally:
        lab.close()
        listener.close()


def _listener(host: str, port: int) -> socket.socket:
    listener = socket.socket()
    if sys.platform != "win32":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ConfigurationError(
            "port-taken",
            "Port {port} cannot be listened to ({why}). Another lab may be open; name "
            "another port with --port, or leave it out.",
            port=port,
            why=error.strerror,
        ) from None
    return listener
