"""Random numbers that depend on nothing but their names: Philox 4x32-10, one stream for each source of chance.

A word is a function of the seed, the stream, the replication and the number of the ticket, so no draw moves another,
and any part can be made anew alone. Philox: Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as easy as 1,
2, 3". All arithmetic is of whole numbers in int64 (masked, so that it comes out the same with Python's integers):
results are the same bit by bit on every machine, compiled or not.
"""

from __future__ import annotations

import hashlib
from typing import Final

import numpy as np
import numpy.typing as npt

from helmdesk.engine.compiling import inlined

Words = npt.NDArray[np.int64]

WORD: Final = 0xFFFFFFFF
HALF: Final = 0xFFFF
FIRST_FACTOR: Final = 0xD2511F53
SECOND_FACTOR: Final = 0xCD9E8D57
FIRST_WEYL: Final = 0x9E3779B9
SECOND_WEYL: Final = 0xBB67AE85
ROUNDS: Final = 10


def stream(name: str) -> int:
    """The number of a named source of chance."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=4).digest())


@inlined
def block(a: int, b: int, c: int, d: int, seed: int) -> tuple[int, int, int, int]:
    """Four words of 32 bits for a counter of four words and a seed of 0 to 2**63 - 1."""
    key, other = seed & WORD, (seed >> 32) & WORD
    for _ in range(ROUNDS):
        high, low = product(a, FIRST_FACTOR)
        other_high, other_low = product(c, SECOND_FACTOR)
        a, b, c, d = other_high ^ b ^ key, other_low, high ^ d ^ other, low
        key, other = (key + FIRST_WEYL) & WORD, (other + SECOND_WEYL) & WORD
    return a, b, c, d


@inlined
def product(word: int, factor: int) -> tuple[int, int]:
    """The upper and the lower 32 bits, without a product beyond int64: compilers may take it that there is none."""
    low = (word & HALF) * factor
    middle = (word >> 16) * factor + (low >> 16)
    return middle >> 16, (middle & HALF) << 16 | low & HALF
