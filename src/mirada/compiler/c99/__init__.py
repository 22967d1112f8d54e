"""Kernels and whole programs as portable C99, to read and to check with C's tools."""

from mirada.compiler.c99.file import file_text
from mirada.compiler.c99.program import program_text

__all__ = ["file_text", "program_text"]
