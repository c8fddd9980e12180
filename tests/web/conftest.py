"""What tests of several pages share."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest


@pytest.fixture
def committed_promises() -> Iterator[Callable[[], None]]:
    """Makes promises and calendars as lasting as if their transaction had ended: a process then remembers them."""
    from helmdesk.calendars import loading
    from helmdesk.service_levels import versions

    def lasting() -> None:
        versions._uncertain.clear()
        loading._fresh.clear()

    yield lasting
    versions._kept.clear()
