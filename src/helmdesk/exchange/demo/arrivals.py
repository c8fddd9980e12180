"""When somebody asks, who, and about what: daily life, patch days, month ends, outages, one bad printer."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from helmdesk.exchange.demo.company import Company, Person
from helmdesk.exchange.demo.kinds import KINDS, Kind
from helmdesk.exchange.demo.shifts import holidays, zone
from helmdesk.exchange.demo.streams import stream

# Requests an hour of the local day: desks, machines in three shifts, and what customers find at any time.
_OFFICE = (0, 0, 0, 0, 0, 1, 6, 26, 60, 66, 52, 40, 22, 36, 44, 36, 24, 10, 5, 3, 2, 1, 1, 0)
_FLOOR = (22, 18, 16, 17, 20, 30, 44, 34, 28, 26, 24, 20, 16, 30, 40, 28, 24, 22, 18, 18, 16, 26, 28, 24)
_SPREAD = (3, 2, 2, 2, 3, 6, 12, 22, 34, 36, 34, 30, 24, 28, 30, 26, 22, 18, 16, 16, 14, 12, 8, 5)
_HOURS = {"office": _OFFICE, "monday": _OFFICE, "month_start": _OFFICE, "floor": _FLOOR, "spread": _SPREAD}
_WEEK = {
    "office": (23, 21, 20, 19, 16, 0.6, 0.4),
    "monday": (36, 20, 17, 15, 12, 0.7, 0.6),
    "month_start": (23, 21, 20, 19, 16, 0.3, 0.2),
    "floor": (18, 17, 17, 17, 15, 10, 4),
    "spread": (16, 15, 15, 15, 14, 12, 11),
}
_SEASON = (1.06, 1.02, 1.0, 0.96, 0.95, 1.0, 0.84, 0.66, 1.14, 1.1, 1.05, 0.8)
_BIG = ("site_line_down", "wifi_hall", "mes_orders", "erp_slow", "mail_not_arriving", "webshop_checkout", "cad_licence")
_BAD_PRINTERS = ("PR-LIN-07", "PR-GRA-12")


@dataclass(frozen=True, slots=True)
class Trouble:
    """One cause that several people report until it ends."""

    number: int
    begin: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Arrival:
    at: datetime
    kind: Kind
    requester: Person
    trouble: Trouble | None = None
    printer: str = ""


def arrivals(company: Company, seed: int | str, *, now: datetime, days: int, tickets: int) -> list[Arrival]:
    """About so many, before `now`, in time order."""
    scale = tickets / (days * 16.5)
    began = now - timedelta(days=days)
    rng = stream(seed, "calendar")
    brought = [
        *_patch_days(company, rng, began, now, scale),
        *_month_ends(company, rng, began, now, scale),
        *_outages(company, rng, began, now, scale),
        *_printer_bursts(company, rng, began, now, scale),
    ]
    kept = [arrival for arrival in brought if began <= arrival.at < now]
    daily = _Daily(company, seed, began, now)
    kept += [daily.draw() for _ in range(tickets - len(kept))]
    return sorted(kept, key=lambda arrival: (arrival.at, arrival.requester.ref))


class _Daily:
    """What happens without a special cause."""

    def __init__(self, company: Company, seed: int | str, began: datetime, now: datetime) -> None:
        self._company = company
        self._rng = stream(seed, "arrivals")
        self._began, self._now = began, now
        self._days = [began.date() + timedelta(days=n) for n in range((now.date() - began.date()).days + 1)]
        self._weights = {rhythm: [_day_weight(day, rhythm) for day in self._days] for rhythm in _WEEK}
        self._kinds = list(KINDS.values())
        self._needy = {person.ref: self._rng.lognormvariate(0, 0.5) for person in company.requesters}
        self._people = {kind.code: _people(company, kind) for kind in self._kinds}

    def draw(self) -> Arrival:
        rng = self._rng
        while True:
            kind = rng.choices(self._kinds, [kind.weight for kind in self._kinds])[0]
            people = self._people[kind.code]
            person = rng.choices(people, [self._needy[person.ref] for person in people])[0]
            day = rng.choices(self._days, self._weights[kind.rhythm])[0]
            if _away(self._company, person, day, rng):
                continue
            at = local_moment(rng, day, person.zone, kind.rhythm)
            if self._began <= at < self._now:
                return Arrival(at, kind, person)


def _people(company: Company, kind: Kind) -> list[Person]:
    """Who asks about this: some departments, people at machines, or everybody."""
    return [
        person
        for person in company.requesters
        if (not kind.departments or person.department in kind.departments)
        and (not kind.floor or company.department[person.department or ""].floor)
        and (kind.rhythm == "floor" or person.site != "houston" or kind.code != "printer_firmware")
    ]


def _day_weight(day: date, rhythm: str) -> float:
    weight = _WEEK[rhythm][day.weekday()] * _SEASON[day.month - 1]
    if rhythm == "month_start":
        weight *= 3.0 if day.day <= 4 else 1.6 if day.day >= 26 else 0.7
    if day.month == 12 and day.day >= 23:
        weight *= 0.3
    return weight


def _away(company: Company, person: Person, day: date, rng: Random) -> bool:
    """Public holidays, and Spain in August."""
    country = company.site[person.site or "graz"].country
    if day.strftime("%m-%d") in holidays(country):
        return rng.random() < 0.93
    return country == "ES" and day.month == 8 and rng.random() < 0.4


def local_moment(rng: Random, day: date, zone_name: str, rhythm: str) -> datetime:
    hour = rng.choices(range(24), _HOURS[rhythm])[0]
    moment = datetime.combine(day, time(hour, rng.randrange(60), rng.randrange(60)), zone(zone_name))
    return moment.astimezone(UTC)


def _patch_days(company: Company, rng: Random, began: datetime, now: datetime, scale: float) -> Iterator[Arrival]:
    """The second Tuesday's night: next morning the VPN gateway is back without its certificate."""
    people = _people(company, KINDS["vpn_after_patch"])
    for tuesday in _days_of(began, now, lambda day: day.weekday() == 1 and 8 <= day.day <= 14):
        morning = datetime.combine(tuesday + timedelta(days=1), time(6, 10), zone("Europe/Vienna")).astimezone(UTC)
        trouble = Trouble(tuesday.toordinal(), morning, morning + timedelta(minutes=rng.randrange(110, 290)))
        for person in _sample(rng, people, rng.randrange(9, 17) * scale):
            at = morning + timedelta(minutes=min(rng.expovariate(1 / 55), 170))
            yield Arrival(at, KINDS["vpn_after_patch"], person, trouble)


def _month_ends(company: Company, rng: Random, began: datetime, now: datetime, scale: float) -> Iterator[Arrival]:
    """The last three working days of each month, while payroll runs."""
    people = _people(company, KINDS["payroll_month_end"])
    for day in _days_of(began, now, _last_working_days):
        for person in _sample(rng, people, rng.choice([1, 1, 2, 2, 3]) * scale):
            yield Arrival(local_moment(rng, day, person.zone, "office"), KINDS["payroll_month_end"], person)


def _last_working_days(day: date) -> bool:
    ahead = [day + timedelta(days=n) for n in range(1, 8)]
    left = sum(other.weekday() < 5 for other in ahead if other.month == day.month)
    return day.weekday() < 5 and left < 3


def _outages(company: Company, rng: Random, began: datetime, now: datetime, scale: float) -> Iterator[Arrival]:
    """Every other week something big stops, at one site or everywhere, and many report it at once."""
    at = began + timedelta(days=rng.uniform(3, 12))
    number = 0
    while at < now:
        number += 1
        kind = KINDS[rng.choice(_BIG)]
        begin = local_moment(rng, at.date(), "Europe/Vienna", "floor" if kind.floor else "office")
        trouble = Trouble(number, begin, begin + timedelta(hours=min(rng.lognormvariate(0.9, 0.5), 9)))
        site = rng.choices([site.code for site in company.sites], (30, 22, 24, 18, 6))[0]
        people = [person for person in _people(company, kind) if kind.floor or person.site == site]
        for person in _sample(rng, people, rng.randrange(5, 15) * scale):
            reported = begin + timedelta(minutes=min(4 + rng.expovariate(1 / 28), 150))
            yield Arrival(min(reported, trouble.end - timedelta(minutes=10)), kind, person, trouble)
        at += timedelta(days=rng.uniform(7, 20))


def _printer_bursts(company: Company, rng: Random, began: datetime, now: datetime, scale: float) -> Iterator[Arrival]:
    """Two printers with the same firmware hang every week or so; from the last third on an update helps."""
    kind = KINDS["printer_firmware"]
    at = began + timedelta(days=rng.uniform(1, 6))
    while at < now:
        printer = rng.choice(_BAD_PRINTERS)
        site = "linz" if printer == _BAD_PRINTERS[0] else "graz"
        people = [person for person in _people(company, kind) if person.site == site]
        for person in _sample(rng, people, rng.choice([1, 2, 2, 3, 4]) * scale):
            yield Arrival(local_moment(rng, at.date(), person.zone, "office"), kind, person, printer=printer)
        mended = (at - began) > (now - began) * 0.7
        at += timedelta(days=rng.uniform(9, 20) if mended else rng.uniform(2, 8))


def _days_of(began: datetime, now: datetime, wanted: Callable[[date], bool]) -> list[date]:
    count = (now.date() - began.date()).days + 1
    return [day for day in (began.date() + timedelta(days=n) for n in range(count)) if wanted(day)]


def _sample(rng: Random, people: list[Person], size: float) -> list[Person]:
    """So many different people, a fraction being a chance of one more."""
    count = int(size) + (rng.random() < size % 1)
    return rng.sample(people, min(count, len(people)))
