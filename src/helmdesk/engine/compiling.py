"""How the kernels of this room are compiled: parts drawn into their callers, and the lowest bit of a word.

A trap: compiled sums, differences and products of int64 must never pass beyond it. The compiler takes it that they do
not, and what follows is then wrong in some callers and right in others.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, cast

from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

OPTIONS: Final[dict[str, Any]] = {"nogil": True, "_nrt": False}


def kernel[F: Callable[..., Any]](function: F) -> F:
    """Compiled when first called, and kept on disk where that is possible.

    `_nrt` off: arrays are only read and written, never made, so nothing need count who holds them. That is a third of
    the time otherwise.
    """
    try:
        return cast(F, njit(cache=True, **OPTIONS)(function))
    except RuntimeError:  # there is no folder to keep it in, neither beside the code nor at home
        return cast(F, njit(**OPTIONS)(function))


def inlined[F: Callable[..., Any]](function: F) -> F:
    """A part of a kernel of the same module: without a call of its own, for its arrays are many to hand over."""
    return cast(F, njit(forceinline=True, **OPTIONS)(function))


@intrinsic
def _lowest_bit(typing_context: Any, word: Any) -> Any:
    """The number of the lowest bit that is set in an int64 that is not 0. Only for compiled callers."""

    def generated(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.int64), generated


lowest_bit = cast(Callable[[int], int], _lowest_bit)
