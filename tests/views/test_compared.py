"""Several runs in one figure: a line each, told apart, told in words."""

from mirada.views.compared import MOST_RUNS, ComparedRun, compared_figure
from tests.views.geometry import parsed, sticking_out, texts

RUNS = (
    ComparedRun("runs/one", (0.5, 0.7, 0.8)),
    ComparedRun("runs/<two>", (0.6, None, 0.9, 0.85)),
    ComparedRun("runs/short", (0.4,)),
    ComparedRun("runs/none", (None, None)),
)


def test_a_line_a_run_and_a_dot_for_one_epoch() -> None:
    root = parsed(compared_figure(RUNS))
    paths = [x for x in root.iter() if x.tag.endswith("path")]
    assert [path.attrib["d"].count("L") for path in paths] == [2, 2]
    assert len([x for x in root.iter() if x.tag.endswith("circle")]) == 1
    assert {run.name for run in RUNS} <= set(texts(root))
    assert not sticking_out(root)


def test_it_is_told_in_words() -> None:
    root = parsed(compared_figure(RUNS))
    about = next(x for x in root if x.tag.endswith("desc")).text
    assert about and "runs/one: at best 80.0 % after 3 epochs." in about
    assert "runs/none: no values." in about


def test_no_two_of_forty_lines_look_the_same() -> None:
    many = tuple(ComparedRun(str(n), (0.1, 0.2)) for n in range(60))
    root = parsed(compared_figure(many))
    paths = [x for x in root.iter() if x.tag.endswith("path")]
    looks = {(p.get("stroke"), p.get("stroke-dasharray")) for p in paths}
    assert len(paths) == len(looks) == MOST_RUNS


def test_nothing_at_all_is_a_figure_too() -> None:
    assert not sticking_out(parsed(compared_figure(())))
