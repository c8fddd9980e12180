"""Forms of what a ticket is about and how soon it matters."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from helmdesk.access.models import CONFIDENTIAL
from helmdesk.access.scopes import Combination, combination_of
from helmdesk.catalogue.choices import matters
from helmdesk.catalogue.fields import current_fields
from helmdesk.catalogue.models import OwnField, Tag
from helmdesk.ledger.models import Text
from helmdesk.tickets import sorting
from helmdesk.tickets.models import Ticket
from helmdesk.web.templating import local
from helmdesk.web.tickets.acts import ActForm, chosen
from helmdesk.web.tickets.passing import where_to
from helmdesk.web.tickets.words import IMPACTS, PRIORITIES, REASONS, TYPES, URGENCIES


class Classify(ActForm):
    noun, title, button = "classification", _("What it is about"), _("Save")
    done = _("Saved.")
    service = chosen(_("Service"), required=False)
    site = chosen(_("Site"), required=False)
    category = chosen(_("Kind of work"), required=False)
    confidential = forms.BooleanField(label=_("Confidential: only those cleared for it see it"), required=False)

    def furnish(self) -> None:
        for name, choices in about_choices().items():
            self.choose_from(name, [("", _("none")), *choices])
        if not self.request.viewer.may("tickets.confidential"):
            del self.fields["confidential"]

    def start(self) -> dict[str, Any]:
        was = self._was()
        return {
            "service": was.service,
            "site": was.site,
            "category": was.category,
            "confidential": bool(was.flags & CONFIDENTIAL),
        }

    def _was(self) -> Combination:
        row = Ticket.objects.visible_to(self.request.viewer).select_related("scope").get(pk=self.ticket.pk)
        return combination_of(row.scope)

    def perform(self) -> None:
        given = self.cleaned_data
        flags = int(given.get("confidential", self.ticket.confidential))
        about = Combination(given["service"], given["site"], given["category"], flags)
        sorting.classify(self.ticket.pk, about=about, **self.verb)

    def afterwards(self) -> str:
        return where_to(self)


def about_choices() -> dict[str, list[tuple[int, str]]]:
    """Services, sites and kinds of work to choose from."""
    found = {name: [(pk, local(words)) for pk, words in rows] for name, rows in matters().items()}
    return {name: sorted(choices, key=lambda pair: pair[1]) for name, choices in found.items()}


class Prioritise(ActForm):
    noun, title, button = "priority", _("How soon it matters"), _("Save")
    told = _("Priority follows from how much stops and how soon it hurts, unless you give a reason for another.")
    done = _("Saved.")
    impact = chosen(_("How much stops"), list(IMPACTS.items()))
    urgency = chosen(_("How soon it hurts"), list(URGENCIES.items()))
    priority = chosen(_("Priority"), [("", _("as it follows")), *PRIORITIES.items()], required=False)
    reason = forms.ChoiceField(label=_("Why"), choices=list(REASONS.items()))

    def start(self) -> dict[str, Any]:
        return {"impact": self.ticket.impact, "urgency": self.ticket.urgency, "reason": self.ticket.priority_reason}

    def perform(self) -> None:
        given = self.cleaned_data
        sorting.prioritise(
            self.ticket.pk, impact=given["impact"], urgency=given["urgency"], priority=given["priority"],
            reason=given["reason"], **self.verb,
        )  # fmt: skip


class ChangeType(ActForm):
    noun, title, button = "type", _("Broken or needed?"), _("Save")
    done = _("Saved.")
    type = forms.ChoiceField(label=_("What it is"), choices=list(TYPES.items()), widget=forms.RadioSelect)

    def start(self) -> dict[str, Any]:
        return {"type": self.ticket.type}

    def perform(self) -> None:
        sorting.change_type(self.ticket.pk, to=self.cleaned_data["type"], **self.who)


class Tags(ActForm):
    noun, title, button = "tags", _("Tags"), _("Save")
    done = _("Saved.")
    tags = forms.TypedMultipleChoiceField(label=_("Tags"), coerce=int, required=False)

    def furnish(self) -> None:
        self.choose_from("tags", list(Tag.objects.order_by("code").values_list("pk", "code")))

    def start(self) -> dict[str, Any]:
        return {"tags": sorted(self._was())}

    def _was(self) -> set[int]:
        seen = Ticket.objects.visible_to(self.request.viewer)
        return set(seen.filter(pk=self.ticket.pk, tags__isnull=False).values_list("tags", flat=True))

    def perform(self) -> None:
        was, wanted = self._was(), set(self.cleaned_data["tags"])
        for one in sorted(wanted ^ was):
            sorting.tag(self.ticket.pk, tag=one, on=one in wanted, **self.who)


class Fields(ActForm):
    noun, title, button = "fields", _("Own fields"), _("Save")
    done = _("Saved.")

    def furnish(self) -> None:
        for code, own in current_fields().items():
            if not own.personal or self.request.viewer.unmasked:
                self.fields[code] = _field(own)

    def start(self) -> dict[str, Any]:
        held = self.ticket.fields or {}
        roots = [value["t"] for value in held.values() if isinstance(value, dict)]
        bodies = dict(Text.objects.filter(pk__in=roots).values_list("pk", "body"))
        return {code: bodies.get(value["t"], "") if isinstance(value, dict) else value for code, value in held.items()}

    def perform(self) -> None:
        before = self.start()
        for code in self.fields:
            new = self.cleaned_data.get(code)
            if code != "shown" and _plain(new) != _plain(before.get(code)):
                sorting.set_field(self.ticket.pk, code=code, value=_plain(new), **self.who)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value).strip()


def _field(own: OwnField) -> forms.Field:
    """An own field as a field of a form; what it may hold is checked by the verb."""
    label = local(own.name) or own.code
    if own.kind == OwnField.Kind.CHOICE:
        return forms.ChoiceField(label=label, required=False, choices=[("", "–"), *((one, one) for one in own.choices)])
    elif own.kind == OwnField.Kind.YES_NO:
        choices = [("", "–"), ("yes", _now("yes")), ("no", _now("no"))]
        return forms.TypedChoiceField(label=label, required=False, choices=choices)
    elif own.kind == OwnField.Kind.DATE:
        return forms.DateField(label=label, required=False, widget=Day())
    elif own.kind == OwnField.Kind.NUMBER:
        return forms.CharField(label=label, required=False, max_length=20)
    return forms.CharField(label=label, required=False, max_length=2000)


class Day(forms.DateInput):
    """A date of the calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


FORMS = (Classify, Prioritise, ChangeType, Tags, Fields)
