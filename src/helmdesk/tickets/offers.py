"""Which verbs make sense for a viewer on a ticket as it stands: what a page offers. The verbs' own guards decide."""

from datetime import timedelta

from helmdesk.access.viewer import Viewer
from helmdesk.tickets.models import Holder
from helmdesk.tickets.reading import Opened
from helmdesk.tickets.resolution import REOPEN_WINDOW

OPEN, RESOLVED, CLOSED = 1, 2, 3
WAITS = frozenset({"call", "company", "date", "question", "agreement", "child"})
SORTING = frozenset({"classification", "priority", "type", "tags", "fields", "links"})


def offers(
    ticket: Opened, viewer: Viewer, *, contested: bool = False, excluding: bool = False, at: int
) -> frozenset[str]:
    """The nouns that this viewer could make on the ticket now; `at` is now in microseconds."""
    may_work, company_lead = viewer.may("tickets.work"), viewer.may("tickets.company_lead")
    works = may_work and (ticket.team in viewer.teams or company_lead)
    asked = may_work and ticket.holder == Holder.TEAM.value and ticket.holder_id in viewer.teams
    leads = company_lead or (viewer.may("tickets.lead") and ticket.team in viewer.leads)
    offered = {"following", "snooze"}
    if may_work:
        offered |= {"note", "time", "exclusions"}
    if works or asked:
        offered |= SORTING
    if (works or asked) and ticket.phase != CLOSED:
        offered.add("reply")
    if works:
        offered |= {"parent", "participants"} | _while_worked(ticket, viewer, at)
    if leads:
        offered |= _for_leads(ticket, viewer)
    if ticket.wait is not None and (works or asked):
        offered.add("wait-end")
    if ticket.offered_from is not None and (
        company_lead or (viewer.may("tickets.lead") and ticket.offered_from in viewer.leads)
    ):
        offered.add("recall")
    if contested and company_lead:
        offered.add("judgement")
    if excluding and company_lead:
        offered.add("exclusion-decisions")
    if viewer.may("access.manage"):
        offered.add("shares")
    if viewer.may("tickets.redact"):
        offered.add("redaction")
    return frozenset(offered)


def _while_worked(ticket: Opened, viewer: Viewer, at: int) -> set[str]:
    if ticket.merged_into is not None:
        return {"unmerge"}
    elif ticket.phase != OPEN:
        ended = ticket.closed_at or ticket.resolved_at or at
        return {"merge", *(("reopening",) if at - ended <= REOPEN_WINDOW / timedelta(microseconds=1) else ())}
    found = {"hand-over", "resolution", "split", "merge"}
    if ticket.wait is None:
        found |= WAITS | {"ask"}
    if ticket.team in viewer.teams and ticket.assignee is None:
        found.add("take")
    if ticket.assignee is not None and ticket.assignee == viewer.membership:
        found.add("release")
    if ticket.team in viewer.teams and ticket.offered_from is not None:
        found |= {"acceptance", "refusal"}
    return found


def _for_leads(ticket: Opened, viewer: Viewer) -> set[str]:
    found = set() if ticket.phase == CLOSED else {"closing"}
    if ticket.phase == OPEN:
        found.add("assignment")
        if ticket.assignee is not None:
            found.add("release")
    if ticket.wait is not None:
        found.add("objection")
    return found


def is_contested(kinds: list[str]) -> bool:
    """Whether somebody said of a wait that it is not true, and nobody has judged it since."""
    last = [kind for kind in kinds if kind in ("wait.contested", "wait.judged")]
    return bool(last) and last[-1] == "wait.contested"
