"""Finding people among many: by parts of a name, a number elsewhere or an address, fifty at a time."""

from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from django.db.models import Q, QuerySet

from helmdesk.foundation.entries import folded_email
from helmdesk.foundation.text import fold
from helmdesk.people.models import Address, Person

PAGE: Final = 50
LONGEST: Final = 100


class State(StrEnum):
    """Which people are looked for."""

    ACTIVE = "active"
    ENDED = "ended"
    HELD = "held"
    MERGED = "merged"
    ERASED = "erased"


class Found(NamedTuple):
    """A page of people in the order of their names; `more_after` is the person after whom the next page begins."""

    people: list[Person]
    more_after: int | None


def in_state(state: State, *, at: datetime) -> QuerySet[Person]:
    living = Q(erased_at__isnull=True)
    conditions = {
        State.ACTIVE: living & Q(active=True, merged_into__isnull=True),
        State.ENDED: living & Q(active=False),
        State.HELD: living & Q(hold_until__gt=at),
        State.MERGED: living & Q(merged_into__isnull=False),
        State.ERASED: Q(erased_at__isnull=False),
    }
    return Person.objects.filter(conditions[state])


def find(state: State, typed: str, *, after: int | None = None, at: datetime) -> Found:
    """People in this state whom every typed word fits; `after` is the last person of the page before."""
    rows = in_state(state, at=at).select_related("department", "site", "account")
    typed = "".join(letter for letter in typed[:LONGEST] if letter.isprintable()).strip()
    words = fold(typed).split()
    if words:
        ids = _next_of(_fitting(in_state(state, at=at), words, typed), after)
        by_id = {person.pk: person for person in rows.filter(pk__in=ids)}
        found = [by_id[pk] for pk in ids if pk in by_id]
    else:
        found = list(_later(rows, after).order_by("name", "pk")[: PAGE + 1])
    return Found(found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None)


def _later(rows: QuerySet[Person], after: int | None) -> QuerySet[Person]:
    last = None if after is None else Person.objects.filter(pk=after).values_list("name", flat=True).first()
    return rows if last is None else rows.filter(Q(name__gt=last) | Q(name=last, pk__gt=after))


def _fitting(rows: QuerySet[Person], words: list[str], typed: str) -> list[tuple[str, int]]:
    """Every one of them by folded name: neither database folds as people expect, so names are read and folded here."""
    addressed = Address.objects.filter(folded__contains=folded_email(typed)).values("person")
    by_address = set(rows.filter(pk__in=addressed).values_list("pk", flat=True))
    fitting = []
    for pk, name, title, number in rows.values_list("pk", "name", "title", "external_ref").iterator(5000):
        told = fold(f"{name} {title} {number}")
        if all(word in told for word in words) or pk in by_address:
            fitting.append((fold(name), pk))
    return sorted(fitting)


def _next_of(fitting: list[tuple[str, int]], after: int | None) -> list[int]:
    last = None if after is None else Person.objects.filter(pk=after).values_list("name", flat=True).first()
    if last is not None and after is not None:
        fitting = [key for key in fitting if key > (fold(last), after)]
    return [pk for _name, pk in fitting[: PAGE + 1]]
