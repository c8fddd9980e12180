"""Tells where an error came from without telling what it was about: types, files and lines, never values."""

from pathlib import PurePath
from traceback import walk_tb

FRAMES = 15


def outline(error: BaseException) -> str:
    """The type and the innermost frames of an error and of its causes; no message, since messages quote values."""
    lines: list[str] = []
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        lines += [type_name(cause), *frames(cause)]
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return "\n".join(lines)[:4000]


def type_name(error: BaseException) -> str:
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def frames(error: BaseException) -> list[str]:
    told = [
        f"  {place(frame.f_code.co_filename)}:{line} {frame.f_code.co_qualname}"
        for frame, line in walk_tb(error.__traceback__)
    ]
    return told[-FRAMES:]


def place(path: str) -> str:
    """The end of a path, from the package on: enough to find the line, nothing about the machine."""
    parts = PurePath(path).parts
    for root in ("site-packages", "src"):
        if root in parts:
            return "/".join(parts[parts.index(root) + 1 :])
    return "/".join(parts[-2:])
