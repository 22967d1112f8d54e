"""No file stops a scan: 70 hostile ones a format are used or refused, within limits."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path

import pytest
from PIL import Image

from mirada import data
from mirada.data.decoding import FORMATS
from mirada.data.encoded import Content
from mirada.data.pool import Decoders
from mirada.errors import DataError
from scripts import hostile_images as long_form
from tests.data.hostile import trial
from tests.data.hostile.changes import Case
from tests.data.hostile.trial import SIZE, Trial, trials
from tests.data.hostile_images import ATTACKS, EVERY, attacks, cases, wild
from tests.data.pictures import image_folder

AIMED = 60  # of the 70; the others are drawn


def chosen(form: str) -> Iterator[Case]:
    """70 files of a format: attacks from first to last, then drawn damage."""
    aimed = list(attacks(form))
    few = [aimed[k * len(aimed) // AIMED] for k in range(AIMED)]
    return islice(chain(few, wild(form)), EVERY)


def test_every_format_that_is_decoded_has_its_attacks() -> None:
    assert set(ATTACKS) == set(FORMATS)
    for form in ATTACKS:
        if form in Image.OPEN:
            names = [name for name, _ in attacks(form)]
            assert len(names) >= AIMED, form
            assert len(set(names)) == len(names), form


def test_the_same_seed_draws_the_same_files() -> None:
    first, second = (list(islice(wild("PNG", 5), 20)) for _ in range(2))
    assert first == second
    assert first != list(islice(wild("PNG", 6), 20))


def test_each_is_used_or_refused_in_bounded_time_and_memory() -> None:
    forms = [form for form in ATTACKS if form in Image.OPEN]
    files = [case for form in forms for case in chosen(form)]
    results = list(trials(files))
    assert len(results) == len(files) == EVERY * len(forms) > 900
    assert [result for result in results if not result.allowed] == []
    outcomes = Counter(result.outcome for result in results)
    assert outcomes["used"] > 150 and outcomes["image-broken"] > 300
    assert all(result.reason for result in results if result.outcome != "used")


def test_a_scan_tells_of_every_file(tmp_path: Path) -> None:
    folder = image_folder(tmp_path / "pictures", {"cats": 3, "dogs": 3})
    hostile = [
        case for form in ("PNG", "GIF", "TIFF") for case in islice(cases(form), 9)
    ]
    for number, (_, content) in enumerate(hostile):
        (folder / "cats" / f"hostile {number}").write_bytes(content)
    loaded = data.load(folder, size=(16, 16))
    assert len(loaded.images) + len(loaded.skipped) == 6 + len(hostile)
    assert all(str(skip.reason) for skip in loaded.skipped)
    assert {skip.name for skip in loaded.skipped}.isdisjoint(loaded.names)


def test_the_processes_of_a_scan_answer_for_every_file() -> None:
    files = [Content(*case) for form in ATTACKS for case in islice(wild(form, 3), 2)]
    with Decoders(workers=1) as decoders:
        answers = list(decoders.decode(files, SIZE))
    assert len(answers) == len(files)
    refused = [answer for answer in answers if isinstance(answer, DataError)]
    assert 0 < len(refused) < len(files)


@pytest.mark.parametrize(
    ("form", "name"),
    [
        ("JPEG", "2,000 progressive scans over 64 million pixels"),
        ("PPM", "a million comments"),
    ],
)
def test_what_keeps_a_decoder_busy_is_refused_unseen(form: str, name: str) -> None:
    case = next(case for case in attacks(form) if case[0] == name)
    (result,) = trials([case])
    assert result.outcome == "image-unusable" and result.seconds < 5
    assert "keep a decoder busy" in result.reason


def test_the_long_form_counts_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert long_form.main(["--cases", "3", "--format", "QOI"]) == 0
    assert "3 files, 0 neither used nor refused" in capsys.readouterr().out
    assert long_form.main(["--cases", "0", "--format", "QOI"]) == 2

    def planted(asked: Iterator[Case]) -> Iterator[Trial]:
        return (Trial(name, "escaped RuntimeError") for name, _ in asked)

    monkeypatch.setattr(long_form, "trials", planted)
    assert long_form.main(["--cases", "3", "--format", "QOI"]) == 1


def test_the_long_form_gives_what_ends_a_decoder_to_a_scan(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def planted(asked: Iterator[Case]) -> Iterator[Trial]:
        return (Trial(name, "ended -11") for name, _ in asked)

    monkeypatch.setattr(long_form, "trials", planted)
    assert long_form.main(["--cases", "1", "--format", "QOI"]) == 0
    assert "blamed by a scan" in capsys.readouterr().out


def test_an_exception_that_gets_out_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def planted(*args: object, **options: object) -> None:
        raise RuntimeError("planted")

    monkeypatch.setattr(trial, "decode", planted)
    outcome, reason = trial._outcome(Content("x", b"P2 1 1 255 7"), data.Limits())
    assert (outcome, reason) == ("escaped RuntimeError", "planted")
    assert not Trial("x", outcome).allowed


def test_a_process_that_ends_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def start() -> "subprocess.Popen[bytes]":
        code = "import os, sys; sys.stdin.buffer.read(1); os.abort()"
        pipe = subprocess.PIPE
        return subprocess.Popen([sys.executable, "-c", code], stdin=pipe, stdout=pipe)

    monkeypatch.setattr(trial, "_start", start)
    results = list(trials([("a", b"x"), ("b", b"y")]))
    assert [result.outcome for result in results] == ["ended -6", "ended -6"]
    assert not any(result.allowed for result in results)


def test_too_much_time_or_memory_is_seen() -> None:
    assert Trial("x", "used", 9.0, 500.0).allowed
    assert not Trial("x", "used", 11.0, 1.0).allowed
    assert not Trial("x", "image-broken", 1.0, 600.0).allowed
