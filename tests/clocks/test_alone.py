"""The room is pure, and what the server imports of it needs neither numpy nor numba."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
import helmdesk.clocks.reading, helmdesk.clocks.steps, helmdesk.clocks.ticket
roots = {name.partition(".")[0] for name in sys.modules}
print(sorted(roots & {"django", "sqlite3", "psycopg", "numpy", "numba"}))
print(sorted({name.split(".")[1] for name in sys.modules if name.startswith("helmdesk.")}))
"""


def test_the_server_s_part_of_the_room_needs_no_django_and_no_numpy():
    run = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n['clocks']\n"
