"""What `mirada train` refuses: in both languages, with its code, and nothing lost."""

import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.cli.bilingual import refused
from tests.cli.calling import Caller
from tests.cli.stage import photos, picture_of
from tests.training.example import files

FAST = ("--epochs", "1")


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
