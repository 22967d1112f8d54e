"""The lab: the browser page of `mirada lab`, and the server behind it."""

from mirada.lab.server import serve

__all__ = ["serve"]
