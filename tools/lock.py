"""Make both lock files again from pyproject.toml: exact versions with hashes, every platform, no registry named."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

OPTIONS = ("--universal", "--python-version=3.12", "--generate-hashes", "--no-emit-index-url", "--no-header", "--quiet")


def main(options: list[str]) -> int:
    """Options go to uv: `./dev lock --upgrade`, `./dev lock --upgrade-package django`."""
    with tempfile.TemporaryDirectory() as folder:
        uv = shutil.which("uv") or fetch_uv(Path(folder))
        compile_lock(uv, "requirements.lock", options)
        compile_lock(uv, "requirements-dev.lock", ["--group=dev", "--constraint=requirements.lock", *options])
    return 0


def compile_lock(uv: str, lock: str, options: list[str]) -> None:
    command = [uv, "pip", "compile", *OPTIONS, *options, f"--output-file={lock}", "pyproject.toml"]
    subprocess.run(command, check=True, env={**os.environ, "UV_CUSTOM_COMPILE_COMMAND": "./dev lock"})


def fetch_uv(folder: Path) -> str:
    """A uv for this once, since only this command needs it."""
    venv.create(folder / "uv", with_pip=True)
    subprocess.run([folder / "uv/bin/python", "-m", "pip", "install", "-qq", "uv"], check=True)
    return str(folder / "uv/bin/uv")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
