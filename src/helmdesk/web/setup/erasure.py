"""Forgetting a person for good: what there is of them is shown, their name is typed again, then it is gone."""

from dataclasses import dataclass
from itertools import islice
from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from helmdesk.foundation.errors import BadEntry
from helmdesk.foundation.text import fold
from helmdesk.ledger.models import Text
from helmdesk.people.merging import records_of
from helmdesk.people.models import Person
from helmdesk.tickets.erasure import erase_person, traces_of
from helmdesk.tickets.mentions import Mention, mentions_of
from helmdesk.web.setup.doors import needs, page
from helmdesk.web.setup.forms import Form, Options
from helmdesk.web.setup.keyholders import never_locked_out
from helmdesk.web.visitor import Request

guarded = needs("people.erase")
MOST: Final = 200
AROUND: Final = 60
WHY: Final[dict[str, str | Promise]] = {
    "asked": gettext_lazy("They asked for it"),
    "personal_data": gettext_lazy("It is no longer needed"),
    "legal": gettext_lazy("The law asks for it"),
    "wrong_place": gettext_lazy("They were never ours"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """Where somebody else speaks of the person: the words around it, and the name in the middle."""

    key: str
    ticket: int
    subject: bool
    before: str
    name: str
    after: str


@guarded
def erasure(request: Request, pk: int) -> HttpResponse:
    person = get_object_or_404(Person, pk=pk, erased_at=None)
    mentions = found(person, request)
    chosen = [key(one) for one in mentions]
    form = Form({"reason": "asked", "typed_name": "", "mentions": chosen}, choices={"reason": reasons()})
    return show(request, person, form, mentions)


@guarded
def erase(request: Request, pk: int) -> HttpResponse:
    person = get_object_or_404(Person, pk=pk, erased_at=None)
    form = Form.typed(request, lists=("mentions",), choices={"reason": reasons()})
    mentions = found(person, request)
    wanted = set(form.all_texts("mentions"))
    with form.saving(), never_locked_out():
        if fold(form.text("typed_name")) != fold(person.name):
            raise BadEntry("typed_name", form.text("typed_name"), _("Type the name as it stands above."))
        if form.text("reason") not in WHY:
            raise BadEntry("reason", form.text("reason"), _("Choose one of the list."))
        chosen = [one for one in mentions if key(one) in wanted]
        erase_person(pk, reason=form.text("reason"), mentions=chosen, by=request.viewer, at=request.at)
    if form.failed:
        return show(request, person, form, mentions)
    messages.success(request, _("Forgotten. What happened stays in the history, without who it was."))
    return redirect("setup:person", pk)


def found(person: Person, request: Request) -> list[Mention]:
    """Where others speak of them, as far as the viewer may read and redact it."""
    if not request.viewer.may("tickets.redact"):
        return []
    return list(islice(mentions_of(person.pk, by=request.viewer), MOST))


def key(mention: Mention) -> str:
    return f"{mention.text}-{mention.message or 0}"


def show(request: Request, person: Person, form: Form, mentions: list[Mention]) -> HttpResponse:
    held = (
        Person.objects.filter(pk__in=records_of(person.pk), hold_until__gt=request.at).order_by("-hold_until").first()
    )
    return page(
        request, "setup/erasure.html", here="people", status=form.status, form=form, row=person,
        traces=traces_of(person.pk), said=quoted(mentions), held=held, most=MOST,
        redacts=request.viewer.may("tickets.redact"), into=person.merged_into,
    )  # fmt: skip


def reasons() -> Options:
    return list(WHY.items())


def quoted(mentions: list[Mention]) -> list[Said]:
    bodies = dict(Text.objects.filter(pk__in=[one.text for one in mentions]).values_list("pk", "body"))
    return [quote(one, bodies.get(one.text) or "") for one in mentions]


def quote(mention: Mention, body: str) -> Said:
    start, end = mention.spans[0]
    before, after = body[max(0, start - AROUND) : start], body[end : end + AROUND]
    return Said(
        key(mention), mention.ticket, mention.message is None,
        ("…" if start > AROUND else "") + before, body[start:end], after + ("…" if len(body) > end + AROUND else ""),
    )  # fmt: skip
