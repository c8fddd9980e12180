"""The frame of every form on a ticket: a page of its own, a noun that is made, and what was typed kept when refused."""

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from helmdesk.ledger.texts import LONGEST
from helmdesk.tickets.reading import Opened, opened
from helmdesk.tickets.refusals import NotThere, Overtaken, Refused
from helmdesk.web.errors import status_of
from helmdesk.web.tickets.doors import on_a_ticket
from helmdesk.web.tickets.words import Words
from helmdesk.web.visitor import Request

BIGGEST = 2**53


class ActForm(forms.Form):
    """One verb as a form. `noun` is its address below the ticket; `done` is said when it was done.

    A subclass has the fields and `perform`. `shown` is the position that the page had shown.
    """

    noun: ClassVar[str]
    title: ClassVar[Words]
    button: ClassVar[Words]
    done: ClassVar[Words] = ""
    told: ClassVar[Words] = ""
    danger: ClassVar[bool] = False

    shown = forms.IntegerField(required=False, min_value=0, max_value=BIGGEST, widget=forms.HiddenInput)

    def __init__(self, ticket: Opened, request: Request, **more: int) -> None:
        self.ticket, self.request, self.more = ticket, request, more
        self.refusal: Refused | None = None
        self.suggestions: dict[str, list[tuple[Any, str]]] = {}
        posted = request.method == "POST"
        super().__init__(request.POST if posted else None, request.FILES if posted else None, initial=self.start())
        self.furnish()

    @classmethod
    def name(cls) -> str:
        """The name of the route: `waits-call`, `messages-revision`."""
        return "-".join(part for part in cls.noun.split("/") if "<" not in part)

    def start(self) -> dict[str, Any]:
        """What the fields hold at first."""
        return {}

    def furnish(self) -> None:
        """Fills in what there is to choose from."""

    def choose_from(self, name: str, choices: Any) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def perform(self) -> None:
        raise NotImplementedError

    def afterwards(self) -> str:
        """Where to go when it is done; the ticket, while it may be seen."""
        return f"/tickets/{self.ticket.pk}"

    @property
    def verb(self) -> dict[str, Any]:
        """Who, when, and what was shown: the arguments that most verbs take."""
        return {"by": self.request.viewer, "at": self.request.at, "shown": self.cleaned_data.get("shown")}

    @property
    def who(self) -> dict[str, Any]:
        return {"by": self.request.viewer, "at": self.request.at}

    def refuse(self, refusal: Refused) -> int:
        """Shows a refusal on the form, beside the field it names where there is one; returns the status."""
        self.refusal = refusal
        if refusal.field in self.fields:
            self.add_error(refusal.field, f"{refusal.message} {refusal.cure}".strip())
        return status_of(refusal)

    @property
    def asked(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name != "shown"]


def page(form_class: type[ActForm]) -> Any:
    """The view of a form: GET shows it, POST does it."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @on_a_ticket
    def view(request: Request, ticket: int, **more: int) -> HttpResponse:
        form = form_class(opened(ticket, viewer=request.viewer), request, **more)
        if request.method != "POST":
            return show(request, form)
        status = attempt(form)
        if status is not None:
            return show(request, form, status=status)
        if form.done:
            messages.success(request, str(form.done))
        return redirect(form.afterwards())

    return view


def attempt(form: ActForm) -> int | None:
    """Does what the form says; the status of the refusal where that is not possible."""
    if not form.is_valid():
        return 422
    try:
        form.perform()
    except NotThere as nothing:
        if (nothing.field, nothing.value) == ("ticket", form.ticket.pk):
            raise
        form.refuse(nothing)
        return 422
    except Refused as refusal:
        return form.refuse(refusal)
    return None


def show(request: Request, form: ActForm, *, status: int = 200) -> HttpResponse:
    ticket = form.ticket
    if isinstance(form.refusal, Overtaken):
        ticket = opened(ticket.pk, viewer=request.viewer)
    return render(request, "tickets/act.html", {"form": form, "ticket": ticket}, status=status)


def words(label: Words, *, required: bool = True, rows: int = 4, help_text: Words = "") -> forms.CharField:
    """A field for sentences."""
    area = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=required, max_length=LONGEST, widget=area, help_text=help_text)


def number(label: Words, *, required: bool = True, help_text: Words = "") -> forms.IntegerField:
    """A field for the number of a ticket."""
    return forms.IntegerField(
        label=label, required=required, min_value=1, max_value=BIGGEST, help_text=help_text,
        error_messages={"invalid": _("Type the number of a ticket, such as 4187.")},
    )  # fmt: skip


class When(forms.DateTimeInput):
    """A date with a time, in the person's own zone."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class Moment(forms.DateTimeField):
    """An instant to come, within reason."""

    def __init__(self, label: Words, *, required: bool = True, help_text: Words = "") -> None:
        super().__init__(label=label, required=required, help_text=help_text, widget=When())

    def clean(self, value: Any) -> Any:
        at = super().clean(value)
        if at is not None and not 2000 <= at.year <= 2100:
            raise forms.ValidationError(_("Give a year between 2000 and 2100."))
        return at


def chosen(label: Words, choices: Any = (), *, required: bool = True, help_text: Words = "") -> forms.TypedChoiceField:
    """A choice by the id of a row, filled in by `furnish`."""
    return forms.TypedChoiceField(
        label=label, choices=choices, coerce=int, empty_value=None, required=required, help_text=help_text
    )


def shortened(body: str | None) -> str:
    """The beginning of a text, on one line."""
    line = " ".join((body or "").split())
    return line if len(line) <= 70 else f"{line[:69]}…"
