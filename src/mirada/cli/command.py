"""How a command is declared: help in two languages, examples, `name=value` words.

    @as_command("size", details=Phrase("..."), examples=("mirada size 5 --kernel 3",))
    @argument("length", metavar="I", about=Phrase("The input's size."))
    @option("--kernel", type=int, metavar="F", about=Phrase("The window's size."))
    def command(length: int, kernel: int) -> None: ...

Every text is a `Phrase`, so that it is read in the language in use when help is
printed. A command returns None, or its exit code.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

import click

from mirada.cli.table import COMMANDS
from mirada.cli.words import as_options
from mirada.errors import Phrase
from mirada.language import translate

__all__ = [
    "HELP",
    "Argument",
    "Command",
    "Declaration",
    "Option",
    "argument",
    "as_command",
    "json_option",
    "option",
]

Function = TypeVar("Function", bound=Callable[..., Any])


class Declaration(Protocol):
    """A decorator that gives back what it is put on."""

    def __call__(self, function: Function, /) -> Function:
        """Declares one parameter of the function."""


class Option(click.Option):
    """An option whose help is read when it is printed."""

    group: Phrase | None = None
    """The heading that it stands under in help; None is for all that have none."""

    def __init__(self, *names: Any, about: Phrase, **settings: Any) -> None:
        super().__init__(*names, **settings)
        self.about = about

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """The option's names and its help in the language in use."""
        self.help = str(self.about)
        return super().get_help_record(ctx)


class Argument(click.Argument):
    """A positional argument with help of its own."""

    def __init__(self, *names: Any, about: Phrase, **settings: Any) -> None:
        super().__init__(*names, **settings)
        self.about = about


def option(*names: str, about: Phrase, **settings: Any) -> Declaration:
    """Declares an option of the command below it; settings are click's."""
    return click.option(*names, cls=Option, about=about, **settings)


def argument(name: str, about: Phrase, **settings: Any) -> Declaration:
    """Declares a positional argument of the command below it; settings are click's."""
    return click.argument(name, cls=Argument, about=about, **settings)


def json_option() -> Declaration:
    """Declares `--json`, given to the command as `as_json`."""
    about = Phrase("Print one JSON object instead of text.")
    return option("--json", "as_json", is_flag=True, about=about)


def as_command(
    name: str,
    details: Phrase | None = None,
    examples: Sequence[str] = (),
    kind: "type[Command] | None" = None,
) -> Callable[[Callable[..., Any]], "Command"]:
    """Makes a function the command `name` of `table.COMMANDS`.

    `details` follows the command's sentence of the table in its help; `examples` end
    it, and a test runs each.
    """
    made = kind or Command
    return click.command(name, cls=made, details=details, examples=examples)


class Command(click.Command):
    """A command of the shell."""

    def __init__(
        self,
        name: str,
        *,
        details: Phrase | None = None,
        examples: Sequence[str] = (),
        **settings: Any,
    ) -> None:
        super().__init__(name, **settings)
        self.details = details
        self.examples = tuple(examples)

    def get_help_option(self, ctx: click.Context) -> click.Option:
        """Our own `--help`: click's keeps the language it was first read in."""
        return HELP

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parses the words, `name=value` included."""
        return super().parse_args(ctx, list(as_options(self, args)))

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """The pieces of the usage line."""
        arguments = [param for param in self.params if isinstance(param, Argument)]
        pieces = [piece for a in arguments for piece in a.get_usage_pieces(ctx)]
        return [*pieces, str(Phrase("[OPTIONS]"))]

    def format_help_text(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """Writes what the command does, and its arguments."""
        summary = COMMANDS.get(self.name or "", "")
        paragraphs = [str(summary), str(self.details or "")]
        for text in filter(None, paragraphs):
            formatter.write_paragraph()
            with formatter.indentation():
                formatter.write_text(text)
        arguments = [param for param in self.params if isinstance(param, Argument)]
        rows = [(str(a.human_readable_name), str(a.about)) for a in arguments]
        if rows:
            with formatter.section(translate("Arguments")):
                formatter.write_dl(rows)

    def format_options(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """Writes the options, those of a group under a heading of their own."""
        rows: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is not None and not isinstance(param, click.Argument):
                group = getattr(param, "group", None)
                title = str(group) if group else translate("Options")
                rows.setdefault(title, []).append(record)
        for title, records in rows.items():
            with formatter.section(title):
                formatter.write_dl(records)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the examples."""
        if self.examples:
            with formatter.section(translate("Examples")):
                for example in self.examples:
                    formatter.write(f"{'':{formatter.current_indent}}{example}\n")


def _print_help(ctx: click.Context, param: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        click.echo(ctx.get_help(), color=ctx.color)
        ctx.exit()


HELP = Option(
    ["--help"],
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_help,
    about=Phrase("Show this message and exit."),
)
"""The option of every command that prints its help and ends."""
