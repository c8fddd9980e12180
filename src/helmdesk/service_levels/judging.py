"""A ticket's clocks from its story and the terms of their day: the one place where `clocks` is asked for the desk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from helmdesk.clocks.steps import steps
from helmdesk.clocks.ticket import turns_of_their_day
from helmdesk.clocks.turns import Turn, Verdict
from helmdesk.service_levels.stories import Story, group_at
from helmdesk.service_levels.versions import Term

OPEN: Final = frozenset({Verdict.RUNNING, Verdict.PAUSED, Verdict.LATE})


@dataclass(frozen=True, slots=True)
class Judged:
    """One turn as a row has it: by which term, and as of when."""

    term: Term
    turn: Turn
    judged_at: int


def judged(
    story: Story, terms: Sequence[Term], *, providers: Mapping[int, int], now: int | None = None
) -> list[Judged]:
    """Every turn of every level on a ticket, as of its last event or of `now`."""
    now = story.now if now is None else now
    begun = [term for term in terms if term.since <= now and term.until > story.opened_at]
    if not begun:
        return []
    told = steps(story.events, public=story.public, opened=story.merged, until=now)
    of = {id(term.walked): term for term in begun}
    found = turns_of_their_day(
        told, [term.walked for term in begun], provider_of=providers, group=_group(story, begun), now=now
    )
    return [Judged(of[id(version)], turn, now if turn.stop is None else turn.stop) for version, turn in found]


def _group(story: Story, begun: Sequence[Term]) -> int | None:
    """The requester's department, asked for only where a target depends on it."""
    if any(target.groups is not None for term in begun for target in term.read.targets):
        return group_at(story)
    return None
