"""Sizes for dense convolutions and matrix products, from shapes and processor alone.

What a tile of accumulators costs is counted in cycles: multiply-adds, loads, and the
weights that come from the second cache. The tiling that costs least wins; equal ones
are told apart by their numbers, so that the choice is the same on every run.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import isqrt

from mirada.compiler.target import Target

__all__ = [
    "Cut",
    "Tiling",
    "column_tile",
    "cut",
    "divisors",
    "gradient_parts",
    "shares",
    "tap_tile",
    "tiling",
]

_STRIP = 64
"""Pixels in a strip whose tiles are written out one by one."""


@dataclass(frozen=True)
class Tiling:
    """How output pixels and output channels are dealt to accumulators.

    A strip is `rows` rows of `width` pixels of `images` images; it is cut in `tiles`
    of so many pixels each, and each tile is summed for `panels` panels at a time.
    `height` and `width` may be those of the image with its rows joined or cut anew.
    """

    height: int
    width: int
    images: int
    rows: int
    panels: int
    tiles: tuple[int, ...]

    @property
    def strips(self) -> int:
        """Strips in an image."""
        return self.height // self.rows


@dataclass(frozen=True)
class Cut:
    """Parts of a layer: every band of strips with every group of panels."""

    bands: tuple[tuple[int, int], ...]
    groups: tuple[tuple[int, int], ...]

    @property
    def parts(self) -> int:
        """How many parts there are."""
        return len(self.bands) * len(self.groups)

    def table(self, of_groups: bool, field: int) -> tuple[int, ...]:
        """By part: the first one (field 0), or how many (field 1)."""
        return tuple(
            (group if of_groups else band)[field]
            for band in self.bands
            for group in self.groups
        )


def divisors(number: int) -> list[int]:
    """The divisors of a number, ascending.

    >>> divisors(12)
    [1, 2, 3, 4, 6, 12]
    """
    small = [size for size in range(1, isqrt(number) + 1) if number % size == 0]
    return sorted({*small, *(number // size for size in small)})


def shares(total: int, parts: int) -> tuple[tuple[int, int], ...]:
    """(first, size) of pieces whose sizes differ by one at most, larger ones first.

    >>> shares(7, 3)
    ((0, 3), (3, 2), (5, 2))
    """
    small, more = divmod(total, parts)
    found, first = [], 0
    for part in range(parts):
        size = small + (part < more)
        found.append((first, size))
        first += size
    return tuple(found)


def _sizes(total: int, parts: int) -> tuple[tuple[int, int], ...]:
    """(size, how many) of the pieces that `shares` makes."""
    small, more = divmod(total, parts)
    return tuple(
        (n, times) for n, times in ((small + 1, more), (small, parts - more)) if times
    )


def tiling(
    images: int,
    height: int,
    width: int,
    joined: bool,
    panels: int,
    target: Target,
    copies: int = 1,
    saved: float = 0.0,
) -> Tiling:
    """The cheapest tiling of an image of so many pixels and panels of channels.

    `joined` says that a row begins where the one before it ends, here and there. The
    loops are written `copies` times in a kernel, so that long ones cost as often. A
    share `saved` of the taps is left out where strips are single rows.
    """
    found = [
        (_tiling_cost(way, target, copies, saved), len(set(way.tiles)), way.width, way)
        for way in _tilings(images, height, width, joined, panels, target)
    ]
    return min(found, key=lambda item: (*item[:3], repr(item[3])))[3]


def _tilings(
    images: int, height: int, width: int, joined: bool, panels: int, target: Target
) -> Iterator[Tiling]:
    forms = [(height, width)]
    if joined:
        pixels = height * width
        widths = [size for size in divisors(pixels) if size <= _STRIP]
        forms += [(pixels // size, size) for size in widths]
    for across in (size for size in divisors(panels) if size <= target.accumulators):
        for tall, wide in forms:
            strips = [(1, rows) for rows in divisors(tall)]
            strips += [(block, tall) for block in divisors(images) if block > 1]
            for block, rows in strips:
                pixels = block * rows * wide
                if block * rows > 1 and pixels > _STRIP:
                    continue
                count = -(-pixels // (target.accumulators // across))
                tiles = tuple(size for _, size in shares(pixels, count))
                yield Tiling(tall, wide, block, rows, across, tiles)


def _tiling_cost(way: Tiling, target: Target, copies: int, saved: float) -> float:
    """Cycles for a pixel and a panel."""
    cycles = sum(_tile_cycles(size, way.panels, target) for size in way.tiles)
    single = way.images * way.rows == 1
    bodies = len(set(way.tiles)) if single else len(way.tiles)
    cycles *= 1 - saved if single else 1
    return round(cycles / (sum(way.tiles) * way.panels) + 0.004 * bodies * copies, 4)


def _tile_cycles(pixels: int, panels: int, target: Target) -> float:
    """Cycles for one tap of a tile."""
    rate = max(target.lanes, 8) / 16
    products = max(pixels * panels, 9) * rate
    loads = (pixels + panels) * (2 if target.lanes < 16 else 1) / 2
    from_second_cache = panels * target.lanes / 2
    return max(products, loads, from_second_cache) + 1.5


def cut(strips: int, units: int, wanted: int, pixels: int, weights: int) -> Cut:
    """At least `wanted` parts where there are so many strips and units of panels.

    Every band reads all weights of its group, every group all pixels of its band:
    of equally even cuts the one that moves fewer bytes wins.
    """
    wanted = min(wanted, strips * units)
    ways = []
    for groups in range(1, min(units, 2 * wanted) + 1):
        bands = min(-(-wanted // groups), strips)
        if groups * bands < wanted:
            continue
        largest = -(-strips // bands) * -(-units // groups)
        uneven = largest * bands * groups / (strips * units)
        moved = bands * weights + groups * pixels
        ways.append((round(uneven, 2), moved, groups, bands))
    _, _, groups, bands = min(ways)
    return Cut(shares(strips, bands), shares(units, groups))


def tap_tile(
    vectors: int, rows: int, channels: int, target: Target
) -> tuple[int, int, int]:
    """A tile of a weight gradient: (vectors of a row, rows, output channels).

    `vectors` there are in a tap row, and `rows` of them.
    """
    ways = []
    for wide in range(1, min(vectors, target.accumulators) + 1):
        tall_most = rows if wide == vectors else 1
        for tall in range(1, min(tall_most, target.accumulators // wide) + 1):
            for deep in range(1, target.accumulators // (wide * tall) + 1):
                if deep > channels:
                    break
                cycles = 0.0
                whole, rest = divmod(channels, deep)
                for high, above in _sizes(rows, -(-rows // tall)):
                    for many, beside in _sizes(vectors, -(-vectors // wide)):
                        held, times = high * many, above * beside
                        one = whole * _gradient_cycles(held, deep, held, target)
                        one += _gradient_cycles(held, rest, held, target)
                        cycles += times * one
                ways.append((round(cycles, 3), -deep, wide, tall))
    _, deep, wide, tall = min(ways)
    return wide, tall, -deep


def column_tile(
    columns: int, stride: int, vectors: int, channels: int, target: Target
) -> tuple[int, int]:
    """A tile of a weight gradient: (vectors of input channels, output channels).

    It holds every column of a kernel's row, so that pixels side by side read the same
    numbers. (0, 0) where that are too many.
    """
    ways = []
    for wide in divisors(vectors):
        for deep in range(1, min(channels, target.accumulators // columns // wide) + 1):
            whole, rest = divmod(channels, deep)
            moved = min(columns, stride) * wide
            cycles = whole * _gradient_cycles(columns * wide, deep, moved, target)
            cycles += _gradient_cycles(columns * wide, rest, moved, target)
            # Of nearly equal ones: long runs, or else fewer numbers moved.
            cost = round(50 * cycles / wide / channels)
            ways.append((cost, -wide if columns == 1 else wide, -deep, wide))
    if not ways or (4 * columns > target.accumulators and channels > 3):
        return 0, 0
    _, _, deep, wide = min(ways)
    return wide, -deep


def gradient_parts(
    wanted: int, outputs: int, inputs: int, dy: int, x: int, cycles: int
) -> tuple[int, int]:
    """Parts of a weight gradient: (groups of outputs, groups of inputs).

    There are so many units of each. Every group of outputs reads all of x, every group
    of inputs all of dy: of `x` and `dy` numbers a pixel, as few as possible are read.
    Half the parts are made where more numbers than half the `cycles` would be.
    """
    wanted = min(wanted, outputs * inputs)
    ways = []
    for across in divisors(inputs):
        groups = min(-(-wanted // across), outputs)
        if groups * across >= wanted:
            ways.append((groups * x + across * dy, across, groups))
    moved, across, groups = min(ways)
    if 2 * moved > cycles and wanted > 4:
        return gradient_parts(4, outputs, inputs, dy, x, cycles)
    return groups, across


def _gradient_cycles(vectors: int, channels: int, moved: int, target: Target) -> float:
    """Cycles for one pixel of a tile of a weight gradient.

    Of its vectors, `moved` come from the second cache, and a line of the gradient.
    """
    if not channels:
        return 0.0
    rate = max(target.lanes, 8) / 16
    products = max(vectors * channels, 9) * rate
    loads = (2 * vectors + channels) / 2
    return max(products, loads, (moved + 1) * target.lanes / 4) + 1.5
