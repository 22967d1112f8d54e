"""What `mirada train` refuses: in both languages, with its code, and nothing lost."""

import errno
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from mirada import models
from mirada.compiler.target import host
from mirada.engines import memory
from mirada.network import Recipe
from mirada.training.checkpoint import checkpoint_paths, latest_checkpoint
from mirada.training.disk import Disk, Piece
from tests.cli.bilingual import refused
from tests.cli.calling import Caller
from tests.cli.stage import photos, picture_of
from tests.training.example import files

FAST = ("--epochs", "1")
WILD = ("optimizer=sgd 1000 momentum 0.99", "schedule=constant", "epochs=3")


def empty(root: Path) -> None:
    (root / "data" / "cats").mkdir(parents=True)


def no_folders(root: Path) -> None:
    (root / "data").mkdir()
    picture_of(0, 2, 0).save(root / "data" / "cat.png")


def only_text(root: Path) -> None:
    empty(root)
    (root / "data" / "cats" / "cat.jpg").write_text("a cat")


def one_class(root: Path) -> None:
    photos(root / "data", {"cats": 5})


def one_broken_class(root: Path) -> None:
    photos(root / "data", {"cats": 5, "dogs": 5})
    for path in (root / "data" / "dogs").iterdir():
        path.write_bytes(path.read_bytes()[:30])


def few_images(root: Path) -> None:
    photos(root / "data", {"cats": 5, "dogs": 2})


def only_in_validation(root: Path) -> None:
    photos(root / "data" / "train", {"cats": 5, "dogs": 5})
    photos(root / "data" / "val", {"cats": 2, "dogs": 2, "owls": 2})


def nothing(root: Path) -> None:
    pass


@pytest.mark.parametrize(
    ("made", "code", "english", "spanish"),
    [
        (nothing, "source-missing", "'data' does not exist", "'data' no existe"),
        (empty, "no-images", "'data' holds no images", "'data' no contiene imágenes"),
        (
            no_folders,
            "no-class-folders",
            "no class folders",
            "ninguna carpeta de clase",
        ),
        (only_text, "no-images", "'data/cats/cat.jpg' is not an image", "no es una im"),
        (
            one_class,
            "one-class",
            "has only one class, 'cats'",
            "una sola clase, 'cats'",
        ),
        (one_broken_class, "class-without-images", "None of the 5 files", "Ninguno de"),
        (
            few_images,
            "class-too-small",
            "Class 'dogs' of data has 2",
            "tiene 2 imágenes",
        ),
        (
            only_in_validation,
            "label-not-in-training",
            "Class 'owls' of data has 2 images for validation or test",
            "ninguna para entrenar",
        ),
    ],
)
def test_data_that_cannot_be_learned_from(
    call: Caller,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    made: Callable[[Path], None],
    code: str,
    english: str,
    spanish: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    made(tmp_path)
    told = refused(call, "train", "auto", "data", code=code, exit_code=3)
    assert english in told.english
    assert spanish in told.spanish
    assert not Path("runs").exists()


@pytest.mark.parametrize(
    ("words", "code", "exit_code", "english"),
    [
        ("", "train-words", 2, "got 0 words"),
        ("a b c", "train-words", 2, "got 3 words"),
        ("digits ''", "train-words", 2, "got 1 words"),
        ("lenet6 digits", "network-unknown", 2, "Did you mean lenet5"),
        ("digits --epochs 0", "whole-option", 2, "from 1 to 100000; got '0'"),
        ("digits --lr 1e6", "rate-option", 2, "up to 1000"),
        ("digits --lr nan", "rate-option", 2, "got 'nan'"),
        ("digits --lr fast", "rate-option", 2, "got 'fast'"),
        ("digits --optimizer sdg", "text-unknown-kind", 4, "Did you mean sgd"),
        ("digits --schedule triangle", "text-unknown-kind", 4, "onecycle"),
        ("digits --size 2000", "dataset-memory", 5, "Choose a smaller image size"),
        ("resnet18 digits --size 32", "native-layer", 4, "does not compile"),
        ("net.toml digits", "network-classes", 4, "has 10 classes"),
        ("vector.toml digits", "input-not-images", 4, "vector of 64 numbers"),
        ("broken.toml digits", "window-too-large", 4, "Layer 'conv1' (line 3)"),
        ("digits --resume", "nothing-to-resume", 4, "no run that was stopped"),
        ("digits --resume --out new", "folder-without-run", 4, "'new' does not exist"),
        ("--resume --out cats", "folder-foreign", 4, "'cats' holds other files"),
        ("digits --out cats", "folder-foreign", 4, "(000.png, 001.png, 002.png)"),
        ("digits --out net.toml", "folder-refused", 5, "'net.toml' cannot be used"),
        ("--resume --out stillborn", "resume-without-data", 2, "before it had begun"),
    ],
)
def test_words_that_cannot_be_followed(
    call: Caller,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: str,
    code: str,
    exit_code: int,
    english: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    photos(tmp_path, {"cats": 4})
    Path("stillborn").mkdir()
    head = 'name = "net"\ninput = "1x8x8"\n'
    Path("net.toml").write_text(f'{head}layers = ["flatten", "linear 3"]\n')
    Path("broken.toml").write_text(f'{head}layers = ["conv 4 9x9"]\n')
    vector = head.replace("1x8x8", "64")
    Path("vector.toml").write_text(f'{vector}layers = ["linear 10"]\n')
    if "--size 2000" in words:
        monkeypatch.setattr("mirada.data.limits.available_bytes", lambda: 2**32)
    told = refused(call, "train", *shlex.split(words), code=code, exit_code=exit_code)
    assert english in told.english
    assert not Path("runs").exists() and not Path("new").exists()


def test_broken_files_are_listed_and_the_rest_is_used(call: Caller, here: Path) -> None:
    light, dark = here / "photos" / "light", here / "photos" / "dark"
    (light / "empty.png").touch()
    (light / "text.jpg").write_text("no image")
    (dark / "cut.png").write_bytes((dark / "000.png").read_bytes()[:80])
    (dark / "link.png").symlink_to(dark / "000.png")
    Image.new("RGB", (9, 9)).save(dark / ".hidden.png")
    for language, words in (("en", "Left out: {}. "), ("es", "No se usa: {}. ")):
        called = call("train", "photos", *FAST, "--lang", language)
        assert called.code == 0
        for name in ("light/empty.png", "light/text.jpg", "dark/cut.png"):
            assert words.format(name) in called.err
        assert words.format("dark/link.png") in called.err
        assert words.format("dark/.hidden.png") in called.err
    assert "photos: 14 " in called.err  # of 20, as if nothing had been there


def test_a_second_run_into_the_same_folder(call: Caller, here: Path) -> None:
    before = files(here / "runs" / "example")
    words = ("train", "digits", "--out", "runs/example")
    told = refused(call, *words, code="folder-taken", exit_code=4)
    assert "'runs/example' already holds a run" in told.english
    assert "--resume" in told.english and "--resume" in told.spanish
    assert files(here / "runs" / "example") == before


def test_going_on_with_other_options(call: Caller, here: Path) -> None:
    before = files(here / "runs" / "example")
    words = ("train", "digits", "--epochs", "9", "--resume", "--out", "runs/example")
    told = refused(call, *words, code="resume-differs", exit_code=4)
    assert "recipe.epochs: 8 -> 9" in told.english
    assert "recipe.epochs: 8 -> 9" in told.spanish
    other = ("train", "lenet5", "photos", "--resume", "--out", "runs/example")
    told = refused(call, *other, code="resume-differs", exit_code=4)
    assert "network.input: [1, 8, 8] -> [1, 28, 28]" in told.english
    assert files(here / "runs" / "example") == before


def test_a_loss_that_is_not_finite(call: Caller, here: Path) -> None:
    words = ("train", "digits", *WILD)
    told = refused(call, *words, code="loss-not-finite", exit_code=6)
    assert "Step 3: the loss is nan, and layer 'maxpool1'" in told.english
    assert "'maxpool1'" in told.spanish
    assert "checkpoint" not in told.talk


def test_a_loss_that_diverges_later_leaves_the_checkpoint(
    call: Caller, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mirada.training.loop._Run._rate", _wild_after_50)
    called = call("train", "digits", "--out", "new", "epochs=3")
    assert called.code == 6
    assert "The last checkpoint before is kept in new." in called.err
    found = latest_checkpoint(Path("new")).checkpoint
    assert found is not None and found.place.epoch == 1
    monkeypatch.undo()
    os.chdir(here)
    assert call("train", "--resume", "--out", "new").code == 0


def _wild_after_50(run: object, step: int) -> float:
    return 0.01 if step < 50 else 1e30


def test_a_network_too_large_for_memory(
    call: Caller, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe, network = Recipe(batch_size=1024), models.digits()
    most, least = (
        memory.training_bytes(network, recipe, n, 1, host()) for n in (1024, 1)
    )
    monkeypatch.setattr(memory, "available_bytes", lambda: (most + least) // 2)
    words = ("train", "digits", *FAST, "--batch", "1024", "--threads", "1")
    told = refused(call, *words, code="memory-batch", exit_code=5)
    fits = told.english.partition("--batch ")[2].rstrip(".")
    assert f"--batch {fits}" in told.spanish
    assert not (here / "runs" / "digits-digits-1").exists()
    called = call("train", "digits", *FAST, "--batch", fits, "--threads", "1")
    assert called.code == 0, called.err
    other = ("train", "vgg16", "digits", *FAST)
    told = refused(call, *other, code="memory-network", exit_code=5)
    assert "even for one image at a time" in told.english


def test_too_large_for_memory_is_known_before_any_is_taken(tmp_path: Path) -> None:
    """Two GiB of address space hold no VGG16, and it is not tried either."""
    resource = pytest.importorskip("resource")
    description = tmp_path / "wide.toml"
    description.write_text(
        'name = "wide"\ninput = "1x8x8"\n'
        'layers = ["flatten", "linear 1000000", "linear 100000", "linear 10"]\n'
    )
    limit = 4 * 2**30

    def confined() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    ended = subprocess.run(
        [sys.executable, "-m", "mirada", "train", str(description), "digits"],
        cwd=tmp_path,
        env={**os.environ, "MIRADA_LANG": "en"},
        preexec_fn=confined,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 5, ended.stderr
    assert "Error [memory-network]: Training 'wide' needs" in ended.stderr
    assert not (tmp_path / "runs").exists()


class _Full:
    """A disk that has room for so many bytes."""

    def __init__(self, room: int) -> None:
        self.room = room

    def write(self, disk: Disk, descriptor: int, piece: Piece) -> int:
        size = min(len(piece), self.room)
        if not size:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.room -= size
        return os.write(descriptor, piece[:size])


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_full_disk(
    call: Caller, here: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    size = checkpoint_paths(here / "runs" / "example")[0].stat().st_size
    full = _Full(4 * size)
    with monkeypatch.context() as patch:
        patch.setattr(Disk, "write", lambda *given: full.write(*given))
        words = ("--epochs", "3", "--out", "new", "--json", "--lang", language)
        called = call("train", "digits", *words)
    assert called.code == 5
    error = called.json["error"]
    assert error["code"] == "cannot-write"
    assert re.search(r"'new/[^']+'.* \d+ bytes", error["message"])
    assert called.err.endswith(f"Error [cannot-write]: {error['message']}\n")
    assert latest_checkpoint(here / "new").checkpoint is not None
    assert call("train", "--resume", "--out", "new").code == 0
    call("train", "digits", "--epochs", "3", "--out", "whole")
    assert files(here / "new") == files(here / "whole")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 400 KiB, where this process may mount one."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=400k", "mirada-test", str(folder)]
    if (
        shutil.which("mount") is None
        or subprocess.run(mount, capture_output=True).returncode
    ):
        pytest.skip("no file system can be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_is_really_full(
    call: Caller, tmp_path: Path, small_disk: Path
) -> None:
    words = ("train", "digits", "--epochs", "3", "--out")
    assert call(*words, str(tmp_path / "whole")).code == 0
    called = call(*words, str(small_disk / "run"), "--json")
    assert called.code == 5
    assert called.json["error"]["code"] == "cannot-write"
    assert "No space left on device" in called.err
    subprocess.run(["mount", "-o", "remount,size=8m", str(small_disk)], check=True)
    assert call("train", "--resume", "--out", str(small_disk / "run")).code == 0
    assert files(small_disk / "run") == files(tmp_path / "whole")
    assert not list((small_disk / "run").glob("*.part"))
