"""The gate: nothing of the lab is reached but by who may.

It denies by default. What a browser needs to show the page at all (`public`) is open
to whoever speaks to this computer's own address by its right name; everything else,
there or not, wants the token that was in the link. Who is let in still has to be
brief, and in time.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Container, MutableMapping
from ipaddress import IPv6Address, ip_address
from typing import Any

from mirada.errors import UsageError
from mirada.lab.refusals import Refused, language_of, refused_as

__all__ = [
    "App",
    "Gate",
    "Message",
    "Receive",
    "Scope",
    "Send",
    "guarded",
    "no_method",
    "nothing_at",
]

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE")
LONGEST_URL = 8192
MOST_HEADERS = 64
PIECE_S, BODY_S = 10.0, 60.0
"""How long a request may leave us waiting for more of its body, and for all of it."""

_FORMS = ("multipart/", "application/x-www-form-urlencoded", "text/plain")
"""What a form of any page can send without being asked whether it may."""

_POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    b"img-src 'self' blob: data:; media-src blob:; form-action 'none'; "
    b"base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS: Headers = [
    (b"content-security-policy", _POLICY),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(self), microphone=(), geolocation=(), usb=()"),
]
_UNKEPT = (b"cache-control", b"no-store")


class Gate:
    """Lets through requests to this host that carry the token, and denies all others.

    `hosts` are the names and ports by which the lab may be spoken to, `public` the
    paths that need no token. With `anyone` other computers may speak to it, too.
    """

    def __init__(
        self,
        app: App,
        token: str,
        hosts: frozenset[str],
        public: Container[str] = (),
        *,
        anyone: bool = False,
    ) -> None:
        self._app, self._wanted = app, b"Bearer " + token.encode()
        self._hosts, self._public, self._anyone = hosts, public, anyone

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        language = language_of(_given(scope, b"accept-language") or "")
        begun = False

        async def framed(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                message["headers"] = guarded(message.get("headers", []))
            await send(message)

        try:
            self.check(scope)
            await self._app(scope, _in_time(receive), framed)
        except Exception as error:
            # An answer that has begun can only be cut off, which the server does.
            if begun:
                raise
            await _refuse(refused_as(error, language), framed)

    def check(self, scope: Scope) -> None:
        """Passes, or raises UsageError: `lab-client`, `lab-host`, `lab-origin`, ..."""
        self.check_client(scope)
        self.check_host(scope)
        self.check_origin(scope)
        self.check_site(scope)
        if scope["path"] not in self._public:
            self.check_token(scope)
        _check_form(scope)

    def check_client(self, scope: Scope) -> None:
        """Who asks is on this computer."""
        client = scope.get("client")
        if self._anyone or (client and _is_loopback(client[0])):
            return
        raise UsageError(
            "lab-client",
            "The lab answers this computer alone. To open it to others, start it with "
            "--host and --allow-remote.",
        )

    def check_host(self, scope: Scope) -> None:
        """The name that was looked up is ours: no other page's name leads here."""
        host = _given(scope, b"host") or ""
        if host.lower() not in self._hosts:
            raise UsageError(
                "lab-host",
                "The lab is not called {host!r}. Open it by the link that it printed.",
                host=host[:200],
            )

    def check_origin(self, scope: Scope) -> None:
        """The page that asks, if one does, is ours."""
        origin = _given(scope, b"origin")
        own = f"http://{_given(scope, b'host')}"
        if origin is not None and origin.lower() != own.lower():
            raise _foreign(origin)

    def check_site(self, scope: Scope) -> None:
        """What the browser says of where a request comes from and what it is for.

        Other pages may lead to the page itself, as a link does, and to nothing else.
        """
        site, mode = _given(scope, b"sec-fetch-site"), _given(scope, b"sec-fetch-mode")
        aim = _given(scope, b"sec-fetch-dest")
        is_visit = scope["path"] == "/" and scope["method"] == "GET"
        is_visit = is_visit and (mode, aim) == ("navigate", "document")
        if site not in (None, "same-origin", "none") and not is_visit:
            raise _foreign(site)
        if mode in ("navigate", "nested-navigate", "websocket") and not is_visit:
            raise _foreign(mode)

    def check_token(self, scope: Scope) -> None:
        """The request carries the token of the link."""
        given = (_given(scope, b"authorization") or "").encode("latin-1")
        if not secrets.compare_digest(given, self._wanted):
            raise UsageError(
                "lab-token",
                "The lab wants the key that is in the link it printed. Open it by that "
                "link.",
            )


def guarded(headers: Headers) -> Headers:
    """The headers of an answer with those that every answer has."""
    is_kept = any(name == b"cache-control" for name, _ in headers)
    return [*headers, *_HEADERS, *([] if is_kept else [_UNKEPT])]


def no_method(method: str) -> UsageError:
    """The refusal of a method that is not for what is asked."""
    return UsageError(
        "request-method", "The lab takes no {method} here.", method=method[:20]
    )


def nothing_at(path: str) -> UsageError:
    """The refusal of a path that leads to nothing."""
    return UsageError(
        "request-path", "The lab has nothing at {path!r}.", path=path[:200]
    )


def _given(scope: Scope, name: bytes) -> str | None:
    """A header's text; two of one name are joined, and so equal nothing expected."""
    found = [text.decode("latin-1") for key, text in scope["headers"] if key == name]
    return ", ".join(found) if found else None


def _is_loopback(client: str) -> bool:
    try:
        address = ip_address(client)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


def _foreign(origin: str) -> UsageError:
    return UsageError(
        "lab-origin",
        "Another page ({origin!r}) asked something of the lab, which only its own page "
        "may do. Open the lab by the link that it printed.",
        origin=origin[:200],
    )


def _check_form(scope: Scope) -> None:
    """A request that may be made is also one that we read."""
    if scope["method"] not in METHODS or _given(scope, b"upgrade") is not None:
        raise no_method(scope["method"])
    if len(scope["raw_path"]) + len(scope["query_string"]) > LONGEST_URL:
        raise UsageError(
            "request-long",
            "The address of a request to the lab has more than {most} letters.",
            most=LONGEST_URL,
        )
    if len(scope["headers"]) > MOST_HEADERS:
        raise UsageError(
            "request-headers",
            "A request to the lab has more than {most} headers.",
            most=MOST_HEADERS,
        )
    path = scope["path"]
    parts = path.split("/")
    if parts[0] or {".", ".."} & set(parts) or "\\" in path or not path.isprintable():
        raise nothing_at(path)
    media = (_given(scope, b"content-type") or "").lower()
    if media.startswith(_FORMS):
        raise UsageError(
            "request-media",
            "The lab takes JSON, or the bytes of a file, but no {media!r}.",
            media=media[:60],
        )


def _in_time(receive: Receive) -> Receive:
    """What is received, or UsageError (`request-slow`) if the body takes too long."""
    loop = asyncio.get_running_loop()
    end = loop.time() + BODY_S
    is_whole = False

    async def received() -> Message:
        nonlocal is_whole
        if is_whole:  # Only the end of the connection is waited for.
            return await receive()
        try:
            async with asyncio.timeout_at(min(end, loop.time() + PIECE_S)):
                message = await receive()
        except TimeoutError:
            raise UsageError(
                "request-slow",
                "A request to the lab was cut off: what it carries came too slowly.",
            ) from None
        is_whole = not message.get("more_body", False)
        return message

    return received


async def _refuse(refused: Refused, send: Send) -> None:
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(refused.content)).encode()),
    ]
    if refused.status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    start = {"type": "http.response.start", "status": refused.status}
    await send({**start, "headers": headers})
    await send({"type": "http.response.body", "body": refused.content})
