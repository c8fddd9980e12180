"""The room is pure: nothing of helmdesk, no Django; and whoever asks one question loads neither numpy nor numba."""

from __future__ import annotations

import subprocess
import sys

ALONE = """
import sys, pkgutil, importlib, helmdesk.worktime as room
for module in pkgutil.iter_modules(room.__path__, "helmdesk.worktime."):
    importlib.import_module(module.name)
print(sorted({name.partition(".")[0] for name in sys.modules} & {"django", "sqlite3", "psycopg", "pandas"}))
print(sorted(name for name in sys.modules if name.startswith("helmdesk.") and not name.startswith("helmdesk.worktime")))
"""

ONE_QUESTION = """
import sys
from helmdesk.worktime.reading import calendar_from
calendar = calendar_from({"zone": "Europe/Vienna", "week": {"mon": ["08:00-17:00"]}})
print(calendar.elapsed(1_790_003_600_000_000, 1_800_000_000_000_000))
print(sorted({name.partition(".")[0] for name in sys.modules} & {"numpy", "numba", "llvmlite"}))
"""


def test_the_room_is_importable_alone():
    assert run(ALONE) == "[]\n[]\n"


def test_the_server_loads_neither_numpy_nor_numba():
    assert run(ONE_QUESTION) == f"{16 * 9 * 3_600_000_000}\n[]\n"


def run(program):
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
