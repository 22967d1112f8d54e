"""The lecture's numbers, as the command line prints them in both languages.

Sizes, parameters, multiplications and receptive fields; each value was worked out apart
from mirada.
"""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.calling import Caller

LANGUAGES = ("en", "es")
Said = Callable[..., str]


@pytest.fixture(params=LANGUAGES)
def said(request: pytest.FixtureRequest, call: Caller) -> Said:
    """What a command line says in one of the languages; it must end well."""

    def say(words: str) -> str:
        called = call(*words.split(), "--lang", request.param)
        assert called.code == 0, called.err
        # Thousands are set apart by a point in Spanish, a comma in English.
        return called.out if request.param == "en" else _as_english(called.out)

    return say


def _as_english(text: str) -> str:
    """Spanish output with its thousands as English has them."""
    return re.sub(r"(?<=\d)\.(?=\d{3}(?!\d))", ",", text)


@pytest.fixture
def network(tmp_path: Path) -> Callable[..., str]:
    """Writes a description and gives its path."""

    def write(input: str, *layers: str) -> str:
        path = tmp_path / "net.toml"
        path.write_text(f'input = "{input}"\nlayers = {list(layers)}\n')
        return str(path)

    return write


FULLY_CONNECTED = [
    ("3-4-2", "(3 + 1)*4 + (4 + 1)*2 = 16 + 10 = 26"),
    ("3-4-4-1", "(3 + 1)*4 + (4 + 1)*4 + (4 + 1)*1 = 16 + 20 + 5 = 41"),
    ("784-100-10", "(784 + 1)*100 + (100 + 1)*10 = 78,500 + 1,010 = 79,510"),
    (
        "784-300-100-10",
        "(784 + 1)*300 + (300 + 1)*100 + (100 + 1)*10 = "
        "235,500 + 30,100 + 1,010 = 266,610",
    ),
    ("3072-100", "(3072 + 1)*100 = 307,300"),
]


@pytest.mark.parametrize("command", ["summary", "explain"])
@pytest.mark.parametrize(("sizes", "total"), FULLY_CONNECTED)
def test_fully_connected_parameters(
    said: Said, command: str, sizes: str, total: str
) -> None:
    assert f": {total}\n" in said(f"{command} {sizes}")


def test_weights_and_biases_apart(said: Said) -> None:
    assert ": 26 (20 " in said("summary 3-4-2") and " 6 " in said("summary 3-4-2")
    assert ": 41 (32 " in said("summary 3-4-4-1") and " 9 " in said("summary 3-4-4-1")


def test_fully_connected_against_convolution(said: Said) -> None:
    text = said("explain lenet5_lecture conv1")
    assert "(3*32*32 + 1)*6*28*28 = 14,455,392" in text
    assert "(5*5*3 + 1)*6 = 456" in text


TABLE = [
    (5, 3, 0, 0, 1, "3", 3, 3),
    (5, 3, 1, 1, 2, "3", 3, 3),
    (10, 3, 0, 0, 2, "4.5", 4, 5),
    (32, 5, 0, 0, 1, "28", 28, 28),
    (32, 5, 2, 2, 1, "32", 32, 32),
    (32, 5, 0, 0, 2, "14.5", 14, 15),
    (227, 11, 0, 0, 4, "55", 55, 55),
    (224, 11, 2, 2, 4, "55.25", 55, 56),
    (224, 7, 3, 3, 2, "112.5", 112, 113),
    (112, 3, 1, 1, 2, "56.5", 56, 57),
]


@pytest.mark.parametrize(("I", "F", "Ps", "Pe", "S", "exact", "floor", "ceil"), TABLE)
def test_the_table_of_sizes(
    said: Said,
    call: Caller,
    I: int,
    F: int,
    Ps: int,
    Pe: int,
    S: int,
    exact: str,
    floor: int,
    ceil: int,
) -> None:
    words = f"size {I} --kernel {F} --stride {S} --padding {Ps} {Pe}"
    lines = said(words).splitlines()
    assert lines[1] == f"O = ({I} - {F} + {Ps} + {Pe})/{S} + 1 = {exact}"
    assert lines[2].startswith("exact" if exact == str(floor) else f"{exact} ")
    assert lines[-1].endswith(f": {floor}")
    assert said(f"{words} --ceil").splitlines()[-1].endswith(f": {ceil}")
    found = call(*words.split(), "--json").json
    assert (found["exact"], found["floor"], found["ceil"]) == (
        float(exact),
        floor,
        ceil,
    )


def test_the_rounding_rule_in_words(call: Caller) -> None:
    words = ("size", "32", "--kernel", "5", "--stride", "2", "--lang")
    english, spanish = call(*words, "en").out, call(*words, "es").out
    assert "14.5 is rounded down to 14: the last pixel is not read" in english
    assert "14.5 se redondea hacia abajo a 14: el último píxel no se lee" in spanish


@pytest.mark.parametrize(
    ("I", "F", "S", "P", "D"), [(32, 3, 1, 0, 2), (17, 3, 2, 1, 3)]
)
def test_dilation(said: Said, I: int, F: int, S: int, P: int, D: int) -> None:
    words = f"size {I} --kernel {F} --stride {S} --padding {P} --dilation {D}"
    expected = (I + 2 * P - D * (F - 1) - 1) // S + 1
    lines = said(words).splitlines()
    assert f"({I} - ({D}*({F} - 1) + 1) + {P} + {P})/{S} + 1" in lines[1]
    assert lines[-1].endswith(f": {expected}")


@pytest.mark.parametrize(
    ("I", "F", "S", "P", "extra"), [(14, 2, 2, 0, 0), (7, 3, 2, 1, 1), (5, 4, 3, 2, 0)]
)
def test_transposed(said: Said, I: int, F: int, S: int, P: int, extra: int) -> None:
    words = f"size {I} --kernel {F} --stride {S} --padding {P} --transposed"
    lines = said(f"{words} --output-padding {extra}").splitlines()
    expected = S * (I - 1) + F - P - P + extra
    assert lines[1] == f"O = {S}*({I} - 1) + {F} - {P} - {P} + {extra} = {expected}"
    assert lines[-1].endswith(f": {expected}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_size_below_one_is_printed(call: Caller, language: str) -> None:
    called = call("size", "3", "--kernel", "5", "--padding", "0,1", "--lang", language)
    assert (called.code, called.out) == (4, "")
    assert "(3 - 5 + 0 + 1)/1 + 1" in called.err
    needed = {
        "en": "smallest input that fits is 4",
        "es": "menor entrada que sirve es 4",
    }
    assert needed[language] in called.err
    assert call("size", "4", "--kernel", "5", "--padding", "0,1").code == 0


SAME = [
    (224, 7, 2, 112, "2|3"),
    (5, 2, 1, 5, "0|1"),
    (32, 5, 2, 16, "1|2"),
    (28, 2, 2, 14, "0|0"),
]


@pytest.mark.parametrize(("I", "F", "S", "output", "sides"), SAME)
def test_same_in_three_meanings(
    said: Said, I: int, F: int, S: int, output: int, sides: str
) -> None:
    words = f"size {I} --kernel {F} --stride {S} --padding same"
    lines = said(words).splitlines()
    assert any(line.endswith(f": {output}") for line in lines[:6])
    rows = [line.split() for line in lines[-3:]]
    assert [row[0] for row in rows] == ["same", "same-lower", "same-torch"]
    assert sides in rows[0] and sides[::-1] in rows[1] and str(output) in rows[0]
    assert (str(I) in rows[2]) == (S == 1), "PyTorch: stride 1 only"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_total_that_formula_sheets_leave_negative(
    call: Caller, language: str
) -> None:
    words = ("size", "4", "--kernel", "1", "--stride", "2", "--same", "--lang")
    told = {"en": "formula sheets get -1", "es": "los formularios obtienen -1"}
    assert told[language] in call(*words, language).out


def test_the_edges_of_a_photo(said: Said, network: Callable[..., str]) -> None:
    """A photo of 320x280 (width x height); mirada says height first."""
    assert said("size 280x320 --kernel 1x2").splitlines()[-1].split()[1] == "280x319"
    text = said(f"explain {network('1x280x320', 'conv 1 1x2 nobias')}")
    for number in ("8,003,072,000", "178,640", "267,960"):
        assert number in text


@pytest.mark.parametrize("side", [6, 32, 224])
def test_one_layer_learns_the_same_at_any_image_size(
    said: Said, network: Callable[..., str], side: int
) -> None:
    text = said(f"explain {network(f'3x{side}x{side}', 'conv 2 3x3')} conv1")
    assert f"3x{side}x{side} -> 2x{side - 2}x{side - 2}" in text
    assert "(3*3*3 + 1)*2 = 56 (" in text
    learned = next(line for line in text.splitlines() if "= 56" in line)
    assert "54" in learned and "2" in learned.partition("(")[2]


@pytest.mark.parametrize(
    ("layer", "channels", "formula"),
    [
        ("conv 10 3x3", 3, "(3*3*3 + 1)*10 = 280"),
        ("conv 8 3x3 groups 2", 4, "(3*3*4/2 + 1)*8 = 152"),
        ("conv 32 3x3 groups 32", 32, "(3*3 + 1)*32 = 320"),
    ],
)
def test_filters_grouped_and_depthwise(
    said: Said, network: Callable[..., str], layer: str, channels: int, formula: str
) -> None:
    assert formula in said(f"explain {network(f'{channels}x9x9', layer)}")


def test_the_lectures_network(said: Said) -> None:
    text = said("explain lenet5_lecture")
    for shapes in (
        "3x32x32 -> 6x28x28",
        "6x28x28 -> 6x14x14",
        "6x14x14 -> 16x10x10",
        "16x10x10 -> 16x5x5",
        "16x5x5 -> 400",
        "400 -> 120",
        "120 -> 84",
        "84 -> 10",
    ):
        assert f": {shapes}\n" in text
    assert "456 + 2,416 + 48,120 + 10,164 + 850 = 62,006" in text
    assert "352,800 + 240,000 + 48,000 + 10,080 + 840 = 651,720" in text
    assert text.count(" No: 0, ") == 7


def test_the_lectures_network_in_grey(said: Said) -> None:
    assert "= 61,706" in said("explain lenet5_lecture --input 1x32x32")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_lectures_question_to_pooling(call: Caller, language: str) -> None:
    text = call("explain", "lenet5_lecture", "maxpool1", "--lang", language).out
    question = {
        "en": "Do I need to learn parameters for this layer? No: 0, because ",
        "es": "¿Necesito aprender parámetros para esta capa? No: 0, porque ",
    }
    assert question[language] in text


@pytest.mark.parametrize(
    ("layer", "field", "jump"),
    [
        ("conv1", "1 + (5 - 1)*1 = 5", "1;"),
        ("maxpool1", "1 + (5 - 1)*1 + (2 - 1)*1 = 6", "2;"),
        ("conv2", "1 + (5 - 1)*1 + (2 - 1)*1 + (5 - 1)*2 = 14", "2;"),
        (
            "maxpool2",
            "1 + (5 - 1)*1 + (2 - 1)*1 + (5 - 1)*2 + (2 - 1)*2 = 16",
            "2*2 = 4;",
        ),
    ],
)
def test_receptive_fields_of_the_lectures_network(
    said: Said, layer: str, field: str, jump: str
) -> None:
    text = said(f"explain lenet5_lecture {layer}")
    assert f": {field}\n" in text
    assert f" {jump} " in text.splitlines()[-1]


@pytest.mark.parametrize(("count", "field"), [(2, 5), (3, 7)])
def test_stacked_3x3(
    said: Said, network: Callable[..., str], count: int, field: int
) -> None:
    text = said(f"explain {network('1x9x9', *['conv 1 3x3'] * count)} conv{count}")
    assert f"1 + {' + '.join(['(3 - 1)*1'] * count)} = {field}\n" in text


@pytest.mark.parametrize(
    ("layer", "field"),
    [
        ("alexnet maxpool3", 195),
        ("vgg16 maxpool5", 212),
        ("resnet18 layer4_1_out", 435),
        ("resnet50_v1 layer4_2_out", 483),
        ("resnet50 layer4_2_out", 427),
    ],
)
def test_receptive_fields_of_known_networks(said: Said, layer: str, field: int) -> None:
    text = said(f"explain {layer}")
    assert f" {field}x{field} " in text
    said_alone = said(f"explain {layer} --json")
    assert f"= {field}" in said_alone


@pytest.mark.parametrize(
    ("name", "total"),
    [
        ("alexnet", "61,100,840"),
        ("vgg16", "138,357,544"),
        ("resnet18", "11,689,512"),
        ("resnet50", "25,557,032"),
        ("unet", "31,030,658"),
    ],
)
def test_totals_of_known_networks(said: Said, name: str, total: str) -> None:
    assert f": {total} (" in said(f"explain {name}")


def test_the_convolutions_of_vgg16(call: Caller) -> None:
    rows = call("explain", "vgg16", "--json").json["layers"]
    convolutions = [row["parameters"]["total"] for row in rows if row["kind"] == "conv"]
    assert sum(convolutions) == 14_714_688


def test_unet_gives_388_from_572(said: Said) -> None:
    first = said("explain unet").splitlines()[0]
    assert "1x572x572" in first and first.endswith(" 2x388x388")


def test_what_published_examples_should_have_said(
    said: Said, network: Callable[..., str]
) -> None:
    path = network(
        "3x32x32",
        *("conv 8 5x5", "relu", "maxpool 2", "conv 16 5x5", "relu", "maxpool 2"),
        *("flatten", "linear 120", "relu", "linear 84", "relu", "linear 10"),
    )
    assert "608 + 3,216 + 48,120 + 10,164 + 850 = " in said(f"explain {path}")
    assert said("size 32 --kernel 5 --padding same").splitlines()[3].endswith(" 32")
    assert " = 15.5\n" in said("size 32 --kernel 5 --stride 2 --padding 2 0")
    assert " = 14.5\n" in said("size 32 --kernel 5 --stride 2")
    assert said("size 28 --kernel 5").splitlines()[-1].endswith(" 24")
    assert said("size 28 --kernel 5 --padding 2").splitlines()[-1].endswith(" 28")
    assert "14\n" in said("size 28 --kernel 2 --pool")


def test_softmax(said: Said, network: Callable[..., str]) -> None:
    path = network("3", "linear 3", "softmax")
    sentence = said(f"explain {path} softmax1")
    assert " 1, 2, 3 " in sentence and " 1000, 1001, 1002" in sentence
    assert "0.0900, 0.2447, 0.6652" in sentence
