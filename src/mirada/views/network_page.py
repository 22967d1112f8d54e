"""A trained network as one page that computes: its code, weights and views within it.

A browser lets a page that was opened from a disk load nothing beside it, so everything
is in the page: data in blocks that are no scripts, which the policy therefore need not
know, and one script that it knows by its hash. It forbids every connection.
"""

import base64
import json
from collections.abc import Mapping
from typing import Any

from mirada.language import speaking
from mirada.views.joining import joined, styles
from mirada.views.modules import words
from mirada.views.page import policy
from mirada.views.svg import Element, Verbatim, element, plain_text, write

__all__ = ["network_page"]

_ENTRY = "network_page.js"
_BOTH = Verbatim("This page needs scripts. / Esta página necesita JavaScript.")


def network_page(
    about: Mapping[str, Any], code: bytes, weights: bytes, example: bytes
) -> str:
    """The page, in English and Spanish, from what `network_page.js` is told.

    `code` is the WebAssembly module, `example` an image as PNG.
    """
    script = f"{joined(_ENTRY)}begin(document);\n"
    sheet = styles()
    with speaking("es"):
        spanish = words(_ENTRY)
    title = plain_text(about["name"])
    told = {
        **about,
        "name": title,
        "classes": [plain_text(name) for name in about["classes"]],
        "spanish": spanish,
    }
    rules = policy([sheet], [script], "data: blob:", ("'wasm-unsafe-eval'",))
    page = element(
        "html",
        element(
            "head",
            element("meta", charset="utf-8"),
            element("meta", http_equiv="Content-Security-Policy", content=rules),
            element("meta", name="viewport", content="width=device-width"),
            element("meta", name="referrer", content="no-referrer"),
            element("title", title),
            element("style", Verbatim(sheet)),
        ),
        element(
            "body",
            element("noscript", element("p", _BOTH)),
            _block("about", json.dumps(told).replace("<", "\\u003c")),
            *(
                _block(name, base64.b64encode(data).decode("ascii"))
                for name, data in (
                    ("code", code),
                    ("weights", weights),
                    ("example", example),
                )
            ),
            element("script", Verbatim(script), type="module"),
        ),
        lang="en",
    )
    return "<!doctype html>\n" + write(page) + "\n"


def _block(name: str, text: str) -> Element:
    """Data that the script reads and no browser executes."""
    return element("script", Verbatim(text), id=name, type="text/plain")
