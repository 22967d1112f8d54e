"""Keeps the Spanish catalogue in step with the source; `scripts/translate` runs it.

    scripts/translate                update mirada.po from the source, compile it
    scripts/translate NEW.json ...   the same, taking in {"English": "Spanish"}; a
                                     plural is {"singular": ["Spanish one", "many"]}
    scripts/translate --check        change nothing, fail where the two do not agree
    scripts/translate --compile      only compile mirada.po to mirada.mo

The words of click are part of the catalogue, so that help and usage errors change
language with everything else.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import click
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

import mirada.errors
from mirada.views.modules import script_messages
from scripts.hatch_build import compile_catalogues

__all__ = ["complaints", "extracted", "main", "read_catalogue", "updated"]

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "mirada"
CATALOGUE = SOURCE / "locale" / "es" / "LC_MESSAGES" / "mirada.po"

Identifier = str | tuple[str, ...]
Translation = str | tuple[str, ...]

_FIELD = re.compile(r"%\((\w+)\)|\{(\w*)[^{}]*\}")
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def error_names() -> list[str]:
    """The names of every class of the error tree."""
    found = vars(mirada.errors).items()
    root = mirada.errors.MiradaError
    return [n for n, c in found if isinstance(c, type) and issubclass(c, root)]


def extracted(source: Path = SOURCE) -> set[Identifier]:
    """Every message of the package, its scripts and click; a plural is a pair."""
    ours = dict.fromkeys(error_names(), (2,))
    ours |= dict.fromkeys(["Phrase", "translate", "_"], (1,))
    theirs = {"_": (1,), "gettext": (1,), "ngettext": (1, 2)}
    python = _messages(source, ours) | _messages(Path(click.__file__).parent, theirs)
    return python | _script_messages(source)


def _script_messages(source: Path) -> set[Identifier]:
    """The words of the browser views and of the lab's page."""
    found = (p for p in source.rglob("*.js") if "vendor" not in p.parts)
    return {m for path in found for m in script_messages(path.read_text("utf-8"))}


def _messages(folder: Path, keywords: Mapping[str, tuple[int, ...]]) -> set[Identifier]:
    rows = extract_from_dir(str(folder), keywords=keywords)
    return {row[2] for row in rows if row[2]}


def read_catalogue(path: Path = CATALOGUE) -> Catalog:
    """The catalogue on disk, or an empty one where there is none yet."""
    if not path.exists():
        return Catalog(locale="es")
    with path.open("rb") as stream:
        return read_po(stream, locale="es")


def updated(
    old: Catalog, messages: Iterable[Identifier], extra: Mapping[str, Translation]
) -> Catalog:
    """A catalogue of exactly `messages`, with what `old` and then `extra` say."""
    new = Catalog(
        locale="es",
        project="mirada",
        version="1",
        creation_date=_EPOCH,
        revision_date=_EPOCH,
        last_translator="The mirada authors",
        language_team="Spanish",
        msgid_bugs_address="",
        header_comment="# The Spanish of mirada; kept by scripts/translate.",
        fuzzy=False,
    )
    for identifier in messages:
        singular = _forms(identifier)[0]
        known = old.get(singular)
        spanish = extra.get(singular, known.string if known else "")
        new.add(identifier, spanish)
    return new


def write_catalogue(catalogue: Catalog, path: Path) -> None:
    """Writes the catalogue sorted and without line numbers: small differences."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        write_po(stream, catalogue, width=88, no_location=True, sort_output=True)


def complaints(catalogue: Catalog, messages: set[Identifier]) -> Iterator[str]:
    """What is wrong between the source and its Spanish, one line each."""
    held = {_identifier(message): message for message in catalogue if message.id}
    for identifier in sorted(messages, key=str):
        spanish = _forms(held[identifier].string) if identifier in held else ("",)
        if not all(spanish):
            yield f"no Spanish: {identifier!r}"
        elif _fields(spanish) != _fields(_forms(identifier)):
            yield f"other fields in Spanish: {identifier!r}"
    for identifier in sorted(held.keys() - messages, key=str):
        yield f"no longer in the source: {identifier!r}"


def _identifier(message: Message) -> Identifier:
    return message.id if isinstance(message.id, str) else tuple(message.id)


def _forms(text: str | Iterable[str] | None) -> tuple[str, ...]:
    """The singular and plural of a message, or the one form it has."""
    return (text,) if isinstance(text, str) else tuple(text or ("",))


def _fields(forms: tuple[str, ...]) -> set[str]:
    """The names of the fields of a message, in any of its forms."""
    whole = "".join(forms).replace("{{", "").replace("}}", "")
    return {percent or brace for percent, brace in _FIELD.findall(whole)}


def _read_translations(paths: Iterable[Path]) -> dict[str, Translation]:
    found: dict[str, Translation] = {}
    for path in paths:
        for english, spanish in json.loads(path.read_text("utf-8")).items():
            found[english] = spanish if isinstance(spanish, str) else tuple(spanish)
    return found


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line above; 1 where `--check` finds something."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("translations", nargs="*", type=Path, metavar="NEW.json")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--compile", action="store_true")
    options = parser.parse_args(arguments)
    if options.compile:
        compile_catalogues(SOURCE / "locale")
        return 0
    messages, catalogue = extracted(), read_catalogue()
    if not options.check:
        extra = _read_translations(options.translations)
        catalogue = updated(catalogue, messages, extra)
        write_catalogue(catalogue, CATALOGUE)
        compile_catalogues(SOURCE / "locale")
        for english in sorted(extra.keys() - {_forms(m)[0] for m in messages}):
            print(f"not taken in, no such message: {english!r}")
    found = list(complaints(catalogue, messages))
    print(*found, sep="\n", end="\n" if found else "")
    print(f"{len(messages)} messages, {len(found)} complaints")
    return 1 if options.check and found else 0


if __name__ == "__main__":
    sys.exit(main())
