"""Many tickets, level by level: the loops around the walk. Only ever run compiled (compiled.py)."""
# ruff: noqa: PLR0917 (kernels: columns and state are handed on)

from __future__ import annotations

from typing import Any, Final

import numpy as np

from helmdesk.clocks.running import HALF, T_WIDTH
from helmdesk.clocks.situations import H_WIDTH, WIDTH, Column, situations, tiles
from helmdesk.clocks.walking import walk

TURN: Final = T_WIDTH + 3
HELD: Final = H_WIDTH + 1


def longest(first: Column, low: int, high: int) -> int:
    most = 0
    for ticket in range(low, high):
        most = max(most, first[ticket + 1] - first[ticket])
    return most


def judge_many(
    first: Column, low: int, high: int, at: Column, kind: Column, a: Column, b: Column, c: Column, group: Column,
    provider_of: Column, now: int, levels: Column, level_first: Column, forms: Any, calendar_of: Column,
    excluded_first: Column, excluded: Column, out: Column,
) -> int:  # fmt: skip
    """Turns of the tickets from low to before high: rows (ticket, level, n, turn...) in `out`; tells how many.

    `excluded` has rows (level or -1, start, end), of each ticket in order and apart.
    """
    most = longest(first, low, high)
    sit = np.empty(most * WIDTH, dtype=np.int64)
    state = np.empty(2 * HALF, dtype=np.int64)
    turns = np.empty((most + 2) * T_WIDTH, dtype=np.int64)
    count = 0
    for ticket in range(low, high):
        start, end = first[ticket], first[ticket + 1]
        n = end - start
        some_at, some_kind = at[start:end], kind[start:end]
        some_a, some_b, some_c = a[start:end], b[start:end], c[start:end]
        situations(n, some_at, some_kind, some_a, some_b, some_c, provider_of, sit)
        for level in range(len(level_first) - 1):
            p = levels[level_first[level] : level_first[level + 1]]
            apart = left_out(excluded, excluded_first[ticket], excluded_first[ticket + 1], level)
            found = walk(
                n, some_at, some_kind, some_a, some_b, some_c, sit, p, group[ticket], now,
                (forms, calendar_of[level]), apart, state, turns,
            )  # fmt: skip
            for k in range(found):
                out[count, 0], out[count, 1], out[count, 2] = ticket, level, k + 1
                for j in range(T_WIDTH):
                    out[count, 3 + j] = turns[k * T_WIDTH + j]
                count += 1
    return count


def left_out(excluded: Column, low: int, high: int, level: int) -> Column:
    """What is excluded of one ticket for one level: start, end, start, end, ..."""
    count = 0
    for k in range(low, high):
        if excluded[k, 0] == level:
            count += 1
    apart = np.empty(2 * count, dtype=np.int64)
    place = 0
    for k in range(low, high):
        if excluded[k, 0] == level:
            apart[place], apart[place + 1] = excluded[k, 1], excluded[k, 2]
            place += 2
    return apart


def tile_many(
    first: Column, low: int, high: int, at: Column, kind: Column, a: Column, b: Column, c: Column,
    provider_of: Column, out: Column,
) -> int:  # fmt: skip
    """Who had the ball, of the tickets from low to before high: rows (ticket, holding...); tells how many."""
    most = longest(first, low, high)
    sit = np.empty(most * WIDTH, dtype=np.int64)
    held = np.empty(most * H_WIDTH, dtype=np.int64)
    count = 0
    for ticket in range(low, high):
        start, end = first[ticket], first[ticket + 1]
        n = end - start
        situations(n, at[start:end], kind[start:end], a[start:end], b[start:end], c[start:end], provider_of, sit)
        found = tiles(n, at[start:end], sit, held)
        for k in range(found):
            out[count, 0] = ticket
            for j in range(H_WIDTH):
                out[count, 1 + j] = held[k * H_WIDTH + j]
            count += 1
    return count
