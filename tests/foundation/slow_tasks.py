"""Tasks for the tests of the worker: slow ones, that leave a mark in a folder when they begin and when they end."""

import os
import time
from pathlib import Path
from uuid import uuid4

from helmdesk.foundation.jobs import task


@task
def slow(number: int, milliseconds: int) -> None:
    mark(f"begun-{number}")
    time.sleep(milliseconds / 1000)
    mark(f"ended-{number}")


def mark(what: str) -> None:
    Path(os.environ["HELMDESK_TEST_MARKS"], f"{what}-{uuid4().hex}").touch()
