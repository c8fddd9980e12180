"""Which version of a calendar holds at an instant, as it was known at another."""

from datetime import datetime

from helmdesk.calendars.models import CalendarVersion, WorkingCalendar


def of(calendar: WorkingCalendar | int, day: datetime, *, as_of: datetime | None = None) -> CalendarVersion | None:
    """The version valid at `day` as known at `as_of` (now, where nothing is said); None before the first.

    Of those that have begun the one that began last holds, and of several that began together the one recorded last:
    a version written for the past holds until the next one begins.
    """
    pk = calendar if isinstance(calendar, int) else calendar.pk
    known = CalendarVersion.objects.filter(calendar=pk, valid_from__lte=day)
    if as_of is not None:
        known = known.filter(recorded_at__lte=as_of)
    return known.order_by("-valid_from", "-recorded_at", "-n").first()


def next_begins(calendar: int, after: datetime) -> CalendarVersion | None:
    """The version that ends one beginning at `after`."""
    later = CalendarVersion.objects.filter(calendar=calendar, valid_from__gt=after)
    return later.order_by("valid_from", "-recorded_at", "-n").first()


def in_turn(calendar: int) -> list[CalendarVersion]:
    """All versions, the one written last first."""
    return list(CalendarVersion.objects.filter(calendar=calendar).select_related("reason").order_by("-n"))
