"""Collections as folders: whatever a class is called, they stay where they are."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirada.data.naming import shown
from mirada.errors import DataError, MiradaError, StorageError
from mirada.lab.image_names import folder_name
from mirada.lab.image_sets import ImageSets, Place
from mirada.lab.image_trash import Trash
from mirada.lab.lab import Lab

HOSTILE = (
    *("<script>alert(1)</script>", "../x", "..", "../../etc/passwd", "/etc", "a/b"),
    *("\\\\host\\share", "C:\\x", "a\nb", "a\0b", "\u202egnp.exe", ".hidden", "..."),
    *(
        "\U0001f408",
        "x" * 300,
        "\U0001f408" * 300,
        "café",
        "cafe\u0301",
        "train",
        "\udcff",
    ),
    *(" spaces ", "a" + "\u0301" * 500, "{{7*7}}", "%2e%2e%2fx", "'; DROP--", "CON"),
)


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    found = Lab(tmp_path)
    yield found
    found.close()


@pytest.fixture
def sets(lab: Lab) -> ImageSets:
    found = lab.part(ImageSets)
    found.add_collection("mine")
    return found


@given(st.text() | st.sampled_from(HOSTILE))
def test_every_name_is_one_folder_that_can_be_shown(text: str) -> None:
    try:
        name = folder_name(text)
    except DataError as refused:
        assert refused.code == "own-name-empty"
        str(refused).encode()
        return
    assert 0 < len(name.encode()) <= 200 and len(name) <= 80
    assert shown(name) == name and "/" not in name
    assert not name.startswith(".") and name == name.strip()
    assert folder_name(name) == name


@pytest.mark.parametrize("text", HOSTILE)
def test_no_class_leads_out_of_its_collection(
    sets: ImageSets, tmp_path: Path, text: str
) -> None:
    before = set(tmp_path.rglob("*"))
    try:
        name = sets.add_class("mine", text)
    except DataError as refused:
        assert refused.code == "own-name-empty"
        return
    sets.add_image("mine", name, b"content", ".png")
    new = {p.relative_to(tmp_path) for p in set(tmp_path.rglob("*")) - before}
    folder = Path("images", "mine", name)
    assert new == {folder, folder / "000.png"}
    assert sets.classes("mine") == {name: ["000.png"]}


def test_a_name_as_it_is_stays_as_it_is(sets: ImageSets) -> None:
    for name in ("cat", "gata café", "<script>", "\U0001f408", "日本", "a.b", "7"):
        assert sets.add_class("mine", name) == name


@pytest.mark.parametrize("text", ["", " ", "...", "\u200b", "/", "\u202e"])
def test_a_name_of_nothing_is_refused_or_a_dash(text: str) -> None:
    try:
        assert folder_name(text) == "-"
    except DataError as refused:
        assert refused.code == "own-name-empty"


@pytest.mark.parametrize("text", ["cat", "CAT", " cat ", "c\u200bat", "cat."])
def test_names_are_taken_in_any_case(sets: ImageSets, text: str) -> None:
    sets.add_class("mine", "cat")
    with pytest.raises(DataError, match=r"'(cat|CAT)' already") as refused:
        sets.add_class("mine", text)
    assert refused.value.code == "own-name-taken"


def test_images_are_numbered_on_and_never_written_over(sets: ImageSets) -> None:
    sets.add_class("mine", "cat")
    names = [sets.add_image("mine", "cat", bytes([n]), ".png") for n in range(3)]
    assert names == ["000.png", "001.png", "002.png"]
    sets.path(Place("mine", "cat", "001.png")).unlink()
    (sets.root / "mine/cat/photo.jpg").write_bytes(b"by hand")
    assert sets.add_image("mine", "cat", b"x", ".jpg") == "003.jpg"
    (sets.root / "mine/cat/1200.png").write_bytes(b"by hand")
    assert sets.add_image("mine", "cat", b"x", ".jpg") == "1201.jpg"


def test_images_added_at_once_get_numbers_of_their_own(sets: ImageSets) -> None:
    sets.add_class("mine", "cat")

    def add() -> None:
        for _ in range(10):
            sets.add_image("mine", "cat", b"x", ".png")

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sets.classes("mine")["cat"] == [f"{number:03}.png" for number in range(40)]


@pytest.mark.parametrize(
    ("place", "code"),
    [
        (Place("no"), "own-set-missing"),
        (Place(".."), "own-set-missing"),
        (Place(".trash"), "own-set-missing"),
        (Place("mine/cat"), "own-set-missing"),
        (Place("/"), "own-set-missing"),
        (Place("\udcff"), "own-set-missing"),
        (Place("mine", "no"), "own-class-missing"),
        (Place("mine", ".."), "own-class-missing"),
        (Place("mine", "../mine"), "own-class-missing"),
        (Place("mine", "link"), "own-class-missing"),
        (Place("mine", "cat", "no.png"), "own-image-missing"),
        (Place("mine", "cat", "../cat/000.png"), "own-image-missing"),
        (Place("mine", "cat", "link.png"), "own-image-missing"),
        (Place("mine", "cat", "."), "own-image-missing"),
    ],
)
def test_what_is_not_there_is_not_reached(
    lab: Lab, sets: ImageSets, place: Place, code: str
) -> None:
    sets.add_class("mine", "cat")
    sets.add_image("mine", "cat", b"x", ".png")
    (sets.root / "mine/link").symlink_to("/")
    (sets.root / "mine/cat/link.png").symlink_to("/etc/hostname")
    with pytest.raises(DataError) as refused:
        sets.path(place)
    assert refused.value.code == code
    with pytest.raises(DataError):
        lab.part(Trash).take(place)
    with pytest.raises(DataError):
        sets.rename(place, "other")


def test_classes_and_collections_are_renamed(sets: ImageSets) -> None:
    sets.add_class("mine", "cat")
    sets.add_class("mine", "dog")
    assert sets.rename(Place("mine", "cat"), "Cat") == "Cat"
    assert sets.rename(Place("mine", "Cat"), "../x") == "-x"
    with pytest.raises(DataError, match="'DOG' already"):
        sets.rename(Place("mine", "-x"), "DOG")
    assert sets.rename(Place("mine"), "ours") == "ours"
    assert sets.names() == ["ours"]
    assert list(sets.classes("ours")) == ["-x", "dog"]


def test_what_is_removed_can_be_taken_back(lab: Lab, sets: ImageSets) -> None:
    trash = lab.part(Trash)
    sets.add_class("mine", "cat")
    for number in range(3):
        sets.add_image("mine", "cat", bytes([number]), ".png")
    before = sets.classes("mine")
    for place in (Place("mine", "cat", "001.png"), Place("mine", "cat"), Place("mine")):
        number = trash.take(place)
        assert trash.count() == 1
        with pytest.raises(DataError):
            sets.path(place)
        assert trash.give_back(number) == place
        assert sets.classes("mine") == before
        assert sets.path(Place("mine", "cat", "001.png")).read_bytes() == b"\1"
        assert trash.count() == 0


def test_an_image_whose_name_was_taken_comes_back_under_another(
    lab: Lab, sets: ImageSets
) -> None:
    sets.add_class("mine", "cat")
    sets.add_image("mine", "cat", b"old", ".png")
    number = lab.part(Trash).take(Place("mine", "cat", "000.png"))
    sets.add_image("mine", "cat", b"new", ".png")
    lab.part(Trash).give_back(number)
    folder = sets.path(Place("mine", "cat"))
    assert (folder / "000.png").read_bytes() == b"new"
    assert (folder / "001.png").read_bytes() == b"old"


def test_a_class_does_not_come_back_over_another(lab: Lab, sets: ImageSets) -> None:
    trash = lab.part(Trash)
    sets.add_class("mine", "cat")
    number = trash.take(Place("mine", "cat"))
    sets.add_class("mine", "cat")
    with pytest.raises(DataError) as refused:
        trash.give_back(number)
    assert refused.value.code == "own-place-taken"
    sets.rename(Place("mine", "cat"), "other")
    trash.give_back(number)
    assert list(sets.classes("mine")) == ["cat", "other"]


def test_what_lay_in_a_collection_that_is_gone_waits(lab: Lab, sets: ImageSets) -> None:
    trash = lab.part(Trash)
    sets.add_class("mine", "cat")
    image = trash.take(Place("mine", "cat"))
    collection = trash.take(Place("mine"))
    with pytest.raises(DataError, match="no collection"):
        trash.give_back(image)
    trash.give_back(collection)
    trash.give_back(image)
    assert sets.classes("mine") == {"cat": []}


@pytest.mark.parametrize("damage", [None, "", "{}", "[]", '{"collection": 1}'])
def test_what_is_not_in_the_trash_is_not_given_back(
    lab: Lab, sets: ImageSets, damage: str | None
) -> None:
    number = 3
    if damage is not None:
        number = lab.part(Trash).take(Place("mine"))
        (sets.root / f".trash/{number}/where.json").write_text(damage)
    with pytest.raises(DataError) as refused:
        lab.part(Trash).give_back(number)
    assert refused.value.code == "own-trash-empty"


def test_a_record_that_leads_elsewhere_is_not_followed(
    lab: Lab, sets: ImageSets, tmp_path: Path
) -> None:
    sets.add_class("mine", "cat")
    number = lab.part(Trash).take(Place("mine", "cat"))
    where = sets.root / f".trash/{number}/where.json"
    for place in (
        '{"collection": "../out", "label": "", "image": ""}',
        '{"collection": "mine", "label": "../../out", "image": ""}',
        '{"collection": "", "label": "", "image": ""}',
    ):
        where.write_text(place)
        with pytest.raises(MiradaError):
            lab.part(Trash).give_back(number)
    assert not (tmp_path / "out").exists()


def test_the_trash_is_emptied_for_good(lab: Lab, sets: ImageSets) -> None:
    trash = lab.part(Trash)
    for name in ("cat", "dog"):
        sets.add_class("mine", name)
        trash.take(Place("mine", name))
    assert (trash.count(), trash.empty(), trash.count()) == (2, 2, 0)
    assert list((sets.root / ".trash").iterdir()) == []


def test_a_disk_that_refuses_is_named(lab: Lab, tmp_path: Path) -> None:
    lab.workplace.images.write_text("a file where a folder should be")
    with pytest.raises(StorageError) as refused:
        lab.part(ImageSets).add_collection("mine")
    assert refused.value.code == "own-images-unchanged"
    assert str(tmp_path / "images") in str(refused.value)
    assert lab.part(ImageSets).names() == [] and lab.part(Trash).count() == 0
