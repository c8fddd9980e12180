"""What a request asks of the figures, and what every page of them shows: the question, names, who may see what."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from helmdesk.access.viewer import Viewer
from helmdesk.foundation.errors import BadEntry
from helmdesk.ledger.models import Hat
from helmdesk.measures import exporting
from helmdesk.measures.names import Names, spoken
from helmdesk.measures.questions import Question, asked
from helmdesk.web.measures import words
from helmdesk.web.measures.addresses import Addresses, query_of
from helmdesk.web.visitor import Request

LISTED: Final = ("provider", "team", "service", "site", "category", "department")
PRIORITIES: Final = (1, 2, 3, 4, 5)


@dataclass(frozen=True)
class Page:
    """One request: its question, and the names that its page shows."""

    request: Request
    question: Question
    names: Names

    @property
    def viewer(self) -> Viewer:
        return self.request.viewer

    @property
    def guest(self) -> bool:
        return self.viewer.hat == Hat.MEMBER and not self.viewer.internal

    @property
    def language(self) -> str:
        return (get_language() or "en").partition("-")[0]

    @property
    def to(self) -> Addresses:
        return Addresses(self.question)

    def show(self, template: str, **context: Any) -> HttpResponse:
        return render(
            self.request, f"measures/{template}",
            {
                "question": self.question, "period": self.period(), "bys": self.bys(), "filters": self.filters(),
                "narrowed": self.narrowed(),
                "to": self.to, "guest": self.guest, "formats": exporting.available(), "words": words,
                "kept": query_of(self.question), "opened": self.names.opened,
                "may_export": self.viewer.may("exports.make"), **context,
            },
        )  # fmt: skip

    def period(self) -> str:
        """The days in words: "27 August to 26 November 2026"."""
        first, last = self.question.first, self.question.last
        day = date_format(first, "j F" if first.year == last.year else "j F Y")
        return _("%(first)s to %(last)s") % {"first": day, "last": date_format(last, "j F Y")}

    def bys(self) -> dict[str, str | Promise]:
        return {by: name for by, name in words.BY.items() if not (self.guest and by == "provider")}

    def filters(self) -> list[tuple[str, str | Promise, list[tuple[int, str]], int | None]]:
        """What can be narrowed by: dimension, its word, its choices and the one chosen."""
        found = []
        for name in LISTED:
            if not (self.guest and name == "provider"):
                chosen = self.question.asked_only(name)
                found.append((name, words.BY[name], self.choices(name), chosen))
        numbers = [(n, str(n)) for n in PRIORITIES]
        return [*found, ("priority", words.BY["priority"], numbers, self.question.asked_only("priority"))]

    def choices(self, dimension: str) -> list[tuple[int, str]]:
        """By name; a guest chooses among their own teams."""
        named = self.names.all(dimension).items()
        if self.guest and dimension == "team":
            named = {pk: name for pk, name in named if self.names.provider_of.get(pk) == self.viewer.provider}.items()
        return sorted(((pk, spoken(name, self.language)) for pk, name in named), key=lambda one: one[1].casefold())

    def narrowed(self) -> list[tuple[str, str, str]]:
        """What it is narrowed to: words, and the address without it."""
        found = []
        for name, pk in self.question.only:
            if not (self.guest and name == "provider"):
                said = spoken(self.names.of(name, pk or None), self.language) or _("not said")
                found.append((str(words.BY[name]), said, self.to.home(**{name: None})))
        return found


def page_of(request: Request, given: Any = None) -> Page:
    """The page that a request asks for; split by provider unless said otherwise. Raises BadEntry."""
    put = {"by": "provider", **{name: str(value) for name, value in (request.GET if given is None else given).items()}}
    names = Names(request.viewer)
    return Page(request, asked(put, at=minute(request.at), zone=names.zone).bounded(request.viewer), names)


def minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def refused(request: Request, bad: BadEntry) -> HttpResponse:
    """What the address cannot mean, with the way out."""
    return render(request, "measures/refused.html", {"bad": bad}, status=400)
