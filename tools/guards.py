"""Count what STYLE.md guards, print the numbers, and fail on a file, function or name that it forbids."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src/helmdesk"
PYTHON = ("src", "tests", "tools", "bench")
TEMPLATES = (".html", ".txt", ".xml")

LONGEST_FILE = 500
LONGEST_FUNCTION = 60
LONGEST_KERNEL = 120
LONGEST_TEMPLATE = 150
OWN_JAVASCRIPT = 1500
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "services", "common", "base", "managers", "misc"}


@dataclass(frozen=True)
class Function:
    """A function and its length in lines, from `def` to its end."""

    path: Path
    name: str
    lines: int
    compiled: bool


def main() -> int:
    print_numbers()
    found = list(faults())
    for fault in found:
        print(fault)
    return 1 if found else 0


def faults() -> Iterator[str]:
    """Each thing in the tree that STYLE.md forbids, as a line that names it."""
    for path in python_files():
        yield from file_faults(path)
    for path in templates():
        if line_count(path) > LONGEST_TEMPLATE:
            yield f"{name(path)}: {line_count(path)} lines; a template has at most {LONGEST_TEMPLATE}"
    if own_javascript() > OWN_JAVASCRIPT:
        yield f"own JavaScript has {own_javascript()} lines; at most {OWN_JAVASCRIPT} without a build step"


def file_faults(path: Path) -> Iterator[str]:
    if line_count(path) > LONGEST_FILE:
        yield f"{name(path)}: {line_count(path)} lines; a file has at most {LONGEST_FILE}"
    if path.stem in FORBIDDEN_NAMES or path.parent.name in FORBIDDEN_NAMES:
        yield f"{name(path)}: files are concepts, not patterns; name it for what it is about"
    tree = ast.parse(path.read_text())
    if tree.body and not ast.get_docstring(tree):
        yield f"{name(path)}: its first line must say what the module is for"
    for function in functions(path, tree):
        most = LONGEST_KERNEL if function.compiled else LONGEST_FUNCTION
        if function.lines > most:
            yield f"{name(path)}: {function.name} has {function.lines} lines; a function has at most {most}"


def functions(path: Path, tree: ast.Module) -> Iterator[Function]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            compiled = any("jit" in ast.unparse(decorator) for decorator in node.decorator_list)
            yield Function(path, node.name, (node.end_lineno or node.lineno) - node.lineno + 1, compiled)


def print_numbers() -> None:
    product = [path for path in python_files() if SOURCE in path.parents]
    tests = [path for path in python_files() if ROOT / "tests" in path.parents]
    lengths = sorted(f.lines for path in product for f in functions(path, ast.parse(path.read_text())))
    files = sorted(line_count(path) for path in product)
    pages = sorted(line_count(path) for path in templates())
    print(f"functions   {summary(lengths)}, longest allowed {LONGEST_FUNCTION}")
    print(f"files       {summary(files)}, longest allowed {LONGEST_FILE}")
    print(f"templates   {summary(pages)}, longest allowed {LONGEST_TEMPLATE}")
    print(f"JavaScript  {own_javascript()} lines of our own, at most {OWN_JAVASCRIPT}")
    code, tested = (sum(code_lines(path) for path in paths) for paths in (product, tests))
    print(f"test/code   {tested}/{code} lines = {tested / max(code, 1):.2f}, wanted 1.50 or more")


def summary(values: list[int]) -> str:
    if len(values) < 2:
        return f"{len(values)} in all"
    tenths = quantiles(values, n=10)
    return f"{len(values)} in all, median {tenths[4]:.0f}, p90 {tenths[8]:.0f}, longest {values[-1]}"


def python_files() -> list[Path]:
    """Every module that people write; migrations are made by a machine."""
    found = (path for folder in PYTHON for path in (ROOT / folder).rglob("*.py"))
    return sorted(path for path in found if not {"migrations", "vendor"} & set(path.parts))


def templates() -> list[Path]:
    return sorted(path for path in SOURCE.rglob("*") if path.suffix in TEMPLATES and "vendor" not in path.parts)


def own_javascript() -> int:
    return sum(line_count(path) for path in SOURCE.rglob("*.js") if "vendor" not in path.parts)


def line_count(path: Path) -> int:
    return len(path.read_text().splitlines())


def code_lines(path: Path) -> int:
    lines = (line.strip() for line in path.read_text().splitlines())
    return sum(1 for line in lines if line and not line.startswith("#"))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


if __name__ == "__main__":
    sys.exit(main())
