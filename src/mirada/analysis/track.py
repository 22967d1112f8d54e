"""Intervals of input positions that move with the output position: tracks.

A track says for each output position along one axis the first and last input position
it sees. It repeats: `period` outputs further the interval lies `advance` inputs
further. All numbers are whole, so nothing is rounded.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import gcd, lcm
from typing import NamedTuple

from mirada.network import ConvTranspose2d, Layer, Shape, Upsample
from mirada.network.window import Window

__all__ = [
    "Reading",
    "Seen",
    "Span",
    "Track",
    "hull",
    "read_layer",
    "together",
    "whole",
]

MOST_POSITIONS = 4096
"""Longer periods, and longer maps where branches drift apart, are given up."""

Span = tuple[int, int]


class Reading(NamedTuple):
    """What a layer reads along an axis: `taps(o)` are the positions output `o` reads.

    `outputs` further it reads `inputs` further.
    """

    outputs: int
    inputs: int
    taps: Callable[[int], Sequence[int]]


@dataclass(frozen=True)
class Track:
    """The interval each of `length` outputs sees; None where an output sees nothing."""

    spans: tuple[Span | None, ...]
    advance: int
    length: int

    @property
    def period(self) -> int:
        """After how many outputs the track repeats."""
        return len(self.spans)

    @property
    def rate(self) -> Fraction:
        """Input positions per output position."""
        return Fraction(self.advance, self.period)

    @property
    def centre(self) -> Fraction:
        """The middle of the first output's interval, the mean taken over a period."""
        centres = [
            Fraction(sum(span), 2) - place * self.rate
            for place, span in enumerate(self.spans)
            if span is not None
        ]
        return Fraction(sum(centres), max(len(centres), 1))

    def at(self, place: int) -> Span | None:
        """The first and the last input position that output `place` sees."""
        turns, phase = divmod(place, self.period)
        span = self.spans[phase]
        moved = turns * self.advance
        return None if span is None else (span[0] + moved, span[1] + moved)


@dataclass(frozen=True)
class Seen:
    """What the outputs of a layer see along one axis: the union of its tracks.

    Tracks of equal rate are one track; more than one is left only where branches move
    by different steps. `moves` is False where output positions have no order left, as
    in a vector.
    """

    tracks: tuple[Track, ...]
    length: int
    moves: bool = True

    @classmethod
    def pixels(cls, length: int) -> "Seen":
        """The input itself: each pixel sees itself."""
        return cls((Track(((0, 0),), 1, length),), length)

    def at(self, place: int) -> Span | None:
        """The first and the last input position that output `place` sees."""
        inside = [track for track in self.tracks if place < track.length]
        return hull(track.at(place) for track in inside)

    def vector(self) -> "Seen":
        """The same, of a flattened image."""
        return replace(self, moves=False)

    def cropped(self, shift: int, length: int) -> "Seen":
        """The same from output `shift` on, `length` of them; a vector as it is."""
        if not self.moves:
            return self
        tracks = (_shifted(track, shift, length) for track in self.tracks)
        return Seen(tuple(tracks), length)

    def spread(self, length: int) -> "Seen":
        """What `length` outputs see that all read the first one."""
        return Seen((Track((self.at(0),), 0, length),), length)

    def through(self, reading: Reading, length: int) -> "Seen | None":
        """What a layer that reads this sees; None where the period grows too long."""
        tracks = [_composed(track, reading, length) for track in self.tracks]
        known = [track for track in tracks if track is not None]
        return Seen(tuple(known), length) if len(known) == len(tracks) else None


def hull(spans: Iterable[Span | None]) -> Span | None:
    """The smallest interval that holds all the intervals; None of none."""
    known = [span for span in spans if span is not None]
    if not known:
        return None
    return min(first for first, _ in known), max(last for _, last in known)


def together(inputs: Sequence[Seen]) -> Seen | None:
    """What a join sees: the union of what its inputs see at the same position."""
    groups: dict[tuple[Fraction, int], list[Track]] = {}
    for track in (track for seen in inputs for track in seen.tracks):
        groups.setdefault((track.rate, track.length), []).append(track)
    merged = [_union(tracks) for tracks in groups.values()]
    tracks = tuple(track for track in merged if track is not None)
    # Tracks of other rates drift apart: every position is looked at.
    drifting = len(tracks) > 1
    too_long = any(track.length > MOST_POSITIONS for track in tracks)
    if len(tracks) < len(merged) or (drifting and too_long):
        return None
    return Seen(tracks, inputs[0].length, all(seen.moves for seen in inputs))


def whole(seen: Seen, pixels: int) -> Seen:
    """What a layer sees that reads every output: all they see inside the image."""
    spans = []
    for track in seen.tracks:
        period = min(track.period, track.length)
        ends = (*range(period), *range(track.length - period, track.length))
        spans.append(hull(track.at(place) for place in ends))
    span = hull(spans)
    if span is not None:
        span = max(span[0], 0), min(span[1], pixels - 1)
    return Seen((Track((span,), 0, 1),), 1, moves=False)


def _union(tracks: list[Track]) -> Track | None:
    """Tracks of one rate and length as one."""
    period = lcm(*(track.period for track in tracks))
    if period > MOST_POSITIONS:
        return None
    spans = tuple(hull(track.at(at) for track in tracks) for at in range(period))
    return Track(spans, int(tracks[0].rate * period), tracks[0].length)


def _shifted(track: Track, shift: int, length: int) -> Track:
    spans = tuple(track.at(shift + place) for place in range(track.period))
    return Track(spans, track.advance, length)


def _composed(track: Track, reading: Reading, length: int) -> Track | None:
    """The track of a layer that reads the outputs of this one."""
    turns = track.period // gcd(track.period, reading.inputs)
    period = turns * reading.outputs
    if period > MOST_POSITIONS:
        return None
    spans = tuple(
        hull(track.at(tap) for tap in reading.taps(place)) for place in range(period)
    )
    return Track(spans, track.advance * turns * reading.inputs // track.period, length)


def read_layer(layer: Layer, shape: Shape, axis: int) -> Reading | None:
    """How a layer reads its input along an axis; None where each reads its own place.

    For layers on images that are neither joins nor global.
    """
    if isinstance(layer, Upsample):
        scale = layer.scale[axis]
        bilinear = layer.mode == "bilinear"
        return Reading(scale, 1, _between(scale) if bilinear else _nearest(scale))
    windows = layer.windows(shape)
    if windows is None:
        return None
    window = windows[axis]
    if isinstance(layer, ConvTranspose2d):
        return Reading(window.stride, 1, _spread(window))
    return Reading(1, window.stride, _slid(window))


def _slid(window: Window) -> Callable[[int], Sequence[int]]:
    def taps(place: int) -> Sequence[int]:
        first = place * window.stride - window.start
        return range(first, first + window.span, window.dilation)

    return taps


def _spread(window: Window) -> Callable[[int], Sequence[int]]:
    """Input i reaches output o where o = i*S - P + k*D for a tap k of the kernel."""

    def taps(place: int) -> Sequence[int]:
        ends = range(0, window.span, window.dilation)
        reached = [place + window.start - end for end in ends]
        return [at // window.stride for at in reached if at % window.stride == 0]

    return taps


def _nearest(scale: int) -> Callable[[int], Sequence[int]]:
    return lambda place: (place // scale,)


def _between(scale: int) -> Callable[[int], Sequence[int]]:
    """Pixel centres: output o lies at (o + 1/2)/scale - 1/2 between two inputs."""

    def taps(place: int) -> Sequence[int]:
        first, rest = divmod(2 * place + 1 - scale, 2 * scale)
        return (first, first + 1) if rest else (first,)

    return taps
