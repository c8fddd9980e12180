"""The layers of the house, from the one list that import-linter enforces."""

from __future__ import annotations

import tomllib
from pathlib import Path

PYPROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"


def heights() -> dict[str, int]:
    """How high each room lies; the lowest line is 0."""
    contracts = tomllib.loads(PYPROJECT.read_text())["tool"]["importlinter"]["contracts"]
    lines = next(contract["layers"] for contract in contracts if contract["id"] == "house")
    return {
        name.strip().strip("()"): height
        for height, line in enumerate(reversed(lines))
        for name in line.replace(":", "|").split("|")
    }
