"""Requests by the wrong name, without the token, and by every spelling of a path."""

import random
from collections.abc import Iterator
from urllib.parse import quote, unquote

from mirada.lab.files import page_files
from mirada.lab.rooms import WORK
from tests.lab.attacked import CANARY, calls, head, said
from tests.lab.open_lab import OpenLab
from tests.lab.planted import WORK as PLANTED
from tests.training.tally import Tally

__all__ = ["foreign_names", "hosts", "paths", "spelled_paths", "unkeyed_routes"]

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "QUERY")
_ODD = ("/api", "/api/", "/api/none", "/api/none/at/all", "/api/state/", "/api//state")
_DOTS = (
    *("..", "%2e%2e", "%2E.", ".%2e", "%252e%252e", "..%00", "..;", "%c0%ae%c0%ae"),
    *("\u2025", "%u002e%u002e", "....", ".", "%ef%bc%8e%ef%bc%8e", "..%01"),
)
_SLASHES = (
    *("/", "//", "%2f", "%2F", "\\", "%5c", "%252f", "%c0%af", "/./", "/;/", "%5C"),
)
_ENDS = (
    *("secret.txt", "etc/passwd", "api/planted/deed", "%61pi/planted/deed"),
    *("API/PLANTED/DEED", "api%2fplanted%2fdeed", "secret.txt%00.js", "lab.json"),
)
_STARTS = ("/", "/lab/page/", "/views/", "/lab/page/lab.js/", "/api/", "//", "/.", "")
_SECRETS = (CANARY.encode(), b"root:")
_HEADERS = ("content-security-policy", "x-content-type-options", "cache-control")


def unkeyed_routes(lab: OpenLab) -> Tally:
    """Every route by every method without the token, and with one that is not it."""
    tally = Tally()
    names = {work.path.replace("{", "").replace("}", "") for work in (*WORK, *PLANTED)}
    wrong = (
        "Bearer",
        "Bearer " + lab.token[:-1],
        "Bearer " + lab.token + "A",
        lab.token,
    )
    for path in sorted({*names, *_ODD}):
        for method in METHODS:
            found = said(lab, head(lab, method, path, token=False))
            fault = _fault(found.status in (401, 403), found)
            tally.add(f"{method} without", f"{path}: {fault}" if fault else "")
        for given in wrong:
            line = f"Authorization: {given}"
            found = said(lab, head(lab, "GET", path, line, token=False))
            fault = _fault(found.status in (401, 403), found)
            tally.add("another token", f"{path} {given}: {fault}" if fault else "")
    # A token that stands elsewhere is none.
    places = (f"?token={lab.token}", f"?access_token={lab.token}", f"?key={lab.token}")
    lines = (f"Cookie: token={lab.token}", f"X-Token: {lab.token}")
    for query in places:
        found = said(lab, head(lab, "GET", f"/api/state{query}", token=False))
        tally.add("token elsewhere", "" if found.status == 401 else query)
    for line in lines:
        found = said(lab, head(lab, "GET", "/api/state", line, token=False))
        tally.add("token elsewhere", "" if found.status == 401 else line)
    reached = calls(lab)
    tally.add("work reached", f"{reached}" if reached else "")
    return tally


def hosts(lab: OpenLab) -> Iterator[str]:
    """Names that are not the lab's, though some lead to it."""
    own, port = lab.host.rsplit(":", 1)
    yield from ("evil.example", f"evil.example:{port}", "127.0.0.1", "localhost", own)
    yield from (f"127.0.0.1.evil.example:{port}", f"localhost.evil.example:{port}")
    yield from (f"127.0.0.2:{port}", f"127.1:{port}", f"2130706433:{port}")
    yield from (f"0x7f000001:{port}", f"0177.0.0.1:{port}", f"0.0.0.0:{port}")
    yield from (f"[::1]:{port}", f"[::ffff:127.0.0.1]:{port}", f"[::]:{port}", "[::1]")
    yield from (f"{own}:{int(port) + 1}", f"{own}:80", f"{own}:", f"{own}:0{port}")
    yield from (
        f"{own}:{port}.evil.example",
        f"evil@{own}:{port}",
        f"{own}:{port}@evil",
    )
    yield from (
        f"{own}.:{port}",
        f"localhost.:{port}",
        f"{own}:{port}/",
        f"{own}:{port}#",
    )
    yield from (f"{own}:{port}, evil.example", f"evil.example, {own}:{port}", "*")
    yield from (
        f"http://{own}:{port}",
        f"{own}:{port}?",
        f"{own} :{port}",
        f".{own}:{port}",
    )
    yield from (f"%31%32%37.0.0.1:{port}", f"127.0.0.1\t:{port}", "null", "-", "lab")
    yield from (
        f"localtest.me:{port}",
        f"127.0.0.1.nip.io:{port}",
        f"l\xf6calhost:{port}",
    )


def foreign_names(lab: OpenLab) -> Tally:
    """Every spoofed host, with the token that a page of that name could not have."""
    tally = Tally()
    for host in hosts(lab):
        for path in ("/", "/api/planted/deed"):
            found = said(lab, head(lab, "GET", path, host=host))
            fault = (
                "" if found.status in (400, 403) else f"{host!r} {path} {found.status}"
            )
            tally.add("spoofed", fault or _missing(found.headers))
    doubled = f"Host: {lab.host}"
    for lines in (("Host: evil.example", doubled), (doubled, "Host: evil.example")):
        rest = head(lab, "GET", "/api/planted/deed", lines[1], host=lines[0][6:])
        tally.add("doubled", "" if said(lab, rest).status in (400, 403) else str(lines))
    old = f"GET /api/planted/deed HTTP/1.0\r\nAuthorization: Bearer {lab.token}\r\n\r\n"
    tally.add(
        "none", "" if said(lab, old.encode()).status in (400, 403) else "HTTP/1.0"
    )
    forwarded = ("X-Forwarded-Host", "Forwarded", "X-Original-Host")
    for name in forwarded:
        line = f"{name}: {lab.host}"
        found = said(lab, head(lab, "GET", "/", line, host="evil.example"))
        tally.add("forwarded", "" if found.status == 403 else name)
    reached = calls(lab)
    tally.add("work reached", f"{reached}" if reached else "")
    return tally


def paths(cases: int, seed: int = 0) -> Iterator[str]:
    """Spellings of ways out of the page's folder, and of ways into the API."""
    drawn = random.Random(seed)
    ups = [dot + slash for dot in _DOTS for slash in _SLASHES]
    yield from (f"/lab/page/{up * 3}secret.txt" for up in ups[:cases])
    for _ in range(cases - len(ups)):
        up = drawn.choice(ups)
        yield drawn.choice(_STARTS) + up * drawn.randrange(7) + drawn.choice(_ENDS)


def spelled_paths(lab: OpenLab, cases: int, seed: int = 0) -> Tally:
    """Every spelling, with and without the token: a file of the page, or nothing."""
    tally, files = Tally(), page_files()
    for path in paths(cases, seed):
        written = quote(path, safe="/%\\;.:") or "/"
        for token in (False, True):
            found = said(lab, head(lab, "GET", written, token=token))
            name = unquote(written)
            is_known = name in files or (token and name == "/api/planted/deed")
            is_right = 400 <= found.status < 500 or (found.status == 200 and is_known)
            is_safe = not any(word in found.content for word in _SECRETS)
            fault = "" if is_right and is_safe else f"{written} {found.status}"
            tally.add("with token" if token else "without", fault)
    return tally


def _fault(is_right: bool, found: object) -> str:
    return "" if is_right else str(found)[:200]


def _missing(headers: dict[str, str]) -> str:
    lacking = [name for name in _HEADERS if name not in headers]
    cross = [name for name in headers if name.startswith("access-control")]
    return f"without {lacking}, with {cross}" if lacking or cross else ""
