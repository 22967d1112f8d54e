"""Whatever an image does to its decoder, it alone is blamed, and the rest go on."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mirada.data import pool as pool_module
from mirada.data.decoding import Header, decode, probe
from mirada.data.encoded import Content, Encoded
from mirada.data.limits import Limits
from mirada.data.pool import Decoders
from mirada.data.worker import Answer, Worker
from mirada.errors import DataError
from mirada.language import use_language
from tests.data.pictures import picture
from tests.refusal import refuses

FAILING = [sys.executable, str(Path(__file__).with_name("failing_decoder.py"))]
QUICK = Limits(image_seconds=1.0)
SIZE = (8, 8)


def files(folder: Path, names: Sequence[str]) -> list[str]:
    """Small images of the given names, each different."""
    for number, name in enumerate(names):
        picture(number).save(folder / name, "PNG")
    return [str(folder / name) for name in names]


def content(number: int, name: str) -> Content:
    stream = BytesIO()
    picture(number).save(stream, "PNG")
    return Content(name, stream.getvalue())


def codes(answers: Sequence[Answer]) -> dict[int, str]:
    """The code of every refusal by its number; all others are pixels."""
    return {n: a.code for n, a in enumerate(answers) if isinstance(a, DataError)}


@pytest.fixture
def failing() -> Iterator[Decoders]:
    with Decoders(QUICK, workers=2, command=FAILING) as decoders:
        yield decoders


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_answers_are_those_of_decode_in_order(tmp_path: Path, workers: int) -> None:
    paths: list[Encoded] = [*files(tmp_path, [f"{n}.png" for n in range(150)])]
    (tmp_path / "20.png").write_bytes(b"no image")
    paths[30] = content(7, "in an archive.png")
    paths[31] = str(tmp_path / "gone.png")
    paths[32] = Content("empty.png", b"")
    with Decoders(workers=workers) as decoders:
        answers = list(decoders.decode(paths, (6, 5), channels=1, rule="squash"))
    assert not decoders.notes
    expected = {
        20: "image-unknown-format",
        31: "file-missing",
        32: "file-empty",
    }
    assert codes(answers) == expected and len(answers) == len(paths)
    for path, answer in zip(paths, answers, strict=True):
        if not isinstance(answer, DataError):
            here = decode(path, (6, 5), channels=1, rule="squash")
            assert np.array_equal(answer, here)


def test_headers_come_in_order_too(tmp_path: Path) -> None:
    paths: list[Encoded] = [*files(tmp_path, [f"{n}.png" for n in range(70)])]
    Image.new("L", (3, 4)).save(tmp_path / "5.png")
    paths[6] = content(1, "other.png")
    with Decoders(workers=2) as decoders:
        found = list(decoders.probe(paths))
        assert list(decoders.probe([])) == []
    assert found == [probe(path) for path in paths]
    assert found[5] == Header(4, 3, False)


def test_whole_images_come_at_their_own_size(tmp_path: Path) -> None:
    paths = files(tmp_path, ["a.png", "b.png"])
    picture(1, (700, 500)).save(paths[1])
    with Decoders(workers=1) as decoders:
        shapes = [a.shape for a in decoders.decode(paths) if isinstance(a, np.ndarray)]
    assert shapes == [(10, 12, 3), (500, 700, 3)]


def blames_only(
    decoders: Decoders, folder: Path, bad: Sequence[str]
) -> list[DataError]:
    """Answers for bad images among sound ones; the sound ones must be decoded."""
    names = []
    for number, name in enumerate(bad):
        names += [f"{number}-before.png", f"{number}-{name}.png", f"{number}-after.png"]
    paths = files(folder, names)
    answers: list[Answer] = list(decoders.decode(paths, SIZE))
    blamed = [names[number] for number in codes(answers)]
    assert blamed == [f"{number}-{name}.png" for number, name in enumerate(bad)]
    for path, answer in zip(paths, answers, strict=True):
        if not isinstance(answer, DataError):
            assert np.array_equal(answer, decode(path, SIZE))
    return [answer for answer in answers if isinstance(answer, DataError)]


def test_a_crash_costs_one_image(failing: Decoders, tmp_path: Path) -> None:
    said = blames_only(failing, tmp_path, ["segfault", "abort", "exit", "lie"])
    how = ["signal SIGSEGV", "signal SIGABRT", "status 3"]
    for answer, words in zip(said, [*how, "-lie.png"], strict=True):
        with refuses(DataError, "decoder-crashed", "ended the process that", words):
            raise answer


def test_a_hang_costs_one_image_and_its_time(failing: Decoders, tmp_path: Path) -> None:
    began = time.monotonic()
    said = blames_only(failing, tmp_path, ["hang"])
    assert time.monotonic() - began < 8
    words = ("0-hang.png' took more than 1 s", "raise the limit")
    with refuses(DataError, "decoder-too-slow", *words):
        raise said[0]


def test_memory_without_end_costs_one_image(failing: Decoders, tmp_path: Path) -> None:
    said = blames_only(failing, tmp_path, ["memory"])
    assert [answer.code for answer in said] == ["decoder-crashed"]


def test_what_an_image_does_to_the_next_one_is_not_that_one_s_fault(
    failing: Decoders, tmp_path: Path
) -> None:
    names = ["a.png", "harm.png", "b.png", "c.png", "segfault.png", "d.png"]
    answers = list(failing.decode(files(tmp_path, names), SIZE))
    assert codes(answers) == {4: "decoder-crashed"}


def test_ctrl_c_and_printing_libraries_do_nothing(
    failing: Decoders, tmp_path: Path
) -> None:
    paths = files(tmp_path, ["interrupt.png", "print.png", "a.png"])
    assert codes(list(failing.decode(paths, SIZE))) == {}


def test_content_is_blamed_by_its_name(failing: Decoders) -> None:
    images = [content(1, "a.png"), content(2, "x.zip/segfault\n.png")]
    (_, refused) = failing.decode(images, SIZE)
    with refuses(DataError, "decoder-crashed", "'x.zip/segfault\\n.png' ended"):
        assert isinstance(refused, DataError)
        raise refused


def test_a_refusal_keeps_both_languages(tmp_path: Path) -> None:
    path = tmp_path / "deep.tiff"
    Image.new("F", (2, 2), -7.0).save(path)
    with Decoders(workers=1) as decoders:
        (answer,) = decoders.decode([str(path)], SIZE)
    assert isinstance(answer, DataError)
    with pytest.raises(DataError) as caught:
        decode(path, SIZE)
    for language in ("en", "es"):
        use_language(language)
        assert str(answer) == str(caught.value)
    assert isinstance(answer.values["reason"], DataError)


def test_an_error_of_the_source_is_the_caller_s() -> None:
    def broken() -> Iterator[Encoded]:
        yield content(1, "a.png")
        raise DataError("no-images", "The archive ends in the middle.")

    with (
        Decoders(workers=1) as decoders,
        refuses(DataError, "no-images", "ends in the middle"),
    ):
        list(decoders.decode(broken(), SIZE))


def test_only_a_few_images_are_read_ahead() -> None:
    read = []

    def endless() -> Iterator[Encoded]:
        image = content(1, "a.png")
        while True:
            read.append(image)
            yield image

    with Decoders(workers=2) as decoders:
        answers = decoders.decode(endless(), SIZE)
        assert isinstance(next(answers), np.ndarray)
        assert len(read) <= 2 * 4 * 64


def test_no_process_can_be_started(tmp_path: Path) -> None:
    paths = files(tmp_path, ["a.png", "b.png"])
    for command in ([str(tmp_path / "no-python")], [*FAILING, "--never"]):
        with Decoders(workers=2, command=command) as decoders:
            answers = list(decoders.decode(paths, SIZE))
            found = list(decoders.probe(paths))
        assert codes(answers) == {} and found == [probe(path) for path in paths]
        assert isinstance(answers[1], np.ndarray)
        assert np.array_equal(answers[1], decode(paths[1], SIZE))
        (note,) = decoders.notes
        assert "No process could be started to decode images" in str(note)


def test_processes_are_gone_afterwards(tmp_path: Path) -> None:
    before = threading.active_count()
    with Decoders(QUICK, workers=2, command=FAILING) as decoders:
        answers = decoders.decode(files(tmp_path, ["a.png", "hang.png"]), SIZE)
        ended: list[Answer] = []

        def consume() -> None:
            with pytest.raises(CancelledError):
                ended.extend(answers)

        thread = threading.Thread(target=consume)
        thread.start()
        while not decoders.processes():
            time.sleep(0.01)
        processes = decoders.processes()
    thread.join()
    assert threading.active_count() == before and not decoders.processes()
    for process in processes:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)
    with pytest.raises(RuntimeError):
        list(decoders.decode(["a.png"], SIZE))


def test_ctrl_c_does_not_wait_for_a_hang(tmp_path: Path) -> None:
    # A shell starts what runs in its background deaf to Ctrl-C.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    began = time.monotonic()
    with (
        pytest.raises(KeyboardInterrupt),
        Decoders(Limits(image_seconds=30), workers=1, command=FAILING) as decoders,
    ):
        paths = files(tmp_path, ["hang.png"])
        timer = threading.Timer(0.5, os.kill, [os.getpid(), signal.SIGINT])
        timer.start()
        list(decoders.decode(paths, SIZE))
    timer.join()
    signal.signal(signal.SIGINT, before)
    assert time.monotonic() - began < 20 and not decoders.processes()


ORPHANS = """
import os, sys, time
from mirada.data.pool import Decoders
decoders = Decoders(workers=1)
list(decoders.probe(["no-such-file"]))
print(*decoders.processes(), flush=True)
os.kill(os.getpid(), 9)
"""


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX")
def test_a_decoder_ends_with_its_parent() -> None:
    run = subprocess.run([sys.executable, "-c", ORPHANS], stdout=subprocess.PIPE)
    assert run.returncode == -signal.SIGKILL
    process = int(run.stdout)
    for _ in range(500):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return
        if Path(f"/proc/{process}/stat").read_text().split()[2] == "Z":
            return
        time.sleep(0.01)
    pytest.fail("the decoder is still there")


def test_planted_blame_of_whoever_was_there_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check of exact blame is red when a crash is put on the first unanswered."""
    never = property(lambda worker: 0, lambda worker, value: None)
    monkeypatch.setattr(Worker, "answered", never, raising=False)
    names = ["harm.png", "innocent.png", "b.png"]
    with Decoders(QUICK, workers=1, command=FAILING) as decoders:
        answers = list(decoders.decode(files(tmp_path, names), SIZE))
    assert codes(answers) == {1: "decoder-crashed"}


def test_planted_loss_of_an_image_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = pool_module._requests

    def losing(encoded: Sequence[Encoded], most: int) -> Iterator[list[Encoded]]:
        for group in real(encoded, most):
            yield group[:-1]

    monkeypatch.setattr(pool_module, "_requests", losing)
    with (
        Decoders(QUICK, workers=1, command=FAILING) as decoders,
        pytest.raises((AssertionError, ValueError)),
    ):
        blames_only(decoders, tmp_path, ["segfault"])
