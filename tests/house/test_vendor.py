"""What others wrote and we ship is, byte for byte, what their packages hold."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
TREES = (ROOT / "src/helmdesk/web/static", ROOT / "tests")


@pytest.mark.parametrize("tree", TREES, ids=lambda tree: tree.name)
def test_every_vendored_file_is_listed_and_unchanged(tree: Path) -> None:
    listed = {name: digest for entry in entries(tree) for name, digest in entry["files"].items()}
    present = {path.relative_to(tree).as_posix() for path in (tree / "vendor").rglob("*") if path.is_file()}

    assert present - set(listed) == {"vendor/vendor.json"}
    assert {name: hashlib.sha512((tree / name).read_bytes()).hexdigest() for name in listed} == listed


@pytest.mark.parametrize("tree", TREES, ids=lambda tree: tree.name)
def test_every_vendored_package_carries_its_licence(tree: Path) -> None:
    for entry in entries(tree):
        assert entry["licence"]
        assert any(name.endswith("/LICENSE") for name in entry["files"]), entry["name"]


def entries(tree: Path) -> list[Any]:
    listed: list[Any] = json.loads((tree / "vendor/vendor.json").read_text())
    return listed
