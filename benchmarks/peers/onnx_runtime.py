"""ONNX Runtime: predictions, on all threads and on the calling thread alone."""

from dataclasses import dataclass
from typing import Any

import onnxruntime

from benchmarks.peers.onnx_graph import OUTPUT, model_bytes
from benchmarks.peers.peer import Peer, Work
from benchmarks.works import sample
from mirada.network import INPUT, Network

__all__ = ["peers"]


def peers(threads: int) -> list[Peer]:
    """ONNX Runtime; small networks are often faster without its threads."""
    found: list[Peer] = [Runtime("onnxruntime", threads)]
    return found + [Runtime("onnxruntime-one-thread", 1)] * (threads > 1)


@dataclass(frozen=True)
class Runtime(Peer):
    """ONNX Runtime on the processor, every optimization on."""

    name: str
    threads: int
    precision: str = "fp32"

    def predict(self, network: Network, batch: int) -> Work:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self.threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        model = onnxruntime.InferenceSession(
            model_bytes(network, batch), options, ["CPUExecutionProvider"]
        )
        images, _ = sample(network, batch)
        given = {INPUT: images}

        def run() -> Any:
            return model.run([OUTPUT], given)[0]

        return run
