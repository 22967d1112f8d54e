"""One output of a convolution: its window, its products, its sum."""

from collections.abc import Sequence
from dataclasses import dataclass

from mirada.analysis.arithmetic import bracketed
from mirada.analysis.exercises.draw import Rows
from mirada.analysis.exercises.exercise import Step
from mirada.errors import Phrase

__all__ = ["Cell", "explain_cell", "signed_sum", "turned"]


@dataclass(frozen=True)
class Cell:
    """One output of a convolution over images with a kernel each, added up.

    `row` and `column` are those of the output, from 0. With `turned` the kernel is
    turned by 180 degrees first: true convolution.

    >>> image = ((1, 1, 1), (0, 1, 1), (0, 0, 1))
    >>> Cell((image,), (((1, 0, 1), (0, 1, 0), (1, 0, 1)),), 0, 0).value
    4
    """

    images: tuple[Rows, ...]
    kernels: tuple[Rows, ...]
    row: int
    column: int
    stride: int = 1
    padding: int = 0
    bias: int = 0
    turned: bool = False

    def window(self, channel: int) -> Rows:
        """The numbers under the kernel, zeros where there is padding."""
        image, kernel = self.images[channel], self.kernels[channel]
        top = self.row * self.stride - self.padding
        left = self.column * self.stride - self.padding
        return tuple(
            tuple(_at(image, top + y, left + x) for x in range(len(kernel[0])))
            for y in range(len(kernel))
        )

    def weights(self, channel: int) -> Rows:
        """The kernel as it is laid over the window."""
        kernel = self.kernels[channel]
        return turned(kernel) if self.turned else kernel

    def pairs(self, channel: int) -> tuple[tuple[int, int], ...]:
        """Every number of the window with the weight that it meets."""
        window, weights = self.window(channel), self.weights(channel)
        return tuple(
            pair
            for row, other in zip(window, weights, strict=True)
            for pair in zip(row, other, strict=True)
        )

    def sum(self, channel: int) -> int:
        """The products of one channel, added up."""
        return sum(a * b for a, b in self.pairs(channel))

    @property
    def value(self) -> int:
        """All channels and the bias together."""
        return sum(map(self.sum, range(len(self.images)))) + self.bias


def _at(image: Rows, row: int, column: int) -> int:
    inside = 0 <= row < len(image) and 0 <= column < len(image[0])
    return image[row][column] if inside else 0


def turned(kernel: Rows) -> Rows:
    """The kernel turned by 180 degrees.

    >>> turned(((1, 2), (3, 4)))
    ((4, 3), (2, 1))
    """
    return tuple(row[::-1] for row in kernel[::-1])


def signed_sum(terms: Sequence[int]) -> str:
    """Numbers added up, negative ones subtracted.

    >>> signed_sum([4, -2, 0])
    '4 - 2 + 0'
    """
    first, *rest = terms
    signs = (f" {'-' if term < 0 else '+'} {abs(term)}" for term in rest)
    return f"{first}{''.join(signs)}"


def explain_cell(cell: Cell) -> tuple[Step, ...]:
    """Window by window the products, then the sum with the bias.

    >>> image = ((1, 1, 1), (0, 1, 1), (0, 0, 1))
    >>> cell = Cell((image,), (((1, 0, 1), (0, 1, 0), (1, 0, 1)),), 0, 0)
    >>> print(*explain_cell(cell), sep="; ")
    window: 1 1 1; 0 1 1; 0 0 1; \
1*1 + 1*0 + 1*1 + 0*0 + 1*1 + 1*0 + 0*1 + 0*0 + 1*1 = 4
    """
    many = len(cell.images) > 1
    steps: list[Step] = []
    for channel in range(len(cell.images)):
        if cell.turned:
            weights = _shown(cell.weights(channel))
            steps.append(Phrase("the kernel turned: {rows}", rows=weights))
        window = _shown(cell.window(channel))
        if many:
            place = channel + 1
            steps.append(Phrase("window {place}: {rows}", place=place, rows=window))
        else:
            steps.append(Phrase("window: {rows}", rows=window))
        products = " + ".join(
            f"{bracketed(a)}*{bracketed(b)}" for a, b in cell.pairs(channel)
        )
        steps.append(f"{products} = {cell.sum(channel)}")
    sums = [cell.sum(channel) for channel in range(len(cell.images))]
    if many or cell.bias:
        terms = [*sums, cell.bias] if cell.bias else sums
        steps.append(f"{signed_sum(terms)} = {cell.value}")
    return tuple(steps)


def _shown(rows: Rows) -> str:
    return "; ".join(" ".join(map(str, row)) for row in rows)
