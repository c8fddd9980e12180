"""Asking, watching how far it has come, and the answer; nobody waits for a long one, and it can be stopped."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from helmdesk.clocks.reading import BadLevel
from helmdesk.measures.judging import walking
from helmdesk.measures.judging.models import Judging
from helmdesk.measures.names import spoken
from helmdesk.service_levels import publishing
from helmdesk.web.judging import asking
from helmdesk.web.judging.asking import Desk
from helmdesk.web.judging.doors import for_managers, mine
from helmdesk.web.judging.telling import Telling, period
from helmdesk.web.setup import level, level_form, level_words
from helmdesk.web.setup.forms import Form
from helmdesk.web.visitor import Request


@for_managers
def home(request: Request) -> HttpResponse:
    desk = Desk.now(request.viewer)
    return ask(request, Form(asking.blank(request, desk), choices=desk.choices()))


@for_managers
def new(request: Request) -> HttpResponse:
    """A level to be changed, or written, before history is judged by it."""
    desk = Desk.now(request.viewer)
    values = asking.blank(request, desk)
    form = Form(values, choices=desk.choices())
    with form.checking():
        chosen = desk.version(form, "version")
        form.values = {**values, **asking.level_shown(chosen, form.text("hours"))}
    return ask(request, form) if form.failed else write(request, form, desk)


@for_managers
def create(request: Request) -> HttpResponse:
    desk = Desk.now(request.viewer)
    form, row, said = asking.typed(request, desk), None, []
    if "change" in request.POST:
        kept = {name: form.values.get(name, "") for name in asking.FIELDS}
        return redirect(f"{reverse('judging:new')}?{urlencode(kept)}")
    with form.checking():
        try:
            if "look" in request.POST:
                spec = asking.spec_of(form, desk)
                publishing.checked(spec)
                said = level_words.told(spec, desk.names)
            else:
                row = asking.begun(form, desk, request)
        except BadLevel as bad:
            level.refuse(form, bad)
    if row is not None:
        return redirect("judging:show", row.pk)
    return write(request, form, desk, said) if "metric" in form.values else ask(request, form)


@for_managers
def show(request: Request, pk: int) -> HttpResponse:
    row = mine(request, pk)
    telling = Telling(row, request.viewer, _language())
    still = walking.stands_still(row)
    return _page(
        request, "show.html", row=row, period=period(row), telling=telling, stands_still=still, said=promised(row),
    )  # fmt: skip


@for_managers
def resume(request: Request, pk: int) -> HttpResponse:
    row = mine(request, pk)
    if walking.stands_still(row):
        walking.resume(row)
    return redirect("judging:show", pk)


@for_managers
def stop(request: Request, pk: int) -> HttpResponse:
    walking.stop(mine(request, pk))
    messages.success(request, _("Stopped and forgotten. Nothing of it is kept."))
    return redirect("judging:home")


def ask(request: Request, form: Form) -> HttpResponse:
    rows = list(Judging.objects.filter(person=request.viewer.person).order_by("-pk")[: walking.MOST])
    earlier = [(row, title(row), period(row)) for row in rows]
    return _page(request, "ask.html", form=form, status=form.status, earlier=earlier)


def write(request: Request, form: Form, desk: Desk, said: Any = ()) -> HttpResponse:
    rows = range(level_form.rows_of(str(form.values.get("rows", ""))))
    if said:
        rows = range(max(len(rows), len(list(level_form.filled_rows(form))) + level_form.BLANK_ROWS))
    return _page(
        request, "write.html", form=form, status=form.status, rows=rows, words=level_words, said=said, desk=desk
    )


def title(row: Judging) -> str:
    """What was asked, in few words."""
    rule = row.rules[0]
    name = spoken(rule["spec"].get("name") or rule["level"], _language())
    return _("%(level)s, changed") % {"level": name} if rule.get("changed") else name


def promised(row: Judging) -> list[list[str]]:
    """What each rule promises, sentence by sentence; nothing for one as it was each day."""
    names = level.names_of()
    return [[] if rule.get("day") else level_words.told(rule["spec"], names) for rule in row.rules]


def _language() -> str:
    return (get_language() or "en").partition("-")[0]


def _page(request: Request, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    return render(request, f"judging/{template}", {"bys": asking.WORDS, **context}, status=status)
