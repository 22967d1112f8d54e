"""The files that the page is made of: named one by one, so that no path leads out."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from mirada.language import LANGUAGES
from mirada.views.joining import styles
from mirada.views.modules import catalogue

__all__ = ["File", "page_files"]

_ROOT = Path(__file__).resolve().parent.parent
_MEDIA = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}


class File(NamedTuple):
    """What is answered for one path."""

    media: str
    content: bytes

    @property
    def tag(self) -> str:
        """The ETag: other content has another."""
        return f'"{hashlib.sha256(self.content).hexdigest()[:32]}"'


def page_files() -> dict[str, File]:
    """Every file of the page by its path in the browser.

    `/views/curves.js` lies beside the Python of its name, `/lab/page/lab.js` in this
    room; `/` is the page itself, `/views.css` the style of all views together,
    `/language/es.json` the page's words in Spanish.
    """
    found = dict(_files("lab/page")) | dict(_files("views"))
    found["/"] = found["/lab/page/index.html"]
    found["/views.css"] = File(_MEDIA[".css"], styles().encode())
    for language in LANGUAGES:
        content = json.dumps(catalogue(language), ensure_ascii=False).encode()
        found[f"/language/{language}.json"] = File("application/json", content)
    return found


def _files(folder: str) -> Iterator[tuple[str, File]]:
    for path in sorted((_ROOT / folder).rglob("*")):
        media = _MEDIA.get(path.suffix)
        if media is not None and path.is_file():
            name = path.relative_to(_ROOT).as_posix()
            yield f"/{name}", File(media, path.read_bytes())
