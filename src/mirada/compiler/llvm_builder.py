"""LLVM's builder with what llvmlite leaves out."""

from collections.abc import Iterator
from contextlib import contextmanager

from llvmlite import ir

from mirada.compiler.llvm_types import I64, POINTER

__all__ = ["Builder"]


class Builder(ir.IRBuilder):  # type: ignore[misc]
    """LLVM's builder with counted loops as context managers."""

    @contextmanager
    def counted(
        self,
        count: ir.Value,
        first: ir.Value | None = None,
        step: ir.Value | None = None,
    ) -> Iterator[ir.Value]:
        """The instructions inside for first, first + step, ... below count."""
        start = ir.Constant(I64, 0) if first is None else first
        before, body = self.block, self.append_basic_block("loop")
        after = self.append_basic_block("after")
        if isinstance(count, ir.Constant) and first is None and count.constant > 0:
            self.branch(body)
        else:
            self.cbranch(self.icmp_signed("<", start, count), body, after)
        self.position_at_end(body)
        turn = self.phi(I64)
        turn.add_incoming(start, before)
        yield turn
        following = self.add(turn, ir.Constant(I64, 1) if step is None else step)
        turn.add_incoming(following, self.block)
        self.cbranch(self.icmp_signed("<", following, count), body, after)
        self.position_at_end(after)

    def store_atomic(
        self, value: ir.Value, ptr: ir.Value, ordering: str, align: int
    ) -> ir.Instruction:
        """As llvmlite's, which does not take pointers without a type."""
        args = (self.block, value, ptr, ordering, align)
        instruction = ir.instructions.StoreAtomicInstr(*args)
        self._insert(instruction)
        return instruction

    def call_at(
        self, place: ir.Value, signature: ir.FunctionType, args: list[ir.Value]
    ) -> ir.Instruction:
        """Calls the function whose address lies at a place."""
        callee = _Callee(self.block, place, signature)
        self._insert(callee)
        return self.call(callee, args)


class _Callee(ir.instructions.LoadInstr):  # type: ignore[misc]
    """A loaded address with a signature, which llvmlite reads off typed pointers."""

    def __init__(
        self, block: ir.Block, place: ir.Value, signature: ir.FunctionType
    ) -> None:
        super().__init__(block, place, typ=POINTER)
        self._signature = signature

    @property
    def function_type(self) -> ir.FunctionType:
        """The signature the address is called with."""
        return self._signature
