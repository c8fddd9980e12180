"""A judging from its asking to its end: batch by batch through the tickets that its asker may see.

Each batch is walked first and then written in one short transaction that also says how far it has come. Nothing else
is written: no clock, no event.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any, Final

from django.db import transaction
from django.db.models import Q

from helmdesk.access.viewer import Viewer, viewer_of
from helmdesk.clocks.steps import steps
from helmdesk.clocks.ticket import holdings
from helmdesk.foundation.errors import BadEntry
from helmdesk.foundation.jobs import task
from helmdesk.foundation.jobs.models import UNFINISHED, Job
from helmdesk.foundation.rows import insert_many
from helmdesk.foundation.time import from_us, now, to_us
from helmdesk.measures.judging import rules
from helmdesk.measures.judging.counting import BY, Told, counts, part_of
from helmdesk.measures.judging.models import JudgedTurn, Judging
from helmdesk.measures.judging.rules import Rule
from helmdesk.measures.names import Names
from helmdesk.measures.questions import Question
from helmdesk.service_levels.codes import Codes
from helmdesk.service_levels.stories import Story, stories
from helmdesk.tickets.models import Ticket

BATCH: Final = 250
AT_ONCE: Final = 250
"""So few tickets are judged while the asker waits."""
KEPT: Final = timedelta(days=7)
MOST: Final = 20
COLUMNS: Final = ("judging_id", "rule", "part", "verdict", "ticket", "late")

type Row = tuple[int, int, str, int, int, int]


def begin(kept: Sequence[Mapping[str, Any]], question: Question, *, by: str, viewer: Viewer, at: datetime) -> Judging:
    """Asks: a few tickets are judged at once, many as a job. Raises BadEntry."""
    if by not in BY:
        raise BadEntry("by", by, f"One of: {', '.join(BY)}.")
    assert viewer.person is not None
    mine = Judging.objects.filter(person=viewer.person)
    if mine.filter(finished_at__isnull=True).count() >= 2:
        raise BadEntry("", "", "Two of yours are still under way. Wait for one to end, or stop one.")
    until = min(question.end - 1, question.now)
    with transaction.atomic():
        row = Judging(
            person_id=viewer.person, rules=[dict(one) for one in kept], by=by, first=question.first,
            last=question.last, start=from_us(question.start), until=from_us(until), begun_at=at,
        )  # fmt: skip
        row.total = tickets(row, viewer).count()
        row.save()
        Judging.objects.filter(pk__in=list(mine.order_by("-pk").values_list("pk", flat=True)[MOST:])).delete()
        if row.total > AT_ONCE:
            judge.using(unique_key=key_of(row)).enqueue(row.pk)
    if row.total <= AT_ONCE:
        while go_on(row.pk, at=at):
            pass
    return Judging.objects.get(pk=row.pk)


def key_of(row: Judging) -> str:
    return f"judging:{row.pk}"


def tickets(row: Judging, viewer: Viewer) -> Any:
    """The tickets that were there in these days, as far as the viewer may see them."""
    there = Ticket.objects.visible_to(viewer).filter(opened_at__lte=row.until)
    return there.filter(Q(closed_at__isnull=True) | Q(closed_at__gte=row.start) | Q(updated_at__gte=row.start))


@task
def judge(judging: int) -> None:
    """Batch by batch until all is done or it was stopped; what was killed goes on where it was."""
    while go_on(judging, at=now()):
        pass


def go_on(judging: int, *, at: datetime) -> bool:
    """Judges the next batch; false when nothing is left, or it was stopped."""
    row = Judging.objects.filter(pk=judging, finished_at__isnull=True).first()
    if row is None:
        return False
    viewer = viewer_of(row.person_id, at=at)
    left = tickets(row, viewer).filter(pk__gt=row.after).order_by("pk")
    batch = list(left.values_list("pk", flat=True)[:BATCH])
    told = Told.of(row.told, rules=len(row.rules))
    found = judged(row, batch, told, zone=Names(viewer).zone) if batch else []
    changed = {
        "told": told.as_json(), "done": row.done + len(batch), "after": batch[-1] if batch else row.after,
        "finished_at": None if len(batch) == BATCH else at,
    }  # fmt: skip
    with transaction.atomic():
        if not Judging.objects.filter(pk=row.pk, after=row.after, finished_at__isnull=True).update(**changed):
            return False
        insert_many(JudgedTurn._meta.db_table, COLUMNS, found)
    return len(batch) == BATCH


def judged(row: Judging, batch: Sequence[int], told: Told, *, zone: tzinfo) -> list[Row]:
    """The turns of these tickets that count, which `told` has added up."""
    codes = Codes()
    by_rule = [rules.read(one, codes, batch) for one in row.rules]
    found: list[Row] = []
    some, providers = stories(batch)
    for story in some:
        found += _of_ticket(row, story, by_rule, told, providers=providers, zone=zone)
    return found


def _of_ticket(
    row: Judging, story: Story, by_rule: Sequence[Rule], told: Told, *, providers: Mapping[int, int], zone: tzinfo
) -> list[Row]:
    start, until = to_us(row.start), to_us(row.until)
    walked = steps(story.events, public=story.public, opened=story.merged, until=until)
    if not walked.at:
        return []
    told.tickets += 1
    told.holder_unknown += any(one.party_kind == "unknown" for one in holdings(walked))
    found: list[Row] = []
    for place, rule in enumerate(by_rule):
        turns = rule.turns(story, walked, providers=providers, now=until)
        told.rules[place].not_applied += not turns
        for turn in turns:
            if counts(turn, start=start, until=until):
                part = part_of(turn, walked, row.by, until=until, providers=providers, zone=zone)
                told.rules[place].add(part, turn.verdict)
                late = max(0, turn.used - turn.target)
                found.append((row.pk, place, part, turn.verdict.value, story.ticket, late))
    return found


def stands_still(row: Judging) -> bool:
    """Whether nobody works on it any more, though it has not ended."""
    return row.finished_at is None and not Job.objects.filter(UNFINISHED, unique_key=key_of(row)).exists()


def resume(row: Judging) -> None:
    """Goes on where it was left."""
    judge.using(unique_key=key_of(row)).enqueue(row.pk)


def stop(row: Judging) -> None:
    """Forgets it; a batch that is under way finds it gone."""
    row.delete()


def prune(*, at: datetime) -> int:
    """Deletes judgings that are older than some days."""
    old = Judging.objects.filter(begun_at__lt=at - KEPT)
    count = old.count()
    old.delete()
    return count
