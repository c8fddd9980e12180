"""Draws the charts of docs/guides/judge-history-by-other-rules.md from the real log: python -m tools.judging_charts

Needs the log beside the checkout (../shared/data/incidents). SVG by hand: no library of charts is a dependency.
"""

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from html import escape
from pathlib import Path
from typing import Final

from helmdesk.inference.proportions import wilson
from helmdesk.worktime.calendar import Calendar
from helmdesk.worktime.reading import calendar_from

ROOT: Final = Path(__file__).resolve().parents[1]
LOG: Final = ROOT.parent / "shared/data/incidents/incident_event_log.csv.gz"
CHARTS: Final = ROOT / "docs/guides/judge-history"
HOUR: Final = 3_600_000_000
TARGET: Final = 153.5
WEEKDAYS: Final = {"zone": "UTC", "week": {day: ["00:00-24:00"] for day in ("mon", "tue", "wed", "thu", "fri")}}
WIDTH, INK, RESOLVED, CLOSED, GRID = 640, "#5b6470", "#2f7d6d", "#c2703d", "#c9ced6"


@dataclass(frozen=True, slots=True)
class Incident:
    """Hours of weekdays from opening to resolving and to closing, and the log's own flag."""

    resolved: float
    closed: float
    made_sla: bool


@cache
def last_rows() -> list[dict[str, str]]:
    """The last row of each incident, which has its final state."""
    last: dict[str, list[str]] = {}
    with gzip.open(LOG, "rt") as stream:
        rows = csv.reader(stream)
        header = next(rows)
        for row in rows:
            last[row[0]] = row
    return [dict(zip(header, row, strict=True)) for row in last.values()]


@cache
def incidents() -> list[Incident]:
    """Those of priority 3, in their last row, that say when they were resolved."""
    calendar = calendar_from(WEEKDAYS)
    rows = (row for row in last_rows() if row["priority"].startswith("3") and row["resolved_at"] != "?")
    return [
        Incident(_hours(calendar, row, "resolved_at"), _hours(calendar, row, "closed_at"), made_sla(row))
        for row in rows
    ]


def made_sla(row: dict[str, str]) -> bool:
    return row["made_sla"].lower() == "true"


def _hours(calendar: Calendar, row: dict[str, str], until: str) -> float:
    return calendar.elapsed(instant(row["opened_at"]), instant(row[until])) / HOUR


def instant(text: str) -> int:
    """Naive local time, as if it were UTC, in microseconds."""
    day, time = text.split()
    hour, minute = time.split(":")
    return _midnight(day) + (int(hour) * 60 + int(minute)) * HOUR // 60


@cache
def _midnight(day: str) -> int:
    return int(datetime.strptime(day, "%d/%m/%Y").replace(tzinfo=UTC).timestamp()) * 1_000_000


def shares() -> dict[str, tuple[int, int]]:
    """Met and judged, by what it is measured at."""
    found = incidents()
    return {
        "the log's own flag": (sum(one.made_sla for one in found), len(found)),
        "opened to closed": (sum(one.closed <= TARGET for one in found), len(found)),
        "opened to resolved": (sum(one.resolved <= TARGET for one in found), len(found)),
    }


def bars() -> str:
    """One bar a way of measuring, with its interval."""
    rows = list(_bars())
    return _svg(40 + 44 * len(rows), "Share of priority 3 met within 153.5 h of weekdays", rows)


def _bars() -> Iterator[str]:
    for n, (name, (met, judged)) in enumerate(shares().items()):
        y, share, sure = 40 + 44 * n, met / judged, wilson(met, judged)
        left, scale = 170, 380
        colour = RESOLVED if "resolved" in name else CLOSED
        yield _text(160, y + 17, name, anchor="end")
        yield f'<rect x="{left}" y="{y}" width="{share * scale:.1f}" height="26" rx="2" fill="{colour}"/>'
        low, high = left + sure.low * scale, left + sure.high * scale
        yield f'<path d="M{low:.1f} {y + 13}H{high:.1f}" stroke="{INK}" stroke-width="3"/>'
        yield _text(left + share * scale + 12, y + 18, f"{share:.1%}")


def spread() -> str:
    """How many incidents took how many hours of weekdays, by half days up to twice the target."""
    step, most, height = 12, 312, 190
    found = incidents()
    counts = {
        RESOLVED: _counted([one.resolved for one in found], step, most),
        CLOSED: _counted([one.closed for one in found], step, most),
    }
    highest = max(max(row) for row in counts.values())

    def x(hours: float) -> float:
        return 50 + hours * 560 / most

    def y(count: int) -> float:
        return 40 + height * (1 - count / highest)

    drawn = [f'<path d="M50 {40 + height}H610" stroke="{GRID}"/>']
    for colour, row in counts.items():
        line = "".join(
            f"{'L' if n else 'M'}{x(n * step):.0f} {y(c):.1f}H{x((n + 1) * step):.0f}" for n, c in enumerate(row)
        )
        drawn.append(f'<path d="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
    drawn.append(f'<path d="M{x(TARGET):.1f} 40V{40 + height}" stroke="{INK}" stroke-dasharray="4 3"/>')
    drawn += [
        _text(x(TARGET) + 5, 52, "153.5 h"),
        _text(430, 84, "resolved", RESOLVED),
        _text(430, 104, "closed", CLOSED),
    ]
    drawn += [_text(x(hours), 58 + height, f"{hours} h", anchor="middle") for hours in range(0, most, 60)]
    return _svg(270, "Hours of weekdays that incidents of priority 3 took", drawn)


def _counted(hours: list[float], step: int, most: int) -> list[int]:
    counts = [0] * (most // step)
    for one in hours:
        if one < most:
            counts[int(one // step)] += 1
    return counts


def _text(x: float, y: float, text: str, colour: str = INK, *, anchor: str = "start") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" fill="{colour}" text-anchor="{anchor}">{escape(text)}</text>'


def _svg(height: int, title: str, drawn: list[str]) -> str:
    size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-size="14"'
    font = 'font-family="system-ui, sans-serif"'
    return "\n".join([f"{head} {font}>", f"<title>{escape(title)}</title>", _text(10, 22, title), *drawn, "</svg>", ""])


def main() -> None:
    CHARTS.mkdir(parents=True, exist_ok=True)
    for name, drawn in (("shares.svg", bars()), ("hours.svg", spread())):
        (CHARTS / name).write_text(drawn)
        print(CHARTS / name)
    for measured, (met, judged) in shares().items():
        print(f"{measured}: {met:,} of {judged:,}, {met / judged:.1%}")


if __name__ == "__main__":
    main()
