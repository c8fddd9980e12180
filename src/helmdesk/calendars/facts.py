"""What the calendars announce."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CalendarPublished:
    """A version was written down. What is judged by this calendar from `valid_from` (microseconds) on may change."""

    calendar: int
    version: int
    valid_from: int
