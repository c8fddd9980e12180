"""Format, lint, types and the house: everything that can be said of the code without running it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tools import guards

BIN = Path(sys.executable).parent
CHECKS = (
    ("format", ("ruff", "format", "--check", "--output-format=concise", ".")),
    ("lint", ("ruff", "check", "--output-format=concise", ".")),
    ("house", ("lint-imports", "--config", "pyproject.toml", "--no-cache")),
    ("types", ("mypy",)),
)


def main() -> int:
    """Run all of them, saying little about those that pass; the number that failed."""
    failed = sum(not passes(title, command) for title, command in CHECKS)
    return failed + guards.main()


def passes(title: str, command: tuple[str, ...]) -> bool:
    done = subprocess.run([BIN / command[0], *command[1:]], capture_output=True, text=True, check=False)
    print(f"{title:11} {'passed' if done.returncode == 0 else 'FAILED'}", flush=True)
    if done.returncode != 0:
        print(done.stdout + done.stderr, flush=True)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
