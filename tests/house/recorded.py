"""Which kinds of event the code records: read from its calls, so that a new one cannot be forgotten."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src/helmdesk"
DOORS = {
    "record", "_record", "record_config", "record_access", "Entry", "changed", "pass_on", "_give_back", "_step", "_add",
    "record_all",
}  # fmt: skip
KIND = re.compile(r"[a-z_]+(\.[a-z_]+)?")


def kinds_recorded() -> dict[str, set[str]]:
    """Every kind that is named where an event is made, and the files that name it."""
    found: dict[str, set[str]] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        if "migrations" not in path.parts:
            for kind in _kinds_in(ast.parse(path.read_text())):
                found.setdefault(kind, set()).add(path.relative_to(SOURCE).as_posix())
    return found


def _kinds_in(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in DOORS:
            told = [*node.args[:3], *(word.value for word in node.keywords if word.arg == "kind")]
            yield from _first_kind(told)
        if isinstance(node, ast.FunctionDef) and node.name in DOORS:
            yield from _first_kind([default for default in node.args.kw_defaults if default is not None])


def _name(function: ast.expr) -> str:
    return (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )


def _first_kind(told: list[ast.expr]) -> list[str]:
    """The words of the first argument that is one, or a choice of some."""
    for argument in told:
        if isinstance(argument, (ast.Constant, ast.IfExp)):
            words = [part.value for part in ast.walk(argument) if isinstance(part, ast.Constant)]
            kinds = [word for word in words if isinstance(word, str) and KIND.fullmatch(word)]
            if kinds:
                return kinds
    return []
