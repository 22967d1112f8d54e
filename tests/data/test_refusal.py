"""A refusal survives being written and read, with both its languages."""

import numpy as np
import pytest

from mirada.data.refusal import from_json, to_json
from mirada.errors import DataError, MiradaError, Phrase
from mirada.language import use_language
from tests.refusal import refuses

INNER = DataError("image-mode", "Stored as '{mode}'.", mode="\udcff\n'{x}'")
OUTER = DataError(
    "image-unusable",
    "'{file}' cannot be used. {reason} {why} {n} {share:g} {none}",
    file="caf\xe9",
    reason=INNER,
    why=Phrase("It is {kind}.", kind=Phrase("a folder")),
    n=np.int64(3),
    share=0.25,
    none=None,
)


def test_a_refusal_comes_back_as_it_was() -> None:
    text = to_json(OUTER)
    assert text.isascii()
    back = from_json(text)
    assert type(back) is DataError and back.code == OUTER.code
    for language in ("en", "es"):
        use_language(language)
        assert str(back) == str(OUTER)
    with refuses(DataError, "image-unusable", "café' cannot be used", "3 0.25 None"):
        raise back
    assert isinstance(back.values["reason"], DataError)
    assert str(back.told(file="b")).startswith("'b'")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[" * 100_000,
        '{"values": {}}',
        '{"kind": "SystemExit", "code": "a", "template": "b", "values": {}}',
        '{"kind": "DataError", "code": 1, "template": "b", "values": {}}',
        '{"kind": "DataError", "code": "a", "template": "b", "values": []}',
        '{"kind": ["DataError"], "code": "a", "template": "b", "values": {}}',
        '{"phrase": null, "values": {}}',
        b"\xff\xfe",
    ],
)
def test_what_was_not_written_so_is_refused(text: str | bytes) -> None:
    with pytest.raises(ValueError) as caught:
        from_json(text)
    assert not isinstance(caught.value, MiradaError)
