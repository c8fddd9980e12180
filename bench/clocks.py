"""What clocks and figures cost from scratch: of the real log, and of a generated ledger of ten million events.

    python bench/clocks.py [--events 10000000] [--folder /tmp/clocks]

The ledger is a table of bodies as the desk writes them (SQLite, made once in the folder). Each of as many processes as
there are cores reads a range of tickets, decodes, walks eight levels in four calendars, and adds up: met and missed of
each level, the 90th percentile of the time used, and how long each party had the ball. The same columns are also judged
alone, so that reading and judging can be told apart. One event: the turns of one ticket anew by eight levels, plain.
"""

import argparse
import json
import os
import platform
import random
import resource
import sqlite3
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from helmdesk.clocks import bodies, bulk
from helmdesk.clocks.levels import Level
from helmdesk.clocks.observed import Foreign
from helmdesk.clocks.reading import level_from
from helmdesk.clocks.steps import steps
from helmdesk.clocks.ticket import turns
from helmdesk.clocks.turns import Verdict
from helmdesk.history.servicenow import AuditLog
from helmdesk.ledger.chain import canonical, envelope
from helmdesk.worktime.calendar import Calendar
from helmdesk.worktime.reading import calendar_from

ROOT = Path(__file__).resolve().parents[1]
RESULT = ROOT / "bench/results/clocks.json"
REAL = ROOT.parent / "shared/data/incidents/incident_event_log.csv.gz"
MINUTE = 60_000_000
START = 1_704_096_000_000_000  # 1 January 2024
NOW = START + 3 * 365 * 1440 * MINUTE
TEAMS, PROVIDER_OF = range(1, 13), {team: 1 + team % 3 for team in range(1, 13)}
TEMPLATES, AT_ONCE, PUBLIC = 3000, 25_000, {1}
DAYS = ("mon", "tue", "wed", "thu", "fri")


def calendars() -> dict[str, Calendar]:
    week = {day: ["08:00-12:00", "13:00-17:00"] for day in DAYS}
    return {
        "vienna": calendar_from({"zone": "Europe/Vienna", "week": week, "days": {"2024-12-25": [], "2025-12-25": []}}),
        "long": calendar_from({"zone": "Europe/Madrid", "week": {day: ["07:00-20:00"] for day in (*DAYS, "sat")}}),
        "weekdays": calendar_from({"zone": "UTC", "week": {day: ["00:00-24:00"] for day in DAYS}}),
        "always": calendar_from({"always": True}),
    }


class Names:
    """Teams and providers by their numbers."""

    def team(self, code: str) -> int | None:
        return int(code)

    provider = service = category = site = group = team


def levels() -> list[tuple[Level, Calendar]]:
    by, rows = calendars(), [{"priority": 1, "within": "4h"}, {"priority": [2, 3], "within": "16h"}, {"within": "40h"}]
    waits = [{"wait": "requester", "cap": "72h"}, {"wait": "third"}]
    given: list[tuple[dict[str, Any], str]] = [
        ({"metric": "first_response", "targets": [{"within": "2h"}]}, "vienna"),
        ({"metric": "next_response", "targets": [{"within": "4h"}]}, "vienna"),
        ({"metric": "resolution", "targets": rows, "pauses": waits}, "vienna"),
        ({"metric": "resolution", "until": "closed", "targets": [{"within": "153.5h"}]}, "weekdays"),
        ({"metric": "own", "targets": [{"within": "1h"}]}, "long"),
        ({"metric": "resolution", "binds": {"provider": "1"}, "targets": rows, "pauses": waits}, "long"),
        ({"metric": "give_back", "binds": {"provider": "2"}, "targets": [{"within": "8h"}]}, "always"),
        ({"metric": "hand_over", "binds": {"team": "3"}, "targets": [{"within": "4h"}]}, "vienna"),
    ]
    return [(level_from({"code": f"level-{n}", **spec}, Names()), by[name]) for n, (spec, name) in enumerate(given)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--folder", type=Path, default=Path("/tmp/clocks"))
    given = parser.parse_args()
    warm()
    result = about() | {
        "one_ticket": one_ticket(),
        "real_log": real_log(),
        "ledger": ledger(given.folder, given.events),
    }
    RESULT.write_text(json.dumps(result, indent=1) + "\n")
    for name in ("one_ticket", "real_log", "ledger"):
        print(f"{name}: {json.dumps(result[name])}")


def about() -> dict[str, Any]:
    return {
        "machine": platform.processor() or platform.machine(), "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1), "python": platform.python_version(),
        "versions": {name: version(name) for name in ("numpy", "numba", "msgspec")},
    }  # fmt: skip


def warm() -> None:
    """What numba compiles once and keeps is no part of any figure."""
    life = [bodies._decode(body) for body in next(lives(1))]
    columns = bulk.Columns.of([steps(life, public=PUBLIC)])
    bulk.judge(columns, levels(), provider_of=PROVIDER_OF, now=NOW)
    list(bulk.held(columns))


def one_ticket() -> dict[str, float]:
    """The longest of 500 lives: its steps and the turns of eight levels anew, in plain Python."""
    life = [bodies._decode(body) for body in max(lives(500), key=len)]
    by, taken = levels(), []
    for _ in range(60):
        began = time.process_time()
        turns(steps(life, public=PUBLIC), by, provider_of=PROVIDER_OF, now=NOW)
        taken.append((time.process_time() - began) * 1000)
    return {"events": len(life), "levels": len(by), "ms_cpu": round(statistics.median(taken), 3)}


def real_log() -> dict[str, Any] | None:
    if not REAL.exists():
        return None
    read = list(AuditLog(REAL, zone="UTC").tickets())
    began = time.perf_counter()
    foreign = Foreign()
    columns = bulk.Columns.of(foreign.ticket(rows) for rows in read)
    folded = time.perf_counter()
    figures, _ = added_up(columns)
    done = time.perf_counter()
    return {
        "rows": sum(map(len, read)), "tickets": len(columns), "from": "parsed rows",
        "seconds": {"rows to steps": round(folded - began, 2), "turns and figures": round(done - folded, 2),
                    "all": round(done - began, 2)},
        "turns": int(sum(sum(one["verdicts"]) for one in figures)),
    }  # fmt: skip


def added_up(columns: bulk.Columns) -> tuple[list[dict[str, Any]], np.ndarray]:
    """Verdicts and times used of each level; how long each kind of holder had the ball."""
    by = levels()
    verdicts = np.zeros((len(by), len(Verdict) + 1), dtype=np.int64)
    used: list[list[np.ndarray]] = [[] for _ in by]
    for part in bulk.judged(columns, by, provider_of=PROVIDER_OF, now=NOW):
        for n in range(len(by)):
            mine = part[part["level"] == n]
            verdicts[n] += np.bincount(mine["verdict"], minlength=len(Verdict) + 1)
            used[n].append((mine["used"][mine["stop"] >= 0] // MINUTE).astype(np.int32))
    held = np.zeros(6, dtype=np.int64)
    for part in bulk.held(columns):
        ended = part[part["end"] >= 0]
        np.add.at(held, ended["holder"], (ended["end"] - ended["start"]) // MINUTE)
    minutes = [np.concatenate(one) for one in used]
    p90 = [int(np.percentile(one, 90)) if len(one) else None for one in minutes]
    return [{"verdicts": row.tolist(), "p90_minutes": p} for row, p in zip(verdicts, p90, strict=True)], held


# A ledger of its own


def lives(count: int, seed: int = 7) -> Any:
    """Bodies of tickets, as the desk writes them: about ten events each, some with everything."""
    rng = random.Random(seed)
    for ticket in range(1, count + 1):
        at, team, n = START + rng.randrange(0, 700 * 1440) * MINUTE, rng.choice(TEAMS), 0
        out: list[str] = []

        def happen(kind: str, hat: int, **what: Any) -> None:
            nonlocal n
            n += 1
            head = envelope(at, None, None, hat, 5, kind, n, 9, 77, 1, at, 1_000_000 + n, 1, ticket, team, 1)  # noqa: B023
            out.append(head + canonical(what) + "}")  # noqa: B023

        text = {"t": 4711, "rev": 1, "len": 200, "c": "ab" * 32}
        scope = {"service": rng.randrange(1, 9), "site": 1, "category": 2, "flags": 0}
        happen(
            "ticket.opened", 1, type="incident", channel="mail", team=team, requester=77, opened_by=None, scope=scope,
            impact=2, urgency=2, said_urgency=2, priority=rng.randrange(1, 5), matrix=1, subject=text, holder="team",
        )  # fmt: skip
        happen("thread.opened", 1, thread=ticket, audience=1)
        happen("message.added", 1, message=1, thread=ticket, text=text, auto=False, files=0, **{"as": "original"})
        for _ in range(rng.choice((1, 1, 2, 2, 3, 5))):
            at += rng.randrange(1, 600) * MINUTE
            happen("assigned", 2, assignee=5, was=None, how="take")
            at += rng.randrange(1, 300) * MINUTE
            happen("message.added", 2, message=2, thread=ticket, text=text, auto=False, files=0, **{"as": "reply"})
            chance = rng.random()
            if chance < 0.35:
                happen("wait.started", 2, wait="requester", on=None, team=None, message=2, call=False, until=None)
                at += rng.randrange(1, 3000) * MINUTE
                happen("message.added", 1, message=3, thread=ticket, text=text, auto=False, files=0, **{"as": "reply"})
                happen("wait.ended", 1, why="answered")
            elif chance < 0.7:
                to = rng.choice(TEAMS)
                happen("handed_over", 2, to=to, why="hand_over", **{"from": team})
                happen("hand_over.accepted", 2, to=to, **{"from": team})
                team = to
        at += rng.randrange(1, 2000) * MINUTE
        happen("resolved", 2, team=team, how="solved")
        if rng.random() < 0.05:
            at += rng.randrange(1, 2000) * MINUTE
            happen("reopened", 1, team=team, assignee=5, why="not_solved")
            at += rng.randrange(1, 2000) * MINUTE
            happen("resolved", 2, team=team, how="solved")
        at += 7200 * MINUTE
        happen("closed", 0, how="timer")
        yield out


def ledger(folder: Path, events: int) -> dict[str, Any]:
    path = folder / f"ledger-{events}.sqlite3"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        fill(path, events)
    with sqlite3.connect(path) as database:
        tickets, count = database.execute("SELECT max(stream_id), count(*) FROM event").fetchone()
    ranges = [(path, low, min(low + AT_ONCE, tickets + 1)) for low in range(1, tickets + 1, AT_ONCE)]
    began = time.perf_counter()
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("forkserver")) as pool:
        parts = list(pool.map(one_range, ranges))
    wall = time.perf_counter() - began
    seconds = {name: round(sum(part[name] for part in parts), 1) for name in ("reading", "judging")}
    return {
        "events": count, "tickets": tickets, "levels": len(levels()), "processes": os.cpu_count(),
        "turns": sum(part["turns"] for part in parts), "seconds": round(wall, 1), "seconds_of_each_process": seconds,
        "steps_judged_a_second_and_core": round(sum(part["steps"] for part in parts) / seconds["judging"]),
        "peak_mb_of_each_process": max(part["peak_mb"] for part in parts),
        "peak_mb_of_all": max(part["peak_mb"] for part in parts) * (os.cpu_count() or 1)
        + resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }  # fmt: skip


def one_range(part: tuple[Path, int, int]) -> dict[str, Any]:
    path, low, high = part
    began = time.perf_counter()
    with sqlite3.connect(path) as database:
        rows = database.execute(
            "SELECT stream_id, body FROM event WHERE stream_id >= ? AND stream_id < ? ORDER BY stream_id, n",
            (low, high),
        )
        _, columns = bodies.columns_from(rows, audiences=PUBLIC)
    read = time.perf_counter()
    figures, _ = added_up(columns)
    return {
        "reading": read - began, "judging": time.perf_counter() - read, "steps": len(columns.at) * len(levels()),
        "turns": sum(sum(one["verdicts"]) for one in figures),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }  # fmt: skip


def fill(path: Path, events: int) -> None:
    """Some thousand different lives, over and over, each under its own number."""
    templates = [[(n, body) for n, body in enumerate(life, 1)] for life in lives(TEMPLATES)]
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("PRAGMA synchronous = OFF")
        database.execute(
            "CREATE TABLE event (stream_id INTEGER, n INTEGER, body TEXT, PRIMARY KEY (stream_id, n)) WITHOUT ROWID"
        )
        count = ticket = 0
        while count < events:
            ticket += 1
            life = templates[ticket % TEMPLATES]
            database.executemany("INSERT INTO event VALUES (?, ?, ?)", [(ticket, n, body) for n, body in life])
            count += len(life)


if __name__ == "__main__":
    main()
