"""What repeats by a rule of RFC 5545, day by day: at most as many days are looked at as the budget has.

Written here since the usual library goes on to the year 9999 for a rule that never comes true.
"""

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
KNOWN: Final = frozenset("FREQ INTERVAL COUNT UNTIL BYMONTH BYMONTHDAY BYDAY BYSETPOS WKST".split())
OFTEN: Final = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_BYDAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")


class BadRule(ValueError):
    """A rule that cannot be followed; its text is the cure."""


@dataclass(slots=True)
class Budget:
    """How many days may still be looked at."""

    days: int

    def take(self, days: int) -> None:
        self.days -= days
        if self.days < 0:
            raise BadRule("It repeats from too long ago; begin it later.")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that was read: `weekdays` are (which one, weekday), 0 for every one."""

    often: str
    interval: int
    count: int | None
    until: date | None
    months: frozenset[int]
    monthdays: frozenset[int]
    weekdays: tuple[tuple[int, int], ...]
    places: tuple[int, ...]
    week_begins: int

    def starts(self, first: date, last: date, budget: Budget) -> Iterator[date]:
        """The days on which it comes true, from the first on and not after the last."""
        last = min(last, self.until) if self.until else last
        left = self.count
        for days in self._periods(first, last):
            budget.take(len(days))
            for day in self._chosen(days, first):
                if day > last or left == 0:
                    return
                if day >= first:
                    yield day
                    left = None if left is None else left - 1

    def _periods(self, first: date, last: date) -> Iterator[list[date]]:
        """The days of each period that counts, in order."""
        if self.often in ("DAILY", "WEEKLY"):
            length = 1 if self.often == "DAILY" else 7
            begin = first - timedelta(days=(first.weekday() - self.week_begins) % length)
            for ordinal in range(begin.toordinal(), last.toordinal() + 1, length * self.interval):
                yield [date.fromordinal(ordinal + day) for day in range(length)]
        elif self.often == "MONTHLY":
            for month in range(_month(first), _month(last) + 1, self.interval):
                yield _days_of(month // 12, month % 12 + 1)
        else:
            months = self.months or (range(1, 13) if self.weekdays or self.monthdays else [first.month])
            for year in range(first.year, last.year + 1, self.interval):
                yield [day for month in sorted(months) for day in _days_of(year, month)]

    def _chosen(self, days: Sequence[date], first: date) -> list[date]:
        chosen = [day for day in days if self._true_on(day, first)]
        if not self.places:
            return chosen
        places = [place - 1 if place > 0 else place + len(chosen) for place in self.places]
        return [day for place, day in enumerate(chosen) if place in places]

    def _true_on(self, day: date, first: date) -> bool:
        if self.months and day.month not in self.months:
            return False
        if self.monthdays and not {day.day, day.day - _length(day) - 1} & self.monthdays:
            return False
        if self.weekdays:
            return any(day.weekday() == weekday and which in (0, *self._which(day)) for which, weekday in self.weekdays)
        return bool(self.monthdays) or self._as_first(day, first)

    def _as_first(self, day: date, first: date) -> bool:
        """Where the rule names no day, it is the first one's."""
        if self.often == "DAILY":
            return True
        return day.weekday() == first.weekday() if self.often == "WEEKLY" else day.day == first.day

    def _which(self, day: date) -> tuple[int, int]:
        """The how-manieth of its weekday a day is, from the front and from the back: of the month, or of the year."""
        if self.often == "YEARLY" and not self.months:
            place, length = day.timetuple().tm_yday, date(day.year, 12, 31).timetuple().tm_yday
        else:
            place, length = day.day, _length(day)
        return (place - 1) // 7 + 1, -((length - place) // 7 + 1)


def rule_from(told: Mapping[str, Any]) -> Rule:
    """A rule as an iCalendar file has it, each part a list. Raises BadRule."""
    parts = {str(name).upper(): values if isinstance(values, list) else [values] for name, values in told.items()}
    often = str(parts.get("FREQ", [""])[0]).upper()
    if often not in OFTEN:
        raise BadRule("A holiday repeats daily, weekly, monthly or yearly.")
    if strange := sorted(parts.keys() - KNOWN):
        raise BadRule(f"{strange[0]} is not known here; write its days out.")
    weekdays = tuple(_weekday(str(one)) for one in parts.get("BYDAY", []))
    if often in ("DAILY", "WEEKLY") and any(which for which, _ in weekdays):
        raise BadRule("A first or last weekday is one of a month or a year.")
    return Rule(
        often=often,
        interval=_whole(parts, "INTERVAL", 1),
        count=_whole(parts, "COUNT", 0) or None,
        until=_date(parts["UNTIL"][0]) if "UNTIL" in parts else None,
        months=frozenset(_among(parts, "BYMONTH", range(1, 13))),
        monthdays=frozenset(_among(parts, "BYMONTHDAY", range(-31, 32))),
        weekdays=weekdays,
        places=tuple(_among(parts, "BYSETPOS", range(-366, 367))),
        week_begins=_weekday(str(parts.get("WKST", ["MO"])[0]))[1],
    )


def _whole(parts: Mapping[str, list[Any]], name: str, usual: int) -> int:
    if name not in parts:
        return usual
    value = int(parts[name][0])
    if not 1 <= value <= 10_000:
        raise BadRule(f"{name} is {value}; give 1 or more.")
    return value


def _among(parts: Mapping[str, list[Any]], name: str, allowed: range) -> list[int]:
    values = [int(one) for one in parts.get(name, [])]
    if wrong := [value for value in values if value not in allowed or value == 0]:
        raise BadRule(f"{name} has {wrong[0]}; give {allowed.start} to {allowed.stop - 1}, and not 0.")
    return values


def _weekday(text: str) -> tuple[int, int]:
    found = _BYDAY.fullmatch(text.upper())
    if found is None:
        raise BadRule(f"{text[:20]} is no weekday; give MO to SU.")
    return int(found[1] or 0), WEEKDAYS.index(found[2])


def _date(value: date) -> date:
    return date(value.year, value.month, value.day)


def _month(day: date) -> int:
    return day.year * 12 + day.month - 1


def _days_of(year: int, month: int) -> list[date]:
    return [date(year, month, day) for day in range(1, monthrange(year, month)[1] + 1)]


def _length(day: date) -> int:
    return monthrange(day.year, day.month)[1]
