"""The demo company's calendars and service levels, and the clocks of its half year."""

import tomllib
from collections.abc import Iterable, Mapping
from datetime import datetime
from importlib.resources import files
from itertools import batched
from typing import Any, Final

from helmdesk.calendars.models import WorkingCalendar
from helmdesk.calendars.publishing import CalendarEntry, add_calendar, publish
from helmdesk.calendars.writing import Holidays, Writing
from helmdesk.exchange.demo.founding import SYSTEM
from helmdesk.foundation.time import to_us
from helmdesk.providers.models import Team
from helmdesk.providers.teams import TeamEntry, change_team
from helmdesk.service_levels import versions
from helmdesk.service_levels.keeping import retime
from helmdesk.service_levels.publishing import publish_level

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri")
AT_ONCE: Final = 200


def promise(*, at: datetime) -> None:
    """What was promised from the first day on, and by which hours the teams work."""
    told = tomllib.loads((files("helmdesk.exchange.demo") / "texts" / "levels.toml").read_text())
    for calendar in told["calendars"]:
        _calendar(calendar, at=at)
    for level in told["levels"]:
        publish_level(level, by=SYSTEM, at=at)


def keep_clocks(tickets: Iterable[int], *, at: datetime) -> None:
    """The clocks of a past that was told, not lived: of what they missed in it nobody is warned."""
    terms = versions.current()
    for some in batched(tickets, AT_ONCE, strict=False):
        retime(some, terms, brought_in=True, silent_before=to_us(at))


def _calendar(told: Mapping[str, Any], *, at: datetime) -> None:
    if WorkingCalendar.objects.filter(code=told["code"]).exists():
        return
    row = add_calendar(told["code"], CalendarEntry(name=told["name"]), by=SYSTEM, at=at)
    publish(row.pk, _writing(told), by=SYSTEM, at=at)
    for team in Team.objects.filter(provider__code__in=told["of"]).order_by("pk"):
        entry = TeamEntry(name=team.name, triage=team.triage, calendar=row.pk)
        change_team(team.pk, entry, by=SYSTEM, at=at)


def _writing(told: Mapping[str, Any]) -> Writing:
    if "weekdays" not in told:
        return Writing(always=True)
    return Writing(
        zone=told["zone"], week=dict.fromkeys(WEEKDAYS, told["weekdays"]),
        holidays=[Holidays(country=told["country"], subdivision=told.get("subdivision", ""), language="en")],
    )  # fmt: skip
