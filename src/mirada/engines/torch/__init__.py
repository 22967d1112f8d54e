"""The PyTorch engine: the same network computed by PyTorch, on a processor or a GPU.

The one folder that imports torch for engines; `engines.create` comes here when this
engine is asked for, and not before.
"""

from mirada.engines.torch.engine import TorchEngine

__all__ = ["TorchEngine"]
