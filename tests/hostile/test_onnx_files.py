"""ONNX files that were changed: refused, at little cost, and nothing is executed."""

import resource
from pathlib import Path

import onnx
import pytest

from mirada.importing import read_onnx
from tests.hostile.audit import BreachError
from tests.hostile.onnx_files import try_all

CASES = 2000


def test_spoiled_files_are_refused_or_harmless(tmp_path: Path) -> None:
    """C1 and C2: only MiradaError, at most 1 s and 256 MB, nothing executed."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    told = try_all(tmp_path / "spoiled.onnx", range(CASES))
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert told.cases == CASES
    assert 0.3 * CASES < told.refused < CASES, told
    assert told.slowest_seconds < 1, told
    assert (after - before) * 1024 < 256e6


def test_a_reader_that_lets_an_error_through_is_caught(tmp_path: Path) -> None:
    """A planted bug: the package's own reader, which follows paths and trusts sizes."""

    def load(path: Path) -> object:
        model = onnx.load_from_string(path.read_bytes())
        return [onnx.numpy_helper.to_array(one) for one in model.graph.initializer]

    with pytest.raises(Exception) as caught:
        try_all(tmp_path / "spoiled.onnx", range(200), load)
    assert "case " in caught.value.__notes__[0]


def test_a_reader_that_executes_is_caught(tmp_path: Path) -> None:
    """Another: what stands in a file is evaluated."""

    def load(path: Path) -> object:
        return read_onnx(path), eval("1 + 1")

    with pytest.raises(BreachError):
        try_all(tmp_path / "spoiled.onnx", range(200), load)
