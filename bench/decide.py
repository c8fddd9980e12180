"""How fast a desk is simulated: a year of 100,000 tickets, 25 agents of three parties, beside SimPy on the same ones.

    python bench/decide.py [--rounds 7]

One run measures, in CPU time of one thread: drawing tables, the compiled kernel, measures and figures, all of them in
one go, the plain engine, and SimPy (tests/engine/simpy_model.py, written for this model alone). The answers lie beside:
every piece of work must have begun and ended at the same microsecond, by the same agent, in all three; else it fails.
"""

import argparse
import json
import os
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
RESULT = ROOT / "bench/results/decide.json"

BEGAN = time.process_time()

import numpy as np  # noqa: E402

from helmdesk.engine import durations, kernel, reference  # noqa: E402
from helmdesk.engine.arrangement import Arrangement, Choice, Group, Route, ShiftEnd, Team  # noqa: E402
from helmdesk.engine.demand import Category, Demand  # noqa: E402
from helmdesk.engine.figures import Key, figures  # noqa: E402
from helmdesk.engine.generating import generate, generated, recipe  # noqa: E402
from helmdesk.engine.measuring import Promise, measured  # noqa: E402
from helmdesk.engine.outcome import Outcome  # noqa: E402
from helmdesk.engine.prepared import Prepared, prepare  # noqa: E402
from helmdesk.engine.replications import HEADLINE  # noqa: E402
from helmdesk.engine.table import Table  # noqa: E402
from helmdesk.worktime.calendar import Calendar  # noqa: E402
from helmdesk.worktime.reading import calendar_from  # noqa: E402

IMPORTED = time.process_time() - BEGAN
MINUTE, HOUR = 60_000_000, 3_600_000_000
DAY = 24 * HOUR
START = 1_767_225_600_000_000  # 1 January 2026
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEKDAYS, WEEKEND = DAYS[:5], DAYS[5:]
NAMES = ("outage", "access", "network", "software", "hardware", "question")


def calendar(zone: str, hours: list[str], days: tuple[str, ...], off: tuple[str, ...] = ()) -> Calendar:
    return calendar_from({"zone": zone, "week": dict.fromkeys(days, hours), "days": {day: [] for day in off}})


OFFICE = calendar("Europe/Berlin", ["07:00-18:00"], WEEKDAYS)
PROMISE = Promise(OFFICE, (HOUR,) * 2 + (4 * HOUR,) * 4, (4 * HOUR,) * 2 + (16 * HOUR,) * 4)


def arrangement() -> Arrangement:
    berlin = [["07:00-11:00", "11:30-15:30"], ["08:00-12:00", "12:30-16:30"], ["09:00-13:00", "13:30-17:30"]]
    holidays = ("2026-01-01", "2026-04-03", "2026-04-06", "2026-05-01", "2026-05-25", "2026-10-03", "2026-12-25")
    first = frozenset((n, 0) for n in range(6))
    both = frozenset((n, tier) for n in range(6) for tier in range(2))
    second = frozenset((n, 1) for n in range(6))
    house = [
        Group(f"first {n}", 2, calendar("Europe/Berlin", hours, WEEKDAYS, holidays), first)
        for n, hours in enumerate(berlin)
    ]
    house.append(Group("second", 5, calendar("Europe/Berlin", berlin[1], WEEKDAYS, holidays), both))
    shifts = [
        Group(f"shift {n}", 2, calendar("Asia/Kolkata", hours, DAYS), both if n < 2 else first)
        for n, hours in enumerate((["06:00-14:00"], ["14:00-22:00"], ["22:00-06:00"]))
    ]
    warsaw = [
        Group("early", 4, calendar("Europe/Warsaw", ["07:00-11:00", "11:30-15:30"], WEEKDAYS), both),
        Group("late", 4, calendar("Europe/Warsaw", ["10:00-14:00", "14:30-18:30"], WEEKDAYS), second | first),
    ]
    office = calendar("Europe/Berlin", ["07:00-17:00"], WEEKDAYS)
    return Arrangement(
        "three parties", NAMES, NAMES, 2,
        (Team("house", "in-house", tuple(house), ShiftEnd.RESUME),
         Team("kolkata", "offer A", tuple(shifts), ShiftEnd.RESUME),
         Team("warsaw", "offer B", tuple(warsaw), ShiftEnd.RESUME)),
        (Route((Choice(0),), categories=frozenset({0, 1, 2, 5}), hours=office),
         Route((Choice(2, most_waiting=6), Choice(0)), categories=frozenset({3, 4}), hours=office),
         Route((Choice(1),), tiers=frozenset({0})),
         Route((Choice(0),), categories=frozenset({0, 1, 2, 5})),
         Route((Choice(2),))),
    )  # fmt: skip


def demand(tickets: int = 100_000) -> Demand:
    day = np.array([1, 1, 1, 1, 1, 2, 5, 9, 11, 11, 10, 8, 8, 9, 9, 8, 6, 4, 3, 2, 2, 1, 1, 1], dtype=float)
    week = np.concatenate([day * share for share in (1.2, 1.1, 1, 1, 0.9, 0.15, 0.12)])
    rates = np.tile(np.roll(week, 3 * 24), 53)[: 365 * 24]
    work = ((23, 70), (7, 30), (16, 65), (15, 55), (20, 65), (11, 35))
    solved = (0.55, 0.9, 0.7, 0.72, 0.65, 0.92)
    categories = tuple(
        Category(
            name, weight, tuple(float(k == n) for k in range(6)),
            tuple(durations.log_normal(minutes * MINUTE, 1.2) for minutes in work[n]), (1 - solved[n],),
            asks=0.22, answer=durations.log_normal(14 * HOUR, 1.5),
            reopens=0.06, returns=durations.log_normal(50 * HOUR, 1),
            live=0.3 if n in {0, 1, 5} else 0.0, patience=durations.exponential(25 * MINUTE),
        )
        for n, (name, weight) in enumerate(zip(NAMES, (3, 22, 12, 25, 15, 23), strict=True))
    )  # fmt: skip
    return Demand(START, rates * (tickets / rates.sum()), categories, day_variation=0.1)


def best(rounds: int, work: Callable[[], Any]) -> tuple[float, float]:
    """CPU-seconds: the median and the least of so many rounds."""
    spent = []
    for _ in range(rounds):
        began = time.process_time()
        work()
        spent.append(time.process_time() - began)
    return statistics.median(spent), min(spent)


def simpy_log(table: Table, until: int) -> tuple[np.ndarray, float]:
    """What SimPy does with every piece of work, and the CPU-seconds of its run without making the model."""
    from tests.engine.simpy_model import Model

    model = Model(arrangement(), table, since=START, until=until)
    began = time.process_time()
    log = model.run()
    return np.array(log), time.process_time() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    asked, plan, until = demand(), arrangement(), START + 400 * DAY
    began = time.process_time()
    table, prepared = generate(asked, seed=1), prepare(plan, since=START, until=until)
    outcome = kernel.run(prepared, table)
    found: dict[str, Any] = {"CPU s": {"import": IMPORTED, "first run": time.process_time() - began}}
    found["model"] = described(plan, prepared, table, outcome, asked)
    found["speed"] = speeds(options.rounds, plan, prepared, table, asked)
    found["peak MB before SimPy"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    log, spent = simpy_log(table, until)
    found["speed"]["SimPy"] = {"median CPU s": spent, "tickets per CPU-second": round(len(table) / spent)}
    found["kernel, times SimPy"] = spent / found["speed"]["kernel"]["median CPU s"]
    found["answers"] = {
        "kernel and reference engine alike": outcome.same_as(reference.run(prepared, table)),
        "kernel and SimPy alike": bool(np.array_equal(outcome.pieces, log)),
        "mean wait in queues, h": {"kernel": mean_wait(outcome.pieces), "SimPy": mean_wait(log)},
    }
    found["machine"] = machine()
    RESULT.write_text(json.dumps(found, indent=1) + "\n")
    told(found)
    sys.exit(not all(found["answers"][f"kernel and {name} alike"] for name in ("reference engine", "SimPy")))


def described(plan: Arrangement, prepared: Prepared, table: Table, outcome: Outcome, asked: Demand) -> dict[str, float]:
    rows = measured(prepared, table, outcome, PROMISE)
    all_figures = figures(plan, prepared, table, outcome, rows, START, asked.until)
    return {
        "tickets": len(table),
        "agents": plan.size,
        "pieces of work": len(table.pieces),
        "events": kernel.simulate(prepared, *kernel.state(prepared, table)),
        "utilisation": all_figures[Key("all", "all", "utilisation")],
        **{f"utilisation {team.name}": all_figures[Key("team", team.name, "utilisation")] for team in plan.teams},
        "resolution, mean h": all_figures[HEADLINE],
        "late first responses": all_figures[Key("all", "all", "late.first_response")],
    }


def speeds(rounds: int, plan: Arrangement, prepared: Prepared, table: Table, asked: Demand) -> dict[str, Any]:
    """CPU-seconds of each step alone and of the whole, without the first, which compiles."""
    ready, outcome, until = recipe(asked), kernel.run(prepared, table), START + 400 * DAY
    rows = measured(prepared, table, outcome, PROMISE)

    def told_of(ours: Prepared, year: Table) -> None:
        met = kernel.run(ours, year)
        figures(plan, ours, year, met, measured(ours, year, met, PROMISE), START, asked.until)

    steps: dict[str, tuple[int, Callable[[], Any]]] = {
        "generate": (rounds, lambda: generated(ready, asked.escalation, seed=1, replication=0)),
        "kernel": (rounds, lambda: kernel.run(prepared, table)),
        "measure": (rounds, lambda: measured(prepared, table, outcome, PROMISE)),
        "figures": (rounds, lambda: figures(plan, prepared, table, outcome, rows, START, asked.until)),
        "generate, simulate, figures": (
            rounds, lambda: told_of(prepared, generated(ready, asked.escalation, seed=1, replication=1)),
        ),
        "a plan on shared tables, prepared, with figures": (
            rounds, lambda: told_of(prepare(plan, since=START, until=until), table),
        ),
        "reference engine": (3, lambda: reference.run(prepared, table)),
    }  # fmt: skip
    found = {}
    for name, (times, work) in steps.items():
        middle, least = best(times, work)
        speed = round(len(table) / middle)
        found[name] = {"median CPU s": middle, "least CPU s": least, "tickets per CPU-second": speed}
    return found


def machine() -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": os.cpu_count(),
        **{name: version(name) for name in ("numba", "numpy", "simpy")},
        "load": os.getloadavg()[0],
    }


def told(found: dict[str, Any]) -> None:
    for name, speed in found["speed"].items():
        print(f"{name}: {speed['tickets per CPU-second']:,} tickets per CPU-second")
    print(f"kernel: {found['kernel, times SimPy']:.0f} times SimPy; {found['answers']}; {found['CPU s']}")
    print(found["model"], f"{found['peak MB before SimPy']:.0f} MB")


def mean_wait(pieces: np.ndarray) -> float:
    begun = pieces[pieces[:, 1] >= 0]
    return float((begun[:, 1] - begun[:, 0]).mean()) / HOUR


if __name__ == "__main__":
    main()
