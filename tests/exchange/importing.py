"""Imports as a person at a shell runs them, and logs made up for them."""

import gzip
import json
from datetime import datetime, timedelta
from io import StringIO
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from django.core.management import call_command

from helmdesk.exchange.models import Import, ImportedTicket
from helmdesk.ledger.models import Event, Stream
from helmdesk.tickets.models import Ticket

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT / "tests/history/corpus"
MADE_UP = CORPUS / "audit_log.csv"
REAL = ROOT.parent / "shared/data/incidents/incident_event_log.csv.gz"
ZONE = "America/Sao_Paulo"

COLUMNS = (
    "number", "incident_state", "caller_id", "opened_by", "opened_at", "sys_updated_at", "contact_type", "location",
    "category", "subcategory", "u_symptom", "impact", "urgency", "priority", "assignment_group", "assigned_to",
    "vendor", "closed_code",
)  # fmt: skip


def told(*arguments: Any) -> str:
    """What `helmdesk import` prints."""
    out = StringIO()
    call_command("import", *map(str, arguments), stdout=out)
    return out.getvalue()


def bring(*arguments: Any) -> dict[str, int]:
    """The counts of an import."""
    counts: dict[str, int] = json.loads(told(*arguments, "--json"))
    return counts


def bring_log(path: Path = MADE_UP, *arguments: Any) -> dict[str, int]:
    return bring("servicenow", path, "--zone", ZONE, *arguments)


def written(folder: Path, text: str, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def head_of_real_log(folder: Path, rows: int) -> Path:
    path = folder / "slice.csv"
    with gzip.open(REAL, "rt") as stream:
        path.write_text("".join(islice(stream, rows + 1)))
    return path


def made_up_log(folder: Path, tickets: int) -> Path:
    """An audit log of so many incidents, six rows each, the same each time; one row in 97 is bad."""
    random, lines = Random("log"), [",".join(COLUMNS)]
    for number in range(tickets):
        opened = datetime(2016, 3, 1, 8) + timedelta(minutes=7 * number)  # noqa: DTZ001  the log's own clock
        group, agent = f"Group {random.randrange(6)}", f"Agent {random.randrange(20)}"
        states = ("New", "Active", random.choice(("Awaiting User Info", "Active")), "Active", "Resolved", "Closed")
        for place, state in enumerate(states):
            if place == 3 and random.random() < 0.5:
                group, agent = f"Group {random.randrange(6)}", f"Agent {random.randrange(20)}"
            at = opened + timedelta(hours=place)
            lines.append(",".join((
                f"INC{number:05}", "Nonsense" if (number * 6 + place) % 97 == 50 else state,
                f"Caller {number % 300}", "Opener 1", f"{opened:%d/%m/%Y %H:%M}", f"{at:%d/%m/%Y %H:%M}", "Phone",
                f"Site {number % 9}", f"Matter {number % 5}", f"Part {number % 11}", f"Symptom {number % 7}",
                "2 - Medium", "2 - Medium", "3 - Moderate", group, "?" if place == 0 else agent, "?", "code 1",
            )))  # fmt: skip
    return written(folder, "\n".join(lines) + "\n", "log.csv")


def tickets() -> Any:
    return Ticket.objects.unscoped(reason="a test looks at the truth")


def ticket(external_id: str) -> Ticket:
    found: Ticket = tickets().get(external_ref=external_id)
    return found


def events(pk: int) -> list[tuple[str, dict[str, Any]]]:
    """Kind and payload of a ticket's events, without where they came from."""
    rows = Event.objects.filter(stream=Stream.TICKET, stream_id=pk).order_by("n").values_list("kind", "body")
    told = [(kind, json.loads(body)["what"]) for kind, body in rows]
    return [(kind, {name: value for name, value in what.items() if name != "src"}) for kind, what in told]


def everything_written() -> tuple[int, int, int, int]:
    """What an import that wrote nothing leaves as it was."""
    return tickets().count(), Event.objects.count(), Import.objects.count(), ImportedTicket.objects.count()
