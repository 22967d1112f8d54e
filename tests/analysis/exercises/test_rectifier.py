"""ReLU of the lecture's sums."""

from mirada.analysis.exercises.rectifier import explain_relu, relu

SUMS = [[9, 3, 4], [5, 8, 7], [7, 6, 9]]


def test_relu_of_the_sum_less_six() -> None:
    rows = [[value - 7 for value in row] for row in SUMS]
    moved = [[value + 1 for value in row] for row in rows]
    assert relu(moved) == [[3, 0, 0], [0, 2, 1], [1, 0, 3]]
    assert explain_relu(rows, bias=1)[-1] == "max(0, x + b): 3 0 0; 0 2 1; 1 0 3"


def test_without_a_bias() -> None:
    assert explain_relu([[-1, 2]]) == ("ReLU(x) = max(0, x)", "0 2")
