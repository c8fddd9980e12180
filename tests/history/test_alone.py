"""The room is pure: it can be imported without Django and without a database."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys, pkgutil, importlib, helmdesk.history as room
for module in pkgutil.iter_modules(room.__path__, "helmdesk.history."):
    importlib.import_module(module.name)
print(sorted({name.partition(".")[0] for name in sys.modules} & {"django", "sqlite3", "psycopg", "pandas", "numpy"}))
print(sorted(name for name in sys.modules if name.startswith("helmdesk.") and not name.startswith("helmdesk.history")))
"""


def test_the_room_is_importable_alone():
    run = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n[]\n"
