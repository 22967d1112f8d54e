"""The lab as an ASGI application: the gate, then files and work by their paths."""

from anyio import CapacityLimiter
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mirada.lab.answering import route
from mirada.lab.files import File, page_files
from mirada.lab.gate import App, Gate
from mirada.lab.lab import Lab
from mirada.lab.rooms import WORK

__all__ = ["application"]

_THREADS = 12


def application(lab: Lab, token: str, hosts: frozenset[str]) -> App:
    """What answers every request to a lab."""
    limiter = CapacityLimiter(_THREADS)
    work = [route(lab, each, limiter) for each in WORK]
    files = [_file(path, file) for path, file in page_files().items()]
    return Gate(Starlette(routes=[*work, *files]), token, hosts)


def _file(path: str, file: File) -> Route:
    async def endpoint(request: Request) -> Response:
        return Response(file.content, media_type=file.media)

    return Route(path, endpoint, methods=["GET"])
