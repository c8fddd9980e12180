"""Kinds of entries that are set up alike: a list, a form for a new one, a form to change one, by its front doors."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from helmdesk.access.allowed import signed
from helmdesk.access.viewer import Viewer
from helmdesk.ledger.chain import Stamp
from helmdesk.web.setup.doors import needs, on, page
from helmdesk.web.setup.forms import Form, Options, Values
from helmdesk.web.setup.lists import Row, cut
from helmdesk.web.visitor import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the pages of one kind say."""

    title: str | Promise
    about: str | Promise
    add: str | Promise
    empty: str | Promise
    lesson: str | Promise


@dataclass(frozen=True, slots=True)
class Acting:
    """Who sets something up, how that is signed, and when."""

    viewer: Viewer
    stamp: Stamp
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Noun[M: Model]:
    """One kind of entry, with the routes `setup:<many>`, `setup:new_<one>`, `setup:<one>`, and the form `<one>.html`.

    `shown` gives the fields of an entry as its form has them, `blank` those of a new one; `add` and `change` walk
    through the front doors; `beside` is what the form's page shows besides, `after` where one goes on.
    """

    one: str
    many: str
    permission: str
    model: type[M]
    said: Said
    line: Callable[[M], Row]
    blank: Values
    shown: Callable[[M], Values]
    add: Callable[[Form, Acting], M]
    change: Callable[[M, Form, Acting], object]
    rows: Callable[[], QuerySet[M]]
    named: tuple[str, ...] = ("name",)
    key: str = "code"
    lists: tuple[str, ...] = ()
    choices: Callable[[M | None], dict[str, Options]] = field(default=lambda _row: {})
    beside: Callable[[Request, M | None], dict[str, Any]] = field(default=lambda _request, _row: {})
    after: Callable[[M], str] | None = None
    here: str = ""

    def routes(self) -> list[URLPattern]:
        guarded = needs(self.permission)
        return [
            path(f"{self.many}/", on(get=guarded(self.list), post=guarded(self.create)), name=self.many),
            path(f"{self.many}/new", on(get=guarded(self.new)), name=f"new_{self.one}"),
            path(
                f"{self.many}/<id:pk>", on(get=guarded(self.show), post=guarded(self.save)), name=self.one
            ),
        ]  # fmt: skip

    def list(self, request: Request) -> HttpResponse:
        found = cut(request, self.rows(), named=self.named, key=self.key)
        return page(
            request, "setup/entries.html", here=self.here or self.many, said=self.said, list=found,
            rows=[self.line(row) for row in found.rows], new=reverse(f"setup:new_{self.one}"),
        )  # fmt: skip

    def new(self, request: Request) -> HttpResponse:
        given = {name: request.GET[name] for name in self.blank if name in request.GET}
        return self.form_page(request, None, Form({**self.blank, **given}, choices=self.choices(None)))

    def create(self, request: Request) -> HttpResponse:
        form, made = Form.typed(request, lists=self.lists, choices=self.choices(None), fields=self.blank), None
        with form.saving():
            made = self.add(form, self.acting(request))
        if form.failed or made is None:
            return self.form_page(request, None, form)
        messages.success(request, _("It is there now."))
        return self.back(made)

    def show(self, request: Request, pk: int) -> HttpResponse:
        row = get_object_or_404(self.rows(), pk=pk)
        return self.form_page(request, row, Form(self.shown(row), choices=self.choices(row)))

    def save(self, request: Request, pk: int) -> HttpResponse:
        row = get_object_or_404(self.rows(), pk=pk)
        form = Form.typed(request, lists=self.lists, choices=self.choices(row), fields=self.shown(row))
        with form.saving():
            form.must_still_be(lambda: self.shown(self.rows().get(pk=pk)))
            self.change(row, form, self.acting(request))
        if form.failed:
            return self.form_page(request, row, form)
        messages.success(request, _("Saved."))
        return self.back(row)

    def acting(self, request: Request) -> Acting:
        return Acting(request.viewer, signed(request.viewer, self.permission), request.at)

    def back(self, row: M) -> HttpResponse:
        """Where one goes on after saving."""
        return redirect(self.after(row) if self.after else reverse(f"setup:{self.many}"))

    def form_page(self, request: Request, row: M | None, form: Form) -> HttpResponse:
        return page(
            request, f"setup/{self.one}.html", here=self.here or self.many, status=form.status, form=form, row=row,
            said=self.said,
            action=reverse(f"setup:{self.many}") if row is None else reverse(f"setup:{self.one}", args=[row.pk]),
            **self.beside(request, row),
        )  # fmt: skip
