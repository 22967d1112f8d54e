from pathlib import Path

from mirada.training import RunFolder, load_model
from mirada.training.history import EpochRow, line
from mirada.training.place import Place
from mirada.training.record import BEST, METRICS, TIMING, Record
from tests.training.example import engine, plan

ROW = EpochRow(1, 7, 0.03, 2.5, 0.25, 2.0, 0.5, best=True)


def record(folder: RunFolder) -> Record:
    return Record(folder, plan().configuration)


def test_lines_are_added_and_cut_back_to_a_place(tmp_path: Path) -> None:
    path = tmp_path / METRICS
    with RunFolder.new(tmp_path) as folder:
        kept = record(folder)
        first = kept.cut(Place())
        second = kept.add(first, "step", step=1)
        kept.add(second, "step", step=2)
        assert path.read_bytes().count(b"\n") == 3
        assert kept.cut(second) == second
        assert path.read_bytes().endswith(line("step", step=1))
        assert path.stat().st_size == second.metrics_bytes


def test_a_torn_line_is_cut_away(tmp_path: Path) -> None:
    with RunFolder.new(tmp_path) as folder:
        place = record(folder).cut(Place())
        folder.append(METRICS, b'{"kind":"st')
        record(folder).cut(place)
    assert (tmp_path / METRICS).read_bytes().endswith(b"}\n")


def test_lost_lines_come_back_from_the_rows(tmp_path: Path) -> None:
    with RunFolder.new(tmp_path) as folder:
        place = record(folder).cut(Place(metrics_bytes=5000, rows=(ROW,)))
    content = (tmp_path / METRICS).read_bytes()
    assert content.endswith(line("epoch", **ROW.to_dict()))
    assert place.metrics_bytes == len(content)


def test_times_are_apart(tmp_path: Path) -> None:
    with RunFolder.new(tmp_path) as folder:
        record(folder).time(ROW, 2.0, 210)
    assert (tmp_path / TIMING).read_bytes() == line(
        "epoch", epoch=1, seconds=2.0, images=210, images_per_second=105
    )


def test_a_model_says_where_it_comes_from(tmp_path: Path) -> None:
    with RunFolder.new(tmp_path) as folder:
        record(folder).model(BEST, ROW, engine(plan()).parameters())
    found = load_model(tmp_path / BEST)
    assert found.facts == {"data": "few", **ROW.to_dict()}
    assert found.classes == plan().configuration.data.classes
