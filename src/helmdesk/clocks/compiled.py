"""The same walk, compiled: every function of its pure modules (SOURCES) as numba sees it.

Nothing is written twice: each function is made anew from its own code, with compiled functions for those that it
calls, and a compiled calendar (a Form of worktime.kernels and a number in it) where the plain one asks a Calendar.
What numba keeps on disk is named after a digest of all sources, so that no stale piece of another is ever used.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, Final

from numba import njit

from helmdesk.clocks import happenings, many, running, situations, walking, working
from helmdesk.worktime import kernels

SOURCES: Final = (situations, working, running, happenings, walking, many)


def elapsed(calendar: Any, start: int, end: int) -> int:
    return kernels.elapsed_in(calendar[0], calendar[1], start, end)


def add(calendar: Any, start: int, us: int) -> int:
    found = kernels.add_in(calendar[0], calendar[1], start, us)
    return working.NEVER if found == kernels.NEVER else found


def _digest() -> str:
    read = [Path(module.__file__ or "").read_bytes() for module in (*SOURCES, kernels)]
    return hashlib.blake2b(b"\0".join(read), digest_size=6).hexdigest()


def _compiled() -> dict[str, Any]:
    """Every function by its name, compiled with the others and with a compiled calendar."""
    digest = _digest()
    space: dict[str, Any] = {"__name__": __name__, "kernels": kernels, "working": working}
    for module in SOURCES:
        space.update((name, value) for name, value in vars(module).items() if not name.startswith("__"))
    plain: list[Any] = [
        elapsed,
        add,
        *(one for module in SOURCES for one in _functions(module) if one.__name__ not in REPLACED),
    ]
    space.update({one.__name__: _jitted(one, space, digest) for one in plain})
    return space


REPLACED: Final = frozenset({"elapsed", "add"})


def _functions(module: ModuleType) -> Iterator[FunctionType]:
    for value in vars(module).values():
        if isinstance(value, FunctionType) and value.__module__ == module.__name__:
            yield value


def _jitted(function: Any, space: dict[str, Any], digest: str) -> Callable[..., Any]:
    anew = FunctionType(function.__code__, space, function.__name__)
    anew.__qualname__ = f"{function.__name__}_{digest}"
    anew.__module__ = __name__
    try:
        made: Callable[..., Any] = njit(cache=True, nogil=True, error_model="numpy")(anew)
    except RuntimeError:  # there is no folder to keep it in, neither beside the code nor at home
        made = njit(nogil=True, error_model="numpy")(anew)
    return made


SPACE: Final = _compiled()
judge_many: Final = SPACE["judge_many"]
tile_many: Final = SPACE["tile_many"]
