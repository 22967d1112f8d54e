"""What follows from answers: sentences, the table of labels, the parts of the page."""

import numpy as np
import pytest
from numpy.typing import NDArray

from mirada.cli.look_wrong import sections
from mirada.data import Dataset
from mirada.language import use_language
from mirada.tasks.findings import Findings, summary, wrong_labels_csv
from mirada.tasks.held_out import Judges
from mirada.training import Answers
from mirada.views.svg import element, write


def found(shares: NDArray[np.float64], labels: list[int], learned: int = 0) -> Findings:
    images = np.zeros((len(labels), 2, 2, 1), np.uint8)
    names = [f"c{n}" for n in range(shares.shape[1])]
    data = Dataset.of(images, labels, names)
    samples = np.arange(len(labels))
    return Findings(data, Judges(samples, (), learned), Answers(samples, shares, 0.1))


def sure(share: float, right: int, wrong: int) -> Findings:
    """Answers for class 0 of one confidence, so many of them right."""
    shares = np.array([[share, 1 - share]] * (right + wrong))
    return found(shares, [0] * right + [1] * wrong)


def page(findings: Findings) -> str:
    return "".join(
        write(element("div", *section.content)) for section in sections(findings)
    ).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("share", "right", "wrong", "words"),
    [
        (0.8, 80, 20, "as sure as it is right: 80.0 % sure on average, 80.0 % right"),
        (0.99, 80, 20, "too sure of itself: 99.0 % sure on average, but 80.0 % right"),
        (0.6, 95, 5, "less sure than it could be: 60.0 % sure on average, but 95.0 %"),
    ],
)
def test_calibration_in_a_sentence(
    share: float, right: int, wrong: int, words: str
) -> None:
    sentence = summary(sure(share, right, wrong))[3]
    assert words in sentence
    use_language("es")
    assert "de seguridad en promedio" in summary(sure(share, right, wrong))[3]


def test_faults_that_cancel_are_told() -> None:
    one, two = sure(0.6, 160, 40), sure(0.9, 140, 60)
    shares = np.concatenate([one.answers.probabilities, two.answers.probabilities])
    both = found(shares, [*one.data.labels, *two.data.labels])
    assert "too sure of some answers and not sure enough" in summary(both)[3]


def test_a_network_that_is_always_right() -> None:
    findings = sure(0.9, 40, 0)
    told = summary(findings)
    assert told[0].startswith("100.0 % of 40 images are answered rightly")
    assert not any("confused" in sentence for sentence in told)
    assert told[-1] == "Likely wrong labels: none of 40."
    assert findings.temperature is None and findings.tempered is None
    text = page(findings)
    assert "these answers do not tell one" in text
    assert "fewer than 10 images are not judged: c1." in text
    assert wrong_labels_csv(findings) == b"file,given,suggested,probability\n"


def test_a_weak_network_does_not_accuse() -> None:
    draw = np.random.default_rng(0)
    findings = found(draw.dirichlet((1, 1, 1), 90), [n % 3 for n in range(90)])
    assert "it is wrong too often (" in summary(findings)[-1]
    assert "it is wrong too often (" in page(findings)


def test_learned_images_are_told_of() -> None:
    shares = np.array([[0.9, 0.1]] * 30)
    assert "20 of these images were trained on" in page(found(shares, [0] * 30, 20))


def doubted(name: str, classes: tuple[str, str]) -> Findings:
    """Forty answers, of which the last doubts its label, in a file of that name."""
    shares = np.array([[0.9, 0.1]] * 20 + [[0.1, 0.9]] * 20)
    labels = np.array([0] * 20 + [1] * 19 + [0])
    names = (*(str(n) for n in range(39)), name)
    images = np.zeros((40, 2, 2, 1), np.uint8)
    data = Dataset("odd", images, labels, classes, names)
    samples = np.arange(40)
    return Findings(data, Judges(samples), Answers(samples, shares, 0.1))


def test_a_table_that_no_spreadsheet_runs() -> None:
    findings = doubted("@39", ("=1+1", "-b"))
    lines = wrong_labels_csv(findings).decode().splitlines()
    assert lines[1:] == ["'@39,'=1+1,'-b,0.900000"]


def test_a_name_that_is_no_utf8_is_written() -> None:
    findings = doubted("caf\udce9.png", ("a", "b"))
    assert b"caf\\udce9.png,a,b" in wrong_labels_csv(findings)


def test_the_file_of_wrong_labels_is_named_only_where_there_is_one() -> None:
    findings = doubted("a.png", ("a", "b"))
    assert summary(findings)[-1].endswith(": 1 of 40, in wrong_labels.csv.")
    assert summary(findings, labels="")[-1] == "Likely wrong labels: 1 of 40."
