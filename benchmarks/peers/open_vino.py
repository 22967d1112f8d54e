"""OpenVINO: predictions in float32 and, where the processor has it, bfloat16."""

from dataclasses import dataclass
from typing import Any

import openvino  # type: ignore[import, unused-ignore]

from benchmarks.peers.onnx_graph import model_bytes
from benchmarks.peers.peer import NotOfferedError, Peer, Work
from benchmarks.works import sample
from mirada.network import Network

__all__ = ["peers"]


def peers(threads: int) -> list[Peer]:
    """OpenVINO in both precisions."""
    return [
        OpenVino("openvino", threads, "fp32"),
        OpenVino("openvino-bf16", threads, "bf16"),
    ]


@dataclass(frozen=True)
class OpenVino(Peer):
    """OpenVINO's processor plugin, asked for one answer as soon as possible."""

    name: str
    threads: int
    precision: str

    def predict(self, network: Network, batch: int) -> Work:
        core = openvino.Core()
        can = core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        if self.precision == "bf16" and "BF16" not in can:
            raise NotOfferedError("OpenVINO has no bfloat16 on this processor")
        options = {
            "INFERENCE_NUM_THREADS": self.threads,
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_PRECISION_HINT": "bf16" if self.precision == "bf16" else "f32",
        }
        model = core.read_model(model_bytes(network, batch))
        request = core.compile_model(model, "CPU", options).create_infer_request()
        images, _ = sample(network, batch)

        def run() -> Any:
            # The output is copied: the next call writes over the request's own.
            return request.infer([images], share_inputs=True)[0].copy()

        return run
