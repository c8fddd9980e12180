"""Forms of a message that was sent: corrected by its author, or freed of a secret for good."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from helmdesk.foundation.masking import secrets_in
from helmdesk.tickets import conversation, redaction
from helmdesk.tickets.models import Attachment, Message
from helmdesk.tickets.redaction import places_of
from helmdesk.tickets.refusals import NotThere, Refused
from helmdesk.web.tickets.acts import BIGGEST, ActForm, words
from helmdesk.web.tickets.words import Words as Label

WHY: list[tuple[str, Label]] = [
    ("secret", _("a password or another secret")),
    ("personal_data", _("personal data that do not belong here")),
    ("wrong_place", _("written in the wrong place")),
    ("legal", _("a legal reason")),
    ("asked", _("the person asked for it")),
]


class OfMessage(ActForm):
    """A form about one message of the ticket that the viewer may read."""

    def start(self) -> dict[str, Any]:
        viewer = self.request.viewer
        rows = Message.objects.visible_to(viewer).filter(pk=self.more["message"], ticket=self.ticket.pk)
        message = rows.select_related("text").first()
        if message is None:
            raise NotThere("message", self.more["message"])
        self.message, self.text = message, message.text
        whole, masked = self.text.body, self.text.masked_body
        self.body: str = (whole if viewer.unmasked or message.person_id == viewer.person else masked or whole) or ""
        return self.first()

    def first(self) -> dict[str, Any]:
        return {}


class Correct(OfMessage):
    noun, title, button = "messages/<number:message>/revision", _("Correct your message"), _("Save")
    told = _("What it said before stays in the history.")
    done = _("Corrected.")
    body_now = words(_("Your message"), rows=8)

    def first(self) -> dict[str, Any]:
        if self.message.person_id != self.request.viewer.person:
            raise NotThere("message", self.message.pk)
        return {"body_now": self.body}

    def perform(self) -> None:
        if self.cleaned_data["body_now"] != self.body:
            conversation.revise(self.message.pk, self.cleaned_data["body_now"], **self.who)


class Redact(OfMessage):
    noun, title, button = "messages/<number:message>/redaction", _("Remove something for good"), _("Remove it for good")
    told = _("Nobody can read it again, and it cannot be undone. That something was removed stays in the history.")
    done = _("Removed for good.")
    danger = True
    found = forms.MultipleChoiceField(
        label=_("These look like secrets"), required=False, widget=forms.CheckboxSelectMultiple
    )
    these = forms.CharField(
        label=_("These words, wherever they stand in it"), required=False, max_length=2000, strip=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    reason = forms.ChoiceField(label=_("Why"), choices=WHY)
    revision = forms.IntegerField(required=False, max_value=BIGGEST, widget=forms.HiddenInput)

    def first(self) -> dict[str, Any]:
        return {"revision": self.text.pk}

    def furnish(self) -> None:
        if not self.request.viewer.may("tickets.redact"):
            raise NotThere("page", self.noun)
        whole = self.body == self.text.body
        spans = secrets_in(self.body) if whole else []
        self.choose_from("found", [(f"{one.start}-{one.end}", self.body[one.start : one.end]) for one in spans])
        if not spans:
            del self.fields["found"]

    def perform(self) -> None:
        given = self.cleaned_data
        pairs = [pair.split("-") for pair in given.get("found", [])]
        seen = given["these"] if given["these"] in self.body else ""
        spans = [(int(start), int(end)) for start, end in pairs] + places_of(seen, self.text.body or "")
        if not spans:
            raise Refused("removed", str(_("Nothing was chosen.")), field="these", cure=str(_("Type the words.")))
        redaction.redact(self.message.pk, spans, reason=given["reason"], shown=given["revision"], **self.who)


class EraseFile(ActForm):
    noun, title, button = "files/<number:file>/erasure", _("Remove a file for good"), _("Remove it for good")
    told = _("Nobody can open it again, and it cannot be undone.")
    done = _("Removed for good.")
    danger = True
    reason = forms.ChoiceField(label=_("Why"), choices=WHY)

    def furnish(self) -> None:
        seen = Message.objects.visible_to(self.request.viewer).filter(ticket=self.ticket.pk).values("pk")
        there = Attachment.objects.filter(pk=self.more["file"], message__in=seen, erased_at__isnull=True)
        if not self.request.viewer.may("tickets.redact") or not there.exists():
            raise NotThere("file", self.more["file"])

    def perform(self) -> None:
        redaction.erase_attachment(self.more["file"], reason=self.cleaned_data["reason"], **self.who)


FORMS = (Correct, Redact, EraseFile)
