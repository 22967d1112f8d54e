"""Everything a person reads exists in Spanish, with the same fields."""

import gettext
from pathlib import Path

import pytest

from mirada.language import translate, use_language
from scripts.catalogue import complaints, extracted, read_catalogue, updated
from scripts.catalogue import write_catalogue as write
from tests.contract.test_errors import literals, refusals
from tests.contract.tree import called_name, module_trees

PLANTED = """
from mirada.errors import DataError, Phrase
raise DataError("no-images", "{folder!r} holds "
    "no images.", folder=Phrase("the folder {name}", name="cats"))
"""


def test_the_catalogue_is_complete() -> None:
    found = list(complaints(read_catalogue(), extracted()))
    assert not found, "\n".join(found)


def test_the_extractor_sees_every_refusal() -> None:
    known = extracted()
    for path, tree in module_trees().items():
        for call in refusals(tree):
            wanted = 1 if called_name(call) == "Phrase" else 2
            words = literals(call)[wanted - 1 : wanted]
            assert set(words) <= known, f"{path}:{call.lineno}"


def test_the_words_of_click_turn_spanish() -> None:
    if read_catalogue().get("Usage:") is None:
        pytest.fail("the catalogue holds no words of click")
    use_language("es")
    assert gettext.gettext("Usage:") == translate("Usage:") == "Uso:"


def test_planted_faults_are_found(tmp_path: Path) -> None:
    (tmp_path / "planted.py").write_text(PLANTED)
    messages = extracted(tmp_path) - extracted(tmp_path / "empty")
    assert messages == {"{folder!r} holds no images.", "the folder {name}"}
    spanish = {"the folder {name}": "la carpeta {nombre}", "gone": "ido"}
    catalogue = updated(read_catalogue(tmp_path / "none.po"), messages, spanish)
    catalogue.add("old", "viejo")
    assert list(complaints(catalogue, messages)) == [
        "other fields in Spanish: 'the folder {name}'",
        "no Spanish: '{folder!r} holds no images.'",
        "no longer in the source: 'old'",
    ]


def test_a_catalogue_written_and_read_is_the_same(tmp_path: Path) -> None:
    messages: set[str | tuple[str, ...]] = {"one {a}", ("{n} file", "{n} files")}
    spanish: dict[str, str | tuple[str, ...]] = {
        "one {a}": "uno {a}",
        "{n} file": ("{n} archivo", "{n} archivos"),
    }
    first, second = tmp_path / "first.po", tmp_path / "second.po"
    write(updated(read_catalogue(first), messages, spanish), first)
    write(updated(read_catalogue(first), messages, {}), second)
    assert first.read_bytes() == second.read_bytes()
    assert list(complaints(read_catalogue(second), messages)) == []
