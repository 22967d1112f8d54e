"""The directive `{commands}`: every command of mirada, as its declaration says it.

Read from click when the book is built, in the language of the book, so that it cannot
say anything else than `--help` does.
"""

from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any

import click
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

from mirada.cli.command import Argument, Command
from mirada.cli.shell import shell
from mirada.cli.table import COMMANDS, module_of
from mirada.language import translate, use_language

__all__ = ["CommandReference", "option_groups", "setup"]


class CommandReference(SphinxDirective):
    """A section for every command, in the order of `mirada --help`."""

    def run(self) -> list[nodes.Node]:
        """The options that every command takes, and then the commands."""
        use_language(self.config.language)
        context = click.Context(shell, info_name="mirada")
        title = translate("Options")
        return [
            _section("mirada", _code(_usage(context)), *_definitions(title, context)),
            *(self._command(name) for name in COMMANDS),
        ]

    def _command(self, name: str) -> nodes.Node:
        command: Any = import_module(module_of(name)).command
        context = click.Context(command, info_name=f"mirada {name}")
        return _section(f"mirada {name}", *_described(command, context))


def _described(command: Command, context: click.Context) -> Iterator[nodes.Node]:
    yield _paragraph(COMMANDS[command.name or ""])
    yield _code(_usage(context))
    if command.details:
        yield _paragraph(command.details)
    arguments = [param for param in command.params if isinstance(param, Argument)]
    rows = [(str(a.human_readable_name), str(a.about)) for a in arguments]
    if rows:
        yield from _list(translate("Arguments"), rows)
    yield from _definitions(translate("Options"), context)
    if command.examples:
        yield _heading(translate("Examples"))
        yield _code("\n".join(f"$ {example}" for example in command.examples))


def option_groups(
    untitled: str, context: click.Context
) -> dict[str, list[tuple[str, str]]]:
    """The options of a command as (names, help) under the headings of its help."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for param in context.command.get_params(context):
        record = param.get_help_record(context)
        if record is not None and not isinstance(param, click.Argument):
            title = str(getattr(param, "group", None) or untitled)
            groups.setdefault(title, []).append(record)
    return groups


def _definitions(untitled: str, context: click.Context) -> Iterator[nodes.Node]:
    for title, rows in option_groups(untitled, context).items():
        yield from _list(title, rows)


def _list(title: str, rows: Iterable[tuple[str, str]]) -> Iterator[nodes.Node]:
    yield _heading(title)
    yield nodes.definition_list(
        "",
        *(
            nodes.definition_list_item(
                "",
                nodes.term("", "", nodes.literal(names, names)),
                nodes.definition("", _paragraph(about)),
            )
            for names, about in rows
        ),
        classes=["options"],
    )


def _section(title: str, *content: nodes.Node) -> nodes.Node:
    name = title.replace(" ", "-")
    heading = nodes.title("", "", nodes.literal(title, title))
    return nodes.section("", heading, *content, ids=[name], names=[name])


def _heading(title: str) -> nodes.Node:
    return nodes.rubric(title, title.removesuffix(":"))


def _paragraph(text: object) -> nodes.paragraph:
    # A quote in help is meant as it stands: it may be typed.
    return nodes.paragraph(str(text), str(text), support_smartquotes=False)


def _code(text: str) -> nodes.Node:
    return nodes.literal_block(text, text, language="console")


def _usage(context: click.Context) -> str:
    pieces = context.command.collect_usage_pieces(context)
    return " ".join(["$", context.info_name or "", *pieces])


def setup(app: Sphinx) -> ExtensionMetadata:
    """Adds the directive."""
    app.add_directive("commands", CommandReference)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
