"""What working time costs: whole columns and single questions, beside the libraries that a user would pick.

    python -m venv /tmp/time
    /tmp/time/bin/pip install -c requirements.lock numpy numba tzdata
    /tmp/time/bin/pip install -r bench/time.txt
    PYTHONPATH=src /tmp/time/bin/python bench/time.py

The calendar: Europe/Vienna, Monday to Friday, 08:00-12:00 and 13:00-17:00, four holidays a year, 1990 to 2100. All on
one core, CPU time, the best of five runs for columns. Every answer of a library is compared with ours; where it is
another, a walk minute by minute (the slow twin of tests/worktime) tells which is right.
"""

import json
import os
import platform
import random
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from datetime import time as at_time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import business_duration
import businesstime
import businesstimedelta
import numpy as np
import pytz

sys.path.insert(0, str(Path(__file__).parent.parent))

from helmdesk.worktime import arrays, zones
from helmdesk.worktime.calendar import Calendar
from helmdesk.worktime.horizon import FIRST, HOUR, LAST, SECOND
from helmdesk.worktime.reading import calendar_from
from tests.worktime import twin

RESULT = Path(__file__).parent / "results" / "time.json"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PAIRS, SPAN, RUNS = 10_000_000, 200 * HOUR, 5
YEARS = range(1990, 2101)
HOLIDAYS = [date(year, month, day) for year in YEARS for month, day in ((1, 1), (5, 1), (12, 25), (12, 26))]
WORKDAYS = ("mon", "tue", "wed", "thu", "fri")
VIENNA = pytz.timezone("Europe/Vienna")


def spec(*intervals: str, holidays: bool = True) -> dict[str, Any]:
    days: dict[str, list[str]] = {day.isoformat(): [] for day in HOLIDAYS} if holidays else {}
    return {"zone": "Europe/Vienna", "week": {day: list(intervals) for day in WORKDAYS}, "days": days}


LUNCH, STRAIGHT, PLAIN = spec("08:00-12:00", "13:00-17:00"), spec("08:00-17:00"), spec("08:00-17:00", holidays=False)


def main() -> None:
    columns = columns_measured(calendar_from(LUNCH))
    result = about() | {
        "columns": columns,
        "single": singles_measured(calendar_from(LUNCH)),
        "libraries": list(libraries_measured()),
    }
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    show(result)


def columns_measured(calendar: Calendar) -> dict[str, Any]:
    """Millions a second: pairs anywhere from 1990 to 2100, and spans of up to 200 h."""
    chance = np.random.default_rng(1)
    a, b = chance.integers(FIRST, LAST, PAIRS), chance.integers(FIRST, LAST, PAIRS)
    us, out = chance.integers(0, SPAN, PAIRS), np.empty(PAIRS, dtype=np.int64)
    early = np.minimum(a, LAST - 20 * SPAN)
    arrays.elapsed(calendar, a[:9], b[:9])
    arrays.add(calendar, early[:9], us[:9])
    return {
        "pairs": PAIRS,
        "elapsed_anywhere": rate(lambda: arrays.elapsed(calendar, a, b, out=out)),
        "elapsed_anywhere_in_fresh_memory": rate(lambda: arrays.elapsed(calendar, a, b)),
        "elapsed_up_to_200_h": rate(lambda: arrays.elapsed(calendar, early, early + us, out=out)),
        "add_up_to_200_h": rate(lambda: arrays.add(calendar, early, us, out=out)),
        "add_up_to_200_h_in_fresh_memory": rate(lambda: arrays.add(calendar, early, us)),
        "all_undone": bool((arrays.elapsed(calendar, early, arrays.add(calendar, early, us)) == us).all()),
    }


def rate(ask: Callable[[], object]) -> float:
    """Millions of answers a second of CPU, the best run."""
    return round(PAIRS / min(cpu(ask) for _ in range(RUNS)) / 1e6, 1)


def cpu(ask: Callable[[], object]) -> float:
    began = time.process_time()
    ask()
    return time.process_time() - began


def singles_measured(calendar: Calendar) -> dict[str, Any]:
    """µs for one question, the loop included: within one year, as a server asks, and anywhere from 1990 to 2100."""
    fresh = calendar_from(LUNCH)
    first = cpu(lambda: fresh.add(twin.us("2026-11-25 09:00"), HOUR))
    worked_out = cpu(fresh.whole)
    year = [(a, a + random.randrange(SPAN)) for a in random_instants("2026-01-01", "2026-12-01", 200_000)]
    anywhere = list(zip(*(random_instants("1990-01-01", "2100-01-01", 200_000) for _ in "ab"), strict=True))
    server = calendar_from(LUNCH)
    server.is_open(year[0][0])
    return {
        "first_question_ms": round(first * 1e3, 2),
        "all_years_worked_out_ms": round(worked_out * 1e3, 1),
        "elapsed_in_one_year_us": each(server.elapsed, year),
        "add_in_one_year_us": each(server.add, [(a, b - a & 0xFFFFFFFFFF) for a, b in year]),
        "elapsed_anywhere_us": each(calendar.elapsed, anywhere),
        "add_anywhere_us": each(calendar.add, [(min(a, LAST - 20 * SPAN), b % SPAN) for a, b in anywhere]),
    }


def each(ask: Callable[[int, int], int], pairs: list[tuple[int, int]]) -> float:
    def all_of_them() -> None:
        for a, b in pairs:
            ask(a, b)

    return round(min(cpu(all_of_them) for _ in range(RUNS)) / len(pairs) * 1e6, 2)


def random_instants(since: str, until: str, count: int) -> list[int]:
    return [random.randrange(twin.us(since), twin.us(until), SECOND) for _ in range(count)]


def libraries_measured() -> Iterator[dict[str, Any]]:
    straight = (at_time(8), at_time(17))
    day, plain = businesstimedelta.WorkDayRule(*straight, tz=VIENNA), businesstimedelta.Rules
    lunch = businesstimedelta.LunchTimeRule(at_time(12), at_time(13), tz=VIENNA)
    full = plain([day, lunch, businesstimedelta.HolidayRule(set(HOLIDAYS), tz=VIENNA)])
    theirs = businesstime.BusinessTime(straight, holidays=set(HOLIDAYS))
    yield compared("businesstimedelta, 08:00-17:00", PLAIN, 20_000, aware, lambda a, b: whole(day.difference(a, b)))
    yield compared("businesstimedelta, all of it", LUNCH, 1_000, aware, lambda a, b: whole(full.difference(a, b)))
    yield compared("businesstimedelta, 08:00-17:00, add", PLAIN, 20_000, aware, added(day), add=True)
    yield compared(
        "business-duration, with holidays", STRAIGHT, 1_000, naive,
        lambda a, b: business_duration.businessDuration(a, b, *straight, holidaylist=HOLIDAYS, unit="sec") * SECOND,
    )  # fmt: skip
    yield compared(
        "businesstime, with holidays", STRAIGHT, 20_000, naive,
        lambda a, b: days_of(theirs.businesstimedelta(a, b)),
    )  # fmt: skip


def compared(
    name: str,
    spec_: dict[str, Any],
    count: int,
    shown: Callable[[int], datetime],
    ask: Callable[..., float],
    *,
    add: bool = False,
) -> dict[str, Any]:
    """Ten million random pairs of up to 200 h, 2015 to 2035, for us, the first of them for the library."""
    calendar, chance = calendar_from(spec_), np.random.default_rng(2)
    a = chance.integers(twin.us("2015-01-01") // SECOND, twin.us("2035-01-01") // SECOND, PAIRS) * SECOND
    spans = chance.integers(1, SPAN // SECOND, PAIRS) * SECOND
    b, out = (spans if add else a + spans), np.empty(PAIRS, dtype=np.int64)
    one, column = (calendar.add, arrays.add) if add else (calendar.elapsed, arrays.elapsed)
    given = list(zip(a[:count].tolist(), b[:count].tolist(), strict=True))
    asked = [(shown(a), timedelta(microseconds=b) if add else shown(b)) for a, b in given]

    theirs: list[float] = []
    their_cpu = cpu(lambda: theirs.extend(ask(*pair) for pair in asked))
    our_cpu = min(cpu(lambda: column(calendar, a, b, out=out)) for _ in range(RUNS))

    found = out[:count].tolist()
    assert found == [one(*pair) for pair in given]
    differing = [n for n in range(count) if found[n] != round(theirs[n])]
    return {
        "library": name,
        "pairs": count,
        "theirs_per_s": round(count / their_cpu),
        "ours_per_s": round(PAIRS / our_cpu),
        "differing": len(differing),
        "differing_walked": len(differing[:50]),
        "walk_agrees_with_us": sum(found[n] == walked(spec_, *given[n], add=add) for n in differing[:50]),
    }


def walked(spec_: dict[str, Any], a: int, b: int, *, add: bool) -> int | None:
    return twin.add(spec_, a, b, within=a + 60 * 24 * HOUR) if add else twin.elapsed(spec_, a, b)


def aware(instant: int) -> datetime:
    return EPOCH + timedelta(microseconds=instant)


def naive(instant: int) -> datetime:
    """For libraries that know no zone: what the wall clock shows."""
    return aware(instant).astimezone(VIENNA).replace(tzinfo=None)


def added(rule: Any) -> Callable[[datetime, timedelta], int]:
    return lambda a, b: (
        (a + businesstimedelta.BusinessTimeDelta(rule, timedelta=b) - EPOCH) // timedelta(microseconds=1)
    )


def whole(found: Any) -> int:
    return found.timedelta // timedelta(microseconds=1)


def days_of(found: timedelta) -> int:
    """businesstime counts nine hours as a day."""
    return found.days * 9 * HOUR + found.seconds * SECOND


def about() -> dict[str, Any]:
    model = next((line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), "")
    return {
        "machine": f"{os.cpu_count()} cores, {model.partition(': ')[2]}",
        "versions": {"python": platform.python_version(), "tzdata": zones.edition()}
        | {
            name: version(name) for name in ("numpy", "numba", "businesstimedelta", "business-duration", "businesstime")
        },
        "command": "PYTHONPATH=src python bench/time.py",
        "load": [round(load, 1) for load in os.getloadavg()],
    }


def show(result: dict[str, Any]) -> None:
    for name, value in (result["columns"] | result["single"]).items():
        sys.stdout.write(f"{name:42} {value}\n")
    for one in result["libraries"]:
        times = one["ours_per_s"] / one["theirs_per_s"]
        rates = f"{one['theirs_per_s']:,} a second, ours {one['ours_per_s'] / 1e6:.1f} million, {times:,.0f} times"
        walk = f"{one['walk_agrees_with_us']} of {one['differing_walked']} walked are as ours"
        sys.stdout.write(f"{one['library']:42} {rates}; {one['differing']} of {one['pairs']} differ ({walk})\n")


if __name__ == "__main__":
    random.seed(1)
    main()
