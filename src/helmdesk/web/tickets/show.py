"""The ticket: where it is, who had it, the one timeline, the writing box, and what there is to know and do."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from helmdesk.catalogue.fields import current_fields
from helmdesk.foundation.time import to_us
from helmdesk.ledger.models import Hat
from helmdesk.service_levels import versions
from helmdesk.service_levels.hours import hours
from helmdesk.service_levels.reading import of_seen
from helmdesk.tickets import reading
from helmdesk.tickets.offers import is_contested, offers
from helmdesk.tickets.parties import all_parties, holder_as_seen
from helmdesk.tickets.reading import Before, Hangings, Opened, Related
from helmdesk.tickets.refusals import NotThere, Refused
from helmdesk.web.errors import status_of
from helmdesk.web.templating import initials, local
from helmdesk.web.tickets import promises
from helmdesk.web.tickets.composer import Typed, chosen_of, readers, send, typed_in
from helmdesk.web.tickets.doors import on_a_ticket, stream_of
from helmdesk.web.tickets.exclusions import undecided
from helmdesk.web.tickets.naming import Names
from helmdesk.web.tickets.ribbon import lasting, ribbon, weave
from helmdesk.web.tickets.telling import Teller
from helmdesk.web.tickets.timeline import Scene, clock_at, timeline
from helmdesk.web.tickets.whereabouts import Ball, Where, where
from helmdesk.web.tickets.words import IMPACTS, LINKS, PRIORITIES, REASONS, TYPES, URGENCIES
from helmdesk.web.visitor import Request

BALL = frozenset(
    "ticket.opened handed_over hand_over.declined hand_over.recalled wait.started wait.moved wait.ended resolved "
    "reopened closed ticket.merged ticket.unmerged team.rerouted".split()
)
NAMES_ANOTHER = {
    "merge.received": "source",
    "merge.released": "source",
    "linked": "to",
    "split": "child",
    "parent.set": "parent",
}
SENT = {"send": gettext_lazy("Sent."), "solve": gettext_lazy("Sent, and solved."), "ask": gettext_lazy("Asked.")}


@require_safe
def show(request: Request, ticket: int) -> HttpResponse:
    return again(request, ticket)


@require_POST
@on_a_ticket
def say(request: Request, ticket: int) -> HttpResponse:
    """Sends what was written; a refusal shows the ticket again with everything that was typed."""
    typed = typed_in(request)
    try:
        send(request, ticket, typed)
    except NotThere as nothing:
        if (nothing.field, nothing.value) == ("ticket", ticket):
            raise
        return again(request, ticket, typed=typed, refusal=nothing, status=422)
    except Refused as refusal:
        return again(request, ticket, typed=typed, refusal=refusal, status=status_of(refusal))
    messages.success(request, str(SENT[typed.how]))
    return redirect(f"/tickets/{ticket}#end")


def again(
    request: Request, ticket: int, *, typed: Typed | None = None, refusal: Refused | None = None, status: int = 200
) -> HttpResponse:
    """The page, with what was typed and why it was refused where that is so."""
    viewer = request.viewer
    opened = reading.opened(ticket, viewer=viewer)
    if viewer.hat != Hat.MEMBER and viewer.person is None:
        raise Http404
    events = reading.events_of(ticket)
    hung = reading.hangings_of(opened, events, viewer=viewer)
    if viewer.hat != Hat.MEMBER or viewer.person == opened.requester or viewer.person in hung.participants:
        return redirect("portal:show", ticket)
    context = {**_page(request, opened, events, hung, typed or Typed()), "refusal": refusal}
    return render(request, "tickets/show.html", context, status=status)


def _page(
    request: Request, ticket: Opened, events: list[reading.Event], hung: Hangings, typed: Typed
) -> dict[str, Any]:
    viewer, present = request.viewer, to_us(request.at)
    names = Names.of(viewer, all_parties())
    before = before_asked(request.GET.get("before", ""))
    said, older = reading.said_on(ticket, hung.sources, viewer=viewer, before=before)
    others = reading.related(_numbers(ticket, hung, events), viewer=viewer)
    asker = names.person(ticket.requester, ticket.requester_name)
    offered = offers(
        ticket, viewer, contested=is_contested([event.kind for event in events]), excluding=bool(undecided(events)),
        at=present,
    )  # fmt: skip
    scene = Scene(ticket, hung, names, asker, clock_at(request.at))
    teller = Teller(names, hung, asker, ticket.requester, others.keys(), {one.pk for one in said})
    since = said[0].at if said and older else 0
    known = versions.known()
    terms = known.terms
    clocks = of_seen([ticket.pk], viewer, at=request.at, terms=terms).get(ticket.pk, [])
    promised = promises.Scene(names, asker, present, wait_as_seen(ticket, names), terms)
    band = ribbon(
        reading.foldable(events), names, asker=asker, present=present, hours=hours(known, names.parties.teams.values()),
        marks=promises.marks(clocks, promised),
    )  # fmt: skip
    to = readers(ticket, hung, said, names, asker=asker, offered=offered)
    return {
        "ticket": ticket,
        "asker": asker,
        "asker_initials": initials(asker),
        "where": whereabouts(ticket, events, names, asker, present),
        "items": timeline(said, events, scene, teller, since=since, until=said[-1].at if before and said else None),
        "older": f"?before={older.at}-{older.pk}" if older else "",
        "newest": before is None,
        "band": band,
        "promises": promises.promises(clocks, promised),
        "lasting": lasting,
        "weave": weave,
        "readers": to,
        "chosen": chosen_of(to, typed),
        "typed": typed,
        "offered": offered,
        "facts": facts(ticket, hung, names),
        "ties": ties(ticket, hung, others),
        "own_fields": own_fields(ticket, hung, viewer.unmasked) if ticket.fields else [],
        "hung": hung,
        "stream": stream_of(request, f"ticket:{ticket.pk}", since=hung.seq),
    }


def wait_as_seen(ticket: Opened, names: Names) -> str | None:
    """What the ticket waits for, as far as this viewer may know."""
    return holder_as_seen(
        names.viewer, holder=ticket.holder, holder_id=ticket.holder_id, wait=ticket.wait, team=ticket.team,
        parties=names.parties,
    )[2]  # fmt: skip


def before_asked(given: str) -> Before | None:
    at, _, pk = given.partition("-")
    return Before(int(at), int(pk)) if at.isdecimal() and pk.isdecimal() and len(given) < 36 else None


def whereabouts(ticket: Opened, events: list[reading.Event], names: Names, asker: str, present: int) -> Where:
    since = next((event.at for event in reversed(events) if event.kind in BALL), None)
    who = None
    if ticket.assignee is not None:
        who = names.person(ticket.assignee_person, ticket.assignee_name, names.provider_of(ticket.team))
    ball = Ball(
        phase=ticket.phase, team=ticket.team, holder=ticket.holder, holder_id=ticket.holder_id, wait=ticket.wait,
        wait_on=ticket.wait_on, wait_since=ticket.wait_since, wait_until=ticket.wait_until, since=since, who=who,
        asker=asker, present=present, in_full=True,
    )  # fmt: skip
    return where(ball, names)


def _numbers(ticket: Opened, hung: Hangings, events: list[reading.Event]) -> set[int | None]:
    """Other tickets that this one names."""
    told = {
        "merge.received": "source",
        "merge.released": "source",
        "linked": "to",
        "split": "child",
        "parent.set": "parent",
    }
    named = {event.what.get(told[event.kind]) for event in events if event.kind in told}
    linked = {pk for pk, _kind, _out in hung.links}
    waited = {ticket.wait_on} if ticket.wait == "child" else set()
    return {ticket.parent, ticket.merged_into, *hung.children, *hung.sources, *linked, *named, *waited}


def facts(ticket: Opened, hung: Hangings, names: Names) -> dict[str, Any]:
    """What the ticket is about, in words."""
    said = URGENCIES.get(ticket.said_urgency) if ticket.said_urgency else None
    return {
        "service": local(ticket.service) if ticket.service else "",
        "category": local(ticket.category) if ticket.category else "",
        "site": ticket.site or "",
        "type": TYPES.get(ticket.type, ""),
        "priority": PRIORITIES.get(ticket.priority, ""),
        "reason": REASONS.get(ticket.priority_reason, ""),
        "impact": IMPACTS.get(ticket.impact, ""),
        "urgency": URGENCIES.get(ticket.urgency, ""),
        "said": said,
        "tags": sorted(hung.tags.values()),
        "participants": [names.person(pk, name) for pk, name in hung.participants.items()],
        "shares": sorted(names.side(pk).name for pk in hung.shares) if names.viewer.internal else [],
        "team": names.team_in_full(ticket.team),
    }


def ties(ticket: Opened, hung: Hangings, others: dict[int, Related]) -> list[tuple[str, Related]]:
    """Other tickets that exist for the viewer, and how they hang together with this one."""
    found: list[tuple[str, Related]] = []
    for words, numbers in (
        (_("part of"), [ticket.parent]),
        (_("merged into"), [ticket.merged_into]),
        (_("its part"), hung.children),
        (_("merged into this"), hung.sources),
    ):
        found += [(words, others[pk]) for pk in numbers if pk in others]
    for pk, kind, outward in hung.links:
        if pk in others:
            said = str(LINKS.get(kind, kind)) if outward else _("linked from")
            found.append((said, others[pk]))
    return found


def own_fields(ticket: Opened, hung: Hangings, unmasked: bool) -> list[tuple[str, str]]:
    """The company's own fields that hold something, by name; personal ones only for those who may read them."""
    told = []
    for code, own in current_fields().items():
        value = (ticket.fields or {}).get(code)
        if isinstance(value, dict):
            value = hung.texts.get(value["t"])
        if value not in (None, "") and (unmasked or not own.personal):
            told.append((local(own.name) or code, _value(value)))
    return told


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)
