"""Small things that happened to a ticket, told in a sentence each; nothing that this viewer may not know of."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from helmdesk.ledger.models import Hat
from helmdesk.tickets.parties import may_know_of_question
from helmdesk.tickets.reading import Event, Hangings
from helmdesk.web.phrases import gettext as _
from helmdesk.web.tickets.naming import Names
from helmdesk.web.tickets.words import DECLINED, ENDED, EXCLUDED, PRIORITIES, REASONS, SOLVED, TYPES
from helmdesk.web.times import span, when


@dataclass(frozen=True, slots=True)
class Teller:
    """Who is told, and what names may be said. `known` are other tickets that exist for the viewer."""

    names: Names
    hung: Hangings
    asker: str
    requester: int
    known: Collection[int]
    readable: Collection[int]

    def tell(self, event: Event) -> str:
        """The sentence of an event; empty for one that is not told."""
        telling = TELLINGS.get(event.kind)
        if telling is None or (not self.names.viewer.internal and event.kind in AMONG_US):
            return ""
        return telling(self, event, self.actor(event), event.what)

    def actor(self, event: Event) -> str:
        """Who did it: by name, or by their side where the viewer may not read names."""
        if event.person is None or event.hat == Hat.SYSTEM:
            return _("The desk")
        elif event.person == self.requester:
            return self.asker
        names = self.names
        ours = event.provider is not None and event.provider == names.provider
        if event.name and (names.unmasked or ours):
            return event.name
        side = names.side(event.provider)
        return side.name if event.provider is not None else self.names.person(event.person, event.name)

    def member(self, membership: int | None) -> str:
        person, name = self.hung.members.get(membership or 0, (None, None))
        return self.names.person(person, name, self.names.provider)

    def tells_of(self, number: Any) -> bool:
        return number in self.known


def _opened(t: Teller, e: Event, who: str, what: dict[str, Any]) -> str:
    on_behalf = what.get("opened_by") is not None
    return _("%(who)s opened it for %(asker)s") % {"who": who, "asker": t.asker} if on_behalf else ""


def _assigned(t: Teller, e: Event, who: str, what: dict[str, Any]) -> str:
    if what.get("how") == "left":
        return _("It went back to the team: %(who)s has left it") % {"who": t.member(what["was"])}
    elif what.get("assignee") is None:
        return _("%(who)s gave it back to the team") % {"who": who}
    elif what.get("how") == "take":
        return _("%(who)s took it") % {"who": who}
    return _("%(who)s gave it to %(to)s") % {"who": who, "to": t.member(what["assignee"])}


def _handed_over(t: Teller, e: Event, who: str, what: dict[str, Any]) -> str:
    to = t.names.team_in_full(what.get("to"))
    return _("%(who)s passed it to %(to)s") % {"who": who, "to": to}


def _declined(t: Teller, e: Event, who: str, what: dict[str, Any]) -> str:
    reason = str(DECLINED.get(what.get("reason", ""), what.get("reason", "")))
    return _("%(who)s declined it: %(reason)s") % {"who": who, "reason": reason}


def _wait_started(t: Teller, e: Event, who: str, what: dict[str, Any]) -> str:
    kind, until = what["wait"], what.get("until")
    date = when(until) if until else ""
    if kind == "question":
        if not may_know_of_question(t.names.viewer, what.get("team"), t.names.parties):
            return ""
        return _("%(who)s asked %(team)s") % {"who": who, "team": t.names.team_in_full(what.get("team"))}
    elif kind == "requester":
        said = _("%(who)s could not reach %(asker)s") if what.get("call") else _("%(who)s asked %(asker)s and waits")
        return said % {"who": who, "asker": t.asker}
    elif kind == "agreed":
        return _("Agreed with %(asker)s: until %(date)s") % {"asker": t.asker, "date": date}
    elif kind == "third":
        return _("%(who)s waits for %(company)s") % {"who": who, "company": t.names.company(what.get("on"))}
    elif kind == "parts":
        return _("%(who)s waits for parts until %(date)s") % {"who": who, "date": date}
    elif kind == "change":
        return _("%(who)s waits for the change on %(date)s") % {"who": who, "date": date}
    elif kind == "child" and t.tells_of(what.get("on")):
        return _("%(who)s waits for %(number)s") % {"who": who, "number": what.get("on")}
    return _("%(who)s waits") % {"who": who}


def _wait_ended(t: Teller, e: Event, who: str, what: dict[str, Any]) -> str:
    if what.get("why") not in ENDED:
        return ""
    return str(ENDED[what["why"]]) % {"who": who}


def _judged(t: Teller, e: Event, who: str, what: dict[str, Any]) -> str:
    said = _("%(who)s judged the wait to be true") if what.get("upheld") else _("%(who)s judged the wait to be ours")
    return said % {"who": who}


def _resolved(t: Teller, e: Event, who: str, what: dict[str, Any]) -> str:
    how = str(SOLVED.get(what.get("how", ""), ""))
    return _("%(who)s solved it (%(how)s)") % {"who": who, "how": how} if how else _("%(who)s solved it") % {"who": who}


def _closed(t: Teller, e: Event, who: str, what: dict[str, Any]) -> str:
    return {
        "confirmed": _("%(who)s confirmed that it is solved"),
        "timer": _("Closed, as nobody said otherwise"),
        "withdrawn": _("%(who)s needs it no longer"),
        "lead": _("%(who)s closed it"),
    }.get(what.get("how", ""), _("Closed")) % {"who": who}


def _merged(t: Teller, e: Event, who: str, what: dict[str, Any]) -> str:
    if not t.tells_of(what.get("into")):
        return _("%(who)s merged it into another") % {"who": who}
    return _("%(who)s merged it into %(number)s") % {"who": who, "number": what["into"]}


def _received(t: Teller, e: Event, who: str, what: dict[str, Any]) -> str:
    if not t.tells_of(what.get("source")):
        return ""
    said = (
        _("%(who)s merged %(number)s into it") if e.kind == "merge.received" else _("%(who)s parted %(number)s again")
    )
    return said % {"who": who, "number": what["source"]}


def _revised(t: Teller, e: Event, who: str, what: dict[str, Any]) -> str:
    if what.get("message") not in t.readable:
        return ""
    removed = what.get("cause") == "redaction"
    said = _("%(who)s removed something from a message") if removed else _("%(who)s corrected a message")
    return said % {"who": who}


def _participant(t: Teller, e: Event, who: str, what: dict[str, Any]) -> str:
    person = what.get("person")
    name = t.names.person(person, t.hung.persons.get(person or 0))
    said = _("%(who)s let %(name)s take part") if e.kind == "participant.added" else _("%(name)s takes part no longer")
    return said % {"who": who, "name": name}


def _type(t: Teller, e: Event, who: str, what: dict[str, Any]) -> str:
    return _("%(who)s made it: %(type)s") % {"who": who, "type": TYPES.get(what.get("type", ""), "")}


def _prioritised(t: Teller, e: Event, who: str, what: dict[str, Any]) -> str:
    said = _("%(who)s set the priority to %(priority)s (%(reason)s)")
    words = PRIORITIES.get(what.get("priority", 0), what.get("priority"))
    return said % {"who": who, "priority": words, "reason": REASONS.get(what.get("reason", ""), what.get("reason"))}


def _tagged(t: Teller, e: Event, who: str, what: dict[str, Any]) -> str:
    code = t.hung.tags.get(what.get("tag", 0))
    if code is None:
        return _("%(who)s changed the tags") % {"who": who}
    return (_("%(who)s tagged it #%(tag)s") if what.get("on") else _("%(who)s changed the tags")) % {
        "who": who,
        "tag": code,
    }


def _linked(t: Teller, e: Event, who: str, what: dict[str, Any]) -> str:
    if not t.tells_of(what.get("to")):
        return ""
    said = _("%(who)s linked it to %(number)s") if what.get("on") else _("%(who)s took the link to %(number)s away")
    return said % {"who": who, "number": what["to"]}


def _parent(t: Teller, e: Event, who: str, what: dict[str, Any]) -> str:
    if what.get("parent") is None:
        return _("%(who)s made it a matter of its own") % {"who": who}
    elif t.tells_of(what["parent"]):
        return _("%(who)s made it a part of %(number)s") % {"who": who, "number": what["parent"]}
    return ""


def _split(t: Teller, e: Event, who: str, what: dict[str, Any]) -> str:
    if not t.tells_of(what.get("child")):
        return ""
    return _("%(who)s split %(number)s off") % {"who": who, "number": what["child"]}


def _logged(t: Teller, e: Event, who: str, what: dict[str, Any]) -> str:
    return _("%(who)s logged %(span)s") % {"who": who, "span": span(what.get("seconds", 0))}


def _shared(t: Teller, e: Event, who: str, what: dict[str, Any]) -> str:
    provider = t.names.side(what.get("provider")).name
    said = _("%(who)s showed it to %(provider)s") if what.get("on") else _("%(provider)s may see it no longer")
    return said % {"who": who, "provider": provider}


def _excluded(words: Callable[[], str]) -> Callable[[Teller, Event, str, dict[str, Any]], str]:
    """A guest is told of what their own people asked for."""

    def tell(t: Teller, e: Event, who: str, what: dict[str, Any]) -> str:
        if not t.names.viewer.internal and e.provider != t.names.provider:
            return ""
        reason = EXCLUDED.get(what.get("reason", ""), "")
        return words() % {"who": who, "from": when(what["from"]), "to": when(what["to"]), "reason": reason}

    return tell


def _plain(words: Callable[[], str]) -> Callable[[Teller, Event, str, dict[str, Any]], str]:
    def tell(t: Teller, e: Event, who: str, what: dict[str, Any]) -> str:
        return words() % {"who": who, "asker": t.asker}

    return tell


AMONG_US = frozenset({"shared", "wait.contested", "wait.judged", "exclusion.approved", "exclusion.refused"})
TELLINGS: dict[str, Callable[[Teller, Event, str, dict[str, Any]], str]] = {
    "ticket.opened": _opened,
    "assigned": _assigned,
    "handed_over": _handed_over,
    "team.rerouted": _handed_over,
    "hand_over.accepted": _plain(lambda: _("%(who)s accepted it")),
    "hand_over.declined": _declined,
    "hand_over.recalled": _plain(lambda: _("%(who)s took it back")),
    "wait.started": _wait_started,
    "wait.ended": _wait_ended,
    "wait.contested": _plain(lambda: _("%(who)s says that the wait is not true")),
    "wait.judged": _judged,
    "exclusion.asked": _excluded(lambda: _("%(who)s asked to leave %(from)s to %(to)s out: %(reason)s")),
    "exclusion.approved": _excluded(lambda: _("%(who)s left %(from)s to %(to)s out: it counts against nobody")),
    "exclusion.refused": _plain(lambda: _("%(who)s did not leave the time out: it counts")),
    "resolved": _resolved,
    "reopened": _plain(lambda: _("%(who)s opened it again")),
    "closed": _closed,
    "ticket.merged": _merged,
    "ticket.unmerged": _plain(lambda: _("%(who)s undid the merge")),
    "merge.received": _received,
    "merge.released": _received,
    "message.revised": _revised,
    "subject.revised": _plain(lambda: _("%(who)s changed the subject")),
    "participant.added": _participant,
    "participant.removed": _participant,
    "classified": _plain(lambda: _("%(who)s sorted it anew")),
    "type.changed": _type,
    "prioritised": _prioritised,
    "field.set": _plain(lambda: _("%(who)s filled a field in")),
    "tagged": _tagged,
    "linked": _linked,
    "parent.set": _parent,
    "split": _split,
    "time.logged": _logged,
    "shared": _shared,
}
