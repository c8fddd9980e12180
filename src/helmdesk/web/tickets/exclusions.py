"""Forms of exclusions: time that shall not count against a promise, asked for with evidence, and decided by another."""

from collections.abc import Sequence

import msgspec
from django import forms
from django.utils.translation import gettext_lazy as _

from helmdesk.ledger.models import Event, Stream
from helmdesk.service_levels.reading import of_seen
from helmdesk.tickets import exclusions
from helmdesk.tickets.models import Message
from helmdesk.tickets.reading import Event as Happened
from helmdesk.tickets.reading import rendition
from helmdesk.web.templating import local
from helmdesk.web.tickets.acts import ActForm, Moment, chosen, shortened
from helmdesk.web.tickets.words import EXCLUDED
from helmdesk.web.times import when

_decode = msgspec.json.Decoder().decode


class Exclusion(ActForm):
    noun, title, button = "exclusions", _("Some of this time should not count"), _("Ask for it")
    told = _("A lead of the company decides, and never whoever asked. The history keeps both.")
    done = _("Asked; a lead of the company decides.")
    since = Moment(_("From"))
    until = Moment(_("Until"))
    reason = forms.ChoiceField(label=_("Why"), choices=list(EXCLUDED.items()))
    message = chosen(_("Where it can be read"))
    level = forms.ChoiceField(label=_("For which promise"), required=False)

    def furnish(self) -> None:
        viewer = self.request.viewer
        said = Message.objects.visible_to(viewer).filter(ticket=self.ticket.pk).order_by("-pk")
        rows = said.values_list("pk", "at", rendition("text", viewer))[:30]
        self.choose_from("message", [(pk, f"{when(at)}: {shortened(body)}") for pk, at, body in rows])
        clocks = of_seen([self.ticket.pk], viewer, at=self.request.at).get(self.ticket.pk, [])
        levels = {one.code: local(one.name) or one.code for one in clocks}
        self.choose_from("level", [("", _("all of them")), *levels.items()])

    def perform(self) -> None:
        given = self.cleaned_data
        exclusions.ask_exclusion(
            self.ticket.pk, since=given["since"], until=given["until"], reason=given["reason"],
            message=given["message"], level=given["level"] or None, **self.who,
        )  # fmt: skip


class Decision(ActForm):
    noun, title, button = "exclusion-decisions", _("Shall this time count?"), _("Decide")
    done = _("Decided.")
    exclusion = chosen(_("What was asked"))
    approved = forms.ChoiceField(
        label=_("What you decide"),
        choices=[("yes", _("It does not count")), ("no", _("It counts, as it did"))],
    )

    def furnish(self) -> None:
        asked = Event.objects.filter(stream=Stream.TICKET, stream_id=self.ticket.pk, kind="exclusion.asked")
        rows = [(n, _decode(body)["what"]) for n, body in asked.order_by("-n").values_list("n", "body")[:20]]
        self.choose_from(
            "exclusion",
            [(n, f"{when(what['from'])} – {when(what['to'])}: {EXCLUDED[what['reason']]}") for n, what in rows],
        )

    def perform(self) -> None:
        given = self.cleaned_data
        decide = exclusions.approve_exclusion if given["approved"] == "yes" else exclusions.refuse_exclusion
        decide(self.ticket.pk, exclusion=given["exclusion"], **self.who)


def undecided(events: Sequence[Happened]) -> list[int]:
    """Which exclusions were asked for and nobody has decided, by the n of the event that asked."""
    asked = [event.n for event in events if event.kind == "exclusion.asked"]
    decided = {event.what["exclusion"] for event in events if event.kind in ("exclusion.approved", "exclusion.refused")}
    return [n for n in asked if n not in decided]


FORMS = (Exclusion, Decision)
