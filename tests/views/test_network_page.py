"""The page of a network: whole, in one file, and safe whatever the names are."""

import base64
import json
import re

from mirada.language import speaking
from mirada.views.network_page import network_page
from tests.views.test_report import HOSTILE, Page

ABOUT = {"name": HOSTILE, "classes": ["one", HOSTILE, "\u202eevil\n"]}


def page() -> str:
    return network_page(ABOUT, b"\0asm", b"weights", b"png")


def block(name: str, text: str) -> str:
    found = re.search(f'<script id="{name}" type="text/plain">([^<]*)</script>', text)
    assert found is not None, name
    return found[1]


def test_everything_is_in_the_page() -> None:
    text = page()
    for name, wanted in (
        ("code", b"\0asm"),
        ("weights", b"weights"),
        ("example", b"png"),
    ):
        assert base64.b64decode(block(name, text)) == wanted
    assert not re.search(r'(?:src|href)="', text)
    with speaking("es"):
        assert page() == text, "both languages are in every page"


def test_names_are_text() -> None:
    found = Page(page())
    assert found.open == [] and found.tags <= {
        *("html", "head", "meta", "title", "style", "body", "noscript", "p", "script")
    }
    told = json.loads(block("about", page()))
    assert told["classes"] == ["one", HOSTILE, "\ufffdevil"]
    assert told["spanish"]["Feature maps"] == "Mapas de características"


def test_the_policy_lets_in_what_is_ours_only() -> None:
    (policy,) = (
        v for tag, name, v in Page(page()).attributes if v.startswith("default")
    )
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert set(rules) == {"default-src", "img-src", "style-src", "script-src"}
    assert rules["default-src"] == "'none'" and rules["img-src"] == "data: blob:"
    assert re.fullmatch(r"'sha256-\S{44}' 'wasm-unsafe-eval'", rules["script-src"])
