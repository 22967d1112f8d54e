"""The shell of the command line: global options, commands loaded when called."""

import io
import os
import sys
from contextlib import suppress
from importlib import import_module
from typing import Any

import click

from mirada.cli.command import HELP, Option
from mirada.cli.failure import failed
from mirada.cli.output import say
from mirada.cli.table import COMMANDS, module_of
from mirada.cli.termination import heeding_termination
from mirada.cli.words import asked_language, globals_first, wants_json
from mirada.errors import Phrase, UsageError
from mirada.language import LANGUAGES, translate, use_language
from mirada.near_names import did_you_mean
from mirada.talk import heard_by
from mirada.version import __version__

__all__ = ["Shell", "run", "shell"]

_COMPLETION = "_MIRADA_COMPLETE"


def run(words: list[str]) -> int:
    """Runs the command that the words name and gives its exit code."""
    use_language(asked_language(words))
    _never_fail_to_print()
    try:
        with heeding_termination(), heard_by(say):
            code = _run(globals_first(words))
        # A reader that has gone is noticed here, not while the interpreter ends.
        sys.stdout.flush()
        return code
    except (Exception, KeyboardInterrupt) as error:
        return _told(error, as_json=wants_json(words))


def _told(error: BaseException, *, as_json: bool) -> int:
    """The exit code of an error, also where nobody is left to be told of it."""
    try:
        return failed(error, as_json=as_json)
    except BrokenPipeError as gone:
        return failed(gone, as_json=False)


def _run(words: list[str]) -> int:
    instruction = os.environ.get(_COMPLETION)
    if instruction:
        from click.shell_completion import shell_complete

        return shell_complete(shell, {}, "mirada", _COMPLETION, instruction)
    try:
        with shell.make_context("mirada", words) as context:
            code = shell.invoke(context)
    except click.exceptions.Exit as end:
        return end.exit_code
    return code if isinstance(code, int) else 0


def _never_fail_to_print() -> None:
    """Shows '?' for what the terminal's encoding does not have, rather than fail.

    The same for what is typed or piped in and is no text.
    """
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            # A caller in Python may have read from its input already.
            with suppress(io.UnsupportedOperation):
                reconfigure(errors="replace")


class Shell(click.Group):
    """The group of all commands; a command's module is imported when it is called."""

    def get_help_option(self, ctx: click.Context) -> click.Option:
        """The `--help` of every command."""
        return HELP

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or `UsageError` with the nearest names."""
        if cmd_name not in COMMANDS:
            if ctx.resilient_parsing or cmd_name.startswith("-"):
                return None
            raise _unknown(cmd_name)
        found: Any = import_module(module_of(cmd_name)).command
        assert isinstance(found, click.Command)
        return found

    def format_help_text(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """Writes what mirada is."""
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(
                translate(
                    "Describe a convolutional network, compute it, compile it, train "
                    "it on images, and see what it sees."
                )
            )

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """Writes the commands, importing none of them."""
        with formatter.section(translate("Commands")):
            formatter.write_dl([(name, str(text)) for name, text in COMMANDS.items()])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes how to go on."""
        formatter.write_paragraph()
        formatter.write_text(
            translate(
                "An option may be written --epochs 10 or epochs=10. "
                "'mirada COMMAND --help' ends with examples."
            )
        )

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """The pieces of the usage line."""
        return [str(Phrase("[OPTIONS]")), str(Phrase("COMMAND [ARGUMENTS]..."))]


def _unknown(name: str) -> UsageError:
    return UsageError(
        "command-unknown",
        "There is no command {name!r}; there are {known}. {hint}",
        name=name[:60],
        known=", ".join(COMMANDS),
        hint=did_you_mean(name, COMMANDS, 2),
    )


def _print_version(ctx: click.Context, param: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        click.echo(f"mirada {__version__}")
        ctx.exit()


shell = Shell(
    "mirada",
    params=[
        Option(
            ["--lang"],
            type=click.Choice(LANGUAGES),
            about=Phrase("The language of every message; else the locale decides."),
        ),
        Option(
            ["--quiet", "-q"],
            is_flag=True,
            about=Phrase("Print results and errors only."),
        ),
        Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_print_version,
            about=Phrase("Show the version and exit."),
        ),
    ],
)
