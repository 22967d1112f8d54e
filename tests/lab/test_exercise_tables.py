"""Tables of a network's sizes and parameters, as the lab's page has them corrected."""

from pathlib import Path
from typing import Any

import pytest

from mirada.analysis.checking import asked_rows, check
from mirada.cli.check_table import table_rows
from mirada.errors import DataError, DescriptionError, UsageError
from mirada.lab.asked import Asked
from mirada.lab.exercise_tables import WORK
from mirada.lab.lab import Lab
from mirada.language import speaking
from mirada.models import MODELS, build
from mirada.network.file import to_toml
from mirada.tasks.filled_table import blank_table
from tests.refusal import refuses

DOES = {work.path.rpartition("/")[2]: work.does for work in WORK}
LECTURE = "lenet5_lecture"
ROWS = [
    ["conv1", "28x28x6", "156"],
    ["maxpool1", "14 x 14 x 6", "0"],
    ["conv2", "10x10x16", "2.416"],
    ["maxpool2", "4x4x16", ""],
    ["flatten1", "256", "0"],
    ["linear1", "120", "30840"],
    ["total", "", "61,706"],
]


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


def asked(lab: Lab, what: str, content: bytes = b"", **value: object) -> Any:
    query = {name: str(text) for name, text in value.items()} if content else {}
    return DOES[what](lab, Asked(query=query, value=value, content=content))


def test_the_networks(lab: Lab) -> None:
    found = asked(lab, "networks")
    assert found["networks"][0] == LECTURE
    assert sorted(found["networks"]) == sorted(MODELS)
    assert found["has_draft"] is False


def test_the_rows_to_fill_in(lab: Lab) -> None:
    found = asked(lab, "blank", network=LECTURE)
    network = build(LECTURE)
    assert [row["layer"] for row in found["rows"]] == asked_rows(network)
    assert found["input"] == "32×32×3"
    assert found["rows"][0]["text"] == "conv 6 5x5"
    assert found["rows"][-1]["columns"] == ["parameters"]
    with speaking("es"):
        template = asked(lab, "template", network=LECTURE)
        assert template.content.decode("utf-8-sig") == blank_table(network) + "\n"


def test_cells_are_judged_as_by_the_command(lab: Lab) -> None:
    found = asked(lab, "judge", network=LECTURE, rows=ROWS)
    wanted = check(build(LECTURE), ROWS)
    assert (found["correct"], found["wrong"]) == (wanted.correct, wanted.wrong)
    assert len(found["cells"]) == len(wanted.cells)
    for cell, known in zip(found["cells"], wanted.cells, strict=True):
        plain = known.to_dict()
        for name in ("layer", "column", "given", "ok", "mistake", "follows"):
            assert cell[name] == plain[name]
        assert " ".join(cell["sentences"]) == plain["explanation"]
    told = {(c["layer"], c["column"]): c["judgement"] for c in found["cells"]}
    assert told["conv1", "parameters"] == "wrong: channels forgotten"
    assert told["flatten1", "size"] == "follows from maxpool2"
    assert told["conv2", "parameters"] == "right"


def test_the_network_being_built(lab: Lab) -> None:
    with refuses(UsageError, "table-no-draft"):
        asked(lab, "blank", network="draft")
    lab.workplace.change(0, {"network": to_toml(build("lenet5"))})
    assert asked(lab, "networks")["has_draft"] is True
    assert asked(lab, "blank", network="draft")["input"] == "28×28×1"
    found = asked(lab, "judge", network="draft", rows=[["conv1", "28x28x6", "156"]])
    assert found["correct"] == 2
    lab.workplace.change(1, {"network": "layers = ["})
    with pytest.raises(DescriptionError):
        asked(lab, "blank", network="draft")


def test_a_file_is_read_as_by_the_command(lab: Lab, tmp_path: Path) -> None:
    text = (
        "Capa;Tamaño;Parámetros;Nota\n"
        "Capa convolucional 1;28x28x6;456;a\nPOOL1;14x14x6;0;\n"
        "Conv 2;10x10x16;;\nTotal;;61706;\n"
    )
    path = tmp_path / "table.csv"
    path.write_text(text, "utf-8-sig")
    content = path.read_bytes()
    found = asked(lab, "read", content, network=LECTURE, name="table.csv")
    assert found["cells"] == {
        "conv1": {"size": "28x28x6", "parameters": "456"},
        "maxpool1": {"size": "14x14x6", "parameters": "0"},
        "conv2": {"size": "10x10x16", "parameters": ""},
        "total": {"size": "", "parameters": "61706"},
    }
    assert found["told"] == ["Not looked at: the column 'Nota'"]
    rows = [[n, c["size"], c["parameters"]] for n, c in found["cells"].items()]
    own = asked(lab, "judge", network=LECTURE, rows=rows)
    wanted = check(build(LECTURE), table_rows(path))
    assert [c["ok"] for c in own["cells"]] == [c.ok for c in wanted.cells]


@pytest.mark.parametrize(
    ("content", "code"),
    (
        (b" \n", "check-no-header"),
        (b"a,b,c\n1,2,3\n", "check-columns"),
        (b"layer,size\nconv9,1\n", "check-row-unknown"),
        (b"%PDF-1.7\n\0\0\0", ""),
    ),
)
def test_what_is_no_table(lab: Lab, content: bytes, code: str) -> None:
    with pytest.raises(DataError) as caught:
        asked(lab, "read", content, network=LECTURE, name="x.csv")
    assert code in ("", caught.value.code)


def test_nonsense_in_rows_is_left_aside(lab: Lab) -> None:
    rows: list[object] = [
        *(["conv1", "28x28x6", "x" * 500], ["nobody", "1", "2"]),
        *(["conv2", 5, None], ["conv1", "28"], ["maxpool1", "many", ""]),
    ]
    found = asked(lab, "judge", network=LECTURE, rows=rows)
    (cell,) = found["cells"]
    assert (cell["layer"], cell["given"], cell["ok"]) == ("maxpool1", "many", False)
    assert asked(lab, "judge", network=LECTURE, rows="all")["cells"] == []
    with refuses(UsageError, "model-unknown"):
        asked(lab, "judge", network="lenet55", rows=[])
