"""`mirada import --network`: weights of others, usable wherever a RUN is."""

from pathlib import Path

import numpy as np
import pytest

from tests.cli.bilingual import refused
from tests.cli.calling import Caller
from tests.importing.elsewhere import write_weights

NETWORK = "mobilenet_v3_small"


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A file of four classes in an empty folder, which one works in."""
    monkeypatch.chdir(tmp_path)
    write_weights(Path("weights.safetensors"), NETWORK, 4)
    return "weights.safetensors"


def test_weights_are_used_as_a_run(call: Caller, weights: str) -> None:
    words = "--network", NETWORK, "--out", "small.safetensors", "--classes", "a,b,c,d"
    called = call("import", weights, *words, "--input", "3x64x64", "--json")
    assert called.code == 0, called.err
    plain = called.json
    assert (plain["network"], plain["producer"]) == (NETWORK, "torchvision")
    assert (plain["input"], plain["opset"]) == ([3, 64, 64], None)
    assert plain["preprocessing"]["mean"] == [0.485, 0.456, 0.406]
    assert plain["notes"] == called.err.splitlines() and len(plain["notes"]) == 2
    told = call("summary", "small.safetensors", "--json").json
    assert told["totals"]["parameters"] == plain["parameters"]
    shown = call("explain", "small.safetensors", "block1_scale")
    assert "join: multiplies its inputs" in shown.out


def test_what_is_refused(call: Caller, weights: str) -> None:
    told = refused(call, "import", weights, code="import-network", exit_code=2)
    assert "--network resnet18" in told.english
    words = "import", weights, "--network"
    refused(call, *words, "lenet5", code="weights-network", exit_code=2)
    told = refused(call, *words, "resnet18", code="weights-misfit", exit_code=3)
    assert f"the weights of {NETWORK}: name that." in told.english
    told = refused(call, *words, NETWORK, code="import-over", exit_code=2)
    assert "--out" in told.english
    Path("r.pth").write_bytes(b"PK\x03\x04" + np.zeros(9).tobytes())
    pickled = "import", "r.pth", "--network", "resnet18"
    told = refused(call, *pickled, code="weights-pickle", exit_code=3)
    assert "torch.load('r.pth', weights_only=True)" in told.english
    assert sorted(path.name for path in Path().iterdir()) == ["r.pth", weights]
