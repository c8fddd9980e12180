"""What clocks cost: a verb's share for keeping them, and the watcher with a million open clocks and 100 due.

    DATABASE_URL=… HELMDESK_HOME=… python bench/levels.py [--clocks N]

In an empty database: the demo company with its nine levels and 300 tickets. Keeping is measured as CPU within the verbs
of an ordinary life (taken, answered, asked, answered, passed on, solved), watching as wall time and CPU of one round.
"""

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helmdesk.config.settings")

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from helmdesk.access.viewer import Viewer, viewer_of  # noqa: E402
from helmdesk.exchange.demo.load import make  # noqa: E402
from helmdesk.foundation import announce  # noqa: E402
from helmdesk.foundation.rows import insert_many  # noqa: E402
from helmdesk.foundation.time import now, to_us  # noqa: E402
from helmdesk.providers.models import TeamMembership  # noqa: E402
from helmdesk.service_levels import keeping, telling, watching  # noqa: E402
from helmdesk.service_levels.models import Clock, LevelVersion, Notice  # noqa: E402
from helmdesk.tickets import assignment, conversation, hand_over, resolution  # noqa: E402
from helmdesk.tickets.conversation import Words  # noqa: E402
from helmdesk.tickets.facts import TicketsChanged  # noqa: E402
from helmdesk.tickets.models import Ticket  # noqa: E402
from helmdesk.tickets.opening import Asked, open_ticket  # noqa: E402

RESULTS = Path(__file__).parent / "results"
LIVES, TICKETS, DUE = 40, 300, 100
HOUR = 3_600_000_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clocks", type=int, default=1_000_000)
    clocks = parser.parse_args().clocks
    call_command("migrate", verbosity=0)
    if not Ticket.objects.unscoped(reason="a measurement").exists():
        make(seed="bench", now=now(), password=None, tickets=TICKETS, progress=lambda *_: None)
    figures = {"keeping": keeping_costs(), "watching": watching_costs(clocks)}
    kept = RESULTS / "levels.json"
    told = json.loads(kept.read_text()) if kept.exists() else {}
    told[connection.vendor] = {**figures, **about()}
    kept.write_text(json.dumps(told, indent=2) + "\n")
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")


def keeping_costs() -> dict[str, Any]:
    """CPU ms of the listener, verb by verb, over some tickets' lives."""
    spent: dict[str, list[float]] = {}
    verb = ""

    def timed(fact: TicketsChanged) -> None:
        began = time.process_time()
        keeping.keep(fact)
        spent.setdefault(verb, []).append((time.process_time() - began) * 1000)

    listeners = announce._within[TicketsChanged]
    listeners[listeners.index(keeping.keep)] = timed
    here = TeamMembership.objects.filter(team__triage=True).select_related("membership", "team")[0]
    there = TeamMembership.objects.exclude(team=here.team).filter(team__provider=here.team.provider)[0]
    requester = Ticket.objects.unscoped(reason="a measurement").exclude(requester=here.membership.person_id)[0]
    for _ in range(LIVES):
        at, ticket = now(), 0
        agent, asks = viewer_of(here.membership.person_id, at=at), viewer_of(requester.requester_id, at=at)
        for verb, act in life(agent, asks.as_requester(), there.team_id).items():  # noqa: B007 (read by `timed`)
            at += timedelta(minutes=7)
            done = act(ticket, at)
            ticket = ticket or done.pk
    listeners[listeners.index(timed)] = keeping.keep
    every = [ms for many in spent.values() for ms in many]
    return {
        "cpu_ms": round(statistics.mean(every), 3),
        "cpu_ms_by_verb": {verb: round(statistics.mean(many), 3) for verb, many in spent.items()},
        "events_of_the_last_ticket": Ticket.objects.unscoped(reason="a measurement").order_by("-pk")[0].position,
        "levels": LevelVersion.objects.count(), "lives": LIVES,
    }  # fmt: skip


def life(agent: Viewer, asks: Viewer, other: int) -> dict[str, Callable[[int, datetime], Any]]:
    said = Words("It is the cable again.")
    return {
        "open": lambda _, at: open_ticket(Asked("No network", said, asks.person or 0), by=asks, at=at),
        "take": lambda pk, at: assignment.take(pk, by=agent, at=at),
        "reply": lambda pk, at: conversation.reply(pk, said, by=agent, at=at),
        "ask": lambda pk, at: conversation.ask_requester(pk, said, by=agent, at=at),
        "answer": lambda pk, at: conversation.reply(pk, said, by=asks, at=at),
        "reply again": lambda pk, at: conversation.reply(pk, said, by=agent, at=at),
        "solve": lambda pk, at: resolution.resolve(pk, by=agent, at=at),
        "reopen": lambda pk, at: resolution.reopen(pk, by=asks, at=at),
        "hand over": lambda pk, at: hand_over.hand_over(pk, to=other, done="a", asked="b", by=agent, at=at),
    }


def watching_costs(clocks: int) -> dict[str, Any]:
    """Wall and CPU ms of one look for what is due: with so many open clocks, 100 of them due, and none."""
    at = now() + timedelta(days=400)
    with transaction.atomic():
        Clock.objects.update(next_at=None)
        fill(clocks, at)
    analyse()
    found: dict[str, Any] = {"clocks": Clock.objects.filter(next_at__isnull=False).count(), "due": DUE}
    rounds = []
    for n in range(5):
        due(at, n)
        rounds.append((*cost(lambda: watching.watch(at=at)), *cost(lambda: telling.tell(at=at))))
    found["nothing_due_ms"] = [round(ms, 2) for ms in cost(lambda: watching.watch(at=at))]
    for name, some in zip(
        ("watch_wall_ms", "watch_cpu_ms", "tell_wall_ms", "tell_cpu_ms"), zip(*rounds, strict=True), strict=True
    ):
        found[name] = round(statistics.median(some), 2)
    found["notices"] = Notice.objects.count()
    found["plan"] = plan(at)
    return found


def fill(clocks: int, at: datetime) -> None:
    """Open clocks, due in the next year, a hundred turns a ticket."""
    version = LevelVersion.objects.filter(level__code="solved").select_related("level").get()
    calendar = Clock.objects.filter(version=version).values_list("calendar_version", flat=True).first()
    tickets = list(Ticket.objects.unscoped(reason="a measurement").values_list("pk", flat=True)[:200])
    columns = [str(field.column) for field in Clock._meta.local_concrete_fields if field.column != "id"]
    start, rows = to_us(at) - 400 * 24 * HOUR, []
    for n in range(clocks):
        due_at = to_us(at) + HOUR + n * 30_000_000
        says = {
            "ticket_id": tickets[n % len(tickets)], "level_id": version.level_id, "n": 1000 + n, "metric": 4,
            "binds": 1,
            "version_id": version.pk, "calendar_version_id": calendar, "party": None, "verdict": 1, "start": start,
            "stop": None, "used": 0, "gross": 0, "target": 8 * HOUR, "since": start, "due_at": due_at, "why": None,
            "judged_at": start, "warned": 750, "next_at": due_at,
        }  # fmt: skip
        rows.append([says[name] for name in columns])
    insert_many(Clock._meta.db_table, columns, rows)


def due(at: datetime, n: int) -> None:
    """The next hundred are due now."""
    some = list(Clock.objects.filter(next_at__isnull=False).order_by("next_at").values_list("pk", flat=True)[:DUE])
    Clock.objects.filter(pk__in=some).update(next_at=at, due_at=at)


def cost(act: Callable[[], object]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    act()
    return (time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000


def analyse() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def plan(at: datetime) -> list[str]:
    """How the database finds what is due: by the partial index of clocks that have something to come."""
    explain = "EXPLAIN " if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN "
    with connection.cursor() as cursor:
        cursor.execute(explain + watching._DUE, [to_us(at), watching.ROUND])
        return [str(row[-1]) for row in cursor.fetchall()]


def about() -> dict[str, Any]:
    cores = os.cpu_count()
    return {
        "machine": f"{cores} cores, {platform.machine()}", "python": platform.python_version(),
        "django": django.__version__, "load": [round(one, 1) for one in os.getloadavg()],
        "command": "python bench/levels.py",
    }  # fmt: skip


if __name__ == "__main__":
    main()
