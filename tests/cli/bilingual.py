"""The one way tests expect a command to refuse, in both languages and for scripts."""

import re
from typing import NamedTuple

from tests.cli.calling import Called, Caller

__all__ = ["Refusal", "refused"]

_VALUE = re.compile(r"'[^' ]+'|\d+")


class Refusal(NamedTuple):
    """What a command said in each language, and all that was on stderr in English."""

    english: str
    spanish: str
    talk: str


def refused(call: Caller, *words: str, code: str, exit_code: int) -> Refusal:
    """The refusal of a command, the same in both languages but for its words.

    The message is on stderr with its code and in one JSON object, the last line of
    stdout; names in quotes and numbers are the same in both.
    """
    called = call(*words, "--json", "--lang", "en")
    english = _message(called, code, exit_code)
    spanish = _message(call(*words, "--json", "--lang", "es"), code, exit_code)
    assert spanish != english, f"no Spanish: {english}"
    lost = set(_VALUE.findall(english)) - set(_VALUE.findall(spanish))
    assert not lost, spanish
    return Refusal(english, spanish, called.err)


def _message(called: Called, code: str, exit_code: int) -> str:
    assert called.code == exit_code, called.err
    error = called.json["error"]
    assert (error["code"], error["exit_code"]) == (code, exit_code)
    message = error["message"]
    assert isinstance(message, str)
    assert f"Error [{code}]: {message}\n" in called.err
    assert "Traceback" not in called.err
    return message
