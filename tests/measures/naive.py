"""Every figure again, slowly and in the most obvious way: from the whole list of a ticket's events each time."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from helmdesk.access.models import Audience
from helmdesk.foundation.time import MICROSECOND
from helmdesk.history.fold import Event as Happened
from helmdesk.history.fold import replay
from helmdesk.ledger.models import Event

WEEK = timedelta(days=7) // MICROSECOND
MONTH = timedelta(days=30) // MICROSECOND


@dataclass
class Told:
    """One ticket's events, with everything beside them."""

    ticket: int
    rows: list[dict[str, Any]]

    @classmethod
    def of(cls, ticket: int) -> Told:
        found = Event.objects.filter(stream=1, stream_id=ticket).order_by("n")
        return cls(ticket, [{**row, "what": json.loads(row["body"])["what"]} for row in found.values()])

    def __post_init__(self) -> None:
        self.events = [Happened(row["n"], row["kind"], row["at"], row["what"]) for row in self.rows]
        told = [replay(self.events[: place + 1]) for place in range(len(self.events))]
        self.states = [state for state in told if state is not None]
        self.last = self.states[-1]

    def first(self, *kinds: str) -> int | None:
        return next((row["at"] for row in self.rows if row["kind"] in kinds), None)

    def latest(self, kind: str, key: str) -> Any:
        return next((row["what"][key] for row in reversed(self.rows) if row["kind"] == kind), None)

    @property
    def teams(self) -> list[int | None]:
        """Every team that was responsible, one after another."""
        teams = [state.team for state in self.states]
        return [team for place, team in enumerate(teams) if place == 0 or team != teams[place - 1]]

    @property
    def resolved_at(self) -> int | None:
        return None if self.last.merged_into is not None or self.last.phase == "open" else self.last.resolved_at

    def public(self, row: dict[str, Any]) -> bool:
        opened = next(
            r["what"]
            for r in self.rows
            if r["kind"] == "thread.opened" and r["what"]["thread"] == row["what"]["thread"]
        )
        return Audience.objects.get(pk=opened["audience"]).requester

    @property
    def responded_at(self) -> int | None:
        for row in self.rows:
            if row["hat"] != 2:
                continue
            if row["kind"] == "resolved":
                return int(row["at"])
            said = row["kind"] == "message.added" and row["what"]["as"] in ("reply", "question", "call")
            if said and not row["what"]["auto"] and self.public(row):
                return int(row["at"])
        return None

    @property
    def exchanges(self) -> int:
        count = 0
        for row in self.rows:
            if row["kind"] == "resolved":
                break
            said = row["kind"] == "message.added" and row["hat"] == 1 and row["what"]["as"] != "original"
            count += said and not row["what"]["auto"] and self.public(row)
        return count

    @property
    def overruled(self) -> set[int]:
        judged = {row["what"]["wait"]: row["what"]["upheld"] for row in self.rows if row["kind"] == "wait.judged"}
        return {wait for wait, upheld in judged.items() if not upheld}

    def held(self, until: int) -> dict[tuple[str, int | None], int]:
        """How long each holder had it up to an instant, looking at every span and asking what went on then."""
        total: dict[tuple[str, int | None], int] = {}
        for start, end, holder in self.spans(until):
            if start < end:
                total[holder] = total.get(holder, 0) + end - start
        return total

    def spans(self, until: int) -> list[tuple[int, int, tuple[str, int | None]]]:
        found: list[tuple[int, int, tuple[str, int | None]]] = []
        for place, state in enumerate(self.states):
            start = self.events[place].at
            end = self.events[place + 1].at if place + 1 < len(self.events) else until
            holder = (state.holder_kind, state.holder_id)
            if state.wait is not None and state.wait.n in self.overruled:
                holder = ("team", state.team)
            found.append((start, min(end, until), holder))
        return found


def columns(told: Told) -> dict[str, Any]:
    """The columns of `TicketFigures`, instants in µs."""
    resolved = told.resolved_at
    solving = [place for place, row in enumerate(told.rows) if row["kind"] == "resolved"]
    scope = told.latest("classified", "scope") or told.rows[0]["what"]["scope"]
    settled = told.states[solving[-1]] if resolved is not None else told.last
    return {
        "ticket_id": told.ticket,
        "position": told.rows[-1]["n"],
        "requester_id": told.rows[0]["what"]["requester"],
        "service_id": scope["service"],
        "site_id": scope["site"],
        "category_id": scope["category"],
        "type": told.latest("type.changed", "type") or told.rows[0]["what"]["type"],
        "priority": told.latest("prioritised", "priority") or told.rows[0]["what"]["priority"],
        "phase": {"open": 1, "resolved": 2, "closed": 3}[told.last.phase],
        "first_team_id": told.teams[0],
        "team_id": settled.team,
        "assignee_id": settled.assignee,
        "opened_at": told.rows[0]["at"],
        "responded_at": told.responded_at,
        "first_resolved_at": told.first("resolved"),
        "resolved_at": resolved,
        "closed_at": told.last.closed_at,
        "merged": told.last.merged_into is not None,
        "reopened_at": told.first("reopened"),
        "reopens": sum(row["kind"] == "reopened" for row in told.rows),
        "moves": len(told.teams) - 1,
        "returns": sum(team in told.teams[:place] for place, team in enumerate(told.teams)),
        "asked": sum(row["kind"] == "wait.started" and row["what"]["wait"] == "question" for row in told.rows),
        "exchanges": told.exchanges,
        "worked": None
        if resolved is None
        else sum(us for (kind, _who), us in told.held(resolved).items() if kind == "team"),
    }


def fcr(told: Told, everything: list[Told]) -> bool:
    """Solved by the first team alone, asked once, never opened again, and its like did not come within seven days."""
    mine = columns(told)
    solved = mine["resolved_at"]
    again = any(
        columns(other)["requester_id"] == mine["requester_id"]
        and columns(other)["category_id"] == mine["category_id"]
        and solved < columns(other)["opened_at"] <= solved + WEEK
        for other in everything
        if other.ticket != told.ticket
    )
    plain = (mine["moves"], mine["asked"], mine["exchanges"], mine["reopens"]) == (0, 0, 0, 0)
    return plain and not again
